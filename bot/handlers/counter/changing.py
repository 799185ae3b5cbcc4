"""An order is changed: what is wanted stands in the row of a question, until it is confirmed or left."""

from dataclasses import replace

from bot import taps
from bot.handlers.counter import asking
from bot.handlers.counter.way import came_from
from bot.handlers.customer.orders import decide
from bot.me import Me
from bot.screen import Screen
from bot.screens import changing as screens
from bot.screens import staff
from core.catalog.search import LONGEST
from core.errors import OutOfDate, Refused, ShopError
from core.fulfilment import changing
from core.fulfilment.rules import Proposal, Wanted
from core.orders import service as orders
from core.orders.rules import Order
from core.people import service as people
from core.people.rules import CHANGE, AddressPart, Question, Rank, clean_name
from core.shipping import rules as shipping

ITEM = "item"
Later = (
    taps.ShowChange | taps.ChangeUnits | taps.AskItem | taps.ChangeWhere | taps.AskWhere | taps.ChangePlace
    | taps.ConfirmChange
)  # fmt: skip


async def begin(tap: taps.ChangeOrder, me: Me) -> Screen:
    """Show the order in a message of its own, to be changed by who asked for it."""
    found = await changing.propose(me.shop, me.person, tap.order_id, tap.version, Wanted())
    asked = await people.ask(
        me.shop,
        me.person,
        "change",
        chat_id=me.chat_id,
        order_id=tap.order_id,
        version=tap.version,
        **Wanted().written(),
    )
    return replace(screens.draft(me.reader.t, found, me.person, asked), fresh=True)


async def again(tap: Later, me: Me) -> Screen:
    """Show what it would be, as far as it was said."""
    asked = await _standing(me, tap.order_id)
    return await _show(me, asked, Wanted.read(asked.data))


async def stands(tap: Later, me: Me) -> Screen:
    """Draw what is true after a refusal: what it would be; the order's card, where the draft is at an end.

    Another's draft is left as it is: ``Refused``.
    """
    try:
        return await again(tap, me)
    except OutOfDate:
        return await _card(me, tap.order_id)


async def _card(me: Me, order_id: int) -> Screen:
    order = await orders.get(me.shop, me.person, order_id)
    return staff.order(me.reader.t, await decide(order, me))


async def _standing(me: Me, order_id: int) -> Question:
    """Find what this person wants of the order; ``OutOfDate`` where that is at an end, ``Refused`` for another's."""
    me.person.must_be(Rank.STAFF)
    asked = await asking.standing(me)
    if asked is None or asked.kind != CHANGE or asked.data["order_id"] != order_id or _is_other(me, asked):
        raise await _closed(me, order_id)
    return asked


def _is_other(me: Me, asked: Question) -> bool:
    """Tell whether the tapped message is another draft than the person's own: somebody else's, or one begun before."""
    return _stamp(me) not in {0, asked.stamp}


def _stamp(me: Me) -> int:
    """Tell which question the tapped message asks, 0 for none."""
    there = came_from(me)
    return there.asked if isinstance(there, taps.NotNow) else 0


async def _closed(me: Me, order_id: int) -> ShopError:
    """Say why the tapped message is no draft of theirs: they confirmed it, another is at it, or nobody is."""
    stamp = _stamp(me)
    if await people.has_answered(me.shop, me.person, stamp):
        return OutOfDate("done_already")
    if await people.is_asked(me.shop, CHANGE, stamp, order_id):
        return Refused("change_theirs")
    return OutOfDate("change_closed")


async def _proposal(me: Me, asked: Question, wanted: Wanted) -> Proposal:
    """Count it; where the order went on meanwhile, what was wanted of it is given up: no later line is an answer."""
    try:
        return await changing.propose(me.shop, me.person, asked.data["order_id"], asked.data["version"], wanted)
    except OutOfDate:
        await people.forget_question(me.shop, me.person)
        raise


