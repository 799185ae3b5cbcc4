"""Groups as people make them: new ones, links into them, the bot added and upgraded with them, privacy mode."""

import json
from typing import Any

import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram.error import ChatMigrated

from bot.sandbox import GroupSeed

DARA, SOKHA, ADMIN, BOT = 1, 2, 3, 1000001
STAFF, BASIC = -1001, -77
KINDS = ["message", "my_chat_member", "chat_member"]


async def told(desk: Any) -> list[Any]:
    """What the bot was told since the last time: (kind, body)."""
    updates = await desk.bot("getUpdates", allowed_updates=KINDS)
    if updates:
        await desk.bot("getUpdates", offset=updates[-1]["update_id"] + 1)
    return [next((kind, body) for kind, body in one.items() if kind != "update_id") for one in updates]


async def people(desk: Any, path: str, **body: Any) -> tuple[int, str]:
    """Status and sentence of what people try."""
    async with desk.http.post(f"{desk.address}/sandbox/{path}", json=body) as response:
        return response.status, (await response.json()).get("error", "")


async def refused(desk: Any, method: str, **parameters: Any) -> str:
    """The sentence a call is refused with."""
    answer = await desk.raw(method, **parameters)
    assert not answer["ok"], (method, parameters)
    return str(answer["description"]).removeprefix("Bad Request: ")


async def test_new_groups(desk: Any) -> None:
    """A group gets an id of its kind, an owner, and the bot, which hears that it was added and by whom."""
    await told(desk)
    made = (await desk.act("groups", title="Family", members=[DARA, SOKHA], kind="group"))["chat"]
    assert made == {"id": STAFF - 1, "title": "Family", "type": "group", "all_members_are_administrators": False}
    (kind, update), (_, line) = await told(desk)
    assert (kind, update["from"]["id"], update["new_chat_member"]["status"]) == ("my_chat_member", DARA, "member")
    assert [one["id"] for one in line["new_chat_members"]] == [BOT]
    again = (await desk.act("groups", title="Friends", members=[DARA], kind="group", bot=""))["chat"]
    assert again["id"] == STAFF - 2
    assert await refused(desk, "sendMessage", chat_id=STAFF - 2, text="x") == (
        "Forbidden: bot is not a member of the group chat"
    )
    forum = (await desk.act("groups", title="Shop", members=[ADMIN], forum=True, bot="administrator"))["chat"]
    assert (forum["id"], forum["type"], forum["is_forum"]) == (-1_000_000_000_001, "supergroup", True)
    await desk.bot("createForumTopic", chat_id=forum["id"], name="Order 7")
    roles = next(one["roles"] for one in (await desk.get("state"))["chats"] if one["id"] == forum["id"])
    assert roles == {"3": "creator", "1000001": "administrator"}
    for wrong in ({"title": ""}, {"title": "x", "members": []}, {"title": "x", "members": [DARA], "kind": "band"}):
        assert (await people(desk, "groups", **wrong))[0] in {400, 404}
    assert (await people(desk, "groups", title="x", members=[DARA], kind="group", forum=True))[0] == 400


