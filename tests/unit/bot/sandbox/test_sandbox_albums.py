"""Albums: sent whole or not at all, alike inside, counted message by message; what people send comes as they do."""

from typing import Any

from aiogram import Bot as AiogramBot
from aiogram import types as aiogram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import InputMediaAudio, InputMediaDocument, InputMediaPhoto, InputMediaVideo

FILM = b"\0\0\0\x18ftypmp42 a film"


def item(kind: str, name: str, **more: Any) -> dict[str, Any]:
    """One InputMedia whose file comes with the request."""
    return {"type": kind, "media": f"attach://{name}", **more}


async def test_photos_and_a_video(desk: Any, png: Any) -> None:
    """Photos and a video make one album: one id, captions apart, the reply and protection on each."""
    files = {"a": ("a.png", png()), "b": ("b.mp4", FILM)}
    media = [item("photo", "a", caption="<b>x</b>", parse_mode="HTML", has_spoiler=True), item("video", "b", width=640)]
    fields = {
        "reply_parameters": {"message_id": 1},
        "protect_content": True,
        "message_effect_id": "5046509860389126442",
    }
    album = (await desk.upload("sendMediaGroup", files, chat_id=1, media=media, **fields))["result"]
    assert [one["message_id"] for one in album] == [2, 3]
    assert len({one["media_group_id"] for one in album}) == 1
    assert (album[0]["caption_entities"][0]["type"], album[0]["has_media_spoiler"], "caption" in album[1]) == (
        "bold",
        True,
        False,
    )
    assert (album[1]["video"]["width"], album[1]["video"]["mime_type"]) == (640, "video/mp4")
    assert all(one["reply_to_message"]["message_id"] == 1 and one["has_protected_content"] for one in album)
    assert {one["effect_id"] for one in album} == {"5046509860389126442"}
    again = [{"type": "photo", "media": album[0]["photo"][0]["file_id"]}] * 2
    second = await desk.bot("sendMediaGroup", chat_id=1, media=again)
    assert {one["media_group_id"] for one in second} & {one["media_group_id"] for one in album} == set()


async def test_albums_refused(desk: Any, png: Any) -> None:
    """Whatever is wrong with one item, nothing of the album is sent."""
    files = {"a": ("a.png", png()), "b": ("b.pdf", b"%PDF"), "c": ("c.mp3", b"ID3"), "empty": ("e.pdf", b"")}
    photo, document, audio = item("photo", "a"), item("document", "b"), item("audio", "c")
    rows: list[tuple[Any, str]] = [
        ("", 'parameter "media" is required'),
        ("[", "can't parse media JSON object"),
        ({}, "expected an Array of InputMedia"),
        ([], "there are no messages to send"),
        ([photo] * 11, "too many messages to send as an album"),
        ([photo, document], "Document can't be mixed with other media types"),
        ([audio, photo], "Audio can't be mixed with other media types"),
        ([photo, "x"], "can't parse InputMedia: expected an Object"),
        ([photo, item("photo", "none")], "can't parse InputMedia: media not found"),
        ([photo, item("animation", "a")], "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup"),
        ([photo, item("video", "a", width="wide")], 'can\'t parse InputMedia: Field "width" must be a valid Number'),
        ([photo, item("photo", "a", caption="x" * 1025)], "message caption is too long"),
        (
            [photo, item("photo", "a", caption="<b>", parse_mode="HTML")],
            "can't parse InputMedia: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            [photo, item("photo", "a", show_caption_above_media=True)],
            "parameter show_caption_above_media must be the same for all messages",
        ),
        ([document, item("document", "empty")], "file must be non-empty"),
        (
            [photo, {"type": "photo", "media": "nonsense"}],
            "wrong remote file identifier specified: can't unserialize it",
        ),
    ]
    before = await desk.get("chats/1/messages")
    wrong = []
    for media, sentence in rows:
        answer = await desk.upload("sendMediaGroup", files, chat_id=1, media=media)
        if answer.get("description") != f"Bad Request: {sentence}":
            wrong.append((sentence, answer))
    assert wrong == []
    assert await desk.get("chats/1/messages") == before


async def test_one_alone(desk: Any, png: Any) -> None:
    """One item alone is a plain message, as the server takes it, and a finding."""
    sent = (await desk.upload("sendMediaGroup", {"a": ("a.png", png())}, chat_id=1, media=[item("photo", "a")]))[
        "result"
    ]
    assert (len(sent), "media_group_id" in sent[0]) == (1, False)
    assert "2-10 items" in (await desk.get("findings"))["findings"][0]["finding"]


