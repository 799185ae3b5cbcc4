"""Who carries a parcel: taken out, given on, delivered by none but them; a courier's cash counted without them."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.cards import history_lines, order_card
from core.cash import service as cash
from core.cash.rules import Cash
from core.counter import service as counter
from core.database.tables import audit
from core.errors import NotAllowed, NotFound, OutOfDate, Refused, ShopError
from core.fulfilment import carrying
from core.fulfilment import service as fulfilment
from core.messages.rules import MessageKind
from core.orders import store
from core.orders.rules import Move, Order, ReturnReason, Status, possible
from core.people import service as people
from core.people.rules import Person, Role
from core.privacy import service as privacy
from core.shop import Shop, reader
from tests.support import builders


async def _ready(shop: Shop, count: int = 1) -> tuple[Person, Person, Person, list[Order]]:
    """Staff, two couriers, and so many parcels that are ready."""
    staff = await builders.worker(shop, Role.STAFF, 2001, "Vichea")
    first = await builders.worker(shop, Role.COURIER, 2002, "Sokha")
    other = await builders.worker(shop, Role.COURIER, 2003, "Rith")
    variant, buyer = await builders.product(shop, 50), await builders.customer(shop)
    found = []
    for _ in range(count):
        made = await builders.order(shop, buyer, variant)
        found.append(await builders.moved(shop, staff, made, Move.PREPARE, Move.READY))
        shop.clock.move(timedelta(minutes=30))
    return staff, first, other, found


async def test_who_takes_it_out_carries_it(sqlite_shop: Shop) -> None:
    """A courier's tap makes it theirs, also what was given to another; staff hand over what was given to somebody."""
    shop = sqlite_shop
    staff, first, other, (one, two, three) = await _ready(shop, 3)
    assert (await builders.moved(shop, first, one, Move.OUT)).courier_name == "Sokha"
    two = await carrying.give(shop, staff, two.id, first.id, two.version)
    assert (two.status, two.courier_id) == (Status.READY, first.id)
    assert (await builders.moved(shop, other, two, Move.OUT)).courier_id == other.id
    three = await carrying.give(shop, staff, three.id, first.id, three.version)
    assert (await builders.moved(shop, staff, three, Move.OUT)).courier_id == first.id


async def test_nobody_else_ends_its_way(sqlite_shop: Shop) -> None:
    """Another courier has no button and is refused with who carries it, delivered or not; staff may for them."""
    shop = sqlite_shop
    staff, first, other, (one, two) = await _ready(shop, 2)
    one = await builders.moved(shop, first, one, Move.OUT)
    assert possible(one, other) == []
    assert possible(one, first) == possible(one, staff) == [Move.DELIVER, Move.RETURN]
    for move, more in ((Move.DELIVER, {}), (Move.DELIVER, {"taken": Cash(1000, 0, "less")}),
                       (Move.RETURN, {"reason": ReturnReason.UNWANTED})):  # fmt: skip
        with pytest.raises(NotAllowed) as refused:
            await fulfilment.move(shop, other, one.id, move, one.version, **more)
        assert (refused.value.key, refused.value.values) == ("errors.carried_by", {"name": "Sokha"})
    assert (await builders.moved(shop, first, one, Move.DELIVER)).status is Status.DELIVERED
    two = await builders.moved(shop, first, two, Move.OUT)
    assert (await builders.moved(shop, staff, two, Move.DELIVER)).status is Status.DELIVERED
    taken = await cash.taken(shop, await builders.read(shop, two))
    assert taken is not None
    assert taken.courier == "Vichea"


async def test_what_came_back_can_go_again(sqlite_shop: Shop) -> None:
    """Not accepted, then taken out by staff: theirs now. Its customer reads that it came back, the shop reads why."""
    shop = sqlite_shop
    staff, first, _, (one,) = await _ready(shop)
    one = await builders.moved(shop, first, one, Move.OUT)
    one = await fulfilment.move(shop, first, one.id, Move.RETURN, one.version, reason=ReturnReason.NO_MONEY)
    buyer = reader(await builders.customer(shop), "en")
    card = order_card(shop, one, buyer)
    assert (card.outcome, card.reason) == (buyer.t("outcome.returned"), "")
    mine = order_card(shop, one, reader(staff, "en"))
    assert (mine.outcome, mine.reason, mine.carrier) == ("", "Had no money", "Sokha")
    assert (await carrying.load(shop, first)).parcels == ()
    assert (await builders.moved(shop, staff, one, Move.OUT)).courier_id == staff.id