async def test_upgraded(opened: Any) -> None:
    """The new id is told in the old group and refused with; roles, topicless history and the way back are right."""
    async with opened(groups=[GroupSeed(BASIC, "Family", (DARA, SOKHA), (SOKHA,), kind="group")]) as desk:
        await desk.bot("sendMessage", chat_id=BASIC, text="before")
        await told(desk)
        assert (await people(desk, "upgrade", chat=BASIC, person=DARA))[0] == 403
        new = (await desk.act("upgrade", chat=BASIC))["chat"]
        assert (new["title"], new["type"], new["id"] < -1_000_000_000_000) == ("Family", "supergroup", True)
        (_, moved), (kind, update), (_, came) = await told(desk)
        assert (moved["chat"]["id"], moved["migrate_to_chat_id"], moved["from"]["id"]) == (BASIC, new["id"], SOKHA)
        assert (kind, update["chat"]["id"], update["new_chat_member"]["status"]) == (
            *("my_chat_member", new["id"]),
            "administrator",
        )
        assert (came["chat"]["id"], came["migrate_from_chat_id"]) == (new["id"], BASIC)
        for method, more in (("sendMessage", {"text": "x"}), ("pinChatMessage", {"message_id": 1}), ("leaveChat", {})):
            answer = await desk.raw(method, chat_id=BASIC, **more)
            assert (answer["error_code"], answer["description"]) == (
                *(400, "Bad Request: group chat was upgraded to a supergroup chat"),
            )
            assert answer["parameters"] == {"migrate_to_chat_id": new["id"]}
        assert (await desk.bot("getChat", chat_id=BASIC))["type"] == "group"
        assert (await desk.bot("sendMessage", chat_id=new["id"], text="after"))["message_id"] == 2
        assert (await people(desk, "send", person=DARA, chat=BASIC, text="x"))[0] == 403
        await desk.act("send", person=DARA, chat=new["id"], text="x")
        assert (await people(desk, "upgrade", chat=BASIC))[0] == 404
        assert (await people(desk, "upgrade", chat=new["id"]))[0] == 400
        old = {"from_chat_id": BASIC, "message_id": 1}  # what was written there can still be read
        assert (await desk.bot("forwardMessage", chat_id=new["id"], **old))["text"] == "before"
        assert await desk.bot("copyMessages", chat_id=new["id"], from_chat_id=BASIC, message_ids=[1])
        answered = {"chat_id": BASIC, "message_id": 1}
        assert "external_reply" in await desk.bot("sendMessage", chat_id=new["id"], text="x", reply_parameters=answered)
        leaders = await desk.bot("getChatAdministrators", chat_id=new["id"])
        assert sorted(one["user"]["id"] for one in leaders) == [SOKHA, BOT]
        async with desk.library() as bot:
            with pytest.raises(ChatMigrated) as moved_on:
                await bot.send_message(BASIC, "x")
            assert moved_on.value.new_chat_id == new["id"]


async def test_upgrade_survives(opened: Any, tmp_path: Any) -> None:
    """After the sandbox is opened again the old group still says where it went; a reset brings it back."""
    groups = [GroupSeed(BASIC, "Family", (DARA,), (DARA,), kind="group")]
    async with opened(groups=groups, folder=tmp_path) as desk:
        new = (await desk.act("upgrade", chat=BASIC))["chat"]["id"]
        before = json.dumps(list(desk.sandbox.world.state.snapshot()))
    async with opened(groups=groups, folder=tmp_path) as desk:
        assert json.dumps(list(desk.sandbox.world.state.snapshot())) == before
    async with opened(groups=groups, folder=tmp_path) as desk:  # reads what the second opening wrote anew
        assert (await desk.raw("sendMessage", chat_id=BASIC, text="x"))["parameters"]["migrate_to_chat_id"] == new
        await desk.act("reset")
        assert (await desk.bot("sendMessage", chat_id=BASIC, text="x"))["chat"]["id"] == BASIC


async def test_links(desk: Any, clock: Any) -> None:
    """People come in by a link until it ends, is used up or revoked; the update names the link of the bot's."""
    link = await desk.bot("createChatInviteLink", chat_id=STAFF, name="Couriers", member_limit=1)
    assert link["creator"]["id"] == BOT
    assert (link["name"], link["member_limit"], link["is_primary"], link["is_revoked"]) == ("Couriers", 1, False, False)
    await told(desk)
    await desk.act("join", person=DARA, link=link["invite_link"])
    (kind, update), (_, line) = await told(desk)
    assert (kind, update["from"]["id"], update["invite_link"]) == ("chat_member", DARA, link)
    assert [one["id"] for one in line["new_chat_members"]] == [DARA]
    await desk.act("members", chat=STAFF, person=DARA, status="left")
    assert (await people(desk, "join", person=DARA, link=link["invite_link"]))[0] == 403  # used up
    edited = await desk.bot("editChatInviteLink", chat_id=STAFF, invite_link=link["invite_link"], member_limit=5)
    assert (edited.get("name"), edited["member_limit"]) == (None, 5)
    await desk.act("join", person=DARA, link=link["invite_link"])
    await desk.act("members", chat=STAFF, person=DARA, status="kicked")
    assert (await people(desk, "join", person=DARA, link=link["invite_link"]))[0] == 403  # thrown out
    soon = await desk.bot("createChatInviteLink", chat_id=STAFF, expire_date=int(clock.now) + 60)
    clock.now += 60
    await desk.bot("unbanChatMember", chat_id=STAFF, user_id=DARA)
    assert (await people(desk, "join", person=DARA, link=soon["invite_link"]))[0] == 403  # ended
    past = {"chat_id": STAFF, "expire_date": int(clock.now) - 1}
    assert await refused(desk, "createChatInviteLink", **past) == "EXPIRE_DATE_INVALID"


