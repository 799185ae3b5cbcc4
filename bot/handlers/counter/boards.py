"""The counter's lists and its board, and looking for an order."""

from dataclasses import replace

from markupsafe import Markup

from bot import taps
from bot.handlers.counter import payments
from bot.handlers.customer.orders import draw
from bot.me import Me
from bot.screen import Button, Screen
from bot.screens import boards as screens
from core.boards import service as boards
from core.boards.rules import Listing
from core.i18n import Translator
from core.messages.rules import Owed
from core.orders import service as orders
from core.people.rules import Rank
from core.shop import Shop


async def listing(tap: taps.OrderList | taps.OpenListed, me: Me) -> Screen:
    """Show one page of a list."""
    found = await boards.page(me.shop, me.person, tap.listing, tap.after)
    prints = me.reader.person.rank >= Rank.STAFF
    return screens.orders(me.reader.t, tap.listing, found, own=me.private, prints=prints)


async def command(what: Listing, me: Me) -> Screen:
    """Show a list from its beginning."""
    return await listing(taps.OrderList(what, 0), me)


async def below(tap: taps.BoardList, me: Me) -> Screen:
    """Show a list below the board."""
    return replace(await command(tap.listing, me), fresh=True)


async def payments_below(_tap: taps.BoardPayments, me: Me) -> Screen:
    """Show the payment inbox below the board."""
    return replace(await payments.waiting(taps.Payments(0), me), fresh=True)


async def open_listed(tap: taps.OpenListed, me: Me) -> Screen:
    """Open an order of a list."""
    return await _open(tap.order_id, me, taps.OrderList(tap.listing, tap.after))


async def open_found(tap: taps.OpenFound, me: Me) -> Screen:
    """Open an order that was found."""
    return await _open(tap.order_id, me, taps.TurnFound(tap.asked, tap.before))


async def _open(order_id: int, me: Me, back: taps.Tap | None) -> Screen:
    """Show an order where it was asked for; in a group as the card that lives, below what is there."""
    if not me.private:
        number = await boards.bring(me.shop, me.person, order_id, me.chat_id, me.thread)
        return Screen(Markup(), stays=True).saying(me.say("list.below", number=number))
    await boards.may_open(me.shop, me.person, order_id)
    card = await draw(await orders.get(me.shop, me.person, order_id), me)
    return replace(card, rows=(*card.rows, (Button(me.say("button.back"), back),))) if back else card


async def find(text: str, me: Me) -> Screen:
    """Look for an order: one is opened, several are listed."""
    found = await boards.find(me.shop, me.person, text)
    if len(found.orders) == 1:
        return await _open(found.orders[0].id, me, None)
    asked = await boards.keep(me.shop, me.person, text, me.chat_id) if found.orders else 0
    below = me.wrote.message_id if me.wrote and not me.private else None
    return screens.found(me.reader.t, text, found, asked, below)


async def turn_found(tap: taps.TurnFound, me: Me) -> Screen:
    """Show another page of what was found; only who looked for it turns it."""
    text = await boards.kept(me.shop, me.person, tap.asked, me.chat_id)
    found = await boards.find(me.shop, me.person, text, tap.before)
    return screens.found(me.reader.t, text, found, tap.asked)


async def board_letter(shop: Shop, _owed: Owed, t: Translator) -> Screen:
    """Draw the board as it is now."""
    return screens.board(t, await boards.counts(shop), shop.config.zone)
