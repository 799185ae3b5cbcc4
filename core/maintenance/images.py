"""Photos that are larger than anybody sees them become WebP of 1,600 pixels; what was there is set aside for a week.

One process of its own makes them (``image_worker.py``). Killed at any instant no row names what is not there: the new
file is whole before a row names it, the old one goes when none does any more, and what is left over is an orphan.
"""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from core import environment
from core.config import ROOT
from core.errors import Refused
from core.files import reason
from core.maintenance.image_worker import FULL, Look
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop
from core.storage import accounting, candidates, orphans, references
from core.storage.candidates import Candidate
from core.storage.figures import readable

log = logging.getLogger(__name__)

_WELL = {"made", "fine", "animated", "little"}


@dataclass(frozen=True, slots=True)
class Optimised:
    """What became (a dry run: would become) of every photo that a row names; ``made`` has bytes before and after.

    ``trouble`` are those that cannot be read, with the word why; ``changed`` those that were changed meanwhile.
    """

    made: tuple[Look, ...]
    left: tuple[Look, ...]
    trouble: tuple[Look, ...]
    changed: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def before(self) -> int:
        """Bytes of what was made smaller, before."""
        return sum(one.before for one in self.made)

    @property
    def after(self) -> int:
        """And after."""
        return sum(one.after for one in self.made)

    @property
    def saved(self) -> int:
        """Bytes saved, once the originals' week is over."""
        return self.before - self.after


async def optimise(
    shop: Shop, *, dry_run: bool = False, person: Person | None = None, tick: Callable[[Look], object] = bool
) -> Optimised:
    """Make every photo smaller that is worth it; an admin's to ask for, or the terminal's (nobody).

    ``Refused("images_busy")`` while another run is under way, ``Refused("storage_full")`` when the disk is: what was
    made until then stays made.
    """
    if person is not None:
        person.must_be(Rank.ADMIN)
    try:
        with environment.alone(shop.config.data_dir / ".optimising", wait=False):
            return await _optimise(shop, person.id if person else None, tick, dry_run=dry_run)
    except BlockingIOError:
        raise Refused("images_busy") from None
    except OSError as error:
        raise Refused(reason(error), folder=shop.config.media_dir.name) from error


async def _optimise(shop: Shop, by: int | None, tick: Callable[[Look], object], *, dry_run: bool) -> Optimised:
    looks: list[Look] = []
    changed: list[str] = []
    originals: list[Candidate] = []
    names = await shop.db.read(references.written)
    try:
        async with aclosing(_looked(shop, names, write=not dry_run)) as each:
            async for found in each:
                tick(found)
                if found.word == FULL:
                    raise Refused(FULL)
                original = None if found.word != "made" or dry_run else await _swap(shop, found)
                if original:
                    originals.append(original)
                elif found.word == "made" and not dry_run:
                    changed.append(found.name)
                    continue
                looks.append(found)
    finally:
        if originals:
            await _settle(shop, tuple(originals), looks, by)
    return Optimised(
        tuple(one for one in looks if one.word == "made"),
        tuple(one for one in looks if one.word in _WELL - {"made"}),
        tuple(one for one in looks if one.word not in _WELL),
        tuple(changed), dry_run,
    )  # fmt: skip


async def _looked(shop: Shop, names: Sequence[str], *, write: bool) -> AsyncGenerator[Look, None]:
    """Let the worker look at one photo after the other; it ends with us."""
    command = (sys.executable, "-m", "core.maintenance.image_worker")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    order = {"media": str(shop.config.media_dir.resolve()), "names": list(names), "write": write}
    write_to, read_from = cast(asyncio.StreamWriter, process.stdin), cast(asyncio.StreamReader, process.stdout)
    try:
        write_to.write(json.dumps(order).encode())
        await write_to.drain()
        write_to.close()
        seen = 0
        async for line in read_from:
            seen += 1
            yield Look(**json.loads(line))
        if await process.wait() and seen < len(names):
            raise Refused("storage_failed", folder=shop.config.media_dir.name)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _swap(shop: Shop, found: Look) -> Candidate | None:
    """Let every row that names the original name the new file; None where original or rows are others by now."""
    media = shop.config.media_dir.resolve()
    original = Candidate(media / found.name, found.before, found.mtime_ns, found.inode, "original made smaller")
    if not await asyncio.to_thread(candidates.unchanged, original):
        return None
    rows = await shop.db.write(references.rename, found.name, found.new)
    return original if rows else None


async def _settle(shop: Shop, originals: tuple[Candidate, ...], looks: list[Look], by: int | None) -> None:
    """Set the originals aside, and write down what was done."""
    media = shop.config.media_dir.resolve()
    made = [one for one in looks if one.word == "made"]
    for one in made:
        await accounting.written(shop, media / one.new, one.after)
    await orphans.set_aside(shop, originals, by)
    detail: dict[str, Any] = {
        "files": len(made),
        "before": sum(one.before for one in made),
        "after": sum(one.after for one in made),
    }
    detail["amount"] = f"{readable(detail['before'])} → {readable(detail['after'])}"
    await shop.db.write(
        lambda tx: settings.write_audit(tx, shop.clock.now(), by, "storage.photos", "storage", detail=detail)
    )
