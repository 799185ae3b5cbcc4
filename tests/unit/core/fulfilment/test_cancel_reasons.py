"""Why an order was cancelled: asked, kept with the event, told to both sides; and what a cancelled order gives back."""

from typing import Any

import pytest

from core.cards import order_card
from core.checkout import service as checkout
from core.errors import NotAllowed, OutOfDate
from core.fulfilment import service as fulfilment
from core.i18n import LANGUAGES, translator
from core.orders import store
from core.orders.rules import CUSTOMERS_REASONS, STAFFS_REASONS, CancelReason, Event, Move, Order, Status
from core.people.rules import Person, Role
from core.points import store as points
from core.promotions import store as promotions
from core.shop import Reader, Shop
from tests.support import builders


async def _cancel(shop: Shop, person: Person, of: Order, reason: CancelReason | None) -> Order:
    now = await builders.read(shop, of)
    return await fulfilment.move(shop, person, of.id, Move.CANCEL, now.version, reason=reason)


async def _last(shop: Shop, of: Order) -> Event:
    return (await shop.db.read(store.events, of.id))[-1]


async def test_all_of_it_comes_back(shop: Shop) -> None:
    """Stock, the use of a code that is good once, and the points: free at once, and the next order has them all."""
    dara, rose = await builders.customer(shop), await builders.product(shop, 2)
    await builders.promo(shop, use_limit=1)
    await builders.give_points(shop, dara, 300)

    async def look() -> tuple[Any, ...]:
        code = await shop.db.read(promotions.by_code, "ROSE10")
        return (
            await builders.figures(shop, rose), await shop.db.read(points.balance, dara.id, shop.clock.now()),
            await shop.db.read(promotions.used_by, code.id, dara.id) if code else None,
        )  # fmt: skip

    before = await look()
    assert before == ((2, 0, 0), 300, 0)
    for _ in range(2):
        cart = await builders.cart(shop, dara, (rose, 2))
        await builders.type_promo(shop, dara, cart, "rose10")
        await checkout.spend_points(shop, dara, cart, spend=True)
        order = await builders.place(shop, dara, cart)
        assert (order.promo_code, order.points_used) == ("ROSE10", 300)
        assert await look() == ((2, 2, 0), 0, 1)
        cancelled = await _cancel(shop, dara, order, CancelReason.CHANGED_MIND)
        assert (cancelled.status, cancelled.cancel_reason) == (Status.CANCELLED, CancelReason.CHANGED_MIND)
        assert await look() == before
        event = await _last(shop, order)
        assert (event.kind, event.actor_id, event.detail) == ("cancel", dara.id, {"reason": "changed_mind"})
    await builders.sound(shop)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("own", set(CUSTOMERS_REASONS)), ("staff", set(STAFFS_REASONS)), ("both", {*CUSTOMERS_REASONS, *STAFFS_REASONS})],
)
async def test_each_side_has_its_own(sqlite_shop: Shop, who: str, allowed: set[CancelReason]) -> None:
    """A customer gives a customer's reason, staff one of theirs; another comes from no button and changes nothing."""
    shop, rose = sqlite_shop, await builders.product(sqlite_shop, 100)
    dara = await builders.customer(shop)
    if who == "both":
        dara = await builders.worker(shop, Role.STAFF, dara.telegram_id or 0, dara.name)
    person = await builders.worker(shop) if who == "staff" else dara
    for reason in CancelReason:
        order = await builders.order(shop, dara, rose)
        if reason in allowed:
            assert (await _cancel(shop, person, order, reason)).cancel_reason is reason
            continue
        with pytest.raises(OutOfDate, match="old_button"):
            await _cancel(shop, person, order, reason)
        assert await builders.read(shop, order) == order


async def test_a_reason_moves_no_right(shop: Shop) -> None:
    """Whoever may not cancel hears that, whatever reason they send; a reason with another move is no button."""
    dara, courier = await builders.customer(shop), await builders.worker(shop, Role.COURIER)
    order = await builders.order(shop, dara, await builders.product(shop))
    with pytest.raises(NotAllowed):
        await _cancel(shop, courier, order, CancelReason.UNREACHABLE)
    sokha = await builders.worker(shop, telegram_id=2002)
    with pytest.raises(OutOfDate, match="old_button"):
        await fulfilment.move(shop, sokha, order.id, Move.CONFIRM, order.version, reason=CancelReason.UNREACHABLE)
    confirmed = await builders.moved(shop, sokha, order, Move.CONFIRM)
    with pytest.raises(NotAllowed):
        await _cancel(shop, dara, confirmed, CancelReason.TOO_SLOW)
    assert (await builders.read(shop, order)).status is Status.CONFIRMED


async def test_a_button_from_before_gives_none(shop: Shop) -> None:
    """Cancelled without a reason, as by a button of an earlier time: no detail, no reason, on no card."""
    dara = await builders.customer(shop)
    order = await _cancel(shop, dara, await builders.order(shop, dara, await builders.product(shop)), None)
    assert (await _last(shop, order)).detail is None
    assert order.cancel_reason is None
    assert order_card(shop, order, Reader(dara, translator("en"))).reason == ""


@pytest.mark.parametrize("language", LANGUAGES)
async def test_both_sides_are_told(sqlite_shop: Shop, language: str) -> None:
    """Each reason stands on staff's card and on the customer's, in their language; a stranger's has none of it."""
    shop, t = sqlite_shop, translator(language)
    dara, sokha = await builders.customer(shop), await builders.worker(shop)
    order = await builders.order(shop, dara, await builders.product(shop))
    cancelled = await _cancel(shop, sokha, order, CancelReason.NO_DELIVERY)
    for person in (dara, sokha):
        assert order_card(shop, cancelled, Reader(person, t)).reason == t("reason.no_delivery")
    assert order_card(shop, cancelled, Reader(await builders.customer(shop, 1002), t)).reason == ""
