"""Use cases of imports: show what a file from elsewhere would change, and take it in, in one transaction."""

import asyncio
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Connection

from core.backups import service as backups
from core.backups import swap
from core.database import marker, tidying
from core.imports import files, folk, madamda, marketing, selling, shelves
from core.imports.files import Pictures
from core.imports.madamda import Dump
from core.imports.rules import Report
from core.imports.taking import Taking, Tell
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop
from core.storage import accounting

NOTE = "before import-madamda"
"""What a backup says that is made before anything comes in."""
AHEAD = 1000
"""So far ahead of the highest number the data folder says that numbers have come (``core/storage``)."""


class _OnlyLooked(Exception):
    """Ends the transaction of a diff, so that nothing of it stays."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def _quiet(_model: str, _done: int, _total: int) -> None:
    """Say nothing."""


async def from_madamda(
    shop: Shop, file: Path, media: Path | None = None, *, apply: bool = False, backup: bool = False,
    person: Person | None = None, tell: Tell = _quiet,
) -> Report:  # fmt: skip
    """Take the ancestor's dump in or, unless ``apply``, tell what that would do: by doing it and undoing it all.

    ``media`` is its folder of pictures, ``person`` who asks (nobody: whoever may type commands). Can be repeated: what
    is here already stays, what the shop changed since is kept and named. ``Refused`` where the file is no such dump, or
    where a ``backup`` is wanted before anything is written and there is no room for it: then nothing was.
    The database's one writer is busy meanwhile, some seconds for a thousand orders.
    """
    if person is not None:
        person.must_be(Rank.ADMIN)
    await shop.refresh()
    dump = await asyncio.to_thread(madamda.read, file)
    pictures = await asyncio.to_thread(files.look, dump, media)
    if not apply:
        try:
            return await shop.db.write(_take, shop, dump, pictures, None, tell, apply=False)
        except _OnlyLooked as looked:
            return looked.report
    kept = await _backed_up(shop, file, pictures) if backup else ""
    for path in await asyncio.to_thread(files.copy, pictures, shop.config.media_dir):
        await accounting.written(shop, path, path.stat().st_size)
    report = await shop.db.write(_take, shop, dump, pictures, person, tell, apply=True)
    report.backup = kept
    if report.last_number > marker.number(shop.config.data_dir):
        ahead = marker.Marker(report.last_number + AHEAD)
        await asyncio.to_thread(marker.write, shop.config.data_dir, ahead)
    return report


async def _backed_up(shop: Shop, file: Path, pictures: Pictures) -> str:
    """Keep the shop as it is, where there is room for that and for what comes; returns the backup's name."""
    size = await shop.db.read(tidying.size)

    def must_have_room() -> None:
        coming = sum(path.stat().st_size for path in pictures.sources.values()) + file.stat().st_size
        swap.must_have_room(shop.config, coming, size)

    await asyncio.to_thread(must_have_room)
    return (await backups.backup(shop, "manual", note=NOTE)).path.name


def _take(
    tx: Connection, shop: Shop, dump: Dump, pictures: Pictures, person: Person | None, tell: Tell, *, apply: bool
) -> Report:
    """Take everything in, whatever others need first: shelves and people, then orders, then what is left over."""
    taking = Taking(tx, shop, dump, tell)
    people = folk.Folk(taking)
    shelves.take(taking, pictures)
    people.take()
    marketing.take_promoters(taking)
    marketing.take_codes(taking)
    selling.Selling(taking, people).take()
    shelves.count(taking)
    folk.take_points(taking)
    folk.take_referrals(taking)
    marketing.take_subscribers(taking)
    marketing.take_slides(taking, pictures)
    taking.finish()
    if not apply:
        raise _OnlyLooked(taking.report)
    taking.report.applied = True
    if taking.report.changes:
        counts = {model: asdict(tally) for model, tally in taking.report.tallies.items()}
        detail = {"source": madamda.SOURCE, "value": taking.report.changes, "rows": counts}
        settings.write_audit(tx, taking.now, person.id if person else None, "import", "madamda", None, detail)
    return taking.report
