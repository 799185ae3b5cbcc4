"""Undo: within a minute, by who did it or an admin, and then everything stands as if the tap had never been."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from core.database.tables import holds, orders, stock
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.fulfilment import service as fulfilment
from core.fulfilment.undo import undo
from core.messages.rules import MessageKind
from core.orders import store, undoing
from core.orders.rules import MOVES, SYSTEM, Event, Move, Order, PaymentMethod, ReturnReason, Status
from core.orders.undoing import UNDO
from core.people import service as people
from core.people.rules import Person, Role
from core.shop import Shop
from tests.support import builders
from tests.unit.core.orders.test_moves_table import NOW, order

KEPT_OUT = {"version", "updated_at"}
NO_WAY_BACK = {Move.DELIVER, Move.CANCEL, Move.EXPIRE, Move.REVIVE}
PATH: dict[Status, tuple[Move, ...]] = {
    Status.PENDING: (),
    Status.CONFIRMED: (Move.CONFIRM,),
    Status.PREPARING: (Move.PREPARE,),
    Status.READY: (Move.PREPARE, Move.READY),
    Status.OUT: (Move.PREPARE, Move.READY, Move.OUT),
    Status.RETURNED: (Move.PREPARE, Move.READY, Move.OUT, Move.RETURN),
}


async def _stands(shop: Shop, order: Order) -> list[Any]:
    """All that a move may touch: the order's row, its promises, the figures of its goods."""

    def read(tx: Connection) -> list[Any]:
        row = tx.execute(select(orders).where(orders.c.id == order.id)).mappings().one()
        promises = tx.execute(select(holds).where(holds.c.order_id == order.id).order_by(holds.c.variant_id)).all()
        mine = select(stock).where(stock.c.variant_id.in_([line.variant_id for line in order.lines]))
        figures = [tuple(one) for one in tx.execute(mine.order_by(stock.c.variant_id))]
        return [{name: value for name, value in row.items() if name not in KEPT_OUT}, [*map(tuple, promises)], figures]

    return await shop.db.read(read)


async def _placed(shop: Shop) -> tuple[Order, Person, Person, Person]:
    """An order of two goods; its customer, staff and an admin."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    oil = await builders.product(shop, sku="OIL", cents=900)
    sokha = await builders.worker(shop, Role.STAFF)
    admin = await builders.worker(shop, Role.ADMIN, 2002, "Bopha")
    cart = await builders.cart(shop, dara, (rose, 2), (oil, 1))
    return await builders.place(shop, dara, cart), dara, sokha, admin


def test_every_move_has_a_way_back_or_is_final() -> None:
    """UNDO mirrors MOVES: each of a person's moves but the final ones, no other; to where it came from."""
    there = {
        (step.move, step.to, step.source) for step in MOVES if step.rank != SYSTEM and step.move not in NO_WAY_BACK
    }
    assert {(step.move, step.source, step.to) for step in UNDO} == there
    assert len(UNDO) == len(there)


@pytest.mark.parametrize("step", [*UNDO, None], ids=lambda step: f"{step.move}-{step.to}" if step else "claim")
async def test_undone_is_as_before(sqlite_shop: Shop, step: Any) -> None:
    """Each move and the claim of a new order, undone: status, holder, courier, promises and stock to the unit."""
    shop = sqlite_shop
    order, _, sokha, _ = await _placed(shop)
    source, move = (step.to, step.move) if step else (Status.PENDING, Move.PREPARE)
    await builders.moved(shop, sokha, order, *PATH[source])
    before = await _stands(shop, order)
    shop.clock.move(timedelta(seconds=10))
    moved = await builders.moved(shop, sokha, order, move)
    assert await _stands(shop, order) != before
    shop.clock.move(timedelta(seconds=59))
    back = await undo(shop, sokha, order.id, moved.version)
    assert (await _stands(shop, order), back.version > moved.version) == (before, True)
    await builders.sound(shop)
    last = (await shop.db.read(store.events, order.id))[-1]
    assert (last.kind, last.to_status, last.actor_name, last.detail) == ("undo", source, "Sokha", {"move": move})
    with pytest.raises(OutOfDate, match="undo_over"):
        await undo(shop, sokha, order.id, back.version)


