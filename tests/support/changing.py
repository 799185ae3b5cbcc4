"""Change an order as the counter does: look at what it would be, confirm that."""

from core.fulfilment import changing
from core.fulfilment.polling import poll
from core.fulfilment.rules import Proposal, Wanted
from core.money import usd
from core.orders.rules import Move, Order, PaymentStatus
from core.people.rules import Person
from core.shop import Shop
from tests.support import builders


async def propose(shop: Shop, person: Person, order: Order, wanted: Wanted) -> Proposal:
    """What the order would be, as it stands now."""
    now = await builders.read(shop, order)
    return await changing.propose(shop, person, order.id, now.version, wanted)


async def change(shop: Shop, person: Person, order: Order, wanted: Wanted) -> Order:
    """Look at what it would be and confirm that."""
    found = await propose(shop, person, order, wanted)
    done = await changing.change(shop, person, order.id, found.order.version, wanted, found.total.charged.amount)
    await builders.sound(shop)
    assert done.total == done.subtotal - done.discount + done.delivery_fee
    assert done.subtotal == sum((line.total for line in done.lines), usd(0))
    return done


def units_of(variant: int, units: int) -> Wanted:
    """So many units of one variant."""
    return Wanted({variant: units})


async def paid_order(shop: Shop, units: int = 2) -> tuple[Order, Person, int]:
    """A KHQR order of $12.00 a unit, paid and being prepared; who works here; its variant."""
    bank = await builders.with_khqr(shop)
    order, qr = await builders.khqr_order(shop, units)
    bank.answers[qr.md5] = builders.money(qr, shop.clock.now())
    await poll(shop)
    sokha = await builders.worker(shop)
    order = await builders.moved(shop, sokha, order, Move.PREPARE)
    assert order.payment_status is PaymentStatus.PAID
    return order, sokha, order.lines[0].variant_id
