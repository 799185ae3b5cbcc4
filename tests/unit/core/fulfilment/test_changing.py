"""An order changed after it was placed: its price, its stock, who may, what of it counts of two."""

import asyncio
from dataclasses import replace

import pytest

from core.cash.rules import Cash
from core.checkout import service as checkout
from core.database.tables import promo_uses
from core.errors import NotAllowed, NotFound, OutOfDate, Refused, ShopError
from core.fulfilment import changing, rules
from core.fulfilment import service as fulfilment
from core.fulfilment.rules import PLACE, Wanted
from core.money import usd
from core.orders import store as orders
from core.orders.rules import Move, Order, PaymentStatus, Status
from core.people.rules import Role
from core.points import store as points
from core.shop import Shop
from core.stock import store as stock_store
from tests.support import builders
from tests.support.changing import change, propose, units_of


async def test_cash_order_becomes_another_sum(shop: Shop) -> None:
    """More, fewer, one added, one removed: units, total and what the courier takes follow; the event says so."""
    sokha, dara = await builders.worker(shop), await builders.customer(shop)
    rose = await builders.product(shop)
    mint = await builders.product(shop, 5, 800, "MINT")
    order = await builders.order(shop, dara, rose, 2)
    order = await builders.moved(shop, sokha, order, Move.PREPARE)
    order = await change(shop, sokha, order, Wanted({rose: 1, mint: 3}))
    assert [(line.variant_id, line.quantity) for line in order.lines] == [(rose, 1), (mint, 3)]
    assert (order.total, order.to_collect, order.payment_status) == (usd(3750), usd(3750), PaymentStatus.DUE)
    assert await builders.figures(shop, rose) == (10, 0, 1)
    assert await builders.figures(shop, mint) == (5, 0, 3)
    order = await change(shop, sokha, order, Wanted({rose: 0, mint: 4}))
    assert ([line.sku for line in order.lines], order.total) == (["MINT"], usd(3350))
    event = (await shop.db.read(orders.events, order.id))[-1]
    assert event.detail == {
        "parts": [{"name_en": "Rose Serum ROSE-30 · 30 ml", "name_km": "សេរ៉ូម ROSE-30 · ៣០ មល", "before": 1, "after": 0},
                  {"name_en": "Rose Serum MINT · 30 ml", "name_km": "សេរ៉ូម MINT · ៣០ មល", "before": 3, "after": 4}],
        "where": [], "total": [3750, 3350], "back": 0, "code": ""}  # fmt: skip
    admin = await builders.worker(shop, Role.ADMIN, 2002, "Bopha")
    order = await builders.moved(shop, admin, order, Move.READY, Move.OUT)
    order = await fulfilment.move(shop, admin, order.id, Move.DELIVER, order.version, taken=Cash(3000, 0, "no more"))
    await builders.sound(shop)
    assert await shop.db.read(points.balance, dara.id, shop.clock.now()) == 33


async def test_prices(sqlite_shop: Shop) -> None:
    """What stays keeps its price, what is added costs today's; more of a line whose price moved is refused."""
    shop = sqlite_shop
    sokha, dara, rose = await builders.worker(shop), await builders.customer(shop), await builders.product(shop)
    mint = await builders.product(shop, 5, 800, "MINT")
    order = await builders.order(shop, dara, rose, 2)
    await builders.reprice(shop, rose, 9900)
    await builders.reprice(shop, mint, 900)
    order = await change(shop, sokha, order, Wanted({rose: 1, mint: 1}))
    assert [line.unit_price for line in order.lines] == [usd(1200), usd(900)]
    with pytest.raises(Refused, match="change_price"):
        await propose(shop, sokha, order, units_of(rose, 2))
    assert (await propose(shop, sokha, order, units_of(mint, 2))).total.charged == usd(3150)


async def test_what_cannot_be(sqlite_shop: Shop) -> None:
    """Nothing left, more than there is, what is not sold, nothing changed at all: refused, and nothing has changed."""
    shop = sqlite_shop
    sokha, dara, rose = await builders.worker(shop), await builders.customer(shop), await builders.product(shop)
    mint = await builders.product(shop, 2, 800, "MINT")
    order = await builders.order(shop, dara, rose, 2)
    await builders.retire(shop, mint)
    for wanted, sentence in (
        ({rose: 0}, "change_empty"), ({rose: 11}, "only_left"), ({mint: 1}, "product_gone"), ({999: 1}, "product_gone"),
    ):  # fmt: skip
        with pytest.raises(ShopError) as refused:
            await change(shop, sokha, order, Wanted(wanted))
        assert refused.value.key == f"errors.{sentence}"
    with pytest.raises(Refused, match="change_nothing"):
        await change(shop, sokha, order, Wanted({rose: 2}))
    for units in (-1, 100):
        with pytest.raises(Refused, match="only_left"):
            Wanted().having(rose, units)
    assert await builders.read(shop, order) == order
    assert await builders.figures(shop, rose) == (10, 2, 0)


