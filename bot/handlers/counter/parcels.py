"""Parcels: labels and packing slips, one or all that are ready; a new code, and what a code opens for whom."""

import logging

from markupsafe import Markup

from bot import taps
from bot.handlers.counter.way import with_way
from bot.handlers.customer.orders import decide
from bot.me import Me
from bot.screen import Button, Screen
from bot.screens import parcels as screens
from bot.screens import staff
from core.cards import order_card
from core.cards.parcel import label, slip
from core.errors import NotFound
from core.orders import service as orders
from core.orders.rules import Order
from core.parcels import rules
from core.parcels import service as parcels
from core.parcels.rules import Paper, View
from core.people.rules import Rank
from core.pictures.label import Label
from core.pictures.slip import Slip

security = logging.getLogger("haang.security")


def _decide(paper: Paper, order: Order, me: Me) -> Label | Slip:
    """Decide what is printed, in the language of the chat."""
    return (label if paper is Paper.LABEL else slip)(me.shop, order, me.reader)


def _below(me: Me) -> int | None:
    return me.card.message_id if me.card and not me.private else None


async def picture(tap: taps.GetPaper, me: Me) -> Screen:
    """Send a label or slip as a picture below the card."""
    order = await parcels.printed(me.shop, me.person, tap.order_id)
    return screens.picture(me.reader.t, order, _decide(tap.paper, order, me), _below(me))


async def pdf(tap: taps.GetPdf, me: Me) -> Screen:
    """Send it as a file."""
    order = await parcels.printed(me.shop, me.person, tap.order_id)
    return screens.pdf(me.reader.t, order, _decide(tap.paper, order, me), _below(me))


async def all_ready(tap: taps.AllPapers, me: Me) -> Screen:
    """Send one file for all that are ready."""
    found = await parcels.ready(me.shop, me.person, tap.after)
    papers = tuple(_decide(tap.paper, order, me) for order in found.orders)
    day = f"{me.shop.clock.now().astimezone(me.shop.config.zone):%Y-%m-%d}"
    return screens.batch(me.reader.t, found, papers, tap.paper, day, _page(me))


def _page(me: Me) -> Button | None:
    """Lead to the labels on the web, where Telegram takes its address: https, or the practice shop's own."""
    config = me.shop.config
    if not config.public_url or not (config.sandbox or config.public_url.startswith("https://")):
        return None
    words = me.reader.t("button.print_page")
    if me.private:
        return Button(words, app=f"{config.public_url}/desk")
    return Button(words, login=f"{config.public_url}/desk/login")


async def labels_command(_text: str, me: Me) -> Screen:
    """Send the labels of all that are ready."""
    return await all_ready(taps.AllPapers(Paper.LABEL, 0), me)


async def ask_new_code(tap: taps.AskNewCode, me: Me) -> Screen:
    """Ask once more: the label that is printed leads nowhere then."""
    me.person.must_be(Rank.ADMIN)
    order = await orders.get(me.shop, me.person, tap.order_id)
    card = await decide(order, me)
    return with_way(screens.ask_new_code(me.reader.t, card, staff.order(me.reader.t, card)), me)


async def new_code(tap: taps.NewCode, me: Me) -> Screen:
    """Give the parcel a new code."""
    order = await parcels.renew(me.shop, me.person, tap.order_id, tap.version, shown_in=me.chat_id)
    screen = with_way(staff.order(me.reader.t, await decide(order, me)), me)
    return screen.saying(me.say("parcel.new_code"), alert=True)


async def opened(token: str, me: Me) -> Screen:
    """Open a parcel's code: their own card, the counter's card with what is theirs to do, or where it stands."""
    try:
        order = await parcels.opened(me.shop, me.person, token)
    except NotFound:
        security.warning("person %d opened a parcel code that leads nowhere", me.person.id)
        raise
    what = rules.view(order, me.person) if order else None
    if order is not None and what is View.TRACKING:
        return screens.tracking(me.reader.t, order_card(me.shop, order, me.reader))
    if order is not None and what is View.COUNTER:
        return await _at_counter(order, me)
    if order is not None:
        await parcels.show_own(me.shop, me.person, order)
    return Screen(Markup(), stays=True)


async def _at_counter(order: Order, me: Me) -> Screen:
    card = await decide(order, me)
    screen = staff.order(me.reader.t, card)
    return screen if card.moves else screen.telling(me.say("parcel.nothing"))