async def test_the_primary_link(desk: Any) -> None:
    """Exporting ends the one before; a revoked primary is followed by another; a strange link is refused."""
    first = await desk.bot("exportChatInviteLink", chat_id=STAFF)
    second = await desk.bot("exportChatInviteLink", chat_id=STAFF)
    assert first != second
    assert (await desk.bot("getChat", chat_id=STAFF))["invite_link"] == second
    assert (await people(desk, "join", person=DARA, link=first))[0] == 403
    revoked = await desk.bot("revokeChatInviteLink", chat_id=STAFF, invite_link=second)
    assert revoked["is_revoked"] is True
    third = (await desk.bot("getChat", chat_id=STAFF))["invite_link"]
    assert third not in {first, second}
    await desk.act("join", person=DARA, link=third)
    assert (await people(desk, "join", person=DARA, link="https://t.me/+none"))[0] == 404
    gone = await refused(desk, "revokeChatInviteLink", chat_id=STAFF, invite_link="https://t.me/+none")
    assert gone == "INVITE_HASH_EXPIRED"
    private = await refused(desk, "exportChatInviteLink", chat_id=DARA)
    assert private == "can't invite members to a private chat"


async def test_added_by_a_deep_link(desk: Any) -> None:
    """A startgroup link adds the bot and sends /start with the payload; the rights asked for make it lead."""
    made = (await desk.act("groups", title="Family", members=[DARA, SOKHA], bot=""))["chat"]["id"]
    await told(desk)
    await desk.act("add_bot", chat=made, person=SOKHA, payload="shop_7", admin=["pin_messages"])
    (_, came), (_, line), (_, led), (_, start) = await told(desk)
    assert (came["from"]["id"], came["old_chat_member"]["status"]) == (SOKHA, "left")
    assert line["new_chat_members"][0]["id"] == BOT
    rights = led["new_chat_member"]
    assert (rights["status"], rights["can_pin_messages"], rights["can_change_info"]) == ("administrator", True, False)
    assert (start["text"], start["from"]["id"]) == ("/start@sandbox_bot shop_7", SOKHA)
    assert [one["type"] for one in start["entities"]] == ["bot_command"]
    await desk.bot("setMyDefaultAdministratorRights", rights={"can_invite_users": True})
    other = (await desk.act("groups", title="Friends", members=[DARA], bot=""))["chat"]["id"]
    await desk.act("add_bot", chat=other, person=DARA, admin=True)
    mine = await desk.bot("getChatMember", chat_id=other, user_id=BOT)
    assert (mine["can_invite_users"], mine["can_pin_messages"]) == (True, False)
    assert (await people(desk, "add_bot", chat=other, person=ADMIN))[0] == 403
    assert (await people(desk, "add_bot", chat=other, person=DARA, payload="x" * 65))[0] == 400


