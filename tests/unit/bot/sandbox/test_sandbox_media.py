"""Files of every kind, places and contacts; what a message answers, shows and protects; edits and pins."""

from typing import Any

import pytest
from aiogram import Bot as AiogramBot
from aiogram import types as aiogram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import InputMediaAnimation, InputMediaAudio, InputMediaVideo, ReplyParameters

STAFF = -1001
FILM, SONG, SAID = b"\0\0\0\x18ftypmp42", b"ID3 song", b"OggS said"
KINDS = [  # method, field, file name, bytes, what is said of it, what comes back, where it is fetched
    ("sendVideo", "video", "a.mp4", FILM, {"width": 64, "height": 48, "duration": 7}, "video/mp4", "videos/"),
    ("sendAnimation", "animation", "a.gif", b"GIF89a\x05\0\x04\0", {"duration": 1}, "image/gif", "animations/"),
    ("sendAudio", "audio", "a.mp3", SONG, {"duration": 3, "title": "ចម្រៀង", "performer": "x"}, "audio/mpeg", "music/"),
    ("sendVoice", "voice", "a.bin", SAID, {"duration": 99999}, "audio/ogg", "voice/"),
    ("sendDocument", "document", "a.pdf", b"%PDF", {}, "application/pdf", "documents/"),
]
GONE = "message to be replied not found"


@pytest.mark.parametrize(("method", "field", "name", "data", "said", "mime", "folder"), KINDS)
async def test_kinds(
    desk: Any, method: str, field: str, name: str, data: bytes, said: Any, mime: str, folder: str
) -> None:
    """A file of each kind comes back as sent, again by its file_id, downloadable, and shown to the page."""
    sent = (await desk.upload(method, {field: (name, data)}, chat_id=1, caption="ហាង", **said))["result"]
    held = sent[field]
    expected = {key: min(one, 86400) if key == "duration" else one for key, one in said.items()}
    assert {key: held[key] for key in expected} == expected
    assert (held["mime_type"], held["file_size"], sent["caption"]) == (mime, len(data), "ហាង")
    assert ("document" in sent) == (field in {"animation", "document"})
    assert (await desk.bot(method, chat_id=1, **{field: held["file_id"]}))[field] == held
    path = (await desk.bot("getFile", file_id=held["file_id"]))["file_path"]
    assert path.startswith(folder)
    async with desk.http.get(f"{desk.address}/file/bot{desk.token}/{path}") as response:
        assert await response.read() == data
    shown = (await desk.get("chats/1/messages"))["messages"][-1]
    async with desk.http.get(desk.address + shown["file_url"], headers={"Range": "bytes=1-2"}) as response:
        assert (response.status, await response.read()) == (206, data[1:3])


async def test_kinds_refused(desk: Any, png: Any) -> None:
    """No file, an empty one, one of another class: each in Telegram's words."""
    photo = (await desk.upload("sendPhoto", {"photo": ("a.png", png())}, chat_id=1))["result"]["photo"][0]["file_id"]
    song = (await desk.upload("sendAudio", {"audio": ("a.mp3", SONG)}, chat_id=1))["result"]["audio"]["file_id"]
    rows = [
        ("sendVideo", {"chat_id": 1}, "there is no video in the request"),
        ("sendAnimation", {"chat_id": 1}, "there is no animation in the request"),
        ("sendAudio", {"chat_id": 1, "audio": "attach://x"}, "there is no audio in the request"),
        ("sendVoice", {}, "there is no voice in the request"),
        ("sendVideo", {"chat_id": 1, "video": photo}, "can't use file of type Photo as Video"),
        ("sendPhoto", {"chat_id": 1, "photo": song}, "can't use file of type Audio as Photo"),
        ("sendVideo", {"chat_id": 1, "video": "x"}, "wrong remote file identifier specified: can't unserialize it"),
        ("sendContact", {"chat_id": 1}, 'parameter "phone_number" is required'),
        ("sendContact", {"phone_number": "1"}, 'parameter "first_name" is required'),
        ("sendVenue", {"chat_id": 1, "latitude": 1}, "longitude is empty"),
        ("sendVenue", {"chat_id": 1, "latitude": 91, "longitude": 0}, "invalid location specified"),
    ]
    for method, parameters, sentence in rows:
        assert (await desk.raw(method, **parameters))["description"] == f"Bad Request: {sentence}"
    empty = await desk.upload("sendVideo", {"video": ("a.mp4", b"")}, chat_id=1)
    assert empty["description"] == "Bad Request: file must be non-empty"
    again = await desk.bot("sendDocument", chat_id=1, document=song)
    assert again["audio"]["file_id"] == song  # a file stays what it was sent as


