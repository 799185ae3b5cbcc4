"""Updates in: kept before they are acknowledged, each once, in order for one person, nobody waiting for another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError

from bot.inbox import AT_ONCE, FULL, SHARE, Closing, Inbox, Update, poll
from core.config import Config
from core.database.tables import inbox
from core.inbox import store
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE, until

DARA, BOPHA, SOKHA = 5, 6, 7


def _update(number: int, person: int = DARA, **more: object) -> Update:
    return {"update_id": number, "message": {"from": {"id": person}, **more}}


async def _states(shop: Shop) -> dict[int, str]:
    rows = await shop.db.read(lambda tx: tx.execute(inbox.select().order_by(inbox.c.update_id)).all())
    return {row.update_id: row.state for row in rows}


class Hands:
    """Works updates, and writes down which; those of ``slow`` persons, or named by number, wait for ``go``."""

    def __init__(self, shop: Shop, slow: Iterable[int] = (), owner: str = "one") -> None:
        self.worked: list[int] = []
        self.at_work: set[int] = set()
        self.go = asyncio.Event()
        self.slow = set(slow)
        self.box = Inbox(shop, self.handle, owner)

    async def handle(self, update: Update) -> bool:
        """Work one; a message that says "bad" is not worked well."""
        number, message = update["update_id"], update["message"]
        self.at_work.add(number)
        if message["from"]["id"] in self.slow:
            await self.go.wait()
        self.at_work.discard(number)
        self.worked.append(number)
        return message.get("text") != "bad"

    async def die(self) -> None:
        """End every task at once; nothing more is written."""
        tasks = tuple(self.box._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _no_table(shop: Shop) -> AsyncIterator[None]:
    """While this lasts nothing can be stored."""
    await shop.db.write(lambda tx: tx.execute(text("ALTER TABLE inbox RENAME TO elsewhere")))
    yield
    await shop.db.write(lambda tx: tx.execute(text("ALTER TABLE elsewhere RENAME TO inbox")))


async def test_stored_before_it_is_acknowledged(shop: Shop) -> None:
    """When ``receive`` returns the update is a row, though nobody has finished working it."""
    hands = Hands(shop, slow=[DARA])
    await hands.box.receive([_update(1)])
    assert await _states(shop) == {1: "new"}
    hands.go.set()
    await hands.box.idle()
    assert (hands.worked, await _states(shop)) == ([1], {1: "done"})


async def test_what_cannot_be_stored_is_not_acknowledged(shop: Shop) -> None:
    """The database refuses: everybody who waits hears it, nothing is worked, and brought again it is."""
    hands = Hands(shop)
    async with _no_table(shop):
        results = await asyncio.gather(*(hands.box.receive([_update(i)]) for i in range(1, 4)), return_exceptions=True)
    assert [isinstance(result, SQLAlchemyError) for result in results] == [True] * 3
    assert hands.worked == []
    await hands.box.receive([_update(1)])
    await hands.box.idle()
    assert hands.worked == [1]


async def test_many_at_once_are_one_transaction(sqlite_shop: Shop) -> None:
    """Forty webhook calls at the same time cost two commits: the first one's, and one for all who came meanwhile."""
    commits: list[object] = []
    event.listen(sqlite_shop.db._writer.engine, "commit", commits.append)
    hands = Hands(sqlite_shop, slow=range(100, 140))
    await asyncio.gather(*(hands.box.receive([_update(i, i)]) for i in range(100, 140)))
    assert len(commits) <= 2
    assert len(await _states(sqlite_shop)) == 40
    hands.go.set()
    await hands.box.idle()


async def test_duplicates_are_dropped(shop: Shop) -> None:
    """The same update twice in a batch, in two calls at once, and again after it was worked: worked once."""
    hands = Hands(shop)
    await asyncio.gather(hands.box.receive([_update(1), _update(1)]), hands.box.receive([_update(1), _update(2)]))
    await hands.box.idle()
    await hands.box.receive([_update(2)])
    await hands.box.idle()
    assert hands.worked == [1, 2]


