"""Forum topics: what the bot and people do to them, where messages go, and what is refused."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.sandbox import GroupSeed

DARA, SOKHA, ADMIN, BOT = 1, 2, 3, 1000001
FORUM, PLAIN = -1005, -1001


@pytest.fixture
async def forum(opened: Any) -> AsyncIterator[Any]:
    """A sandbox with a forum, the bot and Vanna leading it, and a group without topics."""
    groups = [
        GroupSeed(FORUM, "Shop", (DARA, SOKHA, ADMIN), (ADMIN,), forum=True),
        GroupSeed(PLAIN, "Staff", (SOKHA, ADMIN), (ADMIN,)),
    ]
    async with opened(groups=groups) as running:
        await running.act("start", person=DARA)
        await lines(running)
        yield running


async def lines(desk: Any) -> list[Any]:
    """The new messages the bot was told of, each once."""
    updates = await desk.bot("getUpdates")
    if updates:
        await desk.bot("getUpdates", offset=updates[-1]["update_id"] + 1)
    return [one["message"] for one in updates]


async def refused(desk: Any, method: str, **parameters: Any) -> str:
    """The sentence a call is refused with."""
    answer = await desk.raw(method, **parameters)
    assert (answer["ok"], answer["error_code"]) == (False, 400), answer
    return str(answer["description"]).removeprefix("Bad Request: ")


async def people(desk: Any, path: str, **body: Any) -> tuple[int, str]:
    """Status and sentence of what people try."""
    async with desk.http.post(f"{desk.address}/sandbox/{path}", json=body) as response:
        return response.status, (await response.json()).get("error", "")


async def test_a_topic_lives(forum: Any) -> None:
    """Begun, renamed, closed, opened: each with its grey line in the topic, told to the bot that did it."""
    made = await forum.bot("createForumTopic", chat_id=FORUM, name="  Order   7 ", icon_color=7322096)
    thread = made["message_thread_id"]
    assert made == {"message_thread_id": thread, "name": "Order 7", "icon_color": 7322096}
    topic = {"chat_id": FORUM, "message_thread_id": thread}
    assert await forum.bot("editForumTopic", **topic, name="Order 8", icon_custom_emoji_id="55") is True
    assert await forum.bot("closeForumTopic", **topic) is True
    assert await forum.bot("reopenForumTopic", **topic) is True
    seen = await lines(forum)
    assert [one["message_thread_id"] for one in seen] == [thread] * 4
    assert all(one["is_topic_message"] and one["from"]["id"] == BOT and one["chat"]["is_forum"] for one in seen)
    assert seen[0]["message_id"] == thread
    assert seen[0]["forum_topic_created"] == {"name": "Order 7", "icon_color": 7322096}
    assert seen[1]["forum_topic_edited"] == {"name": "Order 8", "icon_custom_emoji_id": "55"}
    assert (seen[2]["forum_topic_closed"], seen[3]["forum_topic_reopened"]) == ({}, {})


async def test_messages_stay_in_their_topic(forum: Any) -> None:
    """A message goes into the topic named, an answer into that of what it answers, General carries no thread."""
    thread = (await forum.bot("createForumTopic", chat_id=FORUM, name="Order 7"))["message_thread_id"]
    sent = await forum.bot("sendMessage", chat_id=FORUM, text="x", message_thread_id=thread)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
    answer = await forum.bot("sendMessage", chat_id=FORUM, text="y", reply_to_message_id=sent["message_id"])
    assert answer["message_thread_id"] == thread
    general = await forum.bot("sendMessage", chat_id=FORUM, text="z")
    assert not {"message_thread_id", "is_topic_message"} & general.keys()
    plain = await forum.bot("sendMessage", chat_id=PLAIN, text="z", message_thread_id=9)
    assert "message_thread_id" not in plain
    await lines(forum)
    await forum.act("send", person=DARA, chat=FORUM, text="Where is it?", thread=thread)
    await forum.act("send", person=DARA, chat=FORUM, text="Hello")
    first, second = await lines(forum)
    assert (first["message_thread_id"], first["is_topic_message"]) == (thread, True)
    assert "message_thread_id" not in second


async def test_a_topic_is_deleted_with_what_is_in_it(forum: Any) -> None:
    """Its messages go, others stay, and writing there is refused from then on."""
    thread = (await forum.bot("createForumTopic", chat_id=FORUM, name="Order 7"))["message_thread_id"]
    await forum.bot("sendMessage", chat_id=FORUM, text="in", message_thread_id=thread)
    kept = await forum.bot("sendMessage", chat_id=FORUM, text="out")
    assert await forum.bot("deleteForumTopic", chat_id=FORUM, message_thread_id=thread) is True
    left = (await forum.get(f"chats/{FORUM}/messages"))["messages"]
    assert [one["message_id"] for one in left] == [kept["message_id"]]
    again = await refused(forum, "sendMessage", chat_id=FORUM, text="x", message_thread_id=thread)
    assert again == "message thread not found"


async def test_general(forum: Any) -> None:
    """General is renamed, closed, opened, hidden and shown; hiding closes it, opening shows it."""
    assert await forum.bot("editGeneralForumTopic", chat_id=FORUM, name="All") is True
    assert await forum.bot("hideGeneralForumTopic", chat_id=FORUM) is True
    assert await refused(forum, "closeGeneralForumTopic", chat_id=FORUM) == "TOPIC_NOT_MODIFIED"
    assert await forum.bot("reopenGeneralForumTopic", chat_id=FORUM) is True
    assert await refused(forum, "unhideGeneralForumTopic", chat_id=FORUM) == "TOPIC_NOT_MODIFIED"
    assert await forum.bot("hideGeneralForumTopic", chat_id=FORUM) is True
    assert await forum.bot("unhideGeneralForumTopic", chat_id=FORUM) is True
    await forum.bot("reopenGeneralForumTopic", chat_id=FORUM)
    assert await forum.bot("closeGeneralForumTopic", chat_id=FORUM) is True
    kinds = [next(iter(one.keys() - {"message_id", "from", "chat", "date"})) for one in await lines(forum)]
    hidden, shown = "general_forum_topic_hidden", "general_forum_topic_unhidden"
    opened, closed = "forum_topic_reopened", "forum_topic_closed"
    assert kinds == ["forum_topic_edited", hidden, opened, hidden, shown, opened, closed]
    state = next(one for one in (await forum.get("state"))["chats"] if one["id"] == FORUM)
    general = state["topics"][0]
    assert (general["message_thread_id"], general["name"]) == (1, "All")
    assert (general["closed"], general["hidden"]) == (True, False)
    assert await people(forum, "send", person=DARA, chat=FORUM, text="x") == (403, "this topic is closed")
    assert await people(forum, "send", person=ADMIN, chat=FORUM, text="x") == (200, "")


async def test_closed_to_those_without_rights(forum: Any) -> None:
    """Into a closed topic only those write who manage topics or began it, the bot as everybody."""
    theirs = (await forum.act("topics", chat=FORUM, person=ADMIN, name="Rules"))["topic"]["message_thread_id"]
    await forum.act("topic", chat=FORUM, person=ADMIN, thread=theirs, closed=True)
    assert await people(forum, "send", person=DARA, chat=FORUM, text="x", thread=theirs) == (
        403,
        "this topic is closed",
    )
    assert (await people(forum, "send", person=ADMIN, chat=FORUM, text="x", thread=theirs))[0] == 200
    await forum.bot("sendMessage", chat_id=FORUM, text="as a leader", message_thread_id=theirs)
    own = (await forum.bot("createForumTopic", chat_id=FORUM, name="Mine"))["message_thread_id"]
    await forum.bot("closeForumTopic", chat_id=FORUM, message_thread_id=own)
    await forum.act("members", chat=FORUM, person=BOT, status="member")
    closed = await refused(forum, "sendMessage", chat_id=FORUM, text="x", message_thread_id=theirs)
    assert closed == "TOPIC_CLOSED"
    assert await refused(forum, "sendMessage", chat_id=FORUM, text="x", reply_to_message_id=theirs) == "TOPIC_CLOSED"
    await forum.bot("sendMessage", chat_id=FORUM, text="as who began it", message_thread_id=own)
    await forum.bot("reopenForumTopic", chat_id=FORUM, message_thread_id=own)
    thread = {"chat_id": FORUM, "message_thread_id": theirs}
    assert await refused(forum, "editForumTopic", **thread, name="y") == "not enough rights to edit the topic"
    assert await refused(forum, "reopenForumTopic", **thread) == "not enough rights to close or open the topic"
    assert await refused(forum, "deleteForumTopic", **thread) == "not enough rights to delete the topic"
    assert await refused(forum, "createForumTopic", chat_id=FORUM, name="z") == "not enough rights to create a topic"
    hide = await refused(forum, "hideGeneralForumTopic", chat_id=FORUM)
    assert hide == "not enough rights to close or open the topic"


async def test_refusals(forum: Any) -> None:
    """The sentences in Telegram's order: the chat, a forum at all, rights, the topic, what changes."""
    await forum.bot("editGeneralForumTopic", chat_id=FORUM, name="All")
    thread = (await forum.bot("createForumTopic", chat_id=FORUM, name="Order 7"))["message_thread_id"]
    rows: list[tuple[str, dict[str, Any], str]] = [
        ("createForumTopic", {"name": "x"}, "chat_id is empty"),
        ("createForumTopic", {"chat_id": PLAIN}, "the chat is not a forum"),
        ("createForumTopic", {"chat_id": DARA, "name": "x"}, "the chat is not a forum"),
        ("createForumTopic", {"chat_id": FORUM, "name": "  "}, "name must be non-empty"),
        ("createForumTopic", {"chat_id": FORUM, "name": "x", "icon_color": -1}, "invalid icon color specified"),
        ("editForumTopic", {"chat_id": FORUM, "name": "x"}, "invalid forum topic identifier specified"),
        ("editForumTopic", {"chat_id": FORUM, "message_thread_id": 99, "name": "x"}, "TOPIC_ID_INVALID"),
        ("editForumTopic", {"chat_id": FORUM, "message_thread_id": thread, "name": "Order 7"}, "TOPIC_NOT_MODIFIED"),
        ("editForumTopic", {"chat_id": FORUM, "message_thread_id": thread, "name": " "}, "name must be non-empty"),
        ("closeForumTopic", {"chat_id": FORUM, "message_thread_id": 99}, "TOPIC_ID_INVALID"),
        ("reopenForumTopic", {"chat_id": FORUM, "message_thread_id": thread}, "TOPIC_NOT_MODIFIED"),
        ("deleteForumTopic", {"chat_id": FORUM, "message_thread_id": 1}, "TOPIC_ID_INVALID"),
        ("hideGeneralForumTopic", {"chat_id": PLAIN}, "the chat is not a forum"),
        ("sendMessage", {"chat_id": FORUM, "message_thread_id": 1, "text": "x"}, "message thread not found"),
        ("sendMessage", {"chat_id": FORUM, "message_thread_id": 99, "text": "x"}, "message thread not found"),
        ("sendMessage", {"chat_id": DARA, "message_thread_id": 9, "text": "x"}, "message thread not found"),
        ("unpinAllForumTopicMessages", {"chat_id": PLAIN, "message_thread_id": 9}, "chat doesn't have topics"),
        ("unpinAllForumTopicMessages", {"chat_id": FORUM}, "invalid forum topic identifier specified"),
        ("unpinAllForumTopicMessages", {"chat_id": FORUM, "message_thread_id": 99}, "TOPIC_ID_INVALID"),
    ]
    for method, parameters, sentence in rows:
        assert await refused(forum, method, **parameters) == sentence, (method, parameters)
    assert await forum.bot("editForumTopic", chat_id=FORUM, message_thread_id=thread) is True  # nothing to change