async def test_titles(desk: Any) -> None:
    """A title is set by bot and people, told as a grey line; old messages show the new one."""
    await desk.bot("sendMessage", chat_id=STAFF, text="x")
    await told(desk)
    assert await desk.bot("setChatTitle", chat_id=STAFF, title="  Night   staff ") is True
    assert await desk.bot("setChatTitle", chat_id=STAFF, title="Night staff") is True
    await desk.act("title", chat=STAFF, person=ADMIN, title="Day staff")
    assert [(line["from"]["id"], line["new_chat_title"]) for _, line in await told(desk)] == [
        *((BOT, "Night staff"), (ADMIN, "Day staff")),
    ]
    old = (await desk.get(f"chats/{STAFF}/messages"))["messages"][0]
    assert old["chat"]["title"] == "Day staff"
    assert await desk.bot("setChatDescription", chat_id=STAFF, description="ក្រុម") is True
    assert (await desk.bot("getChat", chat_id=STAFF))["description"] == "ក្រុម"
    rows: list[tuple[str, dict[str, Any], str]] = [
        ("setChatTitle", {"chat_id": STAFF, "title": " "}, "title must be non-empty"),
        ("setChatTitle", {"chat_id": DARA, "title": "x"}, "can't change private chat title"),
        ("setChatDescription", {"chat_id": DARA}, "can't change private chat description"),
        ("setChatDescription", {"chat_id": STAFF, "description": "ក្រុម"}, "chat description is not modified"),
    ]
    for method, parameters, sentence in rows:
        assert await refused(desk, method, **parameters) == sentence, (method, parameters)
    assert (await people(desk, "title", chat=STAFF, person=SOKHA, title="x"))[0] == 403


async def test_privacy_mode(opened: Any) -> None:
    """A private bot that leads nothing hears commands meant for it, answers to it and grey lines, and nothing else."""
    async with opened(privacy=True) as desk:
        assert (await desk.bot("getMe"))["can_read_all_group_messages"] is False
        await desk.act("send", person=SOKHA, chat=STAFF, text="heard by a leader")
        await desk.act("members", chat=STAFF, person=BOT, status="member")
        own = await desk.bot("sendMessage", chat_id=STAFF, text="x")
        await told(desk)
        for text in ("just talk", "/orders", "/orders@sandbox_bot", "/orders@another_bot", "see /help", "@sandbox_bot"):
            await desk.act("send", person=SOKHA, chat=STAFF, text=text)
        await desk.act("send", person=SOKHA, chat=STAFF, text="an answer", reply_to=own["message_id"])
        await desk.act("members", chat=STAFF, person=DARA, status="member")
        heard = [body.get("text") for kind, body in await told(desk) if kind == "message"]
        assert heard == ["/orders", "/orders@sandbox_bot", "see /help", "an answer", None]
        await desk.act("start", person=DARA)
        await desk.act("send", person=DARA, chat=DARA, text="in private")
        assert len(await told(desk)) == 2


async def test_a_deleted_account(desk: Any) -> None:
    """Its name is gone, writing to it is refused, it writes no more, and is still asked about."""
    await desk.act("deactivate", person=DARA)
    answer = await desk.raw("sendMessage", chat_id=DARA, text="x")
    assert (answer["error_code"], answer["description"]) == (403, "Forbidden: user is deactivated")
    chat = await desk.bot("getChat", chat_id=DARA)
    assert (chat["first_name"], "username" in chat) == ("", False)
    assert (await people(desk, "send", person=DARA, chat=DARA, text="x"))[0] == 403
    assert (await people(desk, "deactivate", person=99))[0] == 404


async def test_clients_read_groups(desk: Any) -> None:
    """python-telegram-bot and aiogram read links, titles, migrations and the full chat."""
    made = (await desk.act("groups", title="Family", members=[DARA], kind="group"))["chat"]["id"]
    await desk.act("upgrade", chat=made)
    async with desk.library() as bot:
        link = await bot.create_chat_invite_link(STAFF, name="Couriers")
        assert (await bot.edit_chat_invite_link(STAFF, link, member_limit=3)).member_limit == 3
        assert (await bot.revoke_chat_invite_link(STAFF, link)).is_revoked
        assert (await bot.export_chat_invite_link(STAFF)).startswith("https://t.me/+")
        assert await bot.set_chat_title(STAFF, "Day staff")
        assert await bot.set_chat_description(STAFF, "x")
        assert (await bot.get_chat(STAFF)).description == "x"
        updates = await bot.get_updates(allowed_updates=KINDS)
        came = [one.message.migrate_from_chat_id for one in updates if one.message and one.message.migrate_from_chat_id]
        assert came == [made]
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as other:
        assert (await other.create_chat_invite_link(STAFF)).creator.id == BOT
        assert (await other.get_chat(STAFF)).title == "Day staff"
        assert await other.leave_chat(STAFF)
        assert (await other.get_updates())[-1].my_chat_member.new_chat_member.status == "left"
    assert (await desk.get("findings"))["findings"] == []
