"""Parcels in hands: what one carries, whom to give one to, the word that one came or went."""

from bot import taps
from bot.handlers.counter.way import with_way
from bot.handlers.customer.orders import draw
from bot.me import Me
from bot.screen import Screen
from bot.screens import courier as screens
from core.cards import order_card
from core.errors import Refused
from core.fulfilment import carrying
from core.messages.rules import Owed
from core.orders import store as orders
from core.orders.rules import CARRIED
from core.people.rules import Rank
from core.shop import Reader, Shop


async def parcels(tap: taps.MyParcels, me: Me) -> Screen:
    """Show what the person carries."""
    found = await carrying.load(me.shop, me.person, tap.page)
    cards = [order_card(me.shop, order, me.reader) for order in found.parcels]
    return screens.parcels(me.reader.t, found, cards)


async def parcels_command(_text: str, me: Me) -> Screen:
    """Show it where nobody else reads along."""
    if not me.private:
        me.person.must_be(Rank.COURIER)
        raise Refused("parcels_private")
    return await parcels(taps.MyParcels(0), me)


async def ask_give(tap: taps.AskGive, me: Me) -> Screen:
    """Ask who takes the parcel."""
    found = await carrying.hands(me.shop, me.person, tap.order_id, tap.page)
    return with_way(screens.ask_give(me.reader.t, found, await draw(found.order, me)), me)


async def give(tap: taps.GiveParcel, me: Me) -> Screen:
    """Give it to them; the loser of a race hears who was faster."""
    order = await carrying.give(me.shop, me.person, tap.order_id, tap.person_id, tap.version, shown_in=me.chat_id)
    return (await draw(order, me)).saying(me.say("carry.given", name=order.courier_name))


async def given_letter(shop: Shop, owed: Owed, who: Reader) -> Screen | None:
    """Tell somebody that a parcel came to them or went from them, as it is by now.

    Nothing once its way is over, and nothing to who works here no more.
    """
    order = await shop.db.read(orders.by_id, owed.subject_id)
    gone = order is None or order.status not in CARRIED or order.courier_id is None
    if order is None or gone or who.person.rank < Rank.COURIER:
        return None
    return screens.given(who.t, order, order_card(shop, order, who), yours=order.courier_id == who.person.id)