async def test_places_and_contacts(desk: Any) -> None:
    """A venue carries its place and provider, a contact its card."""
    fields = {"latitude": 11.5, "longitude": 104.9, "title": "ហាង", "address": "Street 1", "foursquare_id": "f"}
    venue = await desk.bot("sendVenue", chat_id=1, google_place_id="g", **fields)
    assert venue["venue"]["location"] == venue["location"] == {"latitude": 11.5, "longitude": 104.9}
    assert (venue["venue"]["foursquare_id"], "google_place_id" in venue["venue"]) == ("f", False)
    contact = (await desk.bot("sendContact", chat_id=1, phone_number="+855", first_name="A", last_name="B"))["contact"]
    assert contact == {"phone_number": "+855", "first_name": "A", "last_name": "B"}
    answer = await desk.raw("editMessageText", chat_id=1, message_id=3, text="x")
    assert answer["description"] == "Bad Request: message can't be edited"
    keys = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    assert (await desk.bot("editMessageReplyMarkup", chat_id=1, message_id=3, reply_markup=keys))[
        "reply_markup"
    ] == keys


async def test_quotes(desk: Any) -> None:
    """A quote stands where it is in the text, nearest to the position given; one that is not there is refused."""
    await desk.bot("sendMessage", chat_id=1, text="😀 tea, tea and <b>tea</b>", parse_mode="HTML")

    async def quoted(**reply: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await desk.raw("sendMessage", chat_id=1, text="x", reply_parameters=reply)
        return answer

    first = await quoted(message_id=2, quote="tea", quote_position=9)
    assert first["result"]["quote"] == {"text": "tea", "position": 8, "is_manual": True}
    bold = await quoted(message_id=2, quote="<b>tea</b>", quote_parse_mode="HTML", quote_position=99)
    assert bold["result"]["quote"]["position"] == 16
    assert bold["result"]["quote"]["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert (await quoted(message_id=2, quote="coffee"))["description"] == "Bad Request: QUOTE_TEXT_INVALID"
    assert (await quoted(message_id="two"))["description"] == 'Bad Request: field "message_id" must be a valid Number'
    assert (await quoted(message_id=[2]))["description"] == 'Bad Request: field "message_id" must be a Number'
    wrong = await quoted(message_id=2, quote="<b>", quote_parse_mode="HTML")
    assert wrong["description"].startswith("Bad Request: can't parse entities")


async def test_answers_across_chats(desk: Any) -> None:
    """A reply to a message of another chat tells where that came from; what is protected is not answered so."""
    asked = (await desk.act("send", person=3, chat=STAFF, text="where?"))["message"]["message_id"]
    reply = {"message_id": asked, "chat_id": STAFF, "quote": "where"}
    sent = await desk.bot("sendMessage", chat_id=1, text="here", reply_parameters=reply)
    origin = sent["external_reply"]["origin"]
    assert (origin["type"], origin["sender_user"]["id"], sent["external_reply"]["chat"]["id"]) == ("user", 3, STAFF)
    assert ("reply_to_message" in sent, sent["quote"]["position"]) == (False, 0)
    kept = await desk.bot("sendMessage", chat_id=STAFF, text="secret", protect_content=True)
    alone = {"message_id": kept["message_id"], "chat_id": STAFF}
    assert "external_reply" not in await desk.bot("sendMessage", chat_id=1, text="x", reply_parameters=alone)
    answer = await desk.raw("sendMessage", chat_id=1, text="x", reply_parameters={"message_id": 99, "chat_id": STAFF})
    assert answer["description"] == f"Bad Request: {GONE}"
    optional = {"message_id": 99, "chat_id": STAFF, "allow_sending_without_reply": True}
    assert "external_reply" not in await desk.bot("sendMessage", chat_id=1, text="x", reply_parameters=optional)


async def test_effects(desk: Any) -> None:
    """An effect is for private chats, and one Telegram knows."""
    sent = await desk.bot("sendMessage", chat_id=1, text="x", message_effect_id="5046509860389126442")
    assert sent["effect_id"] == "5046509860389126442"
    answer = await desk.raw("sendMessage", chat_id=STAFF, text="x", message_effect_id="5046509860389126442")
    assert answer["description"] == "Bad Request: can't use message effects in the chat"
    answer = await desk.raw("sendMessage", chat_id=1, text="x", message_effect_id="7")
    assert answer["description"] == "Bad Request: EFFECT_ID_INVALID"
    assert "effect_id" not in await desk.bot("sendMessage", chat_id=1, text="x", message_effect_id="party")


async def test_pins(desk: Any) -> None:
    """A pin is told in the chat, to the bot as well; pins come down one by one and all together."""
    for text in "ab":
        await desk.bot("sendMessage", chat_id=1, text=text)
    await desk.bot("pinChatMessage", chat_id=1, message_id=2)
    line = (await desk.bot("getUpdates"))[-1]["message"]
    assert (line["pinned_message"]["text"], line["from"]["id"]) == ("a", 1000001)
    again = await desk.raw("pinChatMessage", chat_id=1, message_id=2)
    assert again["description"] == "Bad Request: CHAT_NOT_MODIFIED"
    service = await desk.raw("pinChatMessage", chat_id=1, message_id=line["message_id"])
    assert service["description"] == "Bad Request: service messages can't be pinned"
    edit = await desk.raw("editMessageText", chat_id=1, message_id=line["message_id"], text="x")
    assert edit["description"] == "Bad Request: message can't be edited"
    await desk.act("pin", person=1, chat=1, message_id=3)
    assert (await desk.bot("getUpdates"))[-1]["message"]["from"]["id"] == 1
    assert (await desk.bot("getChat", chat_id=1))["pinned_message"]["text"] == "b"
    assert await desk.bot("unpinChatMessage", chat_id=1) is True
    assert (await desk.bot("getChat", chat_id=1))["pinned_message"]["text"] == "a"
    assert await desk.bot("unpinAllChatMessages", chat_id=1) is True
    assert "pinned_message" not in await desk.bot("getChat", chat_id=1)
    await desk.act("members", chat=STAFF, person=1000001, status="member")
    await desk.bot("sendMessage", chat_id=STAFF, text="x")
    answer = await desk.raw("unpinAllChatMessages", chat_id=STAFF)
    assert answer["description"] == "Bad Request: not enough rights to manage pinned messages in the chat"


async def test_edited_media(desk: Any) -> None:
    """Text becomes a video, a video audio; a voice message's caption changes but not its file."""
    await desk.bot("sendMessage", chat_id=1, text="wait")
    media = {"type": "video", "media": "attach://v", "duration": 4, "has_spoiler": True, "caption": "c"}
    edited = (await desk.upload("editMessageMedia", {"v": ("v.mp4", FILM)}, chat_id=1, message_id=2, media=media))[
        "result"
    ]
    assert (edited["video"]["duration"], edited["has_media_spoiler"], "text" in edited) == (4, True, False)
    media = {"type": "audio", "media": "attach://v", "title": "t"}
    edited = (await desk.upload("editMessageMedia", {"v": ("v.mp3", SONG)}, chat_id=1, message_id=2, media=media))[
        "result"
    ]
    assert (edited["audio"]["title"], {"video", "caption", "has_media_spoiler"} & edited.keys()) == ("t", set())
    await desk.upload("sendVoice", {"voice": ("v.ogg", SAID)}, chat_id=1)
    assert (await desk.bot("editMessageCaption", chat_id=1, message_id=3, caption="said"))["caption"] == "said"
    above = await desk.bot("editMessageCaption", chat_id=1, message_id=3, caption="up", show_caption_above_media=True)
    assert "show_caption_above_media" not in above  # only pictures and films have it
    other = {"type": "audio", "media": edited["audio"]["file_id"]}
    answer = await desk.raw("editMessageMedia", chat_id=1, message_id=3, media=other)
    assert answer["description"] == "Bad Request: message media can't be edited"


async def test_people_change_and_delete(desk: Any, clock: Any) -> None:
    """A person's edit reaches the bot as edited_message; a deletion does not; others' messages are not theirs."""
    sent = (await desk.act("send", person=1, chat=1, text="tee"))["message"]["message_id"]
    clock.now += 60
    await desk.act("edit", person=1, chat=1, message_id=sent, text="tea /menu")
    await desk.act("edit", person=1, chat=1, message_id=sent, text="tea /menu")
    updates = await desk.bot("getUpdates")
    edited = updates[-1]["edited_message"]
    assert (edited["text"], edited["edit_date"] - edited["date"], edited["entities"][0]["type"]) == (
        "tea /menu",
        60,
        "bot_command",
    )
    assert len(updates) == 3
    await desk.bot("sendMessage", chat_id=1, text="mine")
    for body in (
        {"message_id": sent + 1, "text": "x"},
        {"message_id": sent, "text": " "},
        {"message_id": 99, "text": "x"},
    ):
        async with desk.http.post(f"{desk.address}/sandbox/edit", json={"person": 1, "chat": 1, **body}) as response:
            assert response.status in {400, 403, 404}
    await desk.act("delete", person=1, chat=1, message_ids=[sent, sent + 1])
    assert [one["text"] for one in (await desk.get("chats/1/messages"))["messages"]] == ["/start"]
    assert len(await desk.bot("getUpdates")) == 3


async def test_media_in_both_clients(desk: Any) -> None:
    """python-telegram-bot and aiogram read every kind of message, reply and pin."""
    bot = desk.library()
    async with bot:
        asked = (await desk.act("send", person=3, chat=STAFF, text="where?"))["message"]["message_id"]
        answer = ReplyParameters(asked, chat_id=STAFF, quote="where")
        video = await bot.send_video(1, FILM, width=3, height=2, supports_streaming=True, reply_parameters=answer)
        assert (video.video.width, video.external_reply.message_id, video.quote.text) == (3, asked, "where")
        assert (await bot.send_animation(1, b"GIF89a\x05\0\x04\0", filename="a.gif")).animation.width == 5
        assert (await bot.send_audio(1, SONG, title="t")).audio.title == "t"
        assert (await bot.send_voice(1, SAID, message_effect_id="5046509860389126442")).effect_id is not None
        assert (await bot.send_venue(1, 1.0, 2.0, "t", "a")).venue.title == "t"
        assert (await bot.send_contact(1, "+855", "A", protect_content=True)).has_protected_content
        for media in (InputMediaVideo(FILM), InputMediaAnimation(FILM), InputMediaAudio(SONG)):
            assert await bot.edit_message_media(media, 1, video.message_id)
        assert await bot.pin_chat_message(1, video.message_id)
        assert (await bot.get_updates())[-1].message.pinned_message.audio is not None
        assert await bot.unpin_all_chat_messages(1)
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as other:
        file = aiogram.BufferedInputFile(FILM, "a.mp4")
        reply = aiogram.ReplyParameters(message_id=asked, chat_id=STAFF)
        sent = await other.send_video(1, file, reply_parameters=reply, message_effect_id="5046509860389126442")
        assert (sent.external_reply.origin.type, sent.effect_id) == ("user", "5046509860389126442")
        assert (await other.send_animation(1, file)).animation.mime_type == "video/mp4"
        assert (await other.send_voice(1, aiogram.BufferedInputFile(SAID, "a.ogg"))).voice.duration == 0
        assert (await other.get_updates())[-1].message.pinned_message.message_id == video.message_id
    assert (await desk.get("findings"))["findings"] == []
