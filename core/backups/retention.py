"""Which backups to keep: 7 daily, 4 weekly, 12 monthly, as Proxmox Backup Server counts. Pure.

Source: its documentation, "Prune": the rules are applied from the finest to the coarsest; a rule keeps the newest
backup of each of its periods and skips periods that a finer rule has covered.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.errors import Refused


class Reason(StrEnum):
    """Why a backup stays, or goes. The last three are not asked of a rule: they wait for a person."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    RECENT = "recent"
    PINNED = "pinned"
    FUTURE = "from the future"
    VERIFIED = "last verified"
    NONE = "not kept by any rule"
    FOREIGN = "another shop's"
    DAMAGED = "damaged"
    UNREADABLE = "cannot be read"


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup of a series; ``verified`` means it was read back and equal, ``pinned`` that a person wants it."""

    name: str
    at: datetime
    verified: bool = True
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Retention:
    """How many periods of each kind keep a backup; all 0 is refused."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 12


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """What stays and what goes, oldest last; ``reasons`` has a word for each."""

    keep: tuple[Backup, ...]
    remove: tuple[Backup, ...]
    reasons: Mapping[str, Reason]


def plan(
    backups: Iterable[Backup], policy: Retention, now: datetime, zone: ZoneInfo, *, all_recent: bool = False
) -> RetentionPlan:  # fmt: skip
    """Decide on every backup of one series, with a reason; ``Refused`` for a policy that would keep none.

    A backup from the future takes no slot and stays; so do pinned ones and the last verified one. ``all_recent`` keeps
    each of the last ``policy.daily`` days, not one a day: what somebody made on purpose is no night's backup.
    """
    if min(policy.daily, policy.weekly, policy.monthly) < 0 or not any((policy.daily, policy.weekly, policy.monthly)):
        raise Refused("retention_empty")
    newest_first = sorted(backups, key=lambda backup: (backup.at, backup.name), reverse=True)
    reasons = _exempt(newest_first, now)
    since = now - timedelta(days=policy.daily)
    reasons |= {
        one.name: Reason.RECENT for one in newest_first if all_recent and since < one.at <= now and not one.pinned
    }
    counted = [backup for backup in newest_first if backup.at <= now]
    for word, most, period in _rules(policy, zone):
        _apply(counted, reasons, word, most, period)
    keep = tuple(backup for backup in newest_first if backup.name in reasons)
    remove = tuple(backup for backup in newest_first if backup.name not in reasons)
    return RetentionPlan(keep, remove, reasons | {backup.name: Reason.NONE for backup in remove})


def _exempt(newest_first: list[Backup], now: datetime) -> dict[str, Reason]:
    reasons = {backup.name: Reason.PINNED for backup in newest_first if backup.pinned}
    reasons |= {backup.name: Reason.FUTURE for backup in newest_first if backup.at > now}
    verified = next((backup for backup in newest_first if backup.verified and backup.at <= now), None)
    return ({verified.name: Reason.VERIFIED} if verified else {}) | reasons


def _rules(policy: Retention, zone: ZoneInfo) -> tuple[tuple[Reason, int, Callable[[Backup], str]], ...]:
    def named(pattern: str) -> Callable[[Backup], str]:
        return lambda backup: backup.at.astimezone(zone).strftime(pattern)

    return (
        (Reason.DAILY, policy.daily, named("%Y-%m-%d")),
        (Reason.WEEKLY, policy.weekly, named("%G-%V")),
        (Reason.MONTHLY, policy.monthly, named("%Y-%m")),
    )


def _apply(
    counted: list[Backup], reasons: dict[str, Reason], word: Reason, most: int, period: Callable[[Backup], str]
) -> None:
    covered = {
        period(backup) for backup in counted if reasons.get(backup.name) not in {None, Reason.PINNED, Reason.VERIFIED}
    }
    taken: set[str] = set()
    for backup in counted:
        slot = period(backup)
        if len(taken) >= most:
            return
        if slot not in covered and slot not in taken:
            taken.add(slot)
            reasons[backup.name] = word
