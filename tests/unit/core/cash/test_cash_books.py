"""Cash from the door to the till: what couriers hold, hand in and are counted for adds up to the riel."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from core.cash import service
from core.cash.rules import Cash, Collection, by_day, together
from core.database.tables import cash_collections, cash_hand_ins, outbox, settlements
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.fulfilment import reconciling
from core.fulfilment import service as fulfilment
from core.messages.rules import MessageKind
from core.orders.rules import Move, Order, ReturnReason, Status
from core.people.rules import Person, Role
from core.settlements.rules import Difference, Source
from core.shop import Shop
from tests.support import builders

ZONE = ZoneInfo("Asia/Phnom_Penh")
EXACT = Cash(1350)


async def _on_the_way(shop: Shop, courier: Person, count: int = 1) -> list[Order]:
    """Parcels of $13.50 with a courier, paid in cash at the door."""
    staff = await builders.worker(shop, telegram_id=2900, name="Counter")
    variant = await builders.product(shop, 100, sku=f"C{courier.id}-{shop.clock.now():%d%H%M%S}")
    dara = await builders.customer(shop)
    made = [await builders.order(shop, dara, variant) for _ in range(count)]
    ready = [await builders.moved(shop, staff, order, Move.PREPARE, Move.READY) for order in made]
    return [await builders.moved(shop, courier, order, Move.OUT) for order in ready]


async def _deliver(shop: Shop, courier: Person, order: Order, taken: Cash | None = None) -> Order:
    return await fulfilment.move(shop, courier, order.id, Move.DELIVER, order.version, taken=taken)


async def _courier(shop: Shop, number: int = 1, role: Role = Role.COURIER) -> Person:
    return await builders.worker(shop, role, 2100 + number, f"Courier {number}")


async def _chan(shop: Shop, role: Role = Role.ADMIN) -> Person:
    return await builders.worker(shop, role, 3001, "Chan")


async def _handed(shop: Shop, courier: Person, *sums: Cash | None) -> int:
    """Deliver a parcel for each of these, hand all of it in; returns the hand-in's id."""
    for order, taken in zip(await _on_the_way(shop, courier, len(sums)), sums, strict=True):
        await _deliver(shop, courier, order, taken)
    purse = await service.held(shop, courier, courier.id)
    return (await service.hand_in(shop, courier, purse.held)).id


async def test_two_days_of_three_couriers(shop: Shop) -> None:
    """60 parcels, 3 couriers, over two of the shop's midnights, mixed currencies: to the riel, as the ledger has it."""
    rng = random.Random(5)
    couriers = [await _courier(shop, i) for i in range(3)]
    parcels = [(courier, order) for courier in couriers for order in await _on_the_way(shop, courier, 20)]
    rng.shuffle(parcels)
    shop.clock.move(datetime(2026, 11, 21, 16, 30, tzinfo=UTC) - shop.clock.now())  # 23:30 in Phnom Penh
    sums: Counter[tuple[int, str, str]] = Counter()
    for courier, order in parcels:
        shop.clock.move(timedelta(minutes=1) + timedelta(hours=23) * (rng.random() < 1 / 40))
        day = shop.clock.now().astimezone(ZONE).date().isoformat()
        taken = rng.choice([None, None, Cash(rng.randint(1, 20) * 50, rng.randint(0, 300) * 100, "as it was")])
        await _deliver(shop, courier, order, taken)
        sums[courier.id, day, "USD"] += (taken or EXACT).cents
        sums[courier.id, day, "KHR"] += (taken or EXACT).riel
    chan = await _chan(shop)
    found: Counter[tuple[int, str, str]] = Counter()
    for courier in couriers:
        purse = await service.held(shop, chan, courier.id)
        assert len(purse.days) >= 2
        assert together(day.taken for day in purse.days) == purse.held
        for day in purse.days:
            assert together(one.taken for one in day.collections).sums == day.taken.sums
            found[courier.id, day.day.isoformat(), "USD"] = day.taken.cents
            found[courier.id, day.day.isoformat(), "KHR"] = day.taken.riel
    assert +found == +sums
    assert await shop.db.read(_ledger) == +_without(sums, 1)
    till = await service.till(shop, chan)
    assert [(one.courier, one.parcels) for one in till.holdings] == [(f"Courier {i}", 20) for i in range(3)]
    assert together(one.held for one in till.holdings).cents == sum(n for key, n in sums.items() if key[2] == "USD")
    for courier in couriers:
        purse = await service.held(shop, courier, courier.id)
        assert (await service.hand_in(shop, courier, purse.held)).brought.sums == purse.held.sums
    assert (await service.till(shop, chan)).holdings == ()
    await builders.sound(shop)


