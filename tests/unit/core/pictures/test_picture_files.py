"""Photos that people send: checked before they are believed, made small, written whole."""

import io
import random
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from core.files import write_atomically
from core.pictures.files import LARGEST_PHOTO, PictureRefused, Refusal, check_photo, webp


def picture(kind: str, size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: object) -> bytes:
    """Make a picture with something on it."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert(mode).save(out, kind, **options)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Write a PNG that claims a size and has next to nothing in it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture("JPEG"), "jpeg"),
        (picture("JPEG", mode="CMYK"), "jpeg"),
        (picture("PNG", mode="RGBA"), "png"),
        (picture("PNG", mode="1"), "png"),
        (picture("WEBP"), "webp"),
        (picture("GIF", mode="P"), "gif"),
    ],
)
def test_what_is_taken(data: bytes, kind: str) -> None:
    """JPEG, PNG, WebP and GIF in any colours are taken, and become WebP no wider than asked, in their proportions."""
    assert check_photo(data) == (kind, 300, 200)
    with Image.open(io.BytesIO(webp(data, 150))) as small:
        assert (small.format, small.size) == ("WEBP", (150, 100))
    with Image.open(io.BytesIO(webp(data, 900))) as same:
        assert same.size == (300, 200)


def refusal(data: bytes) -> Refusal:
    """Tell why a photo is refused, by both doors alike."""
    with pytest.raises(PictureRefused) as checked:
        check_photo(data)
    with pytest.raises(PictureRefused) as shrunk:
        webp(data, 100)
    assert checked.value.reason == shrunk.value.reason
    return checked.value.reason


def test_what_is_refused() -> None:
    """Too many bytes, another format, a cut or damaged file, and bombs: each by its own reason."""
    photo = picture("JPEG")
    assert refusal(photo + b"\x00" * LARGEST_PHOTO) == "too_big"
    for other in (b"", b"%PDF-1.7", b"<svg/>", picture("BMP"), picture("TIFF"), b"RIFF0000WAVEfmt "):
        assert refusal(other) == "wrong_format"
    for cut in (photo[: len(photo) // 2], photo[:20], picture("PNG")[:400], picture("WEBP")[:60], picture("GIF")[:30]):
        assert refusal(cut) == "broken"
    for width, height in ((8000, 8000), (30_000, 30_000), (65_000, 65_000), (20_000, 10)):
        assert refusal(png_of(width, height)) == "too_many_pixels"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_damage_never_escapes(kind: str) -> None:
    """Three hundred damaged pictures are taken or refused; nothing else comes out."""
    whole, chance = picture(kind, (40, 30)), random.Random(kind)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        for door in (check_photo, lambda data: webp(data, 20)):
            with suppress(PictureRefused):
                door(bytes(damaged))


def test_upright_and_without_metadata() -> None:
    """A photo taken on its side is told and stored upright; where it was taken does not travel on."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Made-up camera"
    data = picture("JPEG", (400, 200), exif=exif)
    assert check_photo(data) == ("jpeg", 200, 400)
    with Image.open(io.BytesIO(webp(data, 100))) as small:
        assert small.size == (100, 200)
        assert not small.getexif()


def test_transparency_stays() -> None:
    """What was transparent is not painted black."""
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(webp(out.getvalue(), 25))) as small:
        assert small.convert("RGBA").getpixel((10, 10))[3] == 0


def test_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A new file replaces the old one; a write that fails leaves the old one and nothing beside it."""
    path = tmp_path / "ហាង.png"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_atomically(tmp_path / "taken", b"data")
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "nowhere" / "a.png", b"data")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["taken", "ហាង.png"]
