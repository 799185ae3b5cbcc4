"""The payment inbox: what waits, one case, and what is done about it. Some acts ask for the bank's reference first."""

from dataclasses import replace

from bot import taps
from bot.handlers.counter import card as order_cards
from bot.handlers.counter.way import came_from
from bot.me import Me
from bot.screen import Screen
from bot.screens import payments as screens
from bot.screens import staff
from core.cards import case_card
from core.errors import OutOfDate
from core.fulfilment import cases, inbox
from core.fulfilment.inbox import Seen
from core.orders import service as orders
from core.people import service as people
from core.people.rules import Question, Rank
from core.settlements.rules import Act, possible


async def waiting(tap: taps.Payments, me: Me) -> Screen:
    """Show the cases that wait."""
    return screens.waiting(me.reader.t, await inbox.waiting(me.shop, me.person, tap.after))


async def open_case(tap: taps.OpenCase | taps.ActOnCase, me: Me) -> Screen:
    """Show a case as it stands."""
    return _draw(await inbox.look(me.shop, me.person, tap.case_id), me)


async def order_below(tap: taps.OrderBelow, me: Me) -> Screen:
    """Show the order of a case in a message of its own, as the counter sees it."""
    me.person.must_be(Rank.STAFF)
    order = await orders.get(me.shop, me.person, tap.order_id)
    return replace(staff.order(me.reader.t, await order_cards.decide(me.shop, order, me.reader)), fresh=True)


def _draw(seen: Seen, me: Me) -> Screen:
    """Draw it, with the way back to the list where the tapped message is that list, or a case opened from it."""
    there = came_from(me)
    back = there if isinstance(there, taps.Payments) else None
    return screens.case(me.reader.t, case_card(me.shop, seen, me.reader), back)


ACTS = {Act.REFUND: cases.refund, Act.REJECT: cases.reject, Act.FINISH: cases.finish_refund}
WITH_REFERENCE = {Act.APPROVE: cases.approve, Act.SEND: cases.send_refund}


async def act(tap: taps.ActOnCase, me: Me) -> Screen:
    """Do it, or ask for the reference that it needs; who comes second hears that it moved on."""
    seen = await inbox.look(me.shop, me.person, tap.case_id)
    if tap.act in ACTS:
        await ACTS[tap.act](me.shop, me.person, tap.case_id, tap.version)
        return (await open_case(tap, me)).saying(me.say(f"case.done.{tap.act}"))
    me.person.must_be(tap.act.rank)
    if seen.case.version != tap.version or tap.act not in possible(seen.case, seen.order):
        raise OutOfDate("case_moved_on")
    asked = await people.ask(
        me.shop, me.person, "reference", chat_id=me.chat_id, case_id=tap.case_id, act=tap.act, version=tap.version
    )
    return screens.ask_reference(me.reader.t, case_card(me.shop, seen, me.reader), tap.act, me, asked)


async def reference_answered(text: str, me: Me, question: Question) -> Screen:
    """Do what was waiting for the reference."""
    case_id, what = int(question.data["case_id"]), Act(question.data["act"])
    try:
        await WITH_REFERENCE[what](me.shop, me.person, case_id, int(question.data["version"]), text, question)
    except OutOfDate:
        await people.forget_question(me.shop, me.person)
        raise
    seen = await inbox.look(me.shop, me.person, case_id)
    return screens.done(me.reader.t, case_card(me.shop, seen, me.reader), what, me)
