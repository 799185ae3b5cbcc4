"""Photos, fonts and static files: what may be read, and that it is what it says it is."""

import gzip
import io

import pytest
import uharfbuzz as hb
from PIL import Image

from core.pictures.shaping import font as whole_font
from tests.unit.web.test_catalog_pages import read
from web import fonts
from web.render import STATIC


@pytest.fixture(scope="module")
def drawn():
    """Pictures by where they lie, drawn once."""
    pictures = {}
    for name in ("products/rose.jpg", "products/a b/rose.png", "qr_codes/qr_MD00001.png", "hero_slides/one.webp"):
        file = io.BytesIO()
        Image.new("RGB", (1600, 800), "pink").save(file, Image.registered_extensions()[name[name.rindex(".") :]])
        pictures[name] = file.getvalue()
    return pictures


@pytest.fixture
def media(sqlite_config, drawn):
    """A media folder with a product photo, a payment QR and things around it that are nobody's business."""
    folder = sqlite_config.media_dir
    for name, picture in drawn.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture)
    (folder / "products/.hidden.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "products/broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (folder / "products/notes.txt").write_text("secret")
    (folder / "products/link.jpg").symlink_to(folder / "qr_codes/qr_MD00001.png")
    return folder


@pytest.mark.parametrize("width", [320, 640, 1080])
async def test_a_photo_comes_in_the_offered_widths(media, sqlite_visit, width):
    """A large photo is reduced to a WebP of that width, upright and whole."""
    async with sqlite_visit.get(f"/media/products/rose.jpg?w={width}") as answer:
        assert answer.content_type == "image/webp"
        with Image.open(io.BytesIO(await answer.read())) as photo:
            assert (photo.format, photo.size) == ("WEBP", (width, width // 2))


async def test_without_a_width_it_comes_as_it_is(media, sqlite_visit):
    """The file's own bytes, also of a name with a space, and of a hero slide."""
    for name in ("products/rose.jpg", "products/a b/rose.png", "hero_slides/one.webp"):
        async with sqlite_visit.get(f"/media/{name}") as answer:
            assert await answer.read() == (media / name).read_bytes()


async def test_a_version_in_the_address_is_kept_for_ever(media, sqlite_visit):
    """Only the file's own version is; any other is asked again each time."""
    async with sqlite_visit.get("/media/products/rose.jpg?w=320&v=old") as answer:
        assert "no-cache" in answer.headers["Cache-Control"]
        etag = answer.headers["ETag"]
    stood = (media / "products/rose.jpg").stat()
    version = f"{stood.st_mtime_ns:x}-{stood.st_size:x}"
    async with sqlite_visit.get(f"/media/products/rose.jpg?w=320&v={version}") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    Image.new("RGB", (900, 900), "red").save(media / "products/rose.jpg")
    async with sqlite_visit.get(f"/media/products/rose.jpg?w=320&v={version}") as answer:
        assert "no-cache" in answer.headers["Cache-Control"]
        assert answer.headers["ETag"] != etag


@pytest.mark.parametrize(
    "path",
    [
        "qr_codes/qr_MD00001.png",
        "products/../qr_codes/qr_MD00001.png",
        "products/%2e%2e/qr_codes/qr_MD00001.png",
        "products/..%2fqr_codes%2fqr_MD00001.png",
        "products/..%5cqr_codes%5cqr_MD00001.png",
        "../haang.sqlite3",
        "%2e%2e/haang.sqlite3",
        "products/link.jpg",
        "products/.hidden.jpg",
        "products/notes.txt",
        "products/broken.jpg?w=320",
        "products/rose.jpg?w=321",
        "products/rose.jpg?w=-1",
        "products/rose.jpg%00",
        "products",
        "products/",
        "/etc/passwd",
        "//etc/passwd",
        "products//rose.jpg",
        "products/C:rose.jpg",
        "products/" + "a" * 5000 + ".jpg",
    ],
)
async def test_nothing_else_can_be_read(media, sqlite_visit, path):
    """Payment QRs, the database, links out of the folder, hidden, broken and other files: all the same 404."""
    assert (media / "qr_codes/qr_MD00001.png").is_file()
    async with sqlite_visit.get(f"/media/{path}") as answer:
        assert answer.status == 404
        assert "This page is not here" in await answer.text()


@pytest.mark.parametrize(
    "path",
    [
        "/static/..%2Frender.py",
        "/static/../render.py",
        "/static/%2e%2e%2frender.py",
        "/static/site.css%00",
        "/static/fonts/..%2fsite.css",
        "/static/fonts/other.ttf",
    ],
)
async def test_only_the_sites_own_files_are_static(sqlite_visit, path):
    """A name that leads elsewhere is a 404."""
    assert (await sqlite_visit.get(path)).status == 404


async def test_static_files_are_kept_by_their_version(sqlite_visit):
    """The pages' own addresses of them may be kept for ever, and every file in the folder is served."""
    page = await read(sqlite_visit, "/")
    assert "/static/site.css?v=" in page
    for file in STATIC.iterdir():
        async with sqlite_visit.get(f"/static/{file.name}?v=1") as answer:
            assert "immutable" in answer.headers["Cache-Control"]
            assert await answer.read() == file.read_bytes()


@pytest.mark.parametrize(
    ("name", "family", "words"),
    [
        ("khmer.ttf", "noto-sans-khmer", "សេរ៉ូមទឹកសន្សើមកុលាប ស្ត្រី ញ្ញុំ ៛"),
        ("signs.ttf", "noto-sans-khmer", "ខ្មែរ៛"),
        ("latin.ttf", "noto-sans", "Crème brûlée — $12.00 “quoted” × 2"),
    ],
)
async def test_cut_fonts_shape_like_the_whole_ones(sqlite_visit, name, family, words):
    """Every letter is there, and stacks and widths are those of the whole font at both ends of its weights."""
    async with sqlite_visit.get(f"/static/fonts/{name}") as answer:
        assert answer.content_type == "font/ttf"
        data = await answer.read()
    cut = hb.Font(hb.Face(data))
    for weight in (400, 700):
        cut.set_variations({"wght": weight})
        mine, theirs = _shape(cut, words), _shape(whole_font(family, weight), words)
        assert [glyph.codepoint for glyph in mine.glyph_infos].count(0) == 0
        assert [p.x_advance for p in mine.glyph_positions] == [p.x_advance for p in theirs.glyph_positions]
        for here, there in zip(mine.glyph_positions, theirs.glyph_positions, strict=True):
            assert abs(here.x_offset - there.x_offset) <= 1  # a thousandth of the type size: rounding


def _shape(font, words):
    buffer = hb.Buffer()
    buffer.add_str(words)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    return buffer


def test_the_fonts_are_light():
    """A tenth of what the packages hold: a phone on a slow network waits for at most 60 KB of each, packed."""
    for name in fonts.FONTS:
        assert len(gzip.compress(fonts.cut(name))) < 60_000
