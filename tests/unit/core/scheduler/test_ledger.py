"""The ledger: each slot runs once, whoever looks, whenever the clock jumps, whoever dies."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.clock import SteppedClock
from core.database.tables import job_runs, outbox
from core.scheduler import At, Every, Job, Scheduler, store
from core.scheduler.service import FAILURES, LEASE
from core.settings import service as settings
from tests.support.patience import PATIENCE

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Work:
    """A job that counts its runs."""

    def __init__(self) -> None:
        self.runs: list[object] = []

    async def __call__(self, shop):
        """Run once."""
        self.runs.append(shop.clock.now())
        await asyncio.sleep(0)


@pytest.fixture
def work() -> Work:
    """A job that counts."""
    return Work()


async def ledger(shop):
    """Every row: state, attempt."""
    query = select(job_runs.c.state, job_runs.c.attempt).order_by(job_runs.c.slot)
    return [tuple(row) for row in await shop.db.read(lambda tx: tx.execute(query).all())]


async def started(shop, *jobs, **options) -> Scheduler:
    """Open the ledger as a start does, without APScheduler's bells."""
    scheduler = Scheduler(shop, jobs, **options)
    await shop.db.write(scheduler._begin)
    return scheduler


async def test_four_processes_run_each_slot_once(shop, config, open_shop, clock, work):
    """Four processes look at every one of twelve hourly slots at the same moment: twelve runs."""
    shops = [shop, *[await open_shop(config) for _ in range(3)]]
    schedulers = [await started(each, Job("count", At(), work, ledger=True)) for each in shops]
    for _ in range(12):
        clock.move(HOUR)
        await asyncio.gather(*(scheduler.catch_up() for scheduler in schedulers))
    assert len(work.runs) == 12
    assert await ledger(shop) == [("done", 1)] * 13


async def test_first_start_owes_nothing(shop, work):
    """A shop that opens for the first time does not make up for the time before it."""
    scheduler = await started(shop, Job("count", At(hour=3), work, ledger=True))
    await scheduler.catch_up()
    assert work.runs == []


async def test_three_missed_days_are_one_run(shop, clock, work):
    """After three days of downtime the daily job runs once, not three times, and then waits for tomorrow."""
    job = Job("count", At(hour=3), work, ledger=True)
    await started(shop, job)
    clock.move(3 * DAY)
    scheduler = await started(shop, job)
    await scheduler.catch_up()
    await scheduler.catch_up()
    assert len(work.runs) == 1
    clock.move(DAY)
    await scheduler.catch_up()
    assert len(work.runs) == 2


async def test_months_are_made_up_for_once(sqlite_shop, clock, work):
    """After two hundred days of downtime a monthly and a quarterly job run once each; then not before their day."""
    other = Work()
    jobs = (Job("month", At(hour=9, day=1), work, ledger=True),
            Job("quarter", At(hour=3, day=1, months=(1, 4, 7, 10)), other, ledger=True))  # fmt: skip
    await started(sqlite_shop, *jobs)
    clock.move(200 * DAY)  # 9 June
    scheduler = await started(sqlite_shop, *jobs)
    for _ in range(21):
        await scheduler.catch_up()
        clock.move(DAY)
    assert (len(work.runs), len(other.runs)) == (1, 1)
    for _ in range(3):
        await scheduler.catch_up()
        clock.move(DAY)
    assert (len(work.runs), len(other.runs)) == (2, 2)


@pytest.mark.parametrize("jump", [DAY, 400 * DAY])
async def test_a_clock_that_jumps_and_comes_back(shop, clock, work, jump):
    """A clock that was wrong for a while costs one extra run; the days after it was put right run as ever."""
    scheduler = await started(shop, Job("count", At(hour=3), work, ledger=True))
    clock.move(jump)
    await scheduler.catch_up()
    clock.move(-jump)
    await scheduler.catch_up()
    assert len(work.runs) == 1
    clock.move(2 * DAY)
    await scheduler.catch_up()
    assert len(work.runs) == 2


@pytest.mark.parametrize("jump", [DAY, 400 * DAY])
async def test_a_clock_that_goes_back(shop, clock, work, jump):
    """A clock that goes back runs a slot the ledger does not know at most once."""
    scheduler = await started(shop, Job("count", At(hour=3), work, ledger=True))
    clock.move(-jump)
    for _ in range(3):
        await scheduler.catch_up()
    assert len(work.runs) == 1


async def test_a_dead_owners_slot_is_taken_over(shop, clock, work):
    """A process that died in the middle loses its slot when its lease runs out, and can no longer say it is done."""
    job = Job("count", At(), work, ledger=True)
    scheduler = await started(shop, job)
    clock.move(HOUR)
    now = clock.now()
    slot = job.when.last_due(now, shop.config.zone)
    dead = await shop.db.write(store.claim, "count", slot, "dead", now, now + timedelta(minutes=2))
    await scheduler.catch_up()
    assert work.runs == []
    clock.move(timedelta(minutes=3))
    await scheduler.catch_up()
    assert len(work.runs) == 1
    assert await ledger(shop) == [("done", 1), ("done", 2)]
    assert await shop.db.write(store.finish, dead, clock.now(), done=False) is False
    assert await shop.db.write(store.extend, dead, clock.now()) is False