def _without(sums: Counter[tuple[int, str, str]], place: int) -> Counter[tuple[int, str]]:
    """The same sums without one part of their keys."""
    found: Counter[tuple[int, str]] = Counter()
    for key, amount in sums.items():
        found[key[:place] + key[place + 1 :]] += amount  # type: ignore[index]
    return found


def _ledger(tx: Connection) -> Counter[tuple[int, str]]:
    """Cash rows of the ledger, by who took it and currency."""
    found: Counter[tuple[int, str]] = Counter()
    for row in tx.execute(select(settlements).where(settlements.c.source == Source.CASH)):
        found[row.actor_id, row.currency] += row.amount
    return found


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 5))  # noqa: DTZ001 - hypothesis adds the zone
TAKEN = st.tuples(MOMENTS, st.integers(0, 10**6), st.integers(0, 10**8))


@given(st.lists(TAKEN, max_size=30))
def test_days_split_and_lose_nothing(taken: list[tuple[datetime, int, int]]) -> None:
    """Whatever is taken whenever: each on the day of the shop's own calendar, days in order, all sums kept."""
    rows = [Collection(i, f"MD{i}", 1, "", Cash(usd, riel), at.replace(tzinfo=UTC))
            for i, (at, usd, riel) in enumerate(taken)]  # fmt: skip
    days = by_day(rows, ZONE)
    assert [day.day for day in days] == sorted({(row.collected_at + timedelta(hours=7)).date() for row in rows})
    assert together(day.taken for day in days) == together(row.taken for row in rows)
    for day in days:
        assert {(row.collected_at + timedelta(hours=7)).date() for row in day.collections} == {day.day}
        assert day.taken == together(row.taken for row in day.collections)


async def test_handed_in_once_and_counted(shop: Shop) -> None:
    """All at once; tapped again it is the same; an admin counts it; the courier hears, and holds nothing."""
    courier, chan = await _courier(shop), await _chan(shop, Role.OWNER)
    first = await _handed(shop, courier, None, Cash(1000, 14_000, "short of dollars"))
    again = await service.hand_in(shop, courier, Cash(2350, 14_000))
    assert (again.id, again.brought.sums, again.counted) == (first, (2350, 14_000), None)
    purse = await service.held(shop, courier, courier.id)
    assert (purse.held, purse.days, [one.id for one in purse.waiting]) == (Cash(), (), [first])
    shop.clock.move(timedelta(minutes=5))
    done = await service.confirm(shop, chan, first)
    assert (done.counted, done.confirmed_by, done.difference) == (Cash(2350, 14_000), "Chan", ())
    assert done.confirmed_at == shop.clock.now()
    for other in (None, Cash(1, 1, "x")):
        with pytest.raises(OutOfDate) as late:
            await service.confirm(shop, chan, first, other)
        assert late.value.key == "errors.done_already"
    with pytest.raises(Refused):
        await service.hand_in(shop, courier, Cash())
    with pytest.raises(OutOfDate):
        await service.hand_in(shop, courier, Cash(2350, 14_000))
    kinds = await builders.owed(shop, MessageKind.CASH_HAND_IN, MessageKind.CASH_COUNTED, MessageKind.ALERT)
    assert kinds == [(chan.telegram_id, "cash_hand_in"), (courier.telegram_id, "cash_counted")]
    await builders.sound(shop)


async def test_what_is_missing_stays_with_the_courier(shop: Shop) -> None:
    """Two dollars missing: on the hand-in with its note, in the courier's list, told the admins; no order's matter."""
    courier, chan = await _courier(shop), await _chan(shop, Role.OWNER)
    first = await _handed(shop, courier, None, None)
    ledger = await shop.db.read(_ledger)
    with pytest.raises(Refused) as refused:
        await service.confirm(shop, chan, first, Cash(2500))
    assert refused.value.key == "errors.cash_note"
    done = await service.confirm(shop, chan, first, Cash(2500, 0, "two dollars missing"))
    assert [str(one) for one in done.difference] == ["-$2.00"]
    assert (done.counted, await shop.db.read(_ledger)) == (Cash(2500, 0, "two dollars missing"), ledger)
    purse = await service.held(shop, courier, courier.id)
    assert [(one.id, one.counted and one.counted.note) for one in purse.differed] == [(first, "two dollars missing")]
    assert purse.waiting == ()
    told = await shop.db.read(
        lambda tx: tx.execute(select(outbox.c.data).where(outbox.c.kind == "alert")).scalars().all()
    )
    assert told == [{"metric": "cash", "level": "warning", "name": "Courier 1", "amount": "-$2.00"}]
    await builders.sound(shop)