async def test_one_person_in_order_others_meanwhile(sqlite_shop: Shop) -> None:
    """Dara's first is slow, many of hers wait: they hold no slot, all others are served, hers keep their order."""
    hands = Hands(sqlite_shop, slow=[DARA])
    hers, others = list(range(1, 4 * AT_ONCE)), list(range(1000, 1000 + 3 * AT_ONCE))
    await hands.box.receive([_update(i) for i in hers] + [_update(i, i) for i in others])
    await until(lambda: sorted(hands.worked) == others)
    assert hands.at_work == {1}
    hands.go.set()
    await hands.box.idle()
    assert hands.worked[len(others) :] == hers


async def test_so_many_at_once_and_no_more(sqlite_shop: Shop) -> None:
    """Slow work of many people takes all slots and no more."""
    people = range(100, 100 + 2 * AT_ONCE)
    hands = Hands(sqlite_shop, slow=people)
    await hands.box.receive([_update(i, i) for i in people])
    await until(lambda: len(hands.at_work) == AT_ONCE)
    await asyncio.sleep(0.02)
    assert len(hands.at_work) == AT_ONCE
    hands.go.set()
    await hands.box.idle()
    assert len(hands.worked) == 2 * AT_ONCE


async def test_one_that_fails_is_marked_and_the_next_is_served(shop: Shop) -> None:
    """Failed on our side: so it stands in its row, and the person's next update is worked."""
    hands = Hands(shop)
    await hands.box.receive([_update(1, text="bad"), _update(2, text="good")])
    await hands.box.idle()
    assert await _states(shop) == {1: "failed", 2: "done"}


async def test_the_next_life_takes_up_the_rest_at_once(config: Config, open_shop: OpenShop) -> None:
    """Killed in the middle: the next process works what was left, first, in its order; finished ones it leaves."""
    shop = await open_shop(config)
    before = Hands(shop, slow=[DARA])
    await before.box.resume()
    await before.box.receive([_update(1, BOPHA), _update(2), _update(3), _update(4, SOKHA)])
    async with asyncio.timeout(PATIENCE):
        while await _states(shop) != {1: "done", 2: "new", 3: "new", 4: "done"}:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
    await until(lambda: before.box._marker is None)
    await before.die()
    await shop.close()
    after = Hands(await open_shop(config), owner="two")
    await _buried(after, 2)
    await after.box.receive([_update(5)])
    await after.box.idle()
    assert after.worked == [2, 3, 5]


async def _buried(hands: Hands, wanted: int) -> None:
    """Take up what a dead process left; PostgreSQL may need a moment to see that its connections are gone."""
    found = 0
    async with asyncio.timeout(PATIENCE):
        while found < wanted:
            found += await hands.box.resume()
            await asyncio.sleep(0.01)
    assert found == wanted


async def test_a_living_process_keeps_its_work(postgres_config: Config, open_shop: OpenShop) -> None:
    """Two processes: one takes nothing that the other, which lives, is still working on."""
    one = Hands(await open_shop(postgres_config), slow=[DARA])
    two = Hands(await open_shop(postgres_config), owner="two")
    await one.box.resume()
    await one.box.receive([_update(1)])
    assert await two.box.resume() == 0
    one.go.set()
    await one.box.idle()
    assert (one.worked, two.worked) == ([1], [])


async def test_one_persons_order_holds_across_processes(postgres_config: Config, open_shop: OpenShop) -> None:
    """While one process works on Dara's update, the other keeps her next for later; other people's it works."""
    one = Hands(await open_shop(postgres_config), slow=[DARA])
    two = Hands(await open_shop(postgres_config), owner="two")
    await asyncio.gather(one.box.resume(), two.box.resume())
    await one.box.receive([_update(1)])
    await two.box.receive([_update(2), _update(3, BOPHA), _update(4)])
    await two.box.idle()
    assert two.worked == [3]
    assert await two.box.resume() == 0
    one.go.set()
    await one.box.idle()
    assert await two.box.resume() == 2
    await two.box.idle()
    assert two.worked == [3, 2, 4]


