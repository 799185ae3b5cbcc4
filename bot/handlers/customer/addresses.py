"""Keep an address and go on to the review; use, correct and remove what stands in the address book."""

from dataclasses import replace

from telegram import Contact, Location

from bot import taps
from bot.handlers.counter import entering
from bot.handlers.customer import buying, places, storefront
from bot.me import Me
from bot.screen import Screen
from bot.screens import places as screens
from core.cards.shared import place
from core.carts import service as carts
from core.carts.rules import CartState
from core.checkout.rules import destination
from core.errors import Refused
from core.people import rules as people_rules
from core.people import service as people
from core.people.rules import Address, AddressPart, Question
from core.shipping import rules as shipping

OfBook = taps.Addresses | taps.UseAddress | taps.OpenAddress | taps.EditAddress | taps.RemoveAddress | taps.NewAddress


# ── a new one ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def choose_province(tap: taps.ChooseProvince, me: Me) -> Screen:
    """Offer the districts of a province; with a location shared before, the address is complete."""
    pinned, question = await places.pin(me), await places.standing(me)
    if not pinned or question is None or not shipping.districts(tap.code):
        return await places.ask_district(tap, me)
    shipping.must_deliver(tap.code, me.shop.policy)
    return replace(await _keep(me, question, tap.code, **pinned), fresh=False)


async def place_answered(_text: str, _me: Me, _question: Question) -> Screen:
    """A place is tapped, not typed: say so."""
    raise Refused("choose_place")


async def street_answered(text: str, me: Me, question: Question) -> Screen:
    """Keep the address with its typed street, and show the review."""
    street = people_rules.clean_street(text)
    return await _keep(me, question, str(question.data["code"]), street=street)


async def location_shared(location: Location, me: Me, question: Question | None) -> Screen:
    """Keep the address with a shared location in place of the street; without a province that is asked for first."""
    if question is None or question.kind not in {"place", "street"}:
        return await storefront.not_understood("", me)
    shipping.must_be_here(location.latitude, location.longitude)
    spot = {"latitude": location.latitude, "longitude": location.longitude}
    if not question.data["code"]:
        return await places.ask_province(int(question.data["cart_id"]), me, spot)
    return await _keep(me, question, str(question.data["code"]), **spot)


async def _keep(me: Me, question: Question, code: str, **where: str | float) -> Screen:
    own = {"recipient": me.person.name, "phone": me.person.phone or ""}
    who = {part: question.data.get(part, mine) for part, mine in own.items()}
    cart = await carts.say_where(me.shop, me.person, question, **who, **shipping.codes(code), **where)
    if "phone" in question.data:
        return replace(await entering.enter_for(taps.EnterFor(cart.id), me), fresh=True)
    return replace(await buying.review(taps.OpenReview(cart.id), me), fresh=True)


# ── the book ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def choose_address(tap: OfBook, me: Me) -> Screen:
    """Offer the address book, or the provinces where it is empty."""
    cart = await carts.cart(me.shop, me.person, tap.cart_id)
    if cart.state is not CartState.OPEN:
        return await buying.no_review(me, cart)
    book = await people.address_book(me.shop, me.person)
    if not book:
        return await places.ask_province(tap.cart_id, me, {})
    return screens.book(me.reader.t, me.shop.policy.shop_name, tap.cart_id, [(a, _written(me, a)) for a in book])


async def use_address(tap: taps.UseAddress, me: Me) -> Screen:
    """Send the cart to an address of the book."""
    await carts.send_to(me.shop, me.person, tap.cart_id, tap.address_id)
    return await buying.review(taps.OpenReview(tap.cart_id), me)


async def open_address(tap: taps.OpenAddress, me: Me) -> Screen:
    """Show one address of the book."""
    return _drawn(me, tap.cart_id, await people.address(me.shop, me.person, tap.address_id))


async def edit_address(tap: taps.EditAddress, me: Me) -> Screen:
    """Ask for the recipient, the phone or the street anew."""
    entry = await people.address(me.shop, me.person, tap.address_id)
    known = {"cart_id": tap.cart_id, "address_id": tap.address_id, "part": tap.part.value}
    await people.ask(me.shop, me.person, "address", **known)
    return screens.ask_part(me.reader.t, me.shop.policy.shop_name, tap.cart_id, entry, tap.part)


async def address_answered(text: str, me: Me, question: Question) -> Screen:
    """Write what was asked for, and show the address."""
    await people.correct_address(me.shop, me.person, question, text)
    entry = await people.address(me.shop, me.person, int(question.data["address_id"]))
    return _drawn(me, int(question.data["cart_id"]), entry)


async def contact_shared(contact: Contact, me: Me, question: Question | None) -> Screen:
    """Take name or phone of who gets a parcel from a contact; where none is asked for, it is the person's own."""
    if question is None or question.kind != "address":
        return await buying.contact_shared(contact, me, question)
    name = " ".join(filter(None, (contact.first_name, contact.last_name)))
    told = {AddressPart.RECIPIENT: name, AddressPart.PHONE: buying.dialled(contact)}
    return await address_answered(told.get(AddressPart(question.data["part"]), ""), me, question)


async def remove_address(tap: taps.RemoveAddress, me: Me) -> Screen:
    """Take an address out of the book, and show what is left."""
    await people.remove_address(me.shop, me.person, tap.address_id)
    return (await choose_address(taps.Addresses(tap.cart_id), me)).saying(me.say("ask.removed"))


def _drawn(me: Me, cart_id: int, entry: Address) -> Screen:
    return screens.address(me.reader.t, me.shop.policy.shop_name, cart_id, entry, _written(me, entry))


def _written(me: Me, entry: Address) -> str:
    return place(destination(entry), me.reader.t)