async def test_an_album_counts_each(opened: Any, clock: Any, png: Any) -> None:
    """An album of ten uses a chat's burst of ten; one more has to wait, and after that the next album all of it."""
    async with opened(limits=True) as desk:
        await desk.act("start", person=1)
        photo = (await desk.upload("sendPhoto", {"photo": ("a.png", png())}, chat_id=1))["result"]["photo"][0][
            "file_id"
        ]
        clock.now += 60
        album = [{"type": "photo", "media": photo}] * 10
        await desk.bot("sendMediaGroup", chat_id=1, media=album)
        assert (await desk.raw("sendMessage", chat_id=1, text="x"))["parameters"] == {"retry_after": 1}
        clock.now += 4
        answer = await desk.raw("sendMediaGroup", chat_id=1, media=album[:5])
        assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 1})
        assert len((await desk.get("chats/1/messages"))["messages"]) == 12


async def test_editing_inside_an_album(desk: Any, png: Any) -> None:
    """A message of an album stays in it when its media changes, within what albums hold."""
    files = {"a": ("a.png", png()), "b": ("b.pdf", b"%PDF"), "g": ("g.gif", b"GIF89a\x01\x00\x01\x00")}
    two = [item("photo", "a"), item("photo", "a")]
    first = (await desk.upload("sendMediaGroup", files, chat_id=1, media=two))["result"][0]
    edited = await desk.upload("editMessageMedia", files, chat_id=1, message_id=2, media=item("video", "b"))
    assert edited["result"]["media_group_id"] == first["media_group_id"]
    answer = await desk.upload("editMessageMedia", files, chat_id=1, message_id=2, media=item("document", "b"))
    assert answer["description"] == "Bad Request: can't change media type in the album"
    answer = await desk.upload("editMessageMedia", files, chat_id=1, message_id=3, media=item("animation", "g"))
    assert answer["description"] == "Bad Request: message content type can't be used in an album"


async def test_people_send_albums(desk: Any, png: Any) -> None:
    """A person's photos and video come as an album, documents as another, a voice message alone."""
    parts = [("photo", "a.png", png()), ("video", "b.mp4", FILM), ("voice", "v.ogg", b"OggS")]
    parts += [("document", f"{name}.pdf", b"%PDF " + name.encode()) for name in "cd"]
    sent = await desk.files(parts, person="1", chat="1", caption="look")
    assert sent["message"] == sent["messages"][0]
    got = [one["message"] for one in await desk.bot("getUpdates")][1:]
    groups = [one.get("media_group_id") for one in got]
    assert groups[0] == groups[1] != groups[3] == groups[4] != groups[2] is None
    assert [next(iter(one.keys() & {"photo", "video", "voice", "document"})) for one in got] == [
        *("photo", "video", "voice", "document", "document")
    ]
    assert [one.get("caption") for one in got] == ["look", None, None, None, None]
    many = await desk.files([("photo", "a.png", png())] * 12, person="1", chat="1")
    assert len({one["media_group_id"] for one in many["messages"]}) == 2
    assert "error" in await desk.files([("cake", "c.png", png())], person="1", chat="1")


async def test_albums_in_python_telegram_bot(desk: Any, png: Any) -> None:
    """python-telegram-bot sends albums of every kind and reads them back."""
    bot = desk.library()
    async with bot:
        mixed = [InputMediaPhoto(png(), caption="p"), InputMediaVideo(FILM, width=3, height=2, duration=9)]
        photo, video = await bot.send_media_group(1, mixed)
        assert photo.media_group_id == video.media_group_id
        assert (video.video.width, video.video.height) == (3, 2)
        papers = await bot.send_media_group(1, [InputMediaDocument(b"a", filename="a.txt"), InputMediaDocument(b"b")])
        assert papers[0].document.file_name == "a.txt"
        songs = await bot.send_media_group(1, [InputMediaAudio(b"a", title="t"), InputMediaAudio(b"b")])
        assert songs[0].audio.title == "t"
    assert (await desk.get("findings"))["findings"] == []


async def test_albums_in_aiogram(desk: Any, png: Any) -> None:
    """An album goes through aiogram and comes back as sent."""
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as bot:
        pictures: list[Any] = [
            aiogram.InputMediaPhoto(media=aiogram.BufferedInputFile(png(shade=n), "a.png")) for n in (1, 2)
        ]
        sent = await bot.send_media_group(1, pictures)
        assert sent[0].media_group_id == sent[1].media_group_id
    assert (await desk.get("findings"))["findings"] == []


async def test_albums_survive(opened: Any, png: Any, tmp_path: Any) -> None:
    """An album and its files are there after a restart, and after another, which reads the shortened journal."""
    media = [item("photo", "a"), item("photo", "a")]
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        await desk.upload("sendMediaGroup", {"a": ("a.png", png())}, chat_id=1, media=media)
        before = await desk.get("chats/1/messages")
    async with opened(folder=tmp_path):
        pass
    async with opened(folder=tmp_path) as desk:
        assert await desk.get("chats/1/messages") == before
        file = before["messages"][-1]["photo"][0]["file_id"]
        assert (await desk.bot("getFile", file_id=file))["file_path"].startswith("photos/")
