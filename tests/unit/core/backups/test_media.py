"""Backups of pictures: every content once, unchanged files not read, restored whole, nothing outside the folder."""

import hashlib
import multiprocessing
import os
import resource
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.backups.media import backup as media
from core.backups.media import blobs
from core.backups.media import service as media_service
from core.backups.media.backup import MediaFile, MediaManifest
from core.backups.retention import Retention
from core.errors import NotAllowed, Refused
from core.files import digest
from core.people.rules import Role
from core.shop import Shop
from tests.support import builders
from tests.support.standing import stored

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)
LONG_AGO = time.time() - 3 * 24 * 3600


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A media folder with two pictures, a film of the same content as one, and a QR picture."""
    root = tmp_path / "media"
    for name, content in (("products/rose.jpg", b"rose"), ("products/lotus.jpg", b"lotus"),
                          ("hero_slides/videos/a.mp4", b"rose"), ("qr_codes/qr_MD00001.png", b"qr")):  # fmt: skip
        write(root / name, content)
    return root


def write(path: Path, content: bytes, at: float = LONG_AGO) -> None:
    """Write a file that stood still for long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at, at))


def test_every_content_once_and_no_qr_pictures(here, tmp_path):
    """Two contents for three files; the manifest names path, bytes and digest; the QR picture is nowhere."""
    made = media.make(here, tmp_path / "b", AT)
    assert made.path.name == "media_backup_20261121_030000.json"
    assert {file.path: file.sha256 for file in made.manifest.files} == {
        path: hashlib.sha256(content).hexdigest()
        for path, content in stored(here).items()
        if not path.startswith("qr_codes/")
    }
    assert (made.copied, len(set(media.blobs(tmp_path / "b")))) == (2, 2)
    assert blobs.faults(tmp_path / "b", media.read_manifest(made.path)) == ()


def test_what_did_not_change_is_not_read_again(here, tmp_path):
    """A second run believes what it knows, though a byte flipped unseen; a file of another size or time is read."""
    first = media.make(here, tmp_path / "b", AT)
    rose = here / "products" / "rose.jpg"
    with rose.open("r+b") as file:
        file.write(b"rosE")
    os.utime(rose, (LONG_AGO, LONG_AGO))
    again = media.make(here, tmp_path / "b", AT)
    assert (again.path.name, again.copied) == ("media_backup_20261121_030000_2.json", 0)
    assert again.manifest.files == first.manifest.files
    write(here / "products" / "lotus.jpg", b"LOTUS", LONG_AGO + 1)
    third = media.make(here, tmp_path / "b", AT + timedelta(days=7))
    assert (third.copied, third.copied_bytes) == (1, 5)


def test_a_file_that_was_just_written_is_read_again(here, tmp_path, monkeypatch):
    """Changed within the moment of the last look, with the same size and time: the new content is what is kept."""
    rose = here / "products" / "rose.jpg"
    now = time.time()
    write(rose, b"rose", now)
    monkeypatch.setattr("time.time_ns", lambda: int((now + 1) * 10**9))  # however long it takes to come to the look
    media.make(here, tmp_path / "b", AT)
    with rose.open("r+b") as file:
        file.write(b"ROSE")
    os.utime(rose, (now, now))
    made = media.make(here, tmp_path / "b", AT)
    assert hashlib.sha256(b"ROSE").hexdigest() in {file.sha256 for file in made.manifest.files}


def test_a_lost_content_is_copied_again(here, tmp_path):
    """A blob that vanished is found missing and written by the next run, though its file did not change."""
    made = media.make(here, tmp_path / "b", AT)
    victim = media.blob_path(tmp_path / "b", made.manifest.files[0].sha256)
    victim.unlink()
    assert blobs.faults(tmp_path / "b", made.manifest) != ()
    assert media.make(here, tmp_path / "b", AT).copied == 1
    assert blobs.faults(tmp_path / "b", made.manifest) == ()


