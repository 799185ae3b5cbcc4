"""Remove the backups that no rule keeps, after a good one was written; what is no readable backup of ours stays."""

import logging
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from core.backups import retention, shelf
from core.backups.manifest import SERIES
from core.backups.retention import Backup, Reason, Retention
from core.backups.shelf import Standing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What stays and what goes, the newest first; ``reasons`` has a word for each."""

    keep: tuple[Standing, ...]
    remove: tuple[Standing, ...]
    reasons: Mapping[str, Reason]

    @property
    def freed(self) -> int:
        """Bytes that go."""
        return sum(one.bytes for one in self.remove)


def plan(there: Iterable[Standing], policy: Retention, now: datetime, zone: ZoneInfo, shop: int = 0) -> Plan:
    """Decide each series by itself; what cannot be read, is damaged, or is another shop's is left for a person.

    ``shop`` is this shop's number; 0 takes every backup for ours.
    """
    there = sorted(there, key=lambda one: one.name, reverse=True)
    aside = {one.name: word for one in there if (word := _set_aside(one, shop))}
    reasons, gone = dict(aside), set[str]()
    for series in SERIES:
        ours = [one for one in there if one.name not in aside and one.manifest and one.manifest.series == series]
        facts = (Backup(one.name, one.at, one.verified, one.pinned) for one in ours)
        decided = retention.plan(facts, policy, now, zone, all_recent=series != "database")
        reasons |= decided.reasons
        gone |= {backup.name for backup in decided.remove}
    keep, remove = ([one for one in there if (one.name in gone) is away] for away in (False, True))
    return Plan(tuple(keep), tuple(remove), reasons)


def _set_aside(one: Standing, shop: int) -> Reason | None:
    if one.manifest is None:
        return Reason.UNREADABLE
    if not one.verified:
        return Reason.PINNED if one.pinned else Reason.DAMAGED
    if one.manifest.series not in SERIES or (shop and one.manifest.shop and one.manifest.shop != shop):
        return Reason.FOREIGN
    return None


def prune(
    folder: Path, policy: Retention, now: datetime, zone: ZoneInfo, shop: int = 0, *, dry_run: bool = False
) -> Plan:
    """Keep in ``folder`` what ``policy`` keeps, with the reasons in the log; returns the plan.

    What cannot be removed is logged and stays: the backup that was just made is good all the same.
    """
    decided = plan(shelf.standing(folder), policy, now, zone, shop)
    if dry_run:
        return decided
    log.info("backups kept: %s", ", ".join(f"{kept.name} ({decided.reasons[kept.name]})" for kept in decided.keep))
    for old in decided.remove:
        try:
            _remove(old.path)
        except OSError as error:
            log.warning("backup %s cannot be removed: %s", old.name, error.strerror)
        else:
            log.info("backup %s removed: %s", old.name, decided.reasons[old.name])
    return decided


def _remove(path: Path) -> None:
    """Take its name away first: killed half-way, what is left is swept as a partial one and never read as whole."""
    partial = path.with_name(f".{path.name}.partial")
    if path.is_file():
        path.unlink()
    else:
        path.rename(partial)
        shutil.rmtree(partial)
    shelf.forget(path)