async def test_only_in_its_minute_and_by_whom_it_is(sqlite_shop: Shop) -> None:
    """A minute later, after a colleague's move, by a colleague, by the customer: refused, unmoved."""
    shop = sqlite_shop
    order, dara, sokha, admin = await _placed(shop)
    vuthy = await builders.worker(shop, Role.STAFF, 2003, "Vuthy")
    claimed = await builders.moved(shop, sokha, order, Move.PREPARE)
    with pytest.raises(Refused, match="undo_theirs") as refused:
        await undo(shop, vuthy, order.id, claimed.version)
    assert refused.value.values == {"name": "Sokha"}
    with pytest.raises(NotAllowed):
        await undo(shop, dara, order.id, claimed.version)
    with pytest.raises(NotFound):
        await undo(shop, await builders.customer(shop, 1009), order.id, claimed.version)
    ready = await builders.moved(shop, vuthy, order, Move.READY)
    with pytest.raises(OutOfDate, match="somebody_faster"):
        await undo(shop, sokha, order.id, claimed.version)
    with pytest.raises(Refused, match="undo_theirs"):
        await undo(shop, sokha, order.id, ready.version)
    shop.clock.move(timedelta(seconds=60))
    with pytest.raises(OutOfDate, match="undo_over"):
        await undo(shop, admin, order.id, ready.version)
    out = await builders.moved(shop, sokha, order, Move.OUT)
    back = await undo(shop, admin, order.id, out.version)
    assert (back.status, back.holder_name) == (Status.READY, "Sokha")
    out = await builders.moved(shop, sokha, order, Move.OUT)
    await fulfilment.receive(shop, dara, order.id)
    with pytest.raises(OutOfDate, match="undo_over"):
        await undo(shop, sokha, order.id, (await builders.read(shop, order)).version)
    done = await builders.moved(shop, sokha, order, Move.DELIVER)
    with pytest.raises(OutOfDate, match="undo_over"):
        await undo(shop, admin, order.id, done.version)
    await builders.sound(shop)


async def test_the_note_that_was_not_sent_goes(sqlite_shop: Shop) -> None:
    """On its way by mistake: the note that waits in the outbox goes with the undo; out again, a note again."""
    shop = sqlite_shop
    order, _, sokha, _ = await _placed(shop)
    out = await builders.moved(shop, sokha, order, Move.PREPARE, Move.READY, Move.OUT)
    assert len(await builders.owed(shop, MessageKind.NOTE_OUT)) == 1
    await undo(shop, sokha, order.id, out.version)
    assert await builders.owed(shop, MessageKind.NOTE_OUT) == []
    await builders.moved(shop, sokha, order, Move.OUT)
    assert len(await builders.owed(shop, MessageKind.NOTE_OUT)) == 1


async def test_who_lost_the_role_undoes_nothing(sqlite_shop: Shop) -> None:
    """A courier's tap is theirs as far as their role reaches: what staff did is not undone by a courier they became."""
    shop = sqlite_shop
    order, _, sokha, _ = await _placed(shop)
    claimed = await builders.moved(shop, sokha, order, Move.PREPARE)
    courier = await people.grant(shop, 2001, "Sokha", Role.COURIER)
    with pytest.raises(Refused, match="undo_theirs"):
        await undo(shop, courier, order.id, claimed.version)


async def test_two_undo_at_once(shop: Shop) -> None:
    """Two taps on Undo, and an undo against a move: one wins, the other hears it; stock is turned back once."""
    order, _, sokha, admin = await _placed(shop)
    claimed = await builders.moved(shop, sokha, order, Move.PREPARE)
    tries = [undo(shop, sokha, order.id, claimed.version), undo(shop, admin, order.id, claimed.version),
             fulfilment.move(shop, admin, order.id, Move.READY, claimed.version)]  # fmt: skip
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Order) for one in done) == 1
    assert all(isinstance(one, Order | OutOfDate) for one in done)
    await builders.sound(shop)


def _event(kind: str, source: str | None, to: str | None, **detail: Any) -> Event:
    return Event(kind, source, to, 1, "Sokha", NOW, detail or None)


def test_what_happened_since_bars_it() -> None:
    """A line of the past by line: what is beside the moves bars nothing, anything else does."""
    out = _event("out", "ready_for_delivery", "out_for_delivery", before={"courier_id": None})
    back = _event("return", "out_for_delivery", "returned", reason=ReturnReason.NO_MONEY)
    cases = (
        (Status.OUT, [out], 1), (Status.OUT, [out, _event("shipment", None, None)], 1),
        (Status.OUT, [out, _event("received", None, None)], 0), (Status.OUT, [out, _event("case", None, None)], 0),
        (Status.RETURNED, [out, back], 1), (Status.READY, [out], 0), (Status.OUT, [], 0),
    )  # fmt: skip
    for status, events, found in cases:
        last = undoing.last(events, order(status))
        assert (len(last.steps) if last else 0) == found, (status, events)
    khqr = _event("confirm", "pending", "confirmed")
    assert undoing.last([khqr], order(Status.CONFIRMED, PaymentMethod.KHQR)) is None
