"""Photos made smaller: every row names a picture that is there and whole, at every instant; originals stay a week."""

import io
import random
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from sqlalchemy import insert, select, update

from core import environment
from core.database import tables as t
from core.errors import NotAllowed, Refused
from core.maintenance import image_worker, images
from core.people.rules import Person, Role
from core.pictures import files
from core.shop import Shop
from core.storage import quarantine
from tests.support.shelf_files import audited, names, photo, put, shelve

ADMIN, STAFF = Person(7, 7, "Admin", role=Role.ADMIN), Person(8, 8, "Staff", role=Role.STAFF)
WIDE = photo(2000, 400, quality=92)
SMALL = photo(300, 200, quality=92)


def write(folder: Path, name: str, data: bytes) -> Path:
    """Write a photo below the media folder, as the disk writes that folder."""
    path = folder.resolve() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def look(media: Path, name: str, *, write: bool = True) -> image_worker.Look:
    """What the worker says of one photo."""
    return image_worker.look(media.resolve(), name, write=write)


def decoded(data: bytes) -> Image.Image:
    """Unpack a picture whole."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture


def turned(**how: object) -> bytes:
    """A photo that a phone took on its side, with the place it was taken at."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Phone Maker"
    exif.get_ifd(0x8825)[1] = "N"
    return photo(1200, 700, exif=exif, **how)


# ── one photo ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_wide_photo_becomes_a_webp_that_is_whole(tmp_path: Path):
    """1,600 pixels of 2,000, less than the half of the bytes, beside the original, which is not touched."""
    path = write(tmp_path, "products/a.jpg", WIDE)
    found = look(tmp_path, "products/a.jpg")
    made = (tmp_path / found.new).read_bytes()
    assert (found.word, found.new, decoded(made).size) == ("made", "products/a.webp", (1600, 320))
    assert (found.before, found.after) == (len(WIDE), len(made))
    assert found.after < found.before / 2
    assert path.read_bytes() == WIDE


