"""The admins' chat as a place for copies: the newest backup, encrypted, in parts; each is read back after it was sent.

A row of ``backup_copies`` and the outbox are the debt: whatever is killed, what was not read back is sent again, and a
part that came twice does no harm. The manifest is owed when every part is good, and the copy is good when it is.
The messages themselves are the admins': nothing is deleted in their chat.
"""

import asyncio
import hashlib
import logging
import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, update

from core.backups import ledger, shelf, store
from core.backups.copies import parts
from core.backups.copies.parts import Part
from core.backups.copies.service import pause
from core.backups.ledger import Copy
from core.backups.service import may, write_down
from core.database.tables import backup_copies
from core.errors import Refused
from core.files import sync_folder
from core.messages import store as messages
from core.messages.rules import MessageKind, Owed
from core.people import store as people
from core.people.rules import Person, Rank
from core.settings import service as settings
from core.shop import Shop
from core.storage import health

log = logging.getLogger(__name__)

CHAT = "chat"
FOLDER = ".chat"
"""Below the backup folder: parts that wait to be sent."""
AGAIN = timedelta(hours=2)
"""After that what did not arrive is owed again, should its messages have been given up."""
REMEMBERED = 60
"""Copies in the chat whose file ids are kept."""
_SHARE = 1000


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a copy: part ``number`` of ``of``, or the manifest, which is number ``of``."""

    copy: Copy
    number: int
    of: int
    part: Part
    name: str

    @property
    def is_manifest(self) -> bool:
        """Whether it is the last one, which names the others."""
        return self.number == self.of


async def turn(shop: Shop, *, on: bool, by: Person | None = None) -> None:
    """Let the admins' chat have copies, or not; ``Refused("copy_no_recipient")`` without a key to encrypt for."""
    may(by)
    if on and not shop.config.backup_recipient:
        raise Refused("copy_no_recipient")
    await settings.change(shop.db, shop.clock, "backup_to_chat", int(on), by.id if by else None)


async def send_due(shop: Shop) -> str:
    """Owe the newest backup to the admins' chat, in parts; its name, "" where there is nothing to do."""
    await shop.refresh()
    recipient = shop.config.backup_recipient
    if not (shop.policy.backup_to_chat and recipient):
        return ""
    number = await shop.db.read(store.number)
    here = await asyncio.to_thread(lambda: [one for one in shelf.standing(shop.config.backup_dir) if one.verified])
    ours = [one for one in here if one.manifest and one.manifest.shop in {0, number}]
    if not ours:
        return ""
    newest = max(ours, key=lambda one: (one.at, one.name))
    await shop.db.write(_owe, newest.name, shop.clock.now())
    copy = next(copy for copy in await shop.db.read(ledger.standing, CHAT) if copy.backup == newest.name)
    if copy.good or not await shop.db.write(ledger.claim, copy, shop.clock.now()):
        return ""
    return await _prepared(shop, copy, newest.path, recipient)


def _owe(tx: Connection, name: str, now: datetime) -> None:
    """Owe the newest; an older one that did not come is owed no more, and a very old one not remembered."""
    ledger.owe(tx, name, CHAT, now)
    for place, copy in enumerate(ledger.standing(tx, CHAT)):
        if (not copy.good and copy.backup != name) or place >= REMEMBERED:
            ledger.forget(tx, copy)


async def _prepared(shop: Shop, copy: Copy, path: Path, recipient: str) -> str:
    place = _place(shop, copy.backup)
    try:
        found = _known(copy)
        if not found or not await asyncio.to_thread(_is_there, place, found):
            found = await asyncio.to_thread(_packed, place, path, recipient)
    except (Refused, OSError) as error:
        word = error.key.removeprefix("errors.") if isinstance(error, Refused) else health.reason(error)
        log.warning("backup %s was not packed for the chat: %s", copy.backup, word)
        await shop.db.write(ledger.put_off, copy, word, shop.clock.now() + pause(copy.attempts))
        return ""
    await shop.db.write(_owe_parts, shop, copy, found)
    return copy.backup


def _packed(place: Path, path: Path, recipient: str) -> tuple[Part, ...]:
    shutil.rmtree(place.parent, ignore_errors=True)  # an older one's too: they are owed no more
    if sum(file.stat().st_size for file in path.rglob("*")) > shutil.disk_usage(path.parent).free:
        raise Refused("copy_no_room", name=path.name)
    return parts.pack(path, place, recipient)


def _is_there(place: Path, found: tuple[Part, ...]) -> bool:
    """Whether what is still to be sent lies there with its size: a power cut leaves names with nothing in them."""
    wanted = [(parts.part_path(place, number), part.bytes) for number, part in enumerate(found) if not part.good]
    return all(path.is_file() and path.stat().st_size == size for path, size in wanted)


def _owe_parts(tx: Connection, shop: Shop, copy: Copy, found: tuple[Part, ...]) -> None:
    now = shop.clock.now()
    size = sum(part.bytes for part in found)
    if not ledger.arrived(tx, copy, [part.plain() for part in found], size, now + AGAIN, whole=False):
        return
    for number, part in enumerate(found):
        if not part.good:
            _owe_message(tx, shop, copy, number, now)
    if all(part.good for part in found):
        _owe_message(tx, shop, copy, len(found), now)


