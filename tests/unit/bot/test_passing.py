"""Inline queries pass the inbox by: at once, the newest of each person, never stored, never behind a queue."""

import asyncio
from typing import Any

import pytest

from bot.inbox import Inbox
from bot.passing import MOST, Passing
from core.database.tables import inbox
from core.shop import Shop
from tests.support import builders
from tests.support.patience import PATIENCE

DARA, BOPHA = 5, 6
Update = dict[str, Any]


def _query(number: int, person: int = DARA, line: str = "rose") -> Update:
    return {"update_id": number, "inline_query": {"id": str(number), "from": {"id": person}, "query": line}}


class Hands:
    """Works updates and writes down which; all wait for ``go``, those of ``broken`` numbers fail."""

    def __init__(self, *broken: int, trouble: type[Exception] = ValueError) -> None:
        self.worked: list[int] = []
        self.trouble = trouble
        self.go, self.broken = asyncio.Event(), broken
        self.passing = Passing(self.handle)

    async def handle(self, update: Update) -> bool:
        """Work one."""
        self.worked.append(update["update_id"])
        await self.go.wait()
        if update["update_id"] in self.broken:
            raise self.trouble
        return True


async def _turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_only_the_newest_of_a_person_counts() -> None:
    """While one is worked, of those that follow only the last is; somebody else waits for none of them."""
    hands = Hands()
    assert hands.passing.take(_query(1))
    await _turns()
    assert all(hands.passing.take(_query(number)) for number in (2, 3, 4))
    assert hands.passing.take(_query(5, BOPHA))
    await _turns()
    assert hands.worked == [1, 5]
    hands.go.set()
    await hands.passing.idle()
    assert hands.worked == [1, 5, 4]


async def test_one_that_breaks_off_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; the person's next one is worked, and one after everything was still."""
    hands = Hands(1)
    hands.go.set()
    hands.passing.take(_query(1))
    await hands.passing.idle()
    hands.passing.take(_query(2))
    await hands.passing.idle()
    assert hands.worked == [1, 2]
    assert "broke off" in caplog.text


@pytest.mark.parametrize(("trouble", "traced"), [(ValueError, True), (ConnectionRefusedError, False)])
async def test_a_database_that_is_away_costs_it_one_line(
    caplog: pytest.LogCaptureFixture, trouble: type[Exception], *, traced: bool
) -> None:
    """Whatever else is wrong is logged with its traceback."""
    hands = Hands(1, trouble=trouble)
    hands.go.set()
    hands.passing.take(_query(1))
    await hands.passing.idle()
    assert [record.exc_info is not None for record in caplog.records] == [traced]


async def test_one_that_comes_as_the_last_ends_is_worked() -> None:
    """Between the end of a person's work and the moment that is noticed, another query may come: it is not lost."""
    hands = Hands()
    hands.passing.take(_query(1))
    hands.go.set()
    task = hands.passing._asking[DARA]
    while not task.done():  # noqa: ASYNC110 - the turn before anybody hears of it
        await asyncio.sleep(0)
    assert DARA in hands.passing._asking  # nobody noticed yet: the moment this is about
    hands.passing.take(_query(2))
    await hands.passing.idle()
    assert hands.worked == [1, 2]


async def test_a_flood_is_dropped() -> None:
    """No more people than that wait; one without a sender is nobody's; none of it is an update for the inbox."""
    hands = Hands()
    for number in range(MOST + 50):
        assert hands.passing.take(_query(number, person=number + 1))
    for odd in ({"update_id": 1, "inline_query": {}}, {"update_id": 1, "inline_query": {"from": {"id": "1"}}}):
        assert hands.passing.take(odd)
    assert not hands.passing.take({"update_id": 1, "inline_query": 5})
    hands.go.set()
    await hands.passing.idle()
    assert len(hands.worked) == MOST


async def test_close_drops_what_is_there() -> None:
    """What is being worked is given up: nothing was promised."""
    hands = Hands()
    hands.passing.take(_query(1))
    await _turns()
    hands.passing.take(_query(2))
    await hands.passing.close()
    assert hands.worked == [1]
    assert hands.passing.take(_query(3))
    await hands.passing.close()


async def test_the_inbox_lets_them_by(shop: Shop) -> None:
    """Received together with a message: the query is worked though that person's line stands still, and is no row."""
    hands, stuck = Hands(), asyncio.Event()

    async def slow(_update: Update) -> bool:
        return await stuck.wait()

    box = Inbox(shop, slow, "one", hands.passing.take)
    await box.receive([{"update_id": 1, "message": {"from": {"id": DARA}}}, _query(2)])
    await box.receive([_query(3, BOPHA)])
    hands.go.set()
    await hands.passing.idle()
    assert hands.worked == [2, 3]
    assert await builders.count(shop, inbox) == 1
    stuck.set()
    await box.close(PATIENCE)
