"""APScheduler rings, the ledger decides.

A look at the ledger at start and every minute makes up for what was missed: downtime, a jump of the clock, a process
that died in the middle of a job.
"""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import Counter
from sqlalchemy import Connection

from core.clock import SystemClock
from core.database import REFUSALS, is_away, log_failure
from core.logs import Sparing
from core.scheduler import store
from core.scheduler.rules import Every, Job
from core.scheduler.store import Claim
from core.shop import Shop
from core.storage.alerts import owe_alert

log = logging.getLogger(__name__)

FAILURES = Counter("haang_job_failures", "Runs of a job that failed.", ["job"])
LEASE = timedelta(minutes=2)
HEARTBEAT = timedelta(seconds=30)
LOOK = Every(timedelta(minutes=1))
LOOK_AT_BELLS = 5.0  # seconds
TELL_AGAIN = timedelta(hours=1)


class Scheduler:
    """The schedule of one process. ``owner`` names the process in the ledger."""

    def __init__(
        self, shop: Shop, jobs: Sequence[Job], *, owner: str = "", lease: timedelta = LEASE,
        heartbeat: timedelta = HEARTBEAT,
    ) -> None:  # fmt: skip
        self._shop, self._jobs, self._lease, self._heartbeat = shop, jobs, lease, heartbeat
        self._owner = owner or secrets.token_hex(8)
        self._ringer = AsyncIOScheduler(timezone=shop.config.zone)
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[str] = set()
        self._told: dict[str, datetime] = {}
        self._sparing = Sparing(log)
        self._jobs_by_name: dict[str, Job] = {}

    async def start(self) -> None:
        """Open the ledger, make up for what was missed (meanwhile the shop opens), and follow the schedule."""
        await self._shop.db.write(self._begin)
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of each late bell; ours is told below
        for job in self._jobs:
            self._add(job)
        catch_up = Job("catch_up", LOOK, lambda _shop: self.catch_up())
        self._add(catch_up)
        self._ringer.start()
        self._spawn(catch_up)
        watching = asyncio.create_task(self._watch_clock(), name="the clock")
        self._tasks.add(watching)
        watching.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Stop the bells, cancel what runs, give its slots back."""
        if self._ringer.running:
            self._ringer.pause()  # the rest is done a turn later: a bell that rang meanwhile would be a traceback
            self._ringer.shutdown(wait=False)
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def catch_up(self) -> None:
        """Run the newest due slot of each ledger job, if nobody did: one run however many were missed."""
        await self._shop.db.write(store.set_right, self._shop.clock.now(), self._lease)
        now, zone = self._shop.clock.now(), self._shop.config.zone
        for job in self._jobs:
            if job.ledger and await self._shop.db.read(store.waits, job.name, job.when.last_due(now, zone), now):
                await self.run(job)

    def set_bells(self, now: datetime) -> list[str]:
        """Set bells anew that stand two periods ahead or more; returns the jobs' names.

        APScheduler counts on from the last ring: after a clock that jumped back it would be silent until that time.
        """
        late = []
        for bell in self._ringer.get_jobs():
            when = self._jobs_by_name[bell.id].when
            if bell.next_run_time > now + 2 * when.period:
                bell.reschedule(when.trigger(self._shop.config.zone))
                late.append(bell.id)
        return late

    async def _watch_clock(self) -> None:
        """Look at the bells for ever, by a clock that no jump moves."""
        while True:
            await asyncio.sleep(LOOK_AT_BELLS)
            if late := self.set_bells(SystemClock().now()):
                log.warning("the clock jumped back; set anew: %s", ", ".join(late))

    async def run(self, job: Job) -> None:
        """Run a job now: a ledger job only if its newest due slot is free, any job only once at a time."""
        if job.name in self._busy:
            return
        self._busy.add(job.name)
        try:
            await (self._run_slot(job) if job.ledger else self._attempt(job))
        finally:
            self._busy.discard(job.name)

    def _begin(self, tx: Connection) -> None:
        now = self._shop.clock.now()
        for job in self._jobs:
            if job.ledger:
                store.begin(tx, job.name, job.when.last_due(now, self._shop.config.zone), self._owner, now)

    def _add(self, job: Job) -> None:
        self._jobs_by_name[job.name] = job
        grace = int(job.grace.total_seconds()) if job.grace else None
        self._ringer.add_job(
            self._ring, job.when.trigger(self._shop.config.zone), [job], id=job.name, coalesce=True, max_instances=1,
            misfire_grace_time=grace,
        )  # fmt: skip

    async def _ring(self, job: Job) -> None:
        self._spawn(job)  # a coroutine, for a plain function would be called on another thread

    def _spawn(self, job: Job) -> None:
        task = asyncio.get_running_loop().create_task(self.run(job), name=f"job {job.name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Let go of a run; what the ledger itself met is told here, for nobody awaits it."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log_failure(log, f"{task.get_name()} failed", error, self._sparing)

    async def _run_slot(self, job: Job) -> None:
        now = self._shop.clock.now()
        slot = job.when.last_due(now, self._shop.config.zone)
        claim = await self._shop.db.write(store.claim, job.name, slot, self._owner, now, now + self._lease)
        if claim is None:
            return
        try:
            done = await self._hold(claim, job)
        except asyncio.CancelledError:
            await self._shop.db.write(store.release, claim, self._shop.clock.now())
            raise
        if not await self._shop.db.write(store.finish, claim, self._shop.clock.now(), done=done):
            log.warning("job %s: its slot was taken over meanwhile", job.name)

    async def _hold(self, claim: Claim, job: Job) -> bool:
        """Run the job and keep its lease alive; a run that lost its lease is stopped."""
        running = asyncio.create_task(self._attempt(job))
        try:
            while not (await asyncio.wait({running}, timeout=self._heartbeat.total_seconds()))[0]:
                until = self._shop.clock.now() + self._lease
                if not await self._shop.db.write(store.extend, claim, until):
                    return False
            return running.result()
        finally:
            if running.cancel():
                await asyncio.wait({running})

    async def _attempt(self, job: Job) -> bool:
        try:
            await self._shop.refresh()
            await job.run(self._shop)
        except Exception as error:  # noqa: BLE001 - the edge of one job: whatever went wrong in it, the others go on
            log_failure(log, f"job {job.name} failed", error, self._sparing)
            FAILURES.labels(job.name).inc()
            await self._tell(job, error)
            return False
        return True

    async def _tell(self, job: Job, error: Exception) -> None:
        """Owe the admins a note, at most one an hour for each job."""
        now = self._shop.clock.now()
        if job.name in self._told and abs(now - self._told[job.name]) < TELL_AGAIN:
            return
        self._told[job.name] = now
        data = {"metric": "job", "level": "critical", "job": job.name, "error": type(error).__name__}
        try:
            await self._shop.db.write(owe_alert, self._shop.policy, f"job {job.name}", data, now)
        except REFUSALS as refused:  # a disk that took nothing takes no alert either: the next failure tells it
            self._told.pop(job.name, None)
            if not is_away(refused):  # which the failure's own line says
                log.warning("nobody can be told that %s failed: %s", job.name, type(refused).__name__)