async def _show(me: Me, asked: Question, wanted: Wanted) -> Screen:
    """Remember what is wanted, where it can be, and show what it comes to."""
    found = await _proposal(me, asked, wanted)
    asked = await people.ask_on(me.shop, me.person, asked, **asked.data | wanted.written() | {"part": ""})
    return screens.draft(me.reader.t, found, me.person, asked)


async def units(tap: taps.ChangeUnits, me: Me) -> Screen:
    """Want so many units."""
    asked = await _standing(me, tap.order_id)
    return await _show(me, asked, Wanted.read(asked.data).having(tap.variant_id, tap.units))


async def ask_item(tap: taps.AskItem, me: Me) -> Screen:
    """Ask what is to be added."""
    order, asked = await _asked(me, tap.order_id, ITEM)
    return screens.ask_item(me.reader.t, order, me.person, asked)


async def _asked(me: Me, order_id: int, part: str) -> tuple[Order, Question]:
    """Wait for a typed line about one part; the same message asks it."""
    asked = await _standing(me, order_id)
    order = await orders.get(me.shop, me.person, order_id)
    return order, await people.ask_on(me.shop, me.person, asked, **asked.data | {"part": part})


async def where(tap: taps.ChangeWhere, me: Me) -> Screen:
    """Show where it would go, to choose what of that is another."""
    asked = await _standing(me, tap.order_id)
    return screens.where(me.reader.t, await _proposal(me, asked, Wanted.read(asked.data)), asked)


async def ask_where(tap: taps.AskWhere, me: Me) -> Screen:
    """Ask for a part of the address."""
    order, asked = await _asked(me, tap.order_id, tap.part)
    return screens.ask_where(me.reader.t, order, AddressPart(tap.part), me.person, asked)


async def place(tap: taps.ChangePlace, me: Me) -> Screen:
    """Want another province or district; after a province its districts are offered."""
    asked = await _standing(me, tap.order_id)
    order, t = await orders.get(me.shop, me.person, tap.order_id), me.reader.t
    if not tap.code:
        return screens.places(t, order, None, shipping.provinces(t.language), asked)
    screen = await _show(me, asked, Wanted.read(asked.data).going("place", tap.code))
    districts = shipping.districts(tap.code, t.language)
    return screens.places(t, order, shipping.place(tap.code), districts, asked) if districts else screen


async def confirm(tap: taps.ConfirmChange, me: Me) -> Screen:
    """Change the order to what was shown."""
    asked = await _standing(me, tap.order_id)
    wanted = Wanted.read(asked.data)
    found = await _proposal(me, asked, wanted)
    order = await changing.change(
        me.shop, me.person, tap.order_id, tap.version, wanted, tap.total, question=asked
    )  # fmt: skip
    return screens.done(me.reader.t, await decide(order, me), found)


async def answered(text: str, me: Me, asked: Question) -> Screen:
    """Take a typed line; where the order went on meanwhile, say so above its card."""
    message = me.wrote.message_id if me.wrote and not me.private else None
    try:
        screen = await _typed(text, me, asked)
    except OutOfDate as error:
        card = await _card(me, asked.data["order_id"])
        screen = card.telling(me.reader.t(error.key, **error.values))
    return replace(screen, reply_to=message)


async def _typed(text: str, me: Me, asked: Question) -> Screen:
    """Take it as a part of the address, or else as what is to be added."""
    part, wanted = str(asked.data.get("part") or ITEM), Wanted.read(asked.data)
    if part != ITEM:
        return await _show(me, asked, wanted.going(part, text))
    line = clean_name(text)[:LONGEST]
    page = (await me.shop.catalogue.now()).search(line)
    things = [(one, variant) for one in page.products for variant in one.variants if variant.left > 0]
    found = await _proposal(me, asked, wanted)
    return screens.items(me.reader.t, found, line, things, me.person, asked)