@pytest.mark.parametrize("harm", [b"ros?", b"ro", None])
def test_damage_is_found_and_never_restored(here, tmp_path, harm):
    """A content that flipped, was cut short or is gone is named by every path that has it; the others come back."""
    made = media.make(here, tmp_path / "b", AT)
    victim = media.blob_path(tmp_path / "b", hashlib.sha256(b"rose").hexdigest())
    victim.unlink() if harm is None else victim.write_bytes(harm)
    assert blobs.faults(tmp_path / "b", made.manifest) == ("hero_slides/videos/a.mp4", "products/rose.jpg")
    done = blobs.restore(tmp_path / "b", made.manifest, tmp_path / "new")
    assert (done.written, sorted(done.damaged)) == (1, ["hero_slides/videos/a.mp4", "products/rose.jpg"])
    assert stored(tmp_path / "new") == {"products/lotus.jpg": b"lotus"}


def test_restored_files_are_as_they_were_and_newer_ones_stay(here, tmp_path):
    """Missing and older files come back with their times, a newer one only with force; twice changes nothing."""
    made = media.make(here, tmp_path / "b", AT)
    write(here / "products" / "rose.jpg", b"newer", LONG_AGO + 60)
    write(here / "products" / "lotus.jpg", b"older", LONG_AGO - 60)
    (here / "hero_slides" / "videos" / "a.mp4").unlink()
    done = blobs.restore(tmp_path / "b", made.manifest, here)
    assert (done.written, done.same, done.newer) == (2, 0, ("products/rose.jpg",))
    lotus = here / "products" / "lotus.jpg"
    assert (lotus.read_bytes(), int(lotus.stat().st_mtime)) == (b"lotus", int(LONG_AGO))
    assert blobs.restore(tmp_path / "b", made.manifest, here, force=True).written == 1
    assert (here / "products" / "rose.jpg").read_bytes() == b"rose"
    assert blobs.restore(tmp_path / "b", made.manifest, here).same == 3
    assert media.make(here, tmp_path / "b", AT).copied == 0


@pytest.mark.parametrize("path", ["../out", "/etc/out", "a/../../out", "link/out", "a\\..\\out", "", "products", "."])
def test_nothing_is_written_outside(here, tmp_path, path):
    """A manifest of a stranger's cannot lead out of the folder, through a link neither."""
    made = media.make(here, tmp_path / "b", AT)
    (here / "link").symlink_to(tmp_path)
    good = made.manifest.files[0]
    forged = MediaManifest("x", "", 0, (MediaFile(path, good.bytes, good.mtime_ns, 1, good.sha256),))
    before = stored(tmp_path)
    assert blobs.restore(tmp_path / "b", forged, here).damaged == (path,)
    assert stored(tmp_path) == before