async def test_given_on(sqlite_shop: Shop) -> None:
    """Both hands are told, the customer is not; event and audit name them by id; the new one delivers it."""
    shop = sqlite_shop
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    staff, first, other, (one,) = await _ready(shop)
    one = await builders.moved(shop, first, one, Move.OUT)
    before = len(await builders.owed(shop))
    one = await carrying.give(shop, staff, one.id, other.id, one.version)
    told = (await builders.owed(shop))[before:]
    assert sorted(told) == sorted([(2002, MessageKind.PARCEL_GIVEN), (2003, MessageKind.PARCEL_GIVEN)])
    last = (await shop.db.read(store.events, one.id))[-1]
    assert (last.kind, last.actor_name, last.detail) == ("given", "Vichea", {"to": other.id})
    who = reader(staff, "en")
    line = history_lines(shop, await counter.history(shop, staff, one.id), who)[-1]
    assert (line.what, line.who) == ("Given to Rith", "Vichea")
    with pytest.raises(NotAllowed):
        await builders.moved(shop, first, one, Move.DELIVER)
    await builders.moved(shop, other, one, Move.DELIVER)
    await builders.sound(shop)


async def test_what_cannot_be_given(sqlite_shop: Shop) -> None:
    """Not by couriers, not what is not ready or is there, not to who has it or works here no more, not as it was."""
    shop = sqlite_shop
    staff, first, other, (one,) = await _ready(shop)
    fresh = await builders.order(shop, await builders.customer(shop), await builders.product(shop, sku="X"))
    buyer = await builders.customer(shop)
    await people.revoke(shop, 2003)
    one = await carrying.give(shop, staff, one.id, first.id, one.version)
    tries = (
        (first, one.id, staff.id, one.version, "not_allowed"), (staff, fresh.id, first.id, fresh.version, "moved_on"),
        (staff, one.id, first.id, one.version, "given_already"), (staff, one.id, other.id, one.version, "no_worker"),
        (staff, one.id, buyer.id, one.version, "no_worker"), (staff, 99, first.id, 1, "not_found"),
        (staff, one.id, staff.id, one.version - 1, "done_already"), (staff, one.id, 999, one.version, "no_worker"),
    )  # fmt: skip
    for who, order_id, to, version, key in tries:
        with pytest.raises(ShopError) as refused:
            await carrying.give(shop, who, order_id, to, version)
        assert refused.value.key == f"errors.{key}", key
    with pytest.raises(NotAllowed):
        await carrying.hands(shop, first, one.id)
    with pytest.raises(NotFound):
        await carrying.hands(shop, staff, 99)
    with pytest.raises(OutOfDate):
        await carrying.hands(shop, staff, fresh.id)


async def test_two_give_it_at_once(shop: Shop) -> None:
    """Two of the staff give one parcel to two couriers at once: one wins, the other hears who."""
    staff, first, other, (one,) = await _ready(shop)
    boss = await builders.worker(shop, Role.ADMIN, 2004, "Boss")
    said = await asyncio.gather(
        carrying.give(shop, staff, one.id, first.id, one.version),
        carrying.give(shop, boss, one.id, other.id, one.version), return_exceptions=True,
    )  # fmt: skip
    (lost,) = [one for one in said if isinstance(one, OutOfDate)]
    now = await builders.read(shop, one)
    assert lost.values == {"name": "Vichea" if now.courier_id == first.id else "Boss"}


