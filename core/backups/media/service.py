"""Use cases of media backups, the same behind command, job and button: write one, put files back, read one again."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.backups.media import backup as media
from core.backups.media import blobs
from core.backups.media.backup import MediaBackup, MediaManifest
from core.backups.media.blobs import MediaRestored
from core.backups.retention import Retention
from core.backups.service import may, write_down
from core.environment import alone
from core.errors import Refused
from core.people.rules import Person
from core.shop import Shop
from core.storage import health

LOCK = ".lock"


async def backup_media(shop: Shop, by: Person | None = None) -> MediaBackup:
    """Copy what is new among the pictures, then remove what no rule keeps; one run at a time.

    ``Refused`` says why there is none; what was copied so far stays for the next run, and nothing is removed.
    """
    may(by)
    await shop.refresh()
    rules = Retention(shop.policy.keep_daily, shop.policy.keep_weekly, shop.policy.keep_monthly)
    now, zone, stop = shop.clock.now(), shop.config.zone, threading.Event()

    def work() -> MediaBackup:
        with _alone(shop) as folder:
            made = media.make(shop.config.media_dir, folder, now.astimezone(zone), stop)
            blobs.prune(folder, rules, now, zone)
            return made

    try:
        made = await asyncio.to_thread(work)
    finally:
        stop.set()
    if by:
        await shop.db.write(write_down, shop.clock.now(), by, "backup.media", made.manifest.name)
    return made


async def restore_media(
    shop: Shop, name: str, to: Path | None = None, *, force: bool = False, by: Person | None = None
) -> MediaRestored:  # fmt: skip
    """Put a media backup's files back, into the shop's media folder or ``to``; newer files stay, unless ``force``."""
    may(by)
    folder, manifest = await _read(shop, name)

    def work() -> MediaRestored:
        with _sentences(folder):
            return blobs.restore(folder, manifest, to or shop.config.media_dir, force=force)

    done = await asyncio.to_thread(work)
    if by:
        await shop.db.write(write_down, shop.clock.now(), by, "backup.media_restore", name)
    return done


async def check_media(shop: Shop, name: str = "", by: Person | None = None) -> tuple[str, tuple[str, ...]]:
    """Read a media backup back whole, the newest without ``name``; its name, and the paths whose content is damaged.

    A damaged content loses its name (``….damaged`` lies beside), so that the next backup copies it anew.
    """
    may(by)
    folder, manifest = await _read(shop, name)

    def work() -> tuple[str, ...]:
        with _sentences(folder):
            found = blobs.faults(folder, manifest)
            bad = set(found)
            blobs.set_aside(folder, (file.sha256 for file in manifest.files if file.path in bad))
            return found

    return manifest.name, await asyncio.to_thread(work)


async def _read(shop: Shop, name: str) -> tuple[Path, MediaManifest]:
    folder = shop.config.backup_dir / media.FOLDER
    found = {path.stem: path for path in media.manifests(folder)}
    path = found.get(name) if name else found[max(found)] if found else None
    if path is None:
        raise Refused("backup_missing", name=name[:80] or media.SERIES)
    return folder, await asyncio.to_thread(media.read_manifest, path)


@contextmanager
def _alone(shop: Shop) -> Iterator[Path]:
    """Hold the folder of media backups; ``Refused("media_busy")`` while another run does."""
    folder = shop.config.backup_dir / media.FOLDER
    with _sentences(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = alone(folder / LOCK, wait=False)
        try:
            lock.__enter__()
        except BlockingIOError:
            raise Refused("media_busy") from None
        try:
            yield folder
        finally:
            lock.__exit__(None, None, None)


@contextmanager
def _sentences(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(health.reason(error), folder=folder.name) from error