async def test_sold_out_between_look_and_confirm(shop: Shop) -> None:
    """The last unit went elsewhere: the change is refused whole, what it would have let go is still promised."""
    sokha, dara, rose = await builders.worker(shop), await builders.customer(shop), await builders.product(shop)
    mint = await builders.product(shop, 1, 800, "MINT")
    order = await builders.order(shop, dara, rose, 2)
    wanted = Wanted({rose: 1, mint: 1})
    found = await propose(shop, sokha, order, wanted)
    await builders.order(shop, await builders.customer(shop, 1002, "Bopha"), mint)
    with pytest.raises(Refused, match="only_left"):
        await changing.change(shop, sokha, order.id, order.version, wanted, found.total.charged.amount)
    with pytest.raises(Refused, match="sold_out"):  # the guard itself, behind every look
        await shop.db.write(stock_store.resize, order.id, {rose: 1, mint: 1}, shop.clock.now())
    assert await builders.read(shop, order) == order
    assert await builders.figures(shop, rose) == (10, 2, 0)
    await builders.sound(shop)


async def test_two_at_once(shop: Shop) -> None:
    """Of two who confirm at once one wins, the other hears who; a second tap changes nothing; a wrong total neither."""
    sokha, rose = await builders.worker(shop), await builders.product(shop)
    bopha = await builders.worker(shop, Role.ADMIN, 2002, "Bopha")
    order = await builders.order(shop, await builders.customer(shop), rose, 2)
    with pytest.raises(OutOfDate, match="price_moved"):
        await changing.change(shop, sokha, order.id, order.version, units_of(rose, 1), 1)
    both = await asyncio.gather(
        changing.change(shop, sokha, order.id, order.version, units_of(rose, 3), 3750),
        changing.change(shop, bopha, order.id, order.version, units_of(rose, 4), 4950),
        return_exceptions=True,
    )
    won, lost = sorted(both, key=lambda one: isinstance(one, OutOfDate))
    assert isinstance(won, Order)
    assert isinstance(lost, OutOfDate)
    who = "Sokha" if won.total == usd(3750) else "Bopha"
    assert (lost.key, lost.values) == ("errors.somebody_faster", {"name": who})
    winner = sokha if who == "Sokha" else bopha
    with pytest.raises(OutOfDate, match="done_already"):
        await changing.change(shop, winner, order.id, order.version, units_of(rose, 3), 3750)
    assert await builders.figures(shop, rose) == (10, won.lines[0].quantity, 0)
    await builders.sound(shop)


@pytest.mark.parametrize(
    ("role", "status", "refused"),
    [(Role.STAFF, Status.PENDING, None), (Role.STAFF, Status.CONFIRMED, None), (Role.STAFF, Status.PREPARING, None),
     (Role.STAFF, Status.READY, NotAllowed), (Role.ADMIN, Status.READY, None), (Role.OWNER, Status.READY, None),
     (Role.COURIER, Status.PENDING, NotAllowed), (None, Status.PENDING, NotAllowed),
     *((Role.OWNER, status, OutOfDate) for status in (Status.OUT, Status.DELIVERED, Status.RETURNED, Status.CANCELLED,
                                                     Status.EXPIRED))],
)  # fmt: skip
async def test_who_may_and_until_when(
    sqlite_shop: Shop, role: Role | None, status: Status, refused: type[ShopError] | None
) -> None:
    """Staff until the parcel is ready, admins then too; nobody on its way or after; the buttons say the same."""
    shop = sqlite_shop
    owner, rose = await builders.worker(shop, Role.OWNER, 2009, "Owner"), await builders.product(shop)
    dara = await builders.customer(shop)
    order = await builders.order(shop, dara, rose, 2)
    way = [Move.CONFIRM, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER]
    ends = {Status.RETURNED: [*way[:4], Move.RETURN], Status.CANCELLED: [Move.CANCEL], Status.EXPIRED: []}
    path = [Status.PENDING, Status.CONFIRMED, Status.PREPARING, Status.READY, Status.OUT, Status.DELIVERED]
    order = await builders.moved(shop, owner, order, *(ends.get(status) or way[: path.index(status)] if status in path
                                                       else ends[status]))  # fmt: skip
    if status is Status.EXPIRED:
        order = replace(order, status=status)
        with pytest.raises(OutOfDate):
            rules.must_be_open(order, owner.rank, looked_at=False)
        return
    person = await builders.worker(shop, role) if role else dara
    if refused is None:
        assert (await change(shop, person, order, units_of(rose, 1))).total == usd(1350)
    else:
        with pytest.raises(refused):
            await propose(shop, person, order, units_of(rose, 1))
        with pytest.raises(refused):
            await changing.change(shop, person, order.id, order.version, units_of(rose, 1), 1350)
    rank = person.rank
    assert rules.can_change(order, rank) is (refused is None)


