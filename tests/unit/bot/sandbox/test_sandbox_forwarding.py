"""Forwarding and copying, by the bot and by people: where it came from, albums kept, what is protected stays."""

from typing import Any

from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

STAFF = -1001


async def test_forwarded(desk: Any) -> None:
    """A forwarded message tells who wrote it and when, also when it is forwarded on; it cannot be edited."""
    clock = desk.clock
    clock.now += 60
    sent = await desk.bot("forwardMessage", chat_id=STAFF, from_chat_id=1, message_id=1)
    origin = sent["forward_origin"]
    assert (sent["text"], origin["type"], origin["sender_user"]["id"]) == ("/start", "user", 1)
    assert (sent["date"] - origin["date"], sent["forward_from"]["id"], sent["from"]["id"]) == (60, 1, 1000001)
    clock.now += 60
    on = await desk.bot("forwardMessage", chat_id=1, from_chat_id=STAFF, message_id=sent["message_id"])
    assert on["forward_origin"] == origin
    answer = await desk.raw("editMessageText", chat_id=1, message_id=on["message_id"], text="x")
    assert answer["description"] == "Bad Request: message can't be edited"


async def test_copied(desk: Any, png: Any) -> None:
    """A copy holds the same and tells nothing of where it came from; caption and keyboard may be new."""
    keys = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    photo = {"photo": ("a.png", png())}
    sent = (await desk.upload("sendPhoto", photo, chat_id=1, caption="<b>old</b>", parse_mode="HTML"))["result"]
    number = sent["message_id"]
    same = await desk.bot("copyMessage", chat_id=STAFF, from_chat_id=1, message_id=number)
    other = await desk.bot(
        "copyMessage", chat_id=STAFF, from_chat_id=1, message_id=number, caption="new", reply_markup=keys
    )
    text = await desk.bot("copyMessage", chat_id=STAFF, from_chat_id=1, message_id=1, caption="ignored")
    first, second, third = (await desk.get(f"chats/{STAFF}/messages"))["messages"]
    assert [first["message_id"], second["message_id"], third["message_id"]] == [
        *(same["message_id"], other["message_id"], text["message_id"])
    ]
    assert (first["caption"], first["caption_entities"][0]["type"], "forward_origin" in first) == ("old", "bold", False)
    assert (second["caption"], "caption_entities" in second, second["reply_markup"]) == ("new", False, keys)
    assert (third["text"], "caption" in third) == ("/start", False)


async def test_several(desk: Any, png: Any) -> None:
    """Several are sent again in their order, an album as a new album; what is gone or protected is left out."""
    files = {"a": ("a.png", png())}
    media = [{"type": "photo", "media": "attach://a", "caption": "c"}] * 2
    album = (await desk.upload("sendMediaGroup", files, chat_id=1, media=media))["result"]
    kept = await desk.bot("sendMessage", chat_id=1, text="secret", protect_content=True)
    ids = [1, *(one["message_id"] for one in album), kept["message_id"], 99]
    sent = await desk.bot("forwardMessages", chat_id=STAFF, from_chat_id=1, message_ids=ids)
    shown = (await desk.get(f"chats/{STAFF}/messages"))["messages"]
    assert [one["message_id"] for one in shown] == [one["message_id"] for one in sent]
    groups = [one.get("media_group_id") for one in shown]
    assert (groups[0], groups[1] == groups[2] != album[0]["media_group_id"]) == (None, True)
    assert all("forward_origin" in one for one in shown)
    copied = await desk.bot("copyMessages", chat_id=STAFF, from_chat_id=1, message_ids=ids, remove_caption=True)
    shown = (await desk.get(f"chats/{STAFF}/messages"))["messages"][-4:]
    assert [one["message_id"] for one in shown] == [one["message_id"] for one in copied]
    assert not any("forward_origin" in one or "caption" in one for one in shown)
    assert shown[3]["text"] == "secret"  # a bot may copy what it may not forward


async def test_documents_come_together(desk: Any) -> None:
    """Documents of one sender become an album when they are forwarded together."""
    for name in "ab":
        await desk.upload("sendDocument", {"document": (f"{name}.txt", name.encode())}, chat_id=1)
    await desk.bot("forwardMessages", chat_id=STAFF, from_chat_id=1, message_ids=[2, 3])
    first, second = (await desk.get(f"chats/{STAFF}/messages"))["messages"]
    assert first["media_group_id"] == second["media_group_id"]


