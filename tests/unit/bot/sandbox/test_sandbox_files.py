"""Files up and down: photos and documents by upload, attach:// and file_id; and what the page is given of them."""

import io
from typing import Any

import aiohttp

from bot.sandbox import pictures


async def upload(desk: Any, method: str, files: dict[str, tuple[str, bytes]], **fields: str) -> dict[str, Any]:
    """Call a method with files in a form; return the whole answer."""
    form = aiohttp.FormData({"chat_id": "1", **fields}, quote_fields=False)
    for field, (name, data) in files.items():
        form.add_field(field, io.BytesIO(data), filename=name)
    async with desk.http.post(f"{desk.address}/bot{desk.token}/{method}", data=form) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def download(desk: Any, file_id: str) -> bytes:
    """Fetch a file as a bot does."""
    path = (await desk.bot("getFile", file_id=file_id))["file_path"]
    async with desk.http.get(f"{desk.address}/file/bot{desk.token}/{path}") as response:
        assert response.status == 200
        content: bytes = await response.read()
        return content


async def test_photo_round_trip(desk: Any, png: Any) -> None:
    """A photo uploaded comes back byte for byte; its file_id sends it again without another upload."""
    data = png(40, 30)
    sent = (await upload(desk, "sendPhoto", {"photo": ("a.png", data)}, caption="ហាង"))["result"]
    size = sent["photo"][-1]
    assert (size["width"], size["height"], size["file_size"], sent["caption"]) == (40, 30, len(data), "ហាង")
    assert await download(desk, size["file_id"]) == data
    again = await desk.bot("sendPhoto", chat_id=1, photo=size["file_id"])
    assert again["photo"] == sent["photo"]
    shown = (await desk.get("chats/1/messages"))["messages"][-1]
    async with desk.http.get(desk.address + shown["file_url"]) as response:
        assert (await response.read(), response.content_type) == (data, "image/png")


async def test_document_keeps_its_name(desk: Any) -> None:
    """A document with a Khmer name comes back with name and type; the page may only download it."""
    sent = (await upload(desk, "sendDocument", {"document": ("../តារាង.html", b"<script>")}))["result"]["document"]
    assert (sent["file_name"], sent["mime_type"]) == ("តារាង.html", "text/html")
    assert await download(desk, sent["file_id"]) == b"<script>"
    async with desk.http.get(f"{desk.address}/sandbox/files/{sent['file_unique_id']}") as response:
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.headers["Content-Security-Policy"] == "sandbox"
    answer = await desk.raw("sendPhoto", chat_id=1, photo=sent["file_id"])
    assert answer["description"] == "Bad Request: can't use file of type Document as Photo"


async def test_text_becomes_a_photo(desk: Any, png: Any) -> None:
    """An edit puts a photo into a text message by attach://, then another by file_id."""
    await desk.bot("sendMessage", chat_id=1, text="wait")
    media = '{"type":"photo","media":"attach://card","caption":"<b>x</b>","parse_mode":"HTML"}'
    files = {"card": ("k.png", png(shade=1))}
    edited = (await upload(desk, "editMessageMedia", files, message_id="2", media=media))["result"]
    assert "text" not in edited
    assert edited["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    other = (await upload(desk, "sendPhoto", {"photo": ("b.png", png(shade=2))}))["result"]["photo"][0]["file_id"]
    again = await desk.bot("editMessageMedia", chat_id=1, message_id=2, media={"type": "photo", "media": other})
    assert (again["photo"][0]["file_id"], "caption" in again) == (other, False)
    answer = await desk.raw("editMessageMedia", chat_id=1, message_id=2, media={"type": "photo", "media": other})
    assert answer["description"].startswith("Bad Request: message is not modified")


async def test_photos_refused(desk: Any, png: Any) -> None:
    """Empty, unreadable, oddly shaped and oversized photos are refused with Telegram's words."""
    large = png() + b"\0" * (10 << 20)
    too_big = f"file of size {len(large)} bytes is too big for a photo; the maximum size is 10485760 bytes"
    rows = [
        (b"", "file must be non-empty"),
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (png(21, 1), "PHOTO_INVALID_DIMENSIONS"),
        (large, too_big),
    ]
    for data, sentence in rows:
        answer = await upload(desk, "sendPhoto", {"photo": ("a.png", data)})
        assert answer["description"] == f"Bad Request: {sentence}"


async def test_large_files_cannot_be_fetched(desk: Any) -> None:
    """A document over 20 MB can be sent but not downloaded by the bot."""
    sent = (await upload(desk, "sendDocument", {"document": ("a.bin", b"x" * (20 << 20) + b"y")}))["result"]
    answer = await desk.raw("getFile", file_id=sent["document"]["file_id"])
    assert answer["description"] == "Bad Request: file is too big"


async def test_people_send_files(desk: Any, png: Any) -> None:
    """A person's photo with a caption reaches the bot as a message it can download."""
    form = aiohttp.FormData({"person": "1", "chat": "1", "caption": "look /start"})
    form.add_field("photo", png(8, 8), filename="x.png")
    async with desk.http.post(f"{desk.address}/sandbox/send", data=form) as response:
        assert response.status == 200
    message = (await desk.bot("getUpdates"))[-1]["message"]
    assert message["caption_entities"][0]["type"] == "bot_command"
    assert pictures.size(await download(desk, message["photo"][0]["file_id"])) == (8, 8)


async def test_a_file_that_is_gone(opened: Any, tmp_path: Any) -> None:
    """A file whose bytes were lost is temporarily unavailable, in Telegram's words; its message still stands."""
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        sent = (await upload(desk, "sendDocument", {"document": ("a.txt", b"x")}))["result"]["document"]
        for path in (tmp_path / "files").iterdir():
            path.unlink()
        answer = await desk.raw("getFile", file_id=sent["file_id"])
        sentence = "wrong file_id or the file is temporarily unavailable"
        assert (answer["error_code"], answer["description"]) == (400, f"Bad Request: {sentence}")
        assert await desk.bot("copyMessage", chat_id=1, from_chat_id=1, message_id=2)
