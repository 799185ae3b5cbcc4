"""Ask where a parcel goes: province, district, commune, street. At each step a shared location answers too."""

from typing import Any

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import places as screens
from core.carts import service as carts
from core.carts.rules import CartKind
from core.errors import NotFound, Refused
from core.people import service as people
from core.people.rules import BOOK, Question
from core.shipping import rules as shipping

PROVINCE, DISTRICT = 2, 4
"""As many digits a place's code has."""


async def new_address(tap: taps.NewAddress, me: Me) -> Screen:
    """Offer the provinces, unless the book is full."""
    if len(await people.address_book(me.shop, me.person)) >= BOOK:
        raise Refused("book_full", most=BOOK)
    return await ask_province(tap.cart_id, me, await pin(me))


async def new_address_again(tap: taps.ChooseProvince | taps.ChooseDistrict | taps.ChooseCommune, me: Me) -> Screen:
    """Offer the provinces again, after a place that is not there."""
    return await ask_province(tap.cart_id, me, {})


async def ask_province(cart_id: int, me: Me, pinned: dict[str, Any]) -> Screen:
    """Offer the provinces; ``pinned`` is the location that was shared already, or who gets it where a clerk said so."""
    back = await _way_back(cart_id, me)
    await people.ask(me.shop, me.person, "place", **await _whose(me) | pinned, cart_id=cart_id, code="")
    places, there = shipping.provinces(me.reader.t.language), "latitude" in pinned
    return screens.provinces(me.reader.t, me.shop.policy.shop_name, cart_id, places, back, pinned=there)


async def _way_back(cart_id: int, me: Me) -> taps.Tap:
    """Find what stands before the provinces: the address book, else the basket or what is bought at once."""
    if await people.address_book(me.shop, me.person):
        return taps.Addresses(cart_id)
    cart = await carts.cart(me.shop, me.person, cart_id)
    at_once = cart.kind is CartKind.BUY_NOW and cart.lines
    return taps.OpenProduct(0, cart.lines[0].variant_id) if at_once else taps.OpenCart()


async def ask_district(tap: taps.ChooseProvince, me: Me) -> Screen:
    """Offer the districts of a province."""
    way = _way(tap.code, PROVINCE, me)
    await people.ask(me.shop, me.person, "place", **await _whose(me), cart_id=tap.cart_id, code=tap.code)
    places = shipping.districts(tap.code, me.reader.t.language)
    return screens.districts(me.reader.t, me.shop.policy.shop_name, tap.cart_id, way[0], places, tap.page)


async def choose_district(tap: taps.ChooseDistrict, me: Me) -> Screen:
    """Offer the communes; whoever writes the street at once, or shares a location, need not choose."""
    way = _way(tap.code, DISTRICT, me)
    await people.ask(me.shop, me.person, "street", **await _whose(me), cart_id=tap.cart_id, code=tap.code)
    places = shipping.communes(tap.code, me.reader.t.language)
    return screens.communes(me.reader.t, me.shop.policy.shop_name, tap.cart_id, way, places)


async def choose_commune(tap: taps.ChooseCommune, me: Me) -> Screen:
    """Ask for the street in one typed line; the district's own code is "not sure"."""
    way = _way(tap.code, max(DISTRICT, len(tap.code)), me)
    await people.ask(me.shop, me.person, "street", **await _whose(me), cart_id=tap.cart_id, code=tap.code)
    return screens.street(me.reader.t, me.shop.policy.shop_name, tap.cart_id, way)


def _way(code: str, digits: int, me: Me) -> tuple[shipping.Place, ...]:
    """Find the way to a place that parcels are sent to."""
    if len(code) != digits:
        raise NotFound
    shipping.must_deliver(code, me.shop.policy)
    return shipping.path(code)


async def standing(me: Me) -> Question | None:
    """Read the question for a place that a tap goes on with."""
    found = await people.question(me.shop, me.person) if me.person.asked else None
    return found if found is not None and found.kind == "place" else None


async def _whose(me: Me) -> dict[str, Any]:
    """Read who gets the parcel, where a clerk said so for somebody who phoned; nothing where it is one's own."""
    found = await people.question(me.shop, me.person) if me.person.asked else None
    known = found.data if found is not None and found.kind in {"place", "street"} else {}
    return {key: known[key] for key in ("recipient", "phone") if key in known}


async def pin(me: Me) -> dict[str, Any]:
    """Read the location that was shared before the province was known."""
    found = await standing(me)
    return {key: found.data[key] for key in ("latitude", "longitude") if key in found.data} if found else {}