def _owe_message(tx: Connection, shop: Shop, copy: Copy, number: int, now: datetime) -> None:
    for chat in people.admin_chats(tx, shop.policy.admin_chat_id)[:1]:
        messages.owe(tx, chat, MessageKind.BACKUP_PART, copy.id * _SHARE + number, now)


# ── as the bot sends them ────────────────────────────────────────────────────────────────────────────────────────────
async def piece(shop: Shop, owed: Owed) -> Piece | None:
    """What an owed message is: None where it is owed no more."""
    return await shop.db.read(_piece, owed.subject_id)


def _piece(tx: Connection, subject: int) -> Piece | None:
    copy = next((copy for copy in ledger.standing(tx, CHAT) if copy.id == subject // _SHARE), None)
    found, number = (_known(copy) if copy else ()), subject % _SHARE
    if copy is None or copy.good or number > len(found):
        return None
    if number < len(found):
        return Piece(copy, number, len(found), found[number], f"{copy.backup}.part-{number:03}")
    content = parts.to_manifest(copy.backup, found)
    return Piece(copy, number, number, Part(len(content), hashlib.sha256(content).hexdigest()),
                 copy.backup + parts.MANIFEST_END)  # fmt: skip


async def content(shop: Shop, wanted: Piece) -> bytes:
    """The bytes that a message carries; ``OSError`` where this machine does not have them."""
    if wanted.is_manifest:
        return parts.to_manifest(wanted.copy.backup, _known(wanted.copy))
    return await asyncio.to_thread(parts.part_path(_place(shop, wanted.copy.backup), wanted.number).read_bytes)


async def arrived(shop: Shop, owed: Owed, wanted: Piece, file_id: str, read_back: bytes) -> bool:
    """A message was sent and read back: the debt is paid when it is what was sent; False where it is not.

    With the last part the manifest is owed; with the manifest the copy is good, and its parts here go.
    """
    if hashlib.sha256(read_back).hexdigest() != wanted.part.sha256:
        return False
    await shop.db.write(_arrived, shop, owed, wanted, file_id)
    if wanted.is_manifest:
        await asyncio.to_thread(shutil.rmtree, _place(shop, wanted.copy.backup), ignore_errors=True)
    return True


def _arrived(tx: Connection, shop: Shop, owed: Owed, wanted: Piece, file_id: str) -> None:
    now, row = shop.clock.now(), backup_copies.c.id == wanted.copy.id
    tx.execute(update(backup_copies).where(row).values(bytes=backup_copies.c.bytes))  # locks it: two may come at once
    there = _piece(tx, owed.subject_id)
    if there is not None and wanted.is_manifest:
        good = {"state": "verified", "trouble": None, "at": now, "verified_at": now}
        tx.execute(update(backup_copies).where(row).values(good))
    elif there is not None and there.part.sha256 == wanted.part.sha256:
        found = list(_known(there.copy))
        found[wanted.number] = replace(found[wanted.number], file_id=file_id, good=True)
        tx.execute(update(backup_copies).where(row).values(parts=[part.plain() for part in found]))
        if all(part.good for part in found):
            tx.execute(update(backup_copies).where(row).values(state="uploaded"))
            _owe_message(tx, shop, there.copy, len(found), now)
    messages.sent(tx, owed, now, None)


def _known(copy: Copy) -> tuple[Part, ...]:
    return tuple(Part(*one) for one in copy.parts or ())


def _place(shop: Shop, name: str) -> Path:
    return shop.config.backup_dir / FOLDER / name


# ── and back ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class Incoming:
    """A backup that comes back from the chat, part by part, into ``NAME.tar.age`` in the backup folder."""

    def __init__(self, shop: Shop, raw: bytes, by: Person) -> None:
        by.must_be(Rank.ADMIN)
        self.name, self.parts = parts.from_manifest(raw)
        self._folder, self._shop, self._by = shop.config.backup_dir, shop, by
        self.path = self._folder / f"{self.name}{parts.PACKED_END}"
        if self.path.exists():
            raise Refused("backup_exists", name=self.path.name)
        if sum(part.bytes for part in self.parts) > shutil.disk_usage(shop.config.data_dir).free:
            raise Refused("copy_no_room", name=self.name)

    async def take(self, part: Part, found: bytes) -> None:
        """Add the next part; ``Refused("backup_damaged")`` for one that is not what was sent."""
        if hashlib.sha256(found).hexdigest() != part.sha256:
            self.drop()
            raise Refused("backup_damaged", name=self.name)
        await asyncio.to_thread(self._add, found, first=part is self.parts[0])

    def _add(self, found: bytes, *, first: bool) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._partial.open("wb" if first else "ab") as file:
            file.write(found)

    def drop(self) -> None:
        """Leave nothing of it."""
        self._partial.unlink(missing_ok=True)

    async def finish(self) -> Path:
        """Give it its name, and write down who brought it."""
        await asyncio.to_thread(_named, self._partial, self.path)
        await self._shop.db.write(write_down, self._shop.clock.now(), self._by, "backup.from_chat", self.name)
        return self.path

    @property
    def _partial(self) -> Path:
        return self._folder / f".{self.path.name}.tmp"


def _named(partial: Path, path: Path) -> None:
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.rename(path)
    sync_folder(path.parent)
