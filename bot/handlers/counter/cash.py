"""Cash: another sum at the door, a parcel that was not accepted, what is held, handed in, and counted."""

from bot import taps
from bot.handlers.counter.way import came_from, with_way
from bot.handlers.customer.orders import decide, draw
from bot.me import Me
from bot.screen import Screen
from bot.screens import cash as screens
from core.cash import rules
from core.cash import service as cash
from core.cash.rules import Cash
from core.errors import NotFound, OutOfDate, Refused
from core.fulfilment import service as fulfilment
from core.messages.rules import Owed
from core.orders import service as orders
from core.orders.hands import must_carry
from core.orders.rules import Move, Order, PaymentStatus, ReturnReason, possible
from core.people import service as people
from core.people.rules import Question, Rank
from core.shop import Reader, Shop


async def ask_taken(tap: taps.AskTaken, me: Me) -> Screen:
    """Ask how much was taken, in one line."""
    order = await _carried(me, tap.order_id, Move.DELIVER)
    if order.version != tap.version or order.payment_status is not PaymentStatus.DUE:
        raise OutOfDate("moved_on")
    asked = await people.ask(
        me.shop, me.person, "cash_taken", chat_id=me.chat_id, order_id=order.id, version=tap.version
    )
    return screens.ask_taken(me.reader.t, await decide(order, me), me, asked)


async def _carried(me: Me, order_id: int, move: Move) -> Order:
    """Read an order with which this person could make a move now."""
    me.person.must_be(Rank.COURIER)
    order = await orders.get(me.shop, me.person, order_id)
    must_carry(order, me.person, move)
    if move not in possible(order, me.person):
        raise OutOfDate("moved_on")
    return order


async def taken_answered(text: str, me: Me, question: Question) -> Screen:
    """Deliver the parcel for what was taken; a line that cannot be read leaves the question standing."""
    taken, data = rules.parse(text), question.data
    try:
        order = await fulfilment.move(
            me.shop, me.person, int(data["order_id"]), Move.DELIVER, int(data["version"]), taken=taken,
            question=question,
        )  # fmt: skip
    except OutOfDate:
        await people.forget_question(me.shop, me.person)
        raise
    return screens.took(me.reader.t, order, taken, me)


async def ask_return(tap: taps.AskReturn, me: Me) -> Screen:
    """Ask why the parcel was not accepted."""
    order = await _carried(me, tap.order_id, Move.RETURN)
    return with_way(screens.ask_return(me.reader.t, order, await draw(order, me), tuple(ReturnReason)), me)


async def give_back(tap: taps.ReturnOrder, me: Me) -> Screen:
    """Bring the parcel back for the reason that was chosen."""
    me.person.must_be(Rank.COURIER)
    order = await fulfilment.move(
        me.shop, me.person, tap.order_id, Move.RETURN, tap.version, shown_in=me.chat_id, reason=tap.reason
    )
    return (await draw(order, me)).saying(me.say(f"status.{order.standing}"))


async def cash_command(_text: str, me: Me) -> Screen:
    """Show admins the till, couriers what they hold; in a group only the admins' own."""
    if me.person.rank >= Rank.ADMIN and (me.private or me.chat_id == me.shop.policy.admin_chat_id):
        return await till(taps.OpenTill(), me)
    if not me.private:
        me.person.must_be(Rank.COURIER)
        raise Refused("cash_private")
    return await my_cash(taps.MyCash(), me)


async def my_cash(tap: taps.MyCash | taps.HandInCash, me: Me) -> Screen:
    """Show what the person holds."""
    _ = tap
    found = await cash.held(me.shop, me.person, me.person.id)
    return screens.purse(me.reader.t, found, me.shop.config.zone, own=True)


async def hand_in(tap: taps.HandInCash, me: Me) -> Screen:
    """Hand in all of it, as it was shown."""
    await cash.hand_in(me.shop, me.person, Cash(tap.cents, tap.riel))
    return (await my_cash(tap, me)).saying(me.say("cash.handed"))


async def till(tap: taps.OpenTill, me: Me) -> Screen:
    """Show who holds what, and what waits to be counted."""
    _ = tap
    found = await cash.till(me.shop, me.person)
    return screens.till(me.reader.t, found, me.shop.config.zone, own=me.private)


async def purse(tap: taps.OpenPurse | taps.TakeOverCash, me: Me) -> Screen:
    """Show what one courier holds."""
    me.person.must_be(Rank.ADMIN)
    found = await cash.held(me.shop, me.person, tap.courier_id)
    return screens.purse(me.reader.t, found, me.shop.config.zone, own=False)


async def take_over(tap: taps.TakeOverCash, me: Me) -> Screen:
    """Hand in what a courier holds, without them, and go on to count it."""
    found = await cash.take_over(me.shop, me.person, tap.courier_id, Cash(tap.cents, tap.riel))
    screen = screens.hand_in(me.reader.t, found, me.shop.config.zone, alone=False)
    return screen.saying(me.say("cash.taken_over", name=found.courier))


async def open_hand_in(tap: taps.OpenHandIn | taps.ConfirmCash | taps.AskCounted, me: Me) -> Screen:
    """Show a hand-in as it stands, with the way back where it was opened from the till."""
    me.person.must_be(Rank.ADMIN)
    found = await cash.handed(me.shop, me.person, tap.hand_in_id)
    alone = not isinstance(came_from(me), taps.OpenTill)
    return screens.hand_in(me.reader.t, found, me.shop.config.zone, alone=alone)


async def confirm(tap: taps.ConfirmCash, me: Me) -> Screen:
    """It was counted to be the very sum."""
    done = await cash.confirm(me.shop, me.person, tap.hand_in_id, shown_in=me.chat_id)
    return (await open_hand_in(tap, me)).saying(me.say("cash.counted", amount=done.counted))


async def ask_counted(tap: taps.AskCounted, me: Me) -> Screen:
    """Ask what it was counted to be, in one line."""
    me.person.must_be(Rank.ADMIN)
    found = await cash.handed(me.shop, me.person, tap.hand_in_id)
    if found.counted is not None:
        raise OutOfDate("cash_moved_on")
    asked = await people.ask(me.shop, me.person, "cash_counted", chat_id=me.chat_id, hand_in_id=found.id)
    return screens.ask_counted(me.reader.t, found, me, asked)


async def counted_answered(text: str, me: Me, question: Question) -> Screen:
    """Write down what was counted; a line that cannot be read leaves the question standing."""
    counted = rules.parse(text)
    try:
        done = await cash.confirm(me.shop, me.person, int(question.data["hand_in_id"]), counted, question=question)
    except (OutOfDate, NotFound):
        await people.forget_question(me.shop, me.person)
        raise
    return screens.hand_in(me.reader.t, done, me.shop.config.zone)


# ── what the outbox brings ───────────────────────────────────────────────────────────────────────────────────────────
async def card_letter(shop: Shop, owed: Owed, who: Reader) -> Screen | None:
    """Draw a hand-in's card for the admins."""
    found = await shop.db.read(cash.by_id, owed.subject_id)
    return screens.hand_in(who.t, found, shop.config.zone) if found else None


async def counted_letter(shop: Shop, owed: Owed, who: Reader) -> Screen | None:
    """Tell a courier that what they handed in was counted."""
    found = await shop.db.read(cash.by_id, owed.subject_id)
    return screens.counted(who.t, found) if found and found.counted else None
