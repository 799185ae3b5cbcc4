"""Afterwards: the live card, a new QR, cancelling, received, the receipt. Staff's taps come here too."""

from dataclasses import replace

from bot import taps
from bot.handlers.counter import card as at_counter
from bot.handlers.counter.way import with_way
from bot.me import Me
from bot.screen import Screen
from bot.screens import orders as screens
from bot.screens import staff as staff_screens
from core.cards import OrderCard
from core.counter import service as counter
from core.fulfilment import service as fulfilment
from core.orders import service as orders
from core.orders.rules import CUSTOMERS_REASONS, STAFFS_REASONS, Move, Order
from core.people.rules import Rank


async def decide(order: Order, me: Me) -> OrderCard:
    """Decide the order's card for whoever looks, with the QR where it can still be paid, or the cash that was taken."""
    own = order.person_id == me.person.id and me.private
    paying = await fulfilment.paying(me.shop, order) if own else ()
    return await at_counter.decide(me.shop, order, me.reader, *paying)


async def draw(order: Order, me: Me) -> Screen:
    """Draw it: as the counter's card where that was tapped, as the customer's own otherwise."""
    card = await decide(order, me)
    if not await _as_customer(order, me):
        return with_way(staff_screens.order(me.reader.t, card), me)
    return screens.order(me.reader.t, me.shop.policy.shop_name, card)


async def _as_customer(order: Order, me: Me) -> bool:
    """Tell whether they look at it as at their own, and not at the counter's card of it."""
    own = me.private and order.person_id == me.person.id
    return own and not await orders.at_counter(me.shop, me.person, order, me.card)


OfOrder = (
    taps.OpenOrder | taps.MoveOrder | taps.CancelOrder | taps.HaveReceived | taps.NewQr | taps.IHavePaid | taps.SayPaid
)


async def open_order(tap: OfOrder, me: Me) -> Screen:
    """Show an order as it stands now; the customer's message that shows it last is the one that lives."""
    order = await orders.get(me.shop, me.person, tap.order_id)
    _at_the_counter(me)
    screen = await draw(order, me)
    if me.private and me.card is not None and screen.picture is not None:
        await orders.stand(me.shop, order, replace(me.card, has_photo=True))
    return screen


async def move(tap: taps.MoveOrder, me: Me) -> Screen:
    """Make a move; the loser of a race hears who won and sees what is true now."""
    _at_the_counter(me)
    order = await fulfilment.move(me.shop, me.person, tap.order_id, tap.move, tap.version, shown_in=me.chat_id)
    screen = await draw(order, me)
    taken = await counter.taken_from(me.shop, me.person, order, moved=True)
    return screen.saying(" · ".join([_now(order, me), *([me.say("card.taken_over", name=taken)] if taken else [])]))


async def ask_cancel(tap: taps.AskCancel, me: Me) -> Screen:
    """Ask once more before cancelling, and why: the customer has other reasons than staff."""
    _at_the_counter(me)
    order = await orders.get(me.shop, me.person, tap.order_id)
    reasons = CUSTOMERS_REASONS if await _as_customer(order, me) else STAFFS_REASONS
    return screens.ask_cancel(me.reader.t, order, await draw(order, me), reasons)


async def cancel(tap: taps.CancelOrder, me: Me) -> Screen:
    """Cancel it for the reason that was chosen."""
    _at_the_counter(me)
    order = await fulfilment.move(
        me.shop, me.person, tap.order_id, Move.CANCEL, tap.version, shown_in=me.chat_id, reason=tap.reason
    )
    return (await draw(order, me)).saying(_now(order, me))


def _now(order: Order, me: Me) -> str:
    """Say where the order stands now; in a group with its number, for a full one draws the card later."""
    status = me.say(f"status.{order.standing}")
    return status if me.private else f"{order.number}: {status}"


async def received(tap: taps.HaveReceived, me: Me) -> Screen:
    """Take the customer's word that it came."""
    order = await fulfilment.receive(me.shop, me.person, tap.order_id, shown_in=me.chat_id)
    return (await draw(order, me)).saying(me.say("order.thanks_received"))


def _at_the_counter(me: Me) -> None:
    """Tell who stands in a group without a role that it is not for them: the card lies open before them anyway."""
    if not me.private:
        me.person.must_be(Rank.COURIER)


async def new_qr(tap: taps.NewQr, me: Me) -> Screen:
    """Show a QR that can be paid."""
    order = await fulfilment.new_qr(me.shop, me.person, tap.order_id)
    return await draw(order, me)


async def receipt(tap: taps.GetReceipt, me: Me) -> Screen:
    """Send the receipt as a picture."""
    order = await orders.get(me.shop, me.person, tap.order_id)
    return screens.receipt(me.reader.t, me.shop.policy.shop_name, await decide(order, me))