def test_upright_without_what_the_camera_knew_but_with_its_colours(tmp_path: Path):
    """Turned as the camera was held; no maker and no place in it; the profile of its colours stays."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    write(tmp_path, "a.jpg", turned(quality=100, icc_profile=profile))
    made = (tmp_path / look(tmp_path, "a.jpg").new).read_bytes()
    picture = decoded(made)
    assert picture.size == (700, 1200)
    assert (dict(picture.getexif()), picture.info.get("icc_profile")) == ({}, profile)
    assert b"Phone Maker" not in made


def test_what_shines_through_still_does(tmp_path: Path):
    """A PNG with transparency keeps it."""
    sheet = Image.effect_noise((1700, 300), 60).convert("RGBA")
    sheet.putalpha(Image.linear_gradient("L").resize((1700, 300)))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    write(tmp_path, "a.png", out.getvalue())
    made = decoded((tmp_path / look(tmp_path, "a.png").new).read_bytes())
    assert made.mode == "RGBA"
    assert made.getchannel("A").getextrema()[0] < 10


def animation(kind: str) -> bytes:
    """Two pictures that take turns, large enough to be looked into."""
    noise = random.Random(1)
    frames = [Image.frombytes("L", (1700, 200), noise.randbytes(340_000)) for _ in range(2)]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def bomb() -> bytes:
    """A small PNG that unpacks to 64 megapixels."""
    out = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(out, "PNG")
    return out.getvalue().ljust(600_000, b"\0")


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("small.jpg", lambda: SMALL, "fine"),
        ("film.mp4", lambda: b"\0" * 600_000, "fine"),
        ("moving.gif", lambda: animation("GIF"), "animated"),
        ("moving.webp", lambda: animation("WEBP"), "animated"),
        ("good.webp", lambda: files.webp(WIDE, 1600, 85), "fine"),
        ("cut.jpg", lambda: WIDE[: len(WIDE) // 2], "broken"),
        ("noise.jpg", lambda: b"\xff\xd8\xff" + b"\x13" * 600_000, "broken"),
        ("page.jpg", lambda: b"<html>" * 100_000, "wrong_format"),
        ("bomb.png", bomb, "too_many_pixels"),
        ("nothing.jpg", lambda: b"", "wrong_format"),
    ],
)
def test_what_stays_as_it_is(tmp_path: Path, name: str, data: Callable[[], bytes], word: str):
    """Small ones, films, animations, what is broken or would unpack to gigabytes: said, and not touched."""
    path = write(tmp_path, name, data())
    before = path.stat()
    assert look(tmp_path, name).word == word
    assert path.stat() == before or path.stat().st_mtime_ns == before.st_mtime_ns
    assert names(tmp_path) == [name]


def test_little_gain_is_no_gain(tmp_path: Path):
    """What would be smaller by not even a tenth stays: it was packed well already."""
    data = files.kept(photo(1650, 200, quality=95), 1650, 76)
    assert data
    again = files.kept(data, 1600)
    assert again
    assert len(data) * 0.9 < len(again) < len(data)
    write(tmp_path, "a.webp", data)
    assert look(tmp_path, "a.webp").word == "little"
    assert names(tmp_path) == ["a.webp"]


def test_another_picture_is_never_written_over(tmp_path: Path):
    """a.webp is there already and another picture: the new one is named by its contents; a rehearsal writes nothing."""
    write(tmp_path, "a.jpg", WIDE)
    write(tmp_path, "a.webp", SMALL)
    assert look(tmp_path, "a.jpg", write=False).word == "made"
    assert names(tmp_path) == ["a.jpg", "a.webp"]
    found = look(tmp_path, "a.jpg")
    assert found.new.startswith("a-")
    assert look(tmp_path, "a.jpg").new == found.new  # what a killed run left is taken as it is
    assert (tmp_path / "a.webp").read_bytes() == SMALL


@pytest.mark.parametrize(
    "name", ["../secret.jpg", "/etc/hosts.jpg", "link.jpg", "linked/secret.jpg", "folder.jpg", "gone.jpg"]
)
def test_nothing_outside_is_read(tmp_path: Path, name: str):
    """A row may name anything: what is not a file below the media folder, reached without a link, is not there."""
    media = tmp_path / "media"
    write(tmp_path, "secret.jpg", WIDE)
    (media / "folder.jpg").mkdir(parents=True)
    (media / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (media / "linked").symlink_to(tmp_path)
    assert look(media, name).word == "missing"


@contextmanager
def _no_large_files() -> Iterator[None]:
    """Let no file grow beyond a few kilobytes, here and in what is started: how a full disk looks."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


# ── a shop's photos ──────────────────────────────────────────────────────────────────────────────────────────────────
async def named(shop: Shop) -> list[str]:
    """Every path that rows name."""
    query = select(t.products.c.photo).order_by(t.products.c.id)
    return list(await shop.db.read(lambda tx: tx.execute(query).scalars().all()))


async def test_rows_and_what_telegram_has_follow(shop: Shop):
    """Product, album and slide that name one photo name the new one; the file id goes along, pages hear; audited."""
    now, media = shop.clock.now(), shop.config.media_dir
    original = write(media, "products/a.jpg", WIDE)
    inode = original.stat().st_ino
    write(media, "products/b.jpg", SMALL)
    write(media, "products/c.jpg", WIDE[:1000])
    await shop.db.write(shelve, now, "products/a.jpg", "products/b.jpg", "products/c.jpg", "products/gone.jpg")
    rows = (
        insert(t.product_photos).values(product_id=2, position=2, path="products/a.jpg"),
        insert(t.hero_slides).values(kind="image", file="products/a.jpg", created_at=now),
        insert(t.uploads).values(bot_id=1, picture="media:products/a.jpg", file_id="F", at=now),
    )
    await shop.db.write(lambda tx: [tx.execute(row) and None for row in rows])
    rehearsal = await images.optimise(shop, dry_run=True, person=ADMIN)
    assert (len(rehearsal.made), names(media), await audited(shop)) == (1, [f"products/{x}.jpg" for x in "abc"], [])
    rung: list[int] = []
    shop.changes.listen("product", lambda change: rung.append(change.id))
    seen: list[str] = []
    done = await images.optimise(shop, person=ADMIN, tick=lambda one: seen.append(one.name))
    assert (done.before, done.after) == (rehearsal.before, rehearsal.after) != (0, 0)
    assert [one.name for one in done.left] == ["products/b.jpg"]
    assert {one.name: one.word for one in done.trouble} == {"products/c.jpg": "broken", "products/gone.jpg": "missing"}
    assert (seen, set(rung)) == ([f"products/{x}.jpg" for x in ("a", "b", "c", "gone")], {1, 2})
    assert await named(shop) == ["products/a.webp", "products/b.jpg", "products/c.jpg", "products/gone.jpg"]
    others = select(t.product_photos.c.path).union_all(select(t.hero_slides.c.file), select(t.uploads.c.picture))
    assert await shop.db.read(lambda tx: tx.execute(others).scalars().all()) == [
        "products/a.webp", "products/a.webp", "media:products/a.webp",
    ]  # fmt: skip
    (aside,) = quarantine.listing(shop.config)
    assert (aside.path, aside.place.stat().st_ino, aside.place.read_bytes() == WIDE) == ("products/a.jpg", inode, True)
    assert [line[:2] for line in await audited(shop)] == [("storage.aside", 7), ("storage.photos", 7)]
    again = await images.optimise(shop)
    assert (again.made, again.saved) == ((), 0)