async def test_a_long_job_keeps_its_lease(shop, config, open_shop, clock):
    """While a job runs its lease is renewed, so nobody takes it over however long it takes."""
    runs, go_on = [], asyncio.Event()

    async def long(_shop):
        runs.append(1)
        await go_on.wait()

    job = Job("long", At(), long, ledger=True)
    mine = await started(shop, job, heartbeat=timedelta(milliseconds=5))
    other = await started(await open_shop(config), job)
    clock.move(HOUR)
    running = asyncio.create_task(mine.catch_up())
    for _ in range(4):
        await _beaten(shop, clock)
        await other.catch_up()
        clock.move(timedelta(seconds=90))
    go_on.set()
    await running
    assert runs == [1]


async def _beaten(shop, clock):
    """Wait until the lease reaches as far ahead as it is renewed."""
    newest = select(job_runs.c.lease_until).order_by(job_runs.c.slot.desc()).limit(1)
    async with asyncio.timeout(PATIENCE):
        while await shop.db.read(lambda tx: tx.execute(newest).scalar_one()) < clock.now() + LEASE:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_who_loses_the_lease_stops(shop, clock):
    """A process that finds its slot taken over stops its run and writes nothing into the ledger."""
    stopped = asyncio.Event()

    async def endless(_shop):
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    job = Job("endless", At(), endless, ledger=True)
    scheduler = await started(shop, job, heartbeat=timedelta(milliseconds=5))
    clock.move(HOUR)
    running = asyncio.create_task(scheduler.catch_up())
    await _beaten(shop, clock)
    slot = job.when.last_due(clock.now(), shop.config.zone)
    later = clock.now() + timedelta(minutes=10)
    assert await shop.db.write(store.claim, "endless", slot, "other", later, later + HOUR)
    await running
    assert stopped.is_set()
    assert (await ledger(shop))[-1] == ("running", 2)


async def test_a_failure_is_told_counted_and_tried_again(shop, clock):
    """A job that fails is tried three times ten minutes apart; the admins hear of it once an hour."""
    await _admin_chat(shop)
    tries = []

    async def fail(_shop):
        tries.append(1)
        raise RuntimeError("a text that must not travel")

    before = FAILURES.labels("fail")._value.get()
    scheduler = await started(shop, Job("fail", At(hour=3), fail, ledger=True))
    clock.move(DAY)
    for _ in range(60):
        await scheduler.catch_up()
        await shop.db.write(lambda tx: tx.execute(update(outbox).values(state="sent")) and None)
        clock.move(timedelta(minutes=1))
    assert len(tries) == 3
    assert FAILURES.labels("fail")._value.get() == before + 3
    assert (await ledger(shop))[-1] == ("failed", 3)
    owed = await shop.db.read(lambda tx: tx.execute(select(outbox.c.chat_id, outbox.c.data)).all())
    assert [tuple(row) for row in owed] == [
        (-100777, {"metric": "job", "level": "critical", "job": "fail", "error": "RuntimeError"})
    ]


async def _admin_chat(shop):
    await settings.change(shop.db, shop.clock, "admin_chat_id", -100777, None)


async def test_one_failure_does_not_stop_the_others(sqlite_shop, clock, work):
    """The job after a failing one runs all the same."""

    async def fail(_shop):
        raise RuntimeError

    jobs = (Job("fail", At(), fail, ledger=True), Job("count", At(), work, ledger=True))
    scheduler = await started(sqlite_shop, *jobs)
    clock.move(HOUR)
    await scheduler.catch_up()
    assert len(work.runs) == 1


async def test_stopping_gives_the_slot_back(sqlite_shop, clock, work):
    """A clean stop in the middle of a job lets the next start run it at once, without waiting for the lease."""
    begun = asyncio.Event()

    async def endless(_shop):
        begun.set()
        await asyncio.Event().wait()

    scheduler = await started(sqlite_shop, Job("job", At(), endless, ledger=True))
    clock.move(HOUR)
    await scheduler.start()
    await begun.wait()
    await scheduler.stop()
    following = await started(sqlite_shop, Job("job", At(), work, ledger=True))
    await following.catch_up()
    assert len(work.runs) == 1
    assert (await ledger(sqlite_shop))[-1] == ("done", 2)


async def test_bells_ring_and_never_overlap(sqlite_shop):
    """APScheduler calls a frequent job on the shop's own loop, again and again, never twice at once."""
    runs, at_once = [], [0, 0]
    enough = asyncio.Event()

    async def tick(_shop):
        at_once[0] += 1
        at_once[1] = max(at_once)
        await asyncio.sleep(0.03)
        at_once[0] -= 1
        runs.append(1)
        if len(runs) == 3:
            enough.set()

    scheduler = Scheduler(sqlite_shop, [Job("tick", Every(timedelta(milliseconds=10)), tick)])
    await scheduler.start()
    await asyncio.wait_for(enough.wait(), PATIENCE)
    await scheduler.stop()
    assert at_once[1] == 1


async def test_each_process_has_its_own_clock_error(shop, config, open_shop, work):
    """Processes whose clocks differ by seconds agree on the slot."""
    fast = await open_shop(config, SteppedClock(shop.clock.now() + timedelta(seconds=20)))
    job = Job("count", At(), work, ledger=True)
    schedulers = [await started(shop, job), await started(fast, job)]
    for each in (shop, fast):
        each.clock.move(HOUR)
    for scheduler in schedulers:
        await scheduler.catch_up()
    assert len(work.runs) == 1