async def test_my_parcels(sqlite_shop: Shop) -> None:
    """Out first, then ready, the oldest first, ten a page; nobody else's, none delivered; cash in hand and today's."""
    shop = sqlite_shop
    staff, first, other, found = await _ready(shop, 13)
    for one in found:
        await carrying.give(shop, staff, one.id, first.id, one.version)
    out = [await builders.moved(shop, first, found[i], Move.OUT) for i in (5, 3)]
    await carrying.give(shop, staff, found[0].id, other.id, found[0].version + 1)
    page = await carrying.load(shop, first)
    assert [one.id for one in page.parcels[:3]] == [found[3].id, found[5].id, found[1].id]
    assert (len(page.parcels), page.page, page.more) == (10, 0, True)
    last = await carrying.load(shop, first, 1)
    assert ([one.id for one in last.parcels], last.page, last.more) == ([found[11].id, found[12].id], 1, False)
    await builders.moved(shop, first, out[0], Move.DELIVER)
    shop.clock.move(timedelta(days=1))
    await builders.moved(shop, first, out[1], Move.DELIVER)
    for number in (1, 7, -3):
        page = await carrying.load(shop, first, number)
        assert (page.page, len(page.parcels), page.more) == (0, 10, False), number
    assert (page.held.sums, page.today.sums) == ((2700, 0), (1350, 0))
    with pytest.raises(NotAllowed):
        await carrying.load(shop, await builders.customer(shop))


async def test_hands_by_ten(sqlite_shop: Shop) -> None:
    """Couriers first, by name; who has the parcel is not offered; ten a page."""
    shop = sqlite_shop
    staff, first, _, (one,) = await _ready(shop)
    for i in range(9):
        await builders.worker(shop, Role.COURIER, 3000 + i, f"Extra {i}")
    await builders.worker(shop, Role.ADMIN, 2004, "Aun")
    one = await carrying.give(shop, staff, one.id, first.id, one.version)
    page = await carrying.hands(shop, staff, one.id)
    assert [who.name for who in page.people] == [*(f"Extra {i}" for i in range(9)), "Rith"]
    assert page.more
    assert [who.name for who in (await carrying.hands(shop, staff, one.id, 1)).people] == ["Aun", "Vichea"]


async def test_a_carrier_who_was_forgotten(sqlite_shop: Shop) -> None:
    """A courier who has their data deleted leaves their parcels to whoever brings them now."""
    shop = sqlite_shop
    _, first, other, (one,) = await _ready(shop)
    await builders.moved(shop, first, one, Move.OUT)
    await people.revoke(shop, 2002)
    await privacy.forget_me(shop, first, int(shop.clock.now().timestamp()))
    assert (await builders.read(shop, one)).courier_id is None
    assert (await builders.moved(shop, other, one, Move.DELIVER)).status is Status.DELIVERED


async def test_cash_of_who_is_gone(sqlite_shop: Shop) -> None:
    """An admin hands in what a removed courier holds, once, and counts it, less is missing; the audit says whose."""
    shop = sqlite_shop
    staff, first, _, (one,) = await _ready(shop)
    boss, owner = await builders.worker(shop, Role.ADMIN, 2004), await builders.worker(shop, Role.OWNER, 2005)
    await builders.moved(shop, first, one, Move.OUT, Move.DELIVER)
    await people.revoke(shop, 2002)
    seen = Cash(1350)
    tries = ((staff, first.id, seen, NotAllowed), (boss, boss.id, seen, Refused),
             (boss, first.id, Cash(1300), OutOfDate), (boss, 99, Cash(), OutOfDate))  # fmt: skip
    for who, whose, sums, error in tries:
        with pytest.raises(error):
            await cash.take_over(shop, who, whose, sums)
    found = await cash.take_over(shop, boss, first.id, seen)
    assert (found.courier, found.brought.sums, found.counted) == ("Sokha", (1350, 0), None)
    assert (await cash.take_over(shop, owner, first.id, seen)).id == found.id
    lines = await shop.db.read(lambda tx: tx.execute(select(audit).where(audit.c.action == "cash.take_over")).all())
    assert [(line.actor_id, line.subject_id, line.detail) for line in lines] == [
        (boss.id, found.id, {"courier": first.id, "amount": "$13.50"})
    ]
    with pytest.raises(Refused):
        await cash.confirm(shop, boss, found.id, Cash(1000))
    done = await cash.confirm(shop, boss, found.id, Cash(1000, 0, "the rest is lost"))
    assert [str(one) for one in done.difference] == ["-$3.50"]
    assert (await cash.held(shop, boss, first.id)).held.amounts == ()
    await builders.sound(shop)
