"""Use cases of lists: look what a file would change, take it in, write one.

Rows are read and decided piece by piece within the transaction, so that memory does not grow with the file.
"""

import asyncio
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from core.errors import NotFound, OutOfDate, Refused
from core.files import write_atomically
from core.people.rules import Person, Rank, clean_text
from core.settings import store as settings
from core.sheets import exporting, formats, store
from core.sheets.codes import Codes
from core.sheets.goods import Goods
from core.sheets.rules import (
    MOST_BYTES,
    MOST_ROWS,
    Column,
    Draft,
    Format,
    Kind,
    Report,
    Wrong,
    columns,
    draft,
    kind_of,
    placed,
)
from core.shop import Shop

Tell = Callable[[int], None]
"""Hears how many rows are done."""
FOLDER = "imports"
KEPT = timedelta(days=1)
"""As long a file waits that nobody confirmed."""
_PHOTO = re.compile(r"products/[^/\\\0]{1,200}")


def _quiet(_done: int) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that was shown as a difference, and what became of it; ``report`` None where that is over."""

    number: int
    name: str
    kind: Kind
    state: str
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done with a file: only looked at, or taken in, if what it changes still is ``stamp``.

    ``laid_out`` has the rows of a workbook.
    """

    path: Path
    kind: Kind | None = None
    doing: bool = False
    stamp: str = ""
    number: int = 0
    by: int | None = None
    laid_out: Path | None = None


# ── looking and taking in ────────────────────────────────────────────────────────────────────────────────────────────
async def look(shop: Shop, path: Path, kind: Kind | None = None, *, tell: Tell = _quiet) -> Report:
    """Tell what a file would change; nothing is written. ``Refused`` where it cannot be read."""
    async with _laid_out(shop, Job(path, kind)) as job:
        return await shop.db.read(_walk, shop, job, tell)


async def take(shop: Shop, path: Path, kind: Kind | None = None, *, tell: Tell = _quiet) -> Report:
    """Take a file in, for who may type commands: the rows that can be read, in one transaction."""
    return await _taken(shop, Job(path, kind, doing=True), tell)


async def _taken(shop: Shop, job: Job, tell: Tell) -> Report:
    async with _laid_out(shop, job) as ready:
        return await shop.db.write(_walked, shop, ready, tell)


@asynccontextmanager
async def _laid_out(shop: Shop, job: Job) -> AsyncIterator[Job]:
    """Lay a workbook's rows out before the transaction, in a thread; what it cannot be read for is refused here."""
    to = _folder(shop) / f".{secrets.token_hex(8)}"
    try:
        there = await asyncio.to_thread(formats.lay_out, job.path, to)
        yield replace(job, laid_out=to if there else None)
    finally:
        await asyncio.to_thread(_drop, to)


def _drop(path: Path) -> None:
    """Take a file away; where somebody still reads it (Windows) the next sweep does."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _walked(tx: Connection, shop: Shop, job: Job, tell: Tell) -> Report:
    with store.whole():
        return _walk(tx, shop, job, tell)


def _walk(tx: Connection, shop: Shop, job: Job, tell: Tell) -> Report:
    """Read, decide and, if asked, write; where anything differs from what was seen, nothing of it stays."""
    rows = formats.rows(job.path, job.laid_out)
    _, headings = next(rows, (0, []))
    if not headings:
        raise Refused("sheet_empty")
    kind, zone = job.kind or kind_of(headings), shop.config.zone
    known, unknown = placed(headings, columns(kind, zone))
    _must_name(kind, {column.name for column in known.values()})
    report = Report(kind, unknown=unknown)
    now = shop.clock.now()
    there = partial(_there, shop.config.media_dir)
    walker = (Goods(tx, report, now, job.by, there, doing=job.doing) if kind is Kind.PRODUCTS
              else Codes(tx, report, now, job.by, doing=job.doing))  # fmt: skip
    done = 0
    while piece := list(islice(rows, store.PIECE)):
        done += len(piece)
        if done > MOST_ROWS:
            raise Refused("sheet_long", most=f"{MOST_ROWS:,}")
        walker.take(_drafts(piece, known, report))
        tell(done)
    walker.finish()
    report.broken.sort(key=lambda one: one.line)
    if job.doing:
        _settle(tx, job, report, now)
    return report


def _settle(tx: Connection, job: Job, report: Report, now: datetime) -> None:
    if job.stamp and report.stamp != job.stamp:
        raise OutOfDate("sheet_moved")
    if job.number and not store.finish(tx, job.number, "applied", now, report.counts):
        raise OutOfDate("sheet_done")
    report.applied = True
    if report.changes:
        detail = {"to": report.changes, "rows": report.counts}
        settings.write_audit(tx, now, job.by, "sheet.import", str(report.kind), None, detail)


def _must_name(kind: Kind, found: set[str]) -> None:
    wanted = {"code"} if kind is Kind.CODES else {"sku", "id", "name", "name_kh"}
    if not wanted & found:
        raise Refused("sheet_no_name", columns=", ".join(sorted(wanted)))


def _drafts(piece: list[formats.Cells], known: dict[int, Column], report: Report) -> Iterator[Draft]:
    for number, cells in piece:
        try:
            yield draft(number, dict(enumerate(cells)), known)
        except Wrong as wrong:
            report.fail(number, wrong)


def _there(media: Path, name: str) -> bool:
    """Whether a photo is one that lies among the shop's own."""
    return bool(_PHOTO.fullmatch(name)) and ".." not in name and (media / name).is_file()


