"""What "I have paid" is answered: the bank's word where there is one, and never its silence as a no."""

from datetime import timedelta

from bot import taps
from bot.handlers.customer import orders as handlers
from bot.me import Me
from core.payments.rules import NotFound, Unknown
from core.shop import Shop, reader
from tests.support import builders


async def test_silence_is_not_told_as_not_paid(sqlite_shop: Shop) -> None:
    """A bank that fails is said to be silent, so that nobody pays twice; once it answers, its no is said."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    bank.otherwise = Unknown("500")
    order, _attempt = await builders.khqr_order(shop)
    who = await builders.customer(shop)
    me = Me(shop, who, reader(who), 1001, private=True)
    told = await handlers.i_have_paid(taps.IHavePaid(order.id), me)
    assert told.toast == me.say("order.bank_silent")
    bank.otherwise = NotFound()
    shop.clock.move(timedelta(seconds=5))  # type: ignore[attr-defined]
    told = await handlers.i_have_paid(taps.IHavePaid(order.id), me)
    assert told.toast == me.say("order.not_paid_yet")
