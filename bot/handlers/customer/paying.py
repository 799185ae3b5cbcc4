"""What "I have paid" leads to: the bank is asked; where it is silent, or cannot be, a word with a picture is taken."""

from dataclasses import replace

from bot import taps
from bot.handlers.customer.orders import decide, draw, open_order
from bot.me import Me
from bot.screen import Screen
from bot.screens import payments as screens
from core.errors import NotFound, OutOfDate, Refused
from core.fulfilment import cases, pictures
from core.fulfilment import service as fulfilment
from core.help import service as talks
from core.help.rules import Written
from core.orders import service as orders
from core.orders.rules import Order, Status
from core.people import service as people
from core.people.rules import Question


async def i_have_paid(tap: taps.IHavePaid, me: Me) -> Screen:
    """Ask the bank at once and show what it says; ask for a picture where it says nothing."""
    if me.shop.bank.can_check:
        order = await fulfilment.ask_bank(me.shop, me.person, tap.order_id)
        card = await decide(order, me)
        if not (card.pay or card.can_renew):
            return await draw(order, me)
        if await fulfilment.bank_answers(me.shop, order):
            return (await draw(order, me)).saying(me.say("order.not_paid_yet"), alert=True)
    if await fulfilment.takes_a_word(me.shop, me.person, tap.order_id):
        return await _ask_picture(tap.order_id, me)
    screen = await open_order(tap, me)
    return screen.saying(me.say("order.bank_silent"), alert=True) if me.shop.bank.can_check else screen


async def _ask_picture(order_id: int, me: Me) -> Screen:
    """Ask for a picture of the payment."""
    order = await orders.get(me.shop, me.person, order_id)
    await people.ask(me.shop, me.person, "paid", order_id=order_id)
    return screens.ask_picture(me.reader.t, me.shop.policy.shop_name, order)


async def say_paid(tap: taps.SayPaid, me: Me) -> Screen:
    """Take their word without a picture."""
    await cases.claim(me.shop, me.person, tap.order_id)
    return (await open_order(tap, me)).saying(me.say("money.thanks"))


async def picture_answered(_text: str, me: Me, question: Question) -> Screen:
    """Take their word with a picture: staff see it below the case, and it proves nothing."""
    if me.wrote is None or not me.wrote.mark:
        raise Refused("picture_wanted")
    try:
        return await _take(int(question.data["order_id"]), me, me.wrote, question)
    except NotFound:
        await people.forget_question(me.shop, me.person)
        raise


async def picture_came(me: Me) -> Screen | None:
    """Take a picture that nobody asked for with the claim it belongs to, or ask which payment it is of.

    The photos of an album arrive one by one: only the first of a claim is thanked for, each is marked when staff have
    it. None where no payment of theirs is awaited.
    """
    found = await pictures.awaited(me.shop, me.person)
    if me.wrote is None or not found:
        return None
    joined = pictures.joins(found, me.shop.clock.now())
    if joined is None or joined.claim is None:
        return screens.which_payment(me.reader.t, [one.order for one in found])
    taken = await _take(joined.order.id, me, me.wrote)
    return replace(taken, stays=me.wrote.album and bool(joined.claim.proof))


async def _take(order_id: int, me: Me, wrote: Written, question: Question | None = None) -> Screen:
    """Take a picture for an order's payment; where nothing is left to pay, show how it stands."""
    try:
        await cases.claim(me.shop, me.person, order_id, wrote.mark, wrote.message_id, question)
    except OutOfDate:
        return await _nothing_to_pay(await orders.get(me.shop, me.person, order_id), me, wrote)
    return screens.thanked(me.reader.t, await orders.get(me.shop, me.person, order_id))


async def _nothing_to_pay(order: Order, me: Me, wrote: Written) -> Screen:
    """Show how an order stands; a picture for one that was cancelled may be all that is known of the money.

    It goes to the shop as a message about that order, and so does what they send next.
    """
    if order.status is not Status.CANCELLED:
        await people.forget_question(me.shop, me.person)
        return (await draw(order, me)).telling(me.say("errors.moved_on"))
    await talks.say(me.shop, me.person, wrote, order.id)
    await people.ask(me.shop, me.person, "help", order_id=order.id)
    return (await draw(order, me)).telling(me.say("money.cancelled_meanwhile"))