async def test_a_photo_that_changes_meanwhile_is_left_alone(sqlite_shop: Shop):
    """Replaced on disk, or by another in its product, while the new one is made: rows and files stay as they are."""
    media = sqlite_shop.config.media_dir
    for name in "ab":
        write(media, f"products/{name}.jpg", WIDE)
    await sqlite_shop.db.write(shelve, sqlite_shop.clock.now(), "products/a.jpg", "products/b.jpg")
    found = {name: look(media, f"products/{name}.jpg") for name in "ab"}
    write(media, "products/a.jpg", photo(2000, 400, quality=60))
    other = update(t.products).where(t.products.c.id == 2).values(photo="products/c.jpg")
    await sqlite_shop.db.write(lambda tx: tx.execute(other) and None)
    assert [await images._swap(sqlite_shop, found[name]) for name in "ab"] == [None, None]
    assert await named(sqlite_shop) == ["products/a.jpg", "products/c.jpg"]


async def test_killed_after_the_rows_changed(sqlite_shop: Shop):
    """Only the last step is missing: the row names what is there, and the original is an orphan for Sunday."""
    media = sqlite_shop.config.media_dir
    write(media, "products/a.jpg", WIDE)
    await sqlite_shop.db.write(shelve, sqlite_shop.clock.now(), "products/a.jpg")
    assert await images._swap(sqlite_shop, look(media, "products/a.jpg"))
    (row,) = await named(sqlite_shop)
    assert decoded((media / row).read_bytes()).width == 1600
    assert names(media) == ["products/a.jpg", "products/a.webp"]
    assert (await images.optimise(sqlite_shop)).made == ()


async def test_one_at_a_time_and_only_who_may(sqlite_shop: Shop):
    """Staff hear no; a second run while one is under way hears that."""
    with pytest.raises(NotAllowed):
        await images.optimise(sqlite_shop, person=STAFF)
    with environment.alone(sqlite_shop.config.data_dir / ".optimising"), pytest.raises(Refused, match="images_busy"):
        await images.optimise(sqlite_shop, person=ADMIN)


async def test_a_full_disk_ends_it_with_a_sentence(sqlite_shop: Shop):
    """What takes no file more says so; the photo, its row and the folder stay as they were."""
    media = sqlite_shop.config.media_dir
    path = write(media, "products/a.jpg", WIDE)
    await sqlite_shop.db.write(shelve, sqlite_shop.clock.now(), "products/a.jpg")
    put(media, "products/keep", 1, age=timedelta(days=1))
    with _no_large_files(), pytest.raises(Refused, match="storage_full"):
        await images.optimise(sqlite_shop)
    assert (names(media), path.read_bytes() == WIDE) == (["products/a.jpg", "products/keep"], True)
    assert await named(sqlite_shop) == ["products/a.jpg"]


def test_what_is_far_too_large_is_not_even_read(tmp_path: Path):
    """A file of gigabytes under a photo's name: named, and no byte of it comes into memory."""
    path = write(tmp_path, "huge.jpg", WIDE)
    with path.open("r+b") as file:
        file.truncate(200 * 1024**3)
    assert look(tmp_path, "huge.jpg").word == "too_big"