async def test_unpinned_by_topic(forum: Any) -> None:
    """Pins of one topic go, those of others and of General stay."""
    one, other = [
        (await forum.bot("createForumTopic", chat_id=FORUM, name=name))["message_thread_id"] for name in ("a", "b")
    ]
    pins = []
    for thread in (one, other, None):
        where = {"message_thread_id": thread} if thread else {}
        pins.append((await forum.bot("sendMessage", chat_id=FORUM, text="x", **where))["message_id"])
        await forum.bot("pinChatMessage", chat_id=FORUM, message_id=pins[-1])
    pinned = forum.sandbox.world.state.chats[FORUM].pinned
    assert await forum.bot("unpinAllForumTopicMessages", chat_id=FORUM, message_thread_id=one) is True
    assert forum.sandbox.world.state.chats[FORUM].pinned == pins[1:] != pinned
    assert await forum.bot("unpinAllGeneralForumTopicMessages", chat_id=FORUM) is True
    assert forum.sandbox.world.state.chats[FORUM].pinned == [pins[1]]


async def test_people_and_topics(forum: Any) -> None:
    """Who manages topics begins, renames and deletes them; others are told so; a group gets and loses them."""
    assert (await people(forum, "topics", chat=FORUM, person=DARA, name="x"))[0] == 403
    assert (await people(forum, "topics", chat=PLAIN, person=ADMIN, name="x"))[0] == 404
    made = (await forum.act("topics", chat=FORUM, person=ADMIN, name="Rules"))["topic"]
    place = {"chat": FORUM, "thread": made["message_thread_id"]}
    assert (await people(forum, "topic", **place, person=DARA, closed=True))[0] == 403
    await forum.act("topic", **place, person=ADMIN, name="House rules")
    await forum.act("topic", **place, person=ADMIN, deleted=True)
    assert (await people(forum, "send", person=DARA, chat=FORUM, text="x", thread=place["thread"]))[0] == 404
    seen = await lines(forum)
    assert [one["from"]["id"] for one in seen] == [ADMIN, ADMIN]
    await forum.act("forum", chat=PLAIN)
    await forum.bot("createForumTopic", chat_id=PLAIN, name="x")
    await forum.act("forum", chat=PLAIN, on=False)
    assert await refused(forum, "createForumTopic", chat_id=PLAIN, name="x") == "the chat is not a forum"
    assert "is_forum" not in await forum.bot("getChat", chat_id=PLAIN)