async def test_refused(desk: Any) -> None:
    """What cannot be forwarded or copied is refused in Telegram's words, in its order of checks."""
    kept = (await desk.bot("sendMessage", chat_id=1, text="secret", protect_content=True))["message_id"]
    await desk.bot("pinChatMessage", chat_id=1, message_id=kept)
    line = kept + 1
    one, two = {"chat_id": STAFF, "from_chat_id": 1}, {"chat_id": 404, "from_chat_id": 405}
    effect = {"message_effect_id": "5046509860389126442", "chat_id": 1, "from_chat_id": 1}
    rows = [
        ("forwardMessage", {"chat_id": 1}, 'parameter "from_chat_id" is required'),
        ("forwardMessage", {**one, "message_id": 99}, "message to forward not found"),
        ("forwardMessage", {**two, "message_id": 1}, "chat not found"),
        ("forwardMessage", {**one, "message_id": kept}, "the message can't be forwarded"),
        ("forwardMessage", {**one, "message_id": line}, "the message can't be forwarded"),
        ("copyMessage", {**one, "message_id": line}, "the message can't be copied"),
        ("copyMessage", {**one, "message_id": 1, "caption": "<b>", "parse_mode": "HTML"}, None),
        ("forwardMessages", {"chat_id": 1, "message_ids": [1]}, 'parameter "from_chat_id" is required'),
        ("forwardMessages", one, "message identifiers are not specified"),
        ("forwardMessages", {**one, "message_ids": "["}, "can't parse message_ids JSON object"),
        ("forwardMessages", {**one, "message_ids": ["x"]}, "can't parse message identifier as a Number"),
        ("forwardMessages", {**one, "message_ids": [99, 98]}, "there are no messages to forward"),
        (
            "forwardMessages",
            {**one, "message_ids": [kept, 1]},
            "message identifiers must be in a strictly increasing order",
        ),
        ("forwardMessages", {**one, "message_ids": [kept, line]}, "messages can't be forwarded"),
        ("copyMessages", {**effect, "message_ids": [1, kept]}, "can't use message effects in the method"),
        ("copyMessages", {**two, "message_ids": [1]}, "chat not found"),
    ]
    for method, parameters, sentence in rows:
        answer = await desk.raw(method, **parameters)
        assert not answer["ok"], (method, parameters)
        assert sentence is None or answer["description"] == f"Bad Request: {sentence}"
    assert (await desk.get(f"chats/{STAFF}/messages"))["messages"] == []


async def test_several_count_each(opened: Any) -> None:
    """Messages sent again count one by one against the chat's burst."""
    async with opened(limits=True) as desk:
        await desk.act("start", person=1)
        await desk.act("send", person=1, chat=1, text="x")
        for _ in range(5):
            await desk.bot("copyMessages", chat_id=1, from_chat_id=1, message_ids=[1, 2])
        assert (await desk.raw("copyMessage", chat_id=1, from_chat_id=1, message_id=1))["error_code"] == 429


async def test_people_forward(desk: Any) -> None:
    """A person forwards to the bot what stands in a group; what is protected they cannot."""
    asked = (await desk.act("send", person=3, chat=STAFF, text="where?"))["message"]["message_id"]
    await desk.act("start", person=2)
    await desk.act("forward", person=2, from_chat=STAFF, chat=2, message_id=asked)
    got = (await desk.bot("getUpdates"))[-1]["message"]
    assert (got["text"], got["from"]["id"], got["forward_origin"]["sender_user"]["id"]) == ("where?", 2, 3)
    kept = (await desk.bot("sendMessage", chat_id=STAFF, text="secret", protect_content=True))["message_id"]
    for person, number, status in ((2, kept, 403), (2, 99, 404), (1, asked, 403)):
        body = {"person": person, "from_chat": STAFF, "chat": person, "message_id": number}
        async with desk.http.post(f"{desk.address}/sandbox/forward", json=body) as response:
            assert response.status == status


async def test_in_both_clients(desk: Any) -> None:
    """python-telegram-bot and aiogram read forwards and copies."""
    bot = desk.library()
    async with bot:
        sent = await bot.forward_message(STAFF, 1, 1)
        assert sent.forward_origin.sender_user.id == 1
        assert [one.message_id for one in await bot.forward_messages(STAFF, 1, [1])] == [sent.message_id + 1]
        assert len(await bot.copy_messages(STAFF, 1, [1])) == 1
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as other:
        again = await other.forward_message(STAFF, 1, 1)
        assert again.forward_origin.type == "user"
        assert len(await other.forward_messages(STAFF, 1, [1])) == 1
    assert (await desk.get("findings"))["findings"] == []
