"""What "I have paid" leads to: the bank is asked; where it is silent, or cannot be, a word with a picture is taken."""

from bot import taps
from bot.handlers.customer.orders import decide, draw, open_order
from bot.me import Me
from bot.screen import Screen
from bot.screens import payments as screens
from core.errors import NotFound, OutOfDate, Refused
from core.fulfilment import cases
from core.fulfilment import service as fulfilment
from core.orders import service as orders
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
    order_id = int(question.data["order_id"])
    try:
        await cases.claim(me.shop, me.person, order_id, me.wrote.mark, me.wrote.message_id, question)
    except (OutOfDate, NotFound):
        await people.forget_question(me.shop, me.person)
        raise
    return screens.thanked(me.reader.t, await orders.get(me.shop, me.person, order_id))