async def test_replayed(opened: Any, tmp_path: Any) -> None:
    """Topics, closed ones and General too, are there after the sandbox is opened again."""
    groups = [GroupSeed(FORUM, "Shop", (ADMIN,), (ADMIN,), forum=True)]
    kept: list[Any] = []
    for opening in range(3):  # the second reads what was written on the way, the third what the second wrote anew
        async with opened(groups=groups, folder=tmp_path) as desk:
            if opening == 0:
                made = await desk.bot("createForumTopic", chat_id=FORUM, name="Order 7", icon_custom_emoji_id="5")
                await desk.bot("closeForumTopic", chat_id=FORUM, message_thread_id=made["message_thread_id"])
                await desk.bot("editGeneralForumTopic", chat_id=FORUM, name="All")
            kept.append(json.dumps(desk.sandbox.world.state.chats[FORUM].topics))
    assert (len(json.loads(kept[0])), set(kept)) == (2, {kept[0]})


async def test_clients_read_topics(forum: Any) -> None:
    """python-telegram-bot and aiogram work through every topic method and read the grey lines."""
    bot = forum.library()
    async with bot:
        topic = await bot.create_forum_topic(FORUM, "Order 7", icon_color=7322096)
        await bot.edit_forum_topic(FORUM, topic.message_thread_id, name="Order 8")
        assert await bot.get_forum_topic_icon_stickers() == ()
        sent = await bot.send_message(FORUM, "x", message_thread_id=topic.message_thread_id)
        assert (sent.is_topic_message, sent.message_thread_id) == (True, topic.message_thread_id)
        assert await bot.unpin_all_forum_topic_messages(FORUM, topic.message_thread_id)
        assert await bot.close_forum_topic(FORUM, topic.message_thread_id)
        assert await bot.hide_general_forum_topic(FORUM)
        created, edited, closed, hidden = [one.message for one in await bot.get_updates()]
        assert (created.forum_topic_created.name, edited.forum_topic_edited.name) == ("Order 7", "Order 8")
        assert (closed.forum_topic_closed, hidden.general_forum_topic_hidden) != (None, None)
    server = TelegramAPIServer.from_base(forum.address)
    async with AiogramBot(forum.token, session=AiohttpSession(api=server)) as other:
        made = await other.create_forum_topic(FORUM, "Order 9", icon_custom_emoji_id="5")
        assert (made.name, made.icon_custom_emoji_id) == ("Order 9", "5")
        assert await other.delete_forum_topic(FORUM, made.message_thread_id)
        assert (await other.get_updates())[0].message.forum_topic_created.name == "Order 7"
    assert (await forum.get("findings"))["findings"] == []
