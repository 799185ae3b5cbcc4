"""An order is entered for somebody who phoned: the clerk's own cart becomes theirs."""

from dataclasses import replace

from bot import taps
from bot.handlers.customer import places
from bot.me import Me
from bot.screen import Screen
from bot.screens import entering as screens
from core.cards import review_card
from core.carts import service as carts
from core.checkout import entering
from core.checkout.service import Wish
from core.errors import Refused
from core.fulfilment import service as fulfilment
from core.orders import service as orders
from core.orders.rules import Order, PaymentMethod
from core.payments import service as payments
from core.people import service as people
from core.people.rules import Question, Rank


async def command(_text: str, me: Me) -> Screen:
    """Say how it is done; in their own chat only."""
    me.person.must_be(Rank.STAFF)
    if not me.private:
        raise Refused("enter_private")
    basket = await carts.basket(me.shop, me.person)
    units = await carts.units(me.shop, me.person)
    return screens.how(me.reader.t, me.shop.policy.shop_name, basket.id if basket else None, units)


async def enter_for(tap: taps.EnterFor, me: Me) -> Screen:
    """Show what it costs whom the address names; where that is nobody else, ask who phoned."""
    found = await entering.review(me.shop, me.person, tap.cart_id)
    if found is None:
        await people.ask(me.shop, me.person, "enter_who", cart_id=tap.cart_id)
        return screens.ask_who(me.reader.t, me.shop.policy.shop_name, tap.cart_id)
    card, khqr = review_card(me.shop, found, me.reader), payments.offered(me.shop.policy)
    return screens.review(me.reader.t, me.shop.policy.shop_name, card, khqr=khqr)


async def who_answered(text: str, me: Me, question: Question) -> Screen:
    """Take phone and name of who phoned, and ask where it goes."""
    who = entering.who(text, me.person)
    return replace(await places.ask_province(int(question.data["cart_id"]), me, who), fresh=True)


async def again(tap: taps.EnterOrder, me: Me) -> Screen:
    """Show what it costs now."""
    return await enter_for(taps.EnterFor(tap.cart_id), me)


async def enter(tap: taps.EnterOrder, me: Me) -> Screen:
    """Enter it; paid by KHQR, show the QR to forward."""
    order = await entering.enter(me.shop, me.person, Wish(tap.cart_id, tap.method, tap.total))
    return await _qr(order, me) if order.payment_method is PaymentMethod.KHQR else screens.done(me.reader.t, order)


async def qr(tap: taps.EnteredQr, me: Me) -> Screen:
    """Show a QR that can be paid."""
    me.person.must_be(Rank.STAFF)
    return await _qr(await fulfilment.new_qr(me.shop, me.person, tap.order_id), me)


async def same_qr(tap: taps.EnteredQr, me: Me) -> Screen:
    """Show where the order stands that can be paid no more."""
    me.person.must_be(Rank.STAFF)
    return screens.done(me.reader.t, await orders.get(me.shop, me.person, tap.order_id))


async def _qr(order: Order, me: Me) -> Screen:
    attempt, _ = await fulfilment.paying(me.shop, order)
    live = attempt if attempt is not None and attempt.expires_at > me.shop.clock.now() else None
    return screens.qr(me.reader.t, me.shop.policy.shop_name, order, live)