async def test_code_and_points_are_looked_at_again(sqlite_shop: Shop) -> None:
    """Below its minimum the code falls away and is free again; points fit the goods, the rest comes back, once."""
    shop = sqlite_shop
    sokha, dara, rose = await builders.worker(shop), await builders.customer(shop), await builders.product(shop)
    mint = await builders.product(shop, 5, 300, "MINT")
    await builders.promo(shop, minimum=2000)
    await builders.give_points(shop, dara, 2500)
    cart = await builders.cart(shop, dara, (rose, 2), (mint, 1))
    await builders.type_promo(shop, dara, cart, "rose10")
    await checkout.spend_points(shop, dara, cart, spend=True)
    order = await builders.place(shop, dara, cart)
    assert (order.discount, order.points_used, order.total) == (usd(2700), 2430, usd(150))
    found = await propose(shop, sokha, order, units_of(mint, 0))
    assert (found.by_code, found.points, found.code_gone) == (usd(240), 2160, False)
    order = await change(shop, sokha, order, units_of(mint, 0))
    assert (order.promo_code, order.points_used, order.total) == ("ROSE10", 2160, usd(150))
    assert await builders.count(shop, promo_uses, promo_uses.c.discount == 240) == 1
    assert await shop.db.read(points.balance, dara.id, shop.clock.now()) == 340
    order = await change(shop, sokha, order, units_of(rose, 1))
    assert (order.promo_code, order.discount, order.points_used) == ("", usd(1200), 1200)
    assert await builders.count(shop, promo_uses, promo_uses.c.returned_at.is_(None)) == 0
    event = (await shop.db.read(orders.events, order.id))[-1]
    assert (event.detail or {})["code"] == "ROSE10"
    order = await builders.moved(shop, sokha, order, Move.CANCEL)
    assert await shop.db.read(points.balance, dara.id, shop.clock.now()) == 2500
    await builders.sound(shop)


async def test_fee_and_address(sqlite_shop: Shop) -> None:
    """Another province or goods are another fee, else the promised one stays; the pin of the old place goes."""
    shop = sqlite_shop
    sokha, dara, rose = await builders.worker(shop), await builders.customer(shop), await builders.product(shop)
    order = await builders.order(shop, dara, rose, 2)
    await builders.with_khqr(shop, fee_capital=999)
    order = await change(shop, sokha, order, Wanted().going("recipient", "Chenda").going("phone", "012 999 888"))
    assert (order.destination.recipient, order.destination.phone, order.total) == ("Chenda", "+85512999888", usd(2550))
    event = (await shop.db.read(orders.events, order.id))[-1]
    assert (event.detail or {})["where"] == ["recipient", "phone"]
    assert "Chenda" not in str(event.detail)
    order = await change(shop, sokha, order, Wanted().going(PLACE, "0102").going("street", "Market 5"))
    assert (order.delivery_fee, order.destination.province_code, order.destination.district_code) == (
        usd(250), "01", "0102")  # fmt: skip
    assert order.destination.written_en.startswith("Market 5, ")
    assert order.destination.written_km != order.destination.written_en
    order = await change(shop, sokha, order, units_of(rose, 5))
    assert order.delivery_fee == usd(0)
    for part, text, error in (("phone", "12", "phone_invalid"), ("street", "...", "street_empty")):
        with pytest.raises(Refused, match=error):
            Wanted().going(part, text)
    with pytest.raises(NotFound):
        Wanted().going(PLACE, "77")
    pinned = replace(order, destination=replace(order.destination, latitude=11.5, longitude=104.9))
    again = rules.propose(pinned, Wanted().going("recipient", "Dara"), {}, None, shop.policy, {})
    moved = rules.propose(pinned, Wanted().going("street", "Corner 7"), {}, None, shop.policy, {})
    assert (again.to.latitude, moved.to.latitude, moved.to.longitude) == (11.5, None, None)