async def test_a_claim_is_renewed(shop: Shop) -> None:
    """As long as its process renews it, an update is not taken for abandoned, however long it takes."""
    hands = Hands(shop, slow=[DARA])
    await hands.box.receive([_update(1)])
    now, until = shop.clock.now(), shop.clock.now().replace(year=2027)
    await shop.db.write(store.renew, "one", until)
    rows = await shop.db.read(lambda tx: tx.execute(inbox.select()).all())
    assert [(row.claimed_by, row.claimed_until) for row in rows] == [("one", until)]
    await shop.db.write(store.let_go, "one", now)
    assert [u.update_id for u in await shop.db.write(store.claim_new, "two", now, until)] == [1]
    hands.go.set()
    await hands.box.idle()


async def test_closing_finishes_what_it_can(shop: Shop) -> None:
    """What ends while it is closed is waited for and marked; nothing new is taken from its beginning on."""
    hands = Hands(shop, slow=[DARA])
    await hands.box.receive([_update(1), _update(2, BOPHA)])
    closing = asyncio.create_task(hands.box.close(PATIENCE))
    for _ in range(50):
        await asyncio.sleep(0)
    with pytest.raises(Closing):
        await hands.box.receive([_update(3)])
    assert not closing.done()
    hands.go.set()
    await closing
    assert await _states(shop) == {1: "done", 2: "done"}


async def test_closing_leaves_what_takes_too_long(shop: Shop) -> None:
    """What does not end in time is left for the next life; what ended before is marked."""
    hands = Hands(shop, slow=[DARA])
    await hands.box.receive([_update(1), _update(2, BOPHA)])
    await until(lambda: hands.box._marker)
    await hands.box.close(0.01)
    assert await _states(shop) == {1: "new", 2: "done"}


async def test_what_is_being_stored_at_the_end_is_not_begun_after_it(sqlite_shop: Shop) -> None:
    """Who fetched is gone, its updates are still on their way into the database: closing waits for them, too."""
    hands = Hands(sqlite_shop)
    fetching = asyncio.create_task(hands.box.receive([_update(1)]))
    await asyncio.sleep(0)
    fetching.cancel()
    await hands.box.close(PATIENCE)
    assert (hands.worked, await _states(sqlite_shop)) == ([1], {1: "done"})


async def test_any_text_can_be_kept(shop: Shop) -> None:
    """Khmer, the NUL character, half a surrogate pair: what no database takes comes back as it came."""
    odd, got = "ខ្មែរ \x00 \ud83d 💄", []

    async def handle(update: Update) -> bool:
        got.append(update["message"]["text"])
        return True

    box = Inbox(shop, handle, "one")
    await box.receive([_update(1, text=odd)])
    await box.idle()
    assert got == [odd]


@pytest.mark.parametrize(
    ("update", "person"),
    [
        ({"update_id": 1, "callback_query": {"from": {"id": 5}, "message": {"chat": {"id": 9}}}}, 5),
        ({"update_id": 1, "poll_answer": {"user": {"id": 6}}}, 6),
        ({"update_id": 1, "channel_post": {"chat": {"id": -7}}}, -7),
        ({"update_id": 1, "poll": {"id": "x"}}, 0),
        ({"update_id": 1, "message": {"from": "nobody"}}, 0),
        ({"update_id": 1, "message": {"from": {"id": 2**63}}}, 0),
        ({"update_id": 1}, 0),
    ],
)
async def test_whose_line_an_update_stands_in(sqlite_shop: Shop, update: Update, person: int) -> None:
    """The user's, else the chat's; one that names neither, or nonsense, stands in a line of its own kind."""
    await Hands(sqlite_shop, slow=[5, 6, -7, 0]).box.receive([{**update, "message": {"from": {"id": 0}}} | update])
    rows = await sqlite_shop.db.read(lambda tx: tx.execute(inbox.select()).all())
    assert [row.person for row in rows] == [person]