def test_a_disk_without_room_is_said_before_anything_is_written(here, tmp_path):
    """More than the disk has free is refused; nothing is there afterwards."""
    huge = MediaManifest("media_backup_20261121_030000", "", 0, (MediaFile("a", 1 << 60, 0, 1, "0" * 64),))
    with pytest.raises(Refused, match="media_no_room"):
        blobs.restore(tmp_path / "b", huge, tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_only_what_no_manifest_names_goes_and_not_at_once(here, tmp_path):
    """A killed run's contents wait a day; where a manifest cannot be read, nothing at all goes."""
    folder, zone = tmp_path / "b", UTC
    media.make(here, folder, AT - timedelta(days=2))
    (here / "products" / "lotus.jpg").unlink()
    rules = Retention(1, 0, 0)
    media.make(here, folder, AT)
    swept = blobs.prune(folder, rules, AT, zone)
    assert (len(swept.plan.remove), swept.contents) == (1, 0)
    for sha in media.blobs(folder):
        os.utime(media.blob_path(folder, sha), (LONG_AGO, LONG_AGO))
    (folder / "media_backup_20261120_030000.json").write_text("{")
    with pytest.raises(Refused, match="backup_damaged"):
        blobs.prune(folder, rules, AT, zone)
    (folder / "media_backup_20261120_030000.json").unlink()
    assert blobs.prune(folder, rules, AT, zone).contents == 1
    assert set(media.blobs(folder)) == {hashlib.sha256(b"rose").hexdigest()}


@pytest.mark.parametrize("bit", range(0, 2400, 97))
def test_a_manifest_is_believed_as_it_was_written_only(here, tmp_path, bit):
    """Any bit that flips in it, or its end missing, is refused."""
    made = media.make(here, tmp_path / "b", AT)
    raw = bytearray(made.path.read_bytes())
    raw[bit // 8 % (len(raw) - 1)] ^= 1 << bit % 8
    made.path.write_bytes(raw)
    with pytest.raises(Refused):
        media.read_manifest(made.path)
    made.path.write_bytes(made.manifest.to_bytes()[: -bit - 2])
    with pytest.raises(Refused):
        media.read_manifest(made.path)


def test_a_run_that_is_stopped_leaves_no_manifest(here, tmp_path):
    """Told to stop, it stops between two files; what lies there is swept or used by the next run."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(Refused):
        media.make(here, tmp_path / "b", AT, stop)
    assert media.manifests(tmp_path / "b") == ()


async def test_the_services_ask_who_it_is_and_one_run_at_a_time(sqlite_shop: Shop):
    """Admins and owners only; who did it stands in the audit; a second run beside the first hears a sentence."""
    write(sqlite_shop.config.media_dir / "products" / "rose.jpg", b"rose")
    staff, admin = await builders.worker(sqlite_shop), await builders.worker(sqlite_shop, Role.ADMIN, 2002)
    for call in (media_service.backup_media(sqlite_shop, staff), media_service.check_media(sqlite_shop, by=staff),
                 media_service.restore_media(sqlite_shop, "x", by=staff)):  # fmt: skip
        with pytest.raises(NotAllowed):
            await call
    made = await media_service.backup_media(sqlite_shop, admin)
    assert await media_service.check_media(sqlite_shop) == (made.manifest.name, ())
    (sqlite_shop.config.media_dir / "products" / "rose.jpg").unlink()
    assert (await media_service.restore_media(sqlite_shop, made.manifest.name, by=admin)).written == 1
    with media_service._alone(sqlite_shop), pytest.raises(Refused, match="media_busy"):
        await media_service.backup_media(sqlite_shop)
    with pytest.raises(Refused, match="backup_missing"):
        await media_service.restore_media(sqlite_shop, "../../etc")


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 3,000 bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_no_manifest_and_no_half_file(here, tmp_path, small_files):
    """The error is the disk's; what was whole stays for the next run, which succeeds when there is room again."""
    write(here / "products" / "zoom.jpg", b"x" * 2999)
    media.make(here, tmp_path / "b", AT)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    for name in ("large", "tall"):
        os.utime(here / "products" / "zoom.jpg", (LONG_AGO, LONG_AGO + 5))
        with pytest.raises(OSError, match="large"):
            media.make(here, tmp_path / "b", AT + timedelta(days=len(name)))
    assert [path.name for path in (tmp_path / "b" / "blobs").iterdir() if path.is_file()] == []
    assert len(media.manifests(tmp_path / "b")) == 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    made = media.make(here, tmp_path / "b", AT + timedelta(days=9))
    assert blobs.faults(tmp_path / "b", made.manifest) == ()


def killed(here: Path, folder: Path, after: float) -> None:
    """Let another process back up and kill it after so many seconds."""
    child = multiprocessing.get_context("fork").Process(target=media.make, args=(here, folder, AT))
    child.start()
    child.join(after)
    child.kill()
    child.join()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_killed_at_any_instant_nothing_half_has_a_name(tmp_path):
    """Twelve kills at other moments of a run: each content that has a name is whole, the next run finishes it."""
    here, folder = tmp_path / "media", tmp_path / "b"
    for number in range(120):
        write(here / "products" / f"{number}.jpg", f"{number}".encode() * 3000)
    for step in range(12):
        killed(here, folder, step * 0.02)
        for sha in media.blobs(folder):
            assert digest(media.blob_path(folder, sha))[1] == sha
        for path in media.manifests(folder):
            assert blobs.faults(folder, media.read_manifest(path)) == ()
    made = media.make(here, folder, AT)
    assert (len(made.manifest.files), blobs.faults(folder, made.manifest)) == (120, ())
