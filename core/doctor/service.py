"""Is all well: look at everything once, judge each line by its rule. The same for command, chat and ``/health/full``.

Nothing is asked of Telegram or the bank, and nothing is changed, but for the row and the files by which a database and
folders show that they take any.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from core.backups import drill
from core.backups import service as backups
from core.backups.copies import service as copies
from core.clock import SystemClock
from core.database import REFUSALS
from core.database.migrate import head
from core.doctor import looking, rules, store
from core.doctor.looking import Machine
from core.doctor.opening import local
from core.doctor.rules import Finding
from core.jobs import JOBS
from core.scheduler import Job
from core.shop import Shop
from core.storage import health, orphans
from core.storage import service as storage
from core.storage.health import Health
from core.storage.rules import MB

KEPT = 60.0
"""Seconds that an answer stands for whoever asks the site: however many ask, everything is looked at no more often."""


class Examination:
    """An examination for all who ask within a minute: without what reads the whole database."""

    def __init__(self, shop: Shop, kept: float = KEPT) -> None:
        self._shop, self._kept = shop, kept
        self._found: tuple[Finding, ...] = ()
        self._at = float("-inf")
        self._looking = asyncio.Lock()

    async def ask(self) -> tuple[Finding, ...]:
        """Answer from a moment ago, or look."""
        async with self._looking:
            if time.monotonic() - self._at >= self._kept:
                self._found = await examine(self._shop, deep=False)
                self._at = time.monotonic()
            return self._found


async def examine(shop: Shop, *, deep: bool = True) -> tuple[Finding, ...]:
    """Look at every line of the checklist; ``deep`` also at each page of the database and each picture's owner.

    A database that does not answer is a finding, and what only it could tell is left out.
    """
    await shop.refresh()
    machine = await asyncio.to_thread(looking.look, shop.config, _midnight(shop))
    felt = await health.look(shop)
    findings = [rules.database(felt.value, well=felt is Health.OK), rules.file(in_place=shop.db.in_place())]
    if felt is Health.OK:
        try:
            findings += await _rows(shop, machine, deep=deep)
        except REFUSALS as error:
            findings[0] = rules.database(type(error).__name__, well=False)
    findings += [*_machine(shop, machine), *([] if shop.config.sandbox else local(shop.config))]
    return rules.with_log(findings, looking.log_file(shop.config))


def _midnight(shop: Shop) -> datetime:
    """When today began in the shop's zone, by the clock that logs are written by."""
    now = SystemClock().now().astimezone(shop.config.zone)
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


async def _rows(shop: Shop, machine: Machine, *, deep: bool) -> list[Finding]:
    machine_clock, now = SystemClock(), shop.clock.now()
    before = machine_clock.now()
    facts = await shop.db.read(store.facts, now - rules.WAITED)
    after, usage = machine_clock.now(), await storage.usage(shop)
    apart = max(facts.clock - after, before - facts.clock, timedelta()) if facts.clock else timedelta()
    most = shop.policy.total_limit_mb * MB
    return [
        *await _schema(shop, deep=deep),
        rules.wal(machine.wal),
        rules.engine("PostgreSQL" if shop.db.dialect == "postgresql" else "SQLite", facts.version),
        rules.clock(apart, facts.newest, now),
        await _jobs(shop, now),
        *await _backups(shop, now, facts.copied_at),
        rules.messages(facts.stuck),
        rules.alerts(facts.alerts),
        *([await _orphans(shop)] if deep else []),
        rules.owners(facts.owners, len(shop.config.owner_ids)),
        rules.review(facts.orders, usage.total, shop.policy.review_orders, most),
    ]


async def _schema(shop: Shop, *, deep: bool) -> list[Finding]:
    found = await shop.db.read(store.schema)
    trouble, broken = await shop.db.read(store.integrity) if deep else (0, 0)
    on = await shop.db.write(store.foreign_keys)  # of the connection that writes
    findings = [rules.migrations(found.revision, head()), rules.indexes(found.missing, found.invalid, found.indexes)]
    return [*findings, *([rules.integrity(trouble)] if deep else []), rules.foreign_keys(on=on, broken=broken)]


async def _jobs(shop: Shop, now: datetime, jobs: Sequence[Job] = JOBS) -> Finding:
    slots = {job.name: job.when.last_due(now, shop.config.zone) for job in jobs if job.ledger}
    known = await shop.db.read(store.runs, slots)
    periods = {job.name: job.when.period for job in jobs}
    return rules.jobs([rules.run(job, due, periods[job], *known[job]) for job, due in slots.items()], now)


async def _backups(shop: Shop, now: datetime, copied_at: datetime | None) -> list[Finding]:
    made_at, drilled_at = await backups.last_verified(shop), await drill.last_success(shop)
    wanted = shop.config.backup_store is not None or bool(shop.policy.backup_to_chat)
    findings = [rules.backup(now - made_at if made_at else None), rules.drill(now - drilled_at if drilled_at else None)]
    if not shop.config.sandbox:
        age, waited = now - copied_at if copied_at else None, await copies.waited(shop)
        findings.append(rules.copies(age, waited, wanted=wanted))
    return findings


async def _orphans(shop: Shop) -> Finding:
    found = await orphans.plan(shop)
    all_of_it = (*found.found, *found.leftovers)
    return rules.orphans(len(all_of_it), sum(one.size for one in all_of_it))


def _machine(shop: Shop, seen: Machine) -> list[Finding]:
    return [
        rules.folders(seen.closed),
        rules.room("disk", seen.disk_free, seen.disk_total),
        rules.room("inodes", seen.inodes_free, seen.inodes_total),
        rules.logs(seen.logs, shop.policy.logs_limit_mb * MB),
        rules.errors(seen.errors, seen.errors_where),
        rules.static(seen.static_missing, seen.static_count),
        rules.khmer(shaped=seen.khmer),
    ]