# ── long polling ─────────────────────────────────────────────────────────────────────────────────────────────────────
class Telegram:
    """Answers getUpdates with batches, one after the other; remembers the offsets it was asked with."""

    def __init__(self, *batches: list[Update]) -> None:
        self.batches, self.offsets = list(batches), []
        self.empty = asyncio.Event()

    async def get_updates(self, offset: int | None) -> list[Update]:
        """Give the next batch; wait for ever after the last."""
        self.offsets.append(offset)
        if not self.batches:
            self.empty.set()
            await asyncio.Event().wait()
        return self.batches.pop(0)


async def _polling(work: Awaitable[None], over: asyncio.Event) -> None:
    task = asyncio.ensure_future(work)
    ended = [task, asyncio.ensure_future(over.wait())]
    await asyncio.wait(ended, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_offset_moves_only_over_what_is_stored(shop: Shop) -> None:
    """Each question acknowledges what is a row by then; after a restart it goes on behind the newest row."""
    hands, telegram = Hands(shop), Telegram([_update(7), _update(8)], [], [_update(9)])
    await _polling(poll(hands.box, telegram.get_updates, shop), telegram.empty)
    assert telegram.offsets == [None, 9, 9, 10]
    again = Telegram()
    await _polling(poll(hands.box, again.get_updates, shop), again.empty)
    assert again.offsets == [10]
    await hands.box.idle()


async def test_a_batch_that_cannot_be_stored_is_asked_for_again(shop: Shop) -> None:
    """Polling breaks off with the database's error; begun again it asks for the same updates."""
    hands, telegram = Hands(shop), Telegram([_update(7)])
    async with _no_table(shop):
        with pytest.raises(SQLAlchemyError):
            await hands.box.receive([_update(7)])
    await _polling(poll(hands.box, telegram.get_updates, shop), telegram.empty)
    await hands.box.idle()
    assert (telegram.offsets, hands.worked) == ([None, 8], [7])


async def test_no_more_is_fetched_than_can_wait(sqlite_shop: Shop) -> None:
    """With ``FULL`` updates waiting no more are asked for, until there is room again."""
    crowd = range(DARA, DARA + 50)
    hands = Hands(sqlite_shop, slow=crowd)
    telegram = Telegram([_update(i, DARA + i % len(crowd)) for i in range(1, FULL + 1)], [_update(FULL + 1)])
    polling = asyncio.create_task(poll(hands.box, telegram.get_updates, sqlite_shop))
    await until(lambda: hands.at_work)
    await asyncio.sleep(0.02)
    assert telegram.offsets == [None]
    hands.go.set()
    await asyncio.wait_for(telegram.empty.wait(), PATIENCE)
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    await hands.box.idle()
    assert len(hands.worked) == FULL + 1
    assert await builders.count(sqlite_shop, inbox, inbox.c.state == "done") == FULL + 1


async def test_a_flood_of_one_person_leaves_room_for_the_others(
    sqlite_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """One person's thousands: a share of them is worked, the rest is marked, one line says so, and nobody waits."""
    hands = Hands(sqlite_shop, slow=[DARA])
    await hands.box.receive([_update(i) for i in range(1, FULL + 1)])
    await hands.box.room()
    await hands.box.receive([_update(FULL + 1, SOKHA)])
    await until(lambda: FULL + 1 in hands.worked)
    hands.go.set()
    await hands.box.idle()
    assert len(hands.worked) == SHARE + 1
    assert await builders.count(sqlite_shop, inbox, inbox.c.state == "failed") == FULL - SHARE
    assert len([found for found in caplog.records if found.name == "haang.security"]) == 1