# ── in the chat ──────────────────────────────────────────────────────────────────────────────────────────────────────
async def bring(shop: Shop, person: Person, name: str, content: bytes) -> Waiting:
    """Keep a file that an admin sent and tell what it would change; ``Refused`` where it cannot be read."""
    person.must_be(Rank.ADMIN)
    if len(content) > MOST_BYTES:
        raise Refused("sheet_large", most=MOST_BYTES // 2**20)
    await _tidy(shop)
    said, now = clean_text(name, 200), shop.clock.now()
    new = _folder(shop) / f".{secrets.token_hex(8)}"
    await asyncio.to_thread(_keep, new, content)
    try:
        report = await look(shop, new)
        digest = hashlib.sha256(content).hexdigest()
        number = await shop.db.write(store.keep_file, report.kind, person.id, said, digest, now)
        await asyncio.to_thread(new.replace, _folder(shop) / str(number))
    finally:
        await asyncio.to_thread(_drop, new)
    return Waiting(number, said, report.kind, "shown", report)


def _keep(path: Path, content: bytes) -> None:
    """Write a file for the shop's own eyes."""
    write_atomically(path, content)
    path.chmod(0o600)


def _folder(shop: Shop) -> Path:
    folder = shop.config.data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


async def waiting(shop: Shop, person: Person, number: int) -> Waiting:
    """Look again at what a kept file would change now; ``NotFound`` where there is none, or it is not what it was."""
    person.must_be(Rank.ADMIN)
    path, found = _folder(shop) / str(number), await _row(shop, number)
    if found["state"] == "shown":
        with suppress(FileNotFoundError):
            if await asyncio.to_thread(_digest, path) == found["digest"]:
                kind = Kind(found["kind"])
                return Waiting(number, found["name"], kind, "shown", await look(shop, path, kind))
        found = await _row(shop, number)  # whoever was faster takes the file away after saying so
        if found["state"] == "shown":
            raise NotFound("sheet_gone")
    return Waiting(number, found["name"], Kind(found["kind"]), found["state"])


async def _row(shop: Shop, number: int) -> dict[str, Any]:
    found = await shop.db.read(store.file, number)
    if found is None:
        raise NotFound
    return found


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


async def must_stand(shop: Shop, person: Person, number: int, stamp: str) -> Waiting:
    """Refuse (``OutOfDate``) to go on with what is over, or would change something else than what was shown."""
    found = await waiting(shop, person, number)
    if found.report is None:
        raise OutOfDate("sheet_done" if found.state == "applied" else "sheet_dropped")
    if found.report.stamp != stamp:
        raise OutOfDate("sheet_moved")
    return found


async def apply(shop: Shop, person: Person, number: int, stamp: str) -> Report:
    """Take a kept file in, once, if what it changes is what was shown (``OutOfDate`` otherwise)."""
    found = await must_stand(shop, person, number, stamp)
    path = _folder(shop) / str(number)
    try:
        report = await _taken(shop, Job(path, found.kind, doing=True, stamp=stamp, number=number, by=person.id), _quiet)
    except FileNotFoundError:
        raise OutOfDate("sheet_done") from None
    except Refused:  # two at once: PostgreSQL lets both begin, and takes the same goods of one
        await must_stand(shop, person, number, stamp)
        raise
    await asyncio.to_thread(path.unlink, missing_ok=True)
    return report


def applied(tx: Connection, number: int) -> dict[str, int] | None:
    """What became of a file that was to be taken in, in figures; None where nothing of it was."""
    found = store.file(tx, number)
    return dict(found["counts"] or {}) if found is not None and found["state"] == "applied" else None


async def drop(shop: Shop, person: Person, number: int) -> Waiting:
    """Do not take a file in; ``OutOfDate`` where it was meanwhile."""
    found = await waiting(shop, person, number)
    if found.state == "applied":
        raise OutOfDate("sheet_done")
    await shop.db.write(store.finish, number, "dropped", shop.clock.now())
    await asyncio.to_thread((_folder(shop) / str(number)).unlink, missing_ok=True)
    return await waiting(shop, person, number)


async def _tidy(shop: Shop) -> None:
    """Forget files that nobody wants any more."""
    over = await shop.db.write(store.forgotten_about, shop.clock.now() - KEPT)
    await asyncio.to_thread(_sweep, _folder(shop), over)


def _sweep(folder: Path, over: Iterable[int]) -> None:
    """Take away files that are over, and what a killed process left half-way, as old by the machine's time."""
    for number in over:
        (folder / str(number)).unlink(missing_ok=True)
    for path in folder.glob(".*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > KEPT.total_seconds():
                path.unlink()


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def export(shop: Shop, kind: Kind, how: Format, path: Path) -> int:
    """Write all goods or codes to a file, whole or not at all, for its owner's eyes; returns how many rows."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        await asyncio.to_thread(lambda: os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)))
        count = await shop.db.read(exporting.write, kind, how, new, shop.config.zone)
        await asyncio.to_thread(new.replace, path)
    finally:
        await asyncio.to_thread(new.unlink, missing_ok=True)
    return count


async def exported(shop: Shop, person: Person, kind: Kind, how: Format) -> tuple[str, bytes]:
    """Write all goods or codes for an admin; returns the file's name and content."""
    person.must_be(Rank.ADMIN)
    path = _folder(shop) / f".out-{secrets.token_hex(8)}"
    try:
        await export(shop, kind, how, path)
        content = await asyncio.to_thread(path.read_bytes)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    audit: dict[str, Any] = {"to": how.value}
    now = shop.clock.now()
    await shop.db.write(settings.write_audit, now, person.id, "sheet.export", str(kind), None, audit)
    day = now.astimezone(shop.config.zone).strftime("%Y-%m-%d")
    return f"{'products' if kind is Kind.PRODUCTS else 'promo-codes'}-{day}.{how.value}", content
