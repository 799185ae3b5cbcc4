"""One person's line of updates: it outlives whatever one of them does, an error or the death of the process."""

import asyncio
from datetime import timedelta

import pytest

from bot.inbox import Inbox, Update
from core.database.tables import inbox
from core.shop import Shop
from tests.support.patience import PATIENCE

DARA, BOPHA = 5, 6


def _update(number: int, person: int = DARA) -> Update:
    return {"update_id": number, "message": {"from": {"id": person}}}


async def _states(shop: Shop) -> dict[int, str]:
    rows = await shop.db.read(lambda tx: tx.execute(inbox.select()).all())
    return {row.update_id: row.state for row in rows}


@pytest.mark.parametrize("error", [LookupError("not foreseen"), asyncio.CancelledError()])
async def test_an_update_that_breaks_off_does_not_end_the_line(
    shop: Shop, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """Working one update raises: it is failed and logged, the person's next ones are worked, now and later."""
    worked = []

    async def handle(update: Update) -> bool:
        worked.append(update["update_id"])
        if update["update_id"] == 1:
            raise error
        return True

    box = Inbox(shop, handle, "me")
    await box.receive([_update(1), _update(2)])
    await box.idle()
    await box.receive([_update(3)])
    await box.idle()
    assert worked == [1, 2, 3]
    assert await _states(shop) == {1: "failed", 2: "done", 3: "done"}
    assert "update 1 broke off" in caplog.text


class Life:
    """A process that works updates until it meets the one that kills it; ``die`` leaves everything as it stands."""

    def __init__(self, shop: Shop, name: str, deadly: int) -> None:
        self.met, self.worked, self.deadly = asyncio.Event(), [], deadly
        self.rests: list[float] = []
        self.patient = True
        self.box = Inbox(shop, self.handle, name, rest=self.rest)

    async def rest(self, seconds: float) -> None:
        """Note how long an update waits; it never ends for a process that is killed before."""
        self.rests.append(seconds)
        if seconds and not self.patient:
            self.met.set()
            await asyncio.Event().wait()

    async def handle(self, update: Update) -> bool:
        """Work an update, or hang as one does that is about to be killed."""
        if update["update_id"] == self.deadly:
            self.met.set()
            await asyncio.Event().wait()
        self.worked.append(update["update_id"])
        return True

    async def die(self) -> None:
        """End every task at once; nothing more is written."""
        tasks = tuple(self.box._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_an_update_that_kills_the_process_is_given_up(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """It kills the process that received it and three that took it up; the fifth gives it up and serves the rest."""
    lives = [Life(shop, f"life {i}", deadly=7) for i in range(5)]
    await lives[0].box.receive([_update(7), *(_update(i, BOPHA + i) for i in range(8, 12)), _update(12)])
    await lives[0].met.wait()
    await lives[0].die()
    for life in lives[1:4]:
        shop.clock.move(timedelta(minutes=1))
        await life.box.resume()
        await asyncio.wait_for(life.met.wait(), PATIENCE)
        await life.die()
    shop.clock.move(timedelta(minutes=1))
    await lives[4].box.resume()
    await lives[4].box.idle()
    assert await _states(shop) == {7: "failed"} | dict.fromkeys(range(8, 13), "done")
    assert 7 not in lives[4].worked
    assert lives[4].worked[-1] == 12
    assert "update 7 given up: 4 processes died with it" in caplog.text
    assert [max(life.rests, default=0.0) for life in lives] == [0, 0, 5, 20, 0]


async def test_an_update_that_only_stood_there_is_not_blamed(sqlite_shop: Shop) -> None:
    """Its process is killed twenty times for another reason, soon after each start: it is worked in the end."""
    first = Life(sqlite_shop, "life 0", deadly=7)
    await first.box.receive([_update(7)])
    await first.met.wait()
    await first.die()
    for number in range(1, 21):
        sqlite_shop.clock.move(timedelta(minutes=1))
        short = Life(sqlite_shop, f"life {number}", deadly=7)
        short.patient = False
        await short.box.resume()
        await asyncio.wait_for(short.met.wait(), PATIENCE)
        await short.die()
    sqlite_shop.clock.move(timedelta(minutes=1))
    last = Life(sqlite_shop, "the last", deadly=0)
    await last.box.resume()
    await last.box.idle()
    assert (last.worked, await _states(sqlite_shop)) == ([7], {7: "done"})
