"""Carry backups to the store and back: pieces in their order, the manifest last; nothing is believed that was not read.

No database here: who may, when, and what becomes of it is ``service.py``'s.
"""

import asyncio
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from core.backups import forms
from core.backups.copies import pieces
from core.backups.copies.pieces import DATABASE, MEDIA, Bundle, Piece
from core.backups.copies.remote import Remote, Stored
from core.backups.copies.staging import staged
from core.backups.media import backup as media
from core.backups.media import blobs
from core.backups.media.backup import MediaManifest
from core.backups.names import NAME
from core.errors import Refused
from core.files import sync_folder, write_atomically

LARGEST_MANIFEST = 64 << 20
"""Bytes of a media backup's manifest that is read into memory, at the most: half a million files."""
Going = Callable[[int], Awaitable[None]]
"""Called after each piece with its bytes; raises where the work must end."""


# ── there ────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def upload(remote: Remote, bundle: Bundle, going: Going) -> tuple[Piece, ...]:
    """Write the pieces that are not there yet, in order; returns those that were written."""
    there = {one.key: one.bytes for one in await remote.list(_place(bundle))}
    written = []
    for piece in bundle.pieces:
        if there.get(piece.key) != piece.bytes:
            await remote.put(piece.key, piece.path)
            written.append(piece)
        await going(piece.bytes)
    return tuple(written)


async def prove(remote: Remote, parts: Iterable[Sequence[Any]], going: Going) -> None:
    """Read pieces back; ``Refused("copy_damaged")`` for one that is not as it was sent: it goes, to be sent again."""
    for key, size, sha256 in parts:
        found = await _digest(remote, str(key))
        if found != (size, sha256):
            await remote.remove(str(key))
            raise Refused("copy_damaged", name=str(key))
        await going(int(size))


async def prove_there(remote: Remote, bundle: Bundle) -> None:
    """See that every piece is there with its size: for contents that were read back when they were written."""
    there = {one.key: one.bytes for one in await remote.list(_place(bundle))}
    for piece in bundle.pieces:
        if there.get(piece.key) != piece.bytes:
            raise Refused("copy_damaged", name=piece.key)


async def remove(remote: Remote, parts: Iterable[Sequence[Any]]) -> None:
    """Remove what was sent, the manifest first: what is half gone is no backup any more."""
    for part in reversed(list(parts)):
        await remote.remove(str(part[0]))


async def sweep(remote: Remote) -> int:
    """Remove contents of media that no manifest in the store names, but for new ones; returns how many.

    Whoever's manifests they are: where one cannot be read, nothing goes.
    """
    there = await remote.list(f"{MEDIA}/")
    manifests = [one for one in there if one.key.endswith(".json")]
    named = {file.sha256 for one in manifests for file in (await media_manifest(remote, Path(one.key).stem)).files}
    old = time.time() - blobs.GRACE
    gone = [one for one in there if _is_blob(one) and Path(one.key).name not in named and one.at.timestamp() < old]
    for one in gone:
        await remote.remove(one.key)
    return len(gone)


async def media_manifest(remote: Remote, name: str) -> MediaManifest:
    """Read a media backup's manifest in the store; ``Refused`` when it is missing or damaged."""
    raw = bytearray()
    async for chunk in remote.read(f"{MEDIA}/{name}.json"):
        raw += chunk
        if len(raw) > LARGEST_MANIFEST:
            raise Refused("backup_damaged", name=name)
    return await asyncio.to_thread(media.parse, bytes(raw), name)


async def names(remote: Remote) -> tuple[str, ...]:
    """Name every backup in the store, whole or not."""
    found = await remote.names(f"{MEDIA}/")
    return (*await remote.names(f"{DATABASE}/"), *(name.removesuffix(".json") for name in found if name != media.BLOBS))


async def _digest(remote: Remote, key: str) -> tuple[int, str]:
    try:
        return await remote.digest(key)
    except Refused as error:
        if error.key != "errors.copy_missing":
            raise
        return 0, "missing"


def _place(bundle: Bundle) -> str:
    """The prefix that a bundle's pieces share."""
    return bundle.pieces[-1].key.rsplit("/", 1)[0] + "/"


def _is_blob(one: Stored) -> bool:
    return one.key.startswith(f"{MEDIA}/{media.BLOBS}/")


# ── and back ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def fetch(remote: Remote, name: str, root: Path) -> Path:
    """Bring a backup back below ``root``, checked as a whole before it takes its name.

    ``Refused`` when it is not there, was never finished or is damaged, when there is one of that name, or no room.
    """
    if not NAME.fullmatch(name):
        raise Refused("backup_missing", name=name[:80])
    if name.startswith(media.SERIES):
        return await _fetch_media(remote, name, root / media.FOLDER)
    if (root / name).exists():
        raise Refused("backup_exists", name=name)
    trouble: Exception = Refused("backup_missing", name=name)
    for found in await _attempts(remote, name):
        try:
            return await _fetch_database(remote, name, found, root)
        except Refused as error:
            trouble = error
    raise trouble


async def _attempts(remote: Remote, name: str) -> list[tuple[Stored, ...]]:
    """What stands under a backup's name, the newest first: more than one where two shops had the same name."""
    found: dict[str, list[Stored]] = {}
    for one in await remote.list(f"{DATABASE}/{name}/"):
        found.setdefault(one.key.split("/")[2], []).append(one)
    newest_first = sorted(found.values(), key=lambda group: max(one.at for one in group), reverse=True)
    return [tuple(group) for group in newest_first]


async def _fetch_database(remote: Remote, name: str, found: tuple[Stored, ...], root: Path) -> Path:
    _room(name, root, sum(one.bytes for one in found))
    with staged(root, name) as partial:
        for one in found:
            place = partial.joinpath(*one.key.split("/")[3:])
            place.parent.mkdir(exist_ok=True)
            await remote.fetch(one.key, place)
        alone = partial / name if (partial / name).is_file() else None
        await asyncio.to_thread(forms.check, alone or partial)
        sync_folder(partial)
        if (partial / "data").is_dir():
            sync_folder(partial / "data")
        (alone or partial).rename(root / name)
    return root / name


async def _fetch_media(remote: Remote, name: str, folder: Path) -> Path:
    manifest = await media_manifest(remote, name)
    place, there = folder / f"{name}.json", set(media.blobs(folder))
    if place.exists():
        raise Refused("backup_exists", name=name)
    missing = {file.sha256: file.bytes for file in manifest.files if file.sha256 not in there}
    _room(name, folder.parent, sum(missing.values()))
    for sha, size in missing.items():
        await _fetch_blob(remote, sha, size, media.blob_path(folder, sha))
    await asyncio.to_thread(write_atomically, place, manifest.to_bytes())
    return place


async def _fetch_blob(remote: Remote, sha: str, size: int, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.parent.parent / f"{secrets.token_hex(8)}.tmp"
    try:
        if await remote.fetch(pieces.blob_key(sha), temporary) != (size, sha):
            raise Refused("backup_damaged", name=place.name)
        temporary.rename(place)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(place.parent)


def _room(name: str, folder: Path, wanted: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if wanted > shutil.disk_usage(folder).free:
        raise Refused("copy_no_room", name=name)