async def test_who_may(sqlite_shop: Shop) -> None:
    """Couriers see and hand in their own; admins see all and count; nobody but an owner counts their own."""
    shop = sqlite_shop
    courier, other, dara = await _courier(shop), await _courier(shop, 2), await builders.customer(shop)
    admin = await _chan(shop)
    first = await _handed(shop, courier, None)
    for person, call in (
        (other, service.held(shop, other, courier.id)), (dara, service.held(shop, dara, dara.id)),
        (courier, service.till(shop, courier)), (dara, service.hand_in(shop, dara, EXACT)),
        (courier, service.confirm(shop, courier, first)),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            await call
        assert person.role is not Role.ADMIN
    for call in (service.handed(shop, other, first), service.handed(shop, courier, 99),
                 service.held(shop, admin, 9999), service.confirm(shop, admin, 99)):  # fmt: skip
        with pytest.raises(NotFound):
            await call
    assert (await service.handed(shop, courier, first)).courier == "Courier 1"
    assert (await service.held(shop, admin, courier.id)).waiting[0].id == first
    mine = await _handed(shop, admin, None)
    with pytest.raises(Refused) as refused:
        await service.confirm(shop, admin, mine)
    assert refused.value.key == "errors.cash_own"
    owner = await _courier(shop, 7, Role.OWNER)
    theirs = await _handed(shop, owner, None)
    assert (await service.confirm(shop, owner, theirs)).confirmed_by == "Courier 7"


async def test_handed_in_twice_at_once(shop: Shop) -> None:
    """Five taps at one instant: one hand-in, each parcel in it once, one card owed."""
    courier, chan = await _courier(shop), await _chan(shop, Role.OWNER)
    for order in await _on_the_way(shop, courier, 3):
        await _deliver(shop, courier, order)
    found = await asyncio.gather(*(service.hand_in(shop, courier, Cash(4050)) for _ in range(5)))
    assert {(one.id, one.brought.sums) for one in found} == {(found[0].id, (4050, 0))}
    assert await builders.count(shop, cash_hand_ins) == 1
    assert await builders.count(shop, cash_collections, cash_collections.c.hand_in_id == found[0].id) == 3
    assert await builders.owed(shop, MessageKind.CASH_HAND_IN) == [(chan.telegram_id, "cash_hand_in")]
    await builders.sound(shop)


async def test_counted_by_two_at_once(shop: Shop) -> None:
    """Two admins at one instant with different sums: one count stands, the other hears whose."""
    courier, chan = await _courier(shop), await _chan(shop)
    bopha = await builders.worker(shop, Role.ADMIN, 3002, "Bopha")
    first = await _handed(shop, courier, None)
    tries = (service.confirm(shop, chan, first), service.confirm(shop, bopha, first, Cash(1000, 0, "short")))
    results = await asyncio.gather(*tries, return_exceptions=True)
    (late,) = [one for one in results if isinstance(one, OutOfDate)]
    (done,) = [one for one in results if not isinstance(one, BaseException)]
    assert late.key == "errors.somebody_faster"
    assert late.values["name"] == done.confirmed_by
    assert (await service.handed(shop, chan, first)).counted == done.counted
    assert len(await builders.owed(shop, MessageKind.CASH_COUNTED)) == 1


async def test_delivered_while_it_is_handed_in(shop: Shop) -> None:
    """A parcel delivered at the instant of a hand-in is in it or still held, never lost and never twice."""
    courier = await _courier(shop)
    one, two = await _on_the_way(shop, courier, 2)
    await _deliver(shop, courier, one)
    results = await asyncio.gather(
        service.hand_in(shop, courier, EXACT), _deliver(shop, courier, two), return_exceptions=True
    )
    purse = await service.held(shop, courier, courier.id)
    brought = together(one.brought for one in purse.waiting)
    assert together((purse.held, brought)).sums == (2700, 0)
    assert not [one for one in results if isinstance(one, BaseException) and not isinstance(one, OutOfDate)]
    await builders.sound(shop)


async def test_sold_twice_at_the_door(shop: Shop) -> None:
    """Delivered by two taps at once: one collection, one row of the ledger, the second tap is told."""
    courier = await _courier(shop)
    (order,) = await _on_the_way(shop, courier)
    taps = (_deliver(shop, courier, order), _deliver(shop, courier, order, Cash(0, 55_400, "riel only")))
    results = await asyncio.gather(*taps, return_exceptions=True)
    assert sum(isinstance(one, OutOfDate) for one in results) == 1
    assert await builders.count(shop, cash_collections) == 1
    assert await builders.count(shop, settlements, settlements.c.source == Source.CASH) == 1
    await builders.sound(shop)


async def test_another_sum_needs_its_reason(sqlite_shop: Shop) -> None:
    """Another sum without a note, none at all, or far too much: refused, and nothing has moved."""
    shop = sqlite_shop
    courier = await _courier(shop)
    (order,) = await _on_the_way(shop, courier)
    for taken in (Cash(1300), Cash(), Cash(note="nothing"), Cash(99_000, 0, "slip")):
        with pytest.raises(Refused):
            await _deliver(shop, courier, order, taken)
    stands = await builders.read(shop, order)
    assert (stands.status, stands.version) == (Status.OUT, order.version)
    assert await builders.count(shop, cash_collections) == 0


async def test_not_accepted(shop: Shop) -> None:
    """It comes back with a reason, nothing is taken; cancelled by an admin, its unit is in stock again."""
    courier, admin = await _courier(shop), await _chan(shop)
    (order,) = await _on_the_way(shop, courier)
    for reason in ("changed_mind", "unreachable"):
        with pytest.raises(OutOfDate):
            await fulfilment.move(shop, courier, order.id, Move.RETURN, order.version, reason=reason)  # type: ignore[arg-type]
    back = await fulfilment.move(shop, courier, order.id, Move.RETURN, order.version, reason=ReturnReason.NO_MONEY)
    assert (back.status, back.return_reason, back.cancel_reason) == (Status.RETURNED, ReturnReason.NO_MONEY, None)
    with pytest.raises(OutOfDate):
        await fulfilment.move(shop, admin, order.id, Move.CANCEL, back.version, reason=ReturnReason.NO_MONEY)
    out = await builders.moved(shop, admin, order, Move.OUT)
    assert out.return_reason is None
    again = await builders.moved(shop, admin, order, Move.RETURN)  # who took it out again carries it now
    assert again.return_reason is None
    gone = await builders.moved(shop, admin, order, Move.CANCEL)
    assert (gone.status, gone.return_reason) == (Status.CANCELLED, None)
    assert await builders.figures(shop, order.lines[0].variant_id) == (100, 0, 0)
    assert await builders.count(shop, cash_collections) == 0
    await builders.sound(shop)


Spoil = Callable[[Connection], object]
SPOILED: dict[str, tuple[Spoil, Difference]] = {
    "a collection changed": (
        lambda tx: tx.execute(update(cash_collections).values(riel=100)), Difference.CASH_DIFFERS),
    "the ledger changed": (
        lambda tx: tx.execute(update(settlements).values(amount=settlements.c.amount + 1)), Difference.CASH_DIFFERS),
    "a collection lost": (lambda tx: tx.execute(cash_collections.delete()), Difference.CASH_DIFFERS),
    "a hand-in changed": (lambda tx: tx.execute(update(cash_hand_ins).values(cents=1)), Difference.HAND_IN_DIFFERS),
    "another's cash": (
        lambda tx: tx.execute(update(cash_collections).values(courier_id=1)), Difference.HAND_IN_DIFFERS),
    "taken out again": (
        lambda tx: tx.execute(update(cash_collections).values(hand_in_id=None)), Difference.HAND_IN_DIFFERS),
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILED)
async def test_the_books_find_it(shop: Shop, how: str) -> None:
    """Collections against the ledger, hand-ins against collections: whatever is changed behind us is found."""
    await builders.customer(shop)
    courier = await _courier(shop)
    await _handed(shop, courier, None)
    assert await reconciling.differences(shop) == []
    spoil, difference = SPOILED[how]
    await shop.db.write(spoil)
    assert difference in {one for found in await reconciling.differences(shop) for one in found.found}


async def test_other_currencies_of_a_hand_in(sqlite_shop: Shop) -> None:
    """A count in which dollars and riel differ both ways says both."""
    courier, chan = await _courier(sqlite_shop), await _chan(sqlite_shop)
    first = await _handed(sqlite_shop, courier, Cash(1000, 14_000, "as it was"))
    done = await service.confirm(sqlite_shop, chan, first, replace(Cash(1400, 0), note="changed the riel"))
    assert [str(one) for one in done.difference] == ["$4.00", "-14,000៛"]


async def test_a_former_courier_brings_what_they_hold(sqlite_shop: Shop) -> None:
    """Whose role was taken away hands in the cash they still hold, and then sees none of it any more."""
    shop = sqlite_shop
    courier, chan = await _courier(shop), await _chan(shop)
    (order,) = await _on_the_way(shop, courier)
    await _deliver(shop, courier, order)
    former = replace(courier, role=None)
    purse = await service.held(shop, former, former.id)
    found = await service.hand_in(shop, former, purse.held)
    for call in (service.held(shop, former, former.id), service.hand_in(shop, former, EXACT)):
        with pytest.raises(NotAllowed):
            await call
    assert (await service.confirm(shop, chan, found.id)).difference == ()
    assert (await service.till(shop, chan)).holdings == ()
    await builders.sound(shop)
