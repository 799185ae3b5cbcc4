"""An order entered for somebody who phoned (PRODUCT S16): theirs by their phone, written down by who works here."""

import re

from sqlalchemy import Connection

from core.carts import store as carts
from core.checkout import service as checkout
from core.checkout.rules import Review
from core.checkout.service import Wish
from core.errors import OutOfDate, Refused
from core.orders import notices
from core.orders import store as orders
from core.orders.rules import WORKED, Order, PaymentMethod, Status
from core.payments import service as payments
from core.people import store as people
from core.people.rules import RECIPIENT, Person, Rank, clean_line, latin_digits, normal_phone
from core.points import store as points
from core.promotions import store as promotions
from core.settings import store as settings
from core.shop import Shop

_PHONE = re.compile(r"\+?[0-9(][0-9 ().\-]{5,22}[0-9]")
_BETWEEN = " ,;:-–·\n"
UNDER_WAY = WORKED | {Status.PENDING}
"""Of which whoever is found to be their customer gets the live card."""


def who(text: str, clerk: Person) -> dict[str, str]:
    """Read one typed line as phone and name, in either order; returns ``recipient`` and ``phone`` (E.164).

    ``Refused`` where one of them is missing or cannot be, or the phone is the clerk's own.
    """
    found = _PHONE.search(latin_digits(text))
    if found is None:
        raise Refused("enter_who")
    phone = normal_phone(found[0])
    recipient = clean_line(text[: found.start()].strip(_BETWEEN) + " " + text[found.end() :].strip(_BETWEEN), RECIPIENT)
    if phone == clerk.phone:
        raise Refused("enter_own")
    return {"recipient": recipient, "phone": phone}


async def review(shop: Shop, clerk: Person, cart_id: int) -> Review | None:
    """Price the clerk's own cart for whom its address names: no points, the code by that customer's own uses.

    None while it goes to nobody, or to the clerk themselves.
    """
    clerk.must_be(Rank.STAFF)
    await shop.refresh()

    def read(tx: Connection) -> Review | None:
        plain = checkout.priced(tx, shop, checkout.own_cart(tx, cart_id, clerk), clerk)
        buyer = people.owner_of(tx, plain.address.phone) if plain.address else None
        if plain.address is None or _is_own(plain.address.phone, buyer, clerk):
            return None
        return checkout.priced(tx, shop, plain.cart, clerk, buyer.id if buyer else 0)

    return await shop.db.read(read)


async def enter(shop: Shop, clerk: Person, wish: Wish) -> Order:
    """Place the clerk's cart as the order of who has the phone it goes to; whoever has none yet is made known.

    Refused as any order is; a second call returns the first one's order. The address goes into that customer's book.
    """
    clerk.must_be(Rank.STAFF)
    return await shop.by_the_rules(_enter, shop, clerk, wish)


def _is_own(phone: str, buyer: Person | None, clerk: Person) -> bool:
    return phone == clerk.phone or (buyer is not None and buyer.id == clerk.id)


def _enter(tx: Connection, shop: Shop, clerk: Person, wish: Wish) -> Order:
    now = shop.clock.now()
    people.lock(tx, clerk.id)
    cart = carts.take(tx, wish.cart_id, clerk.id, now)
    if cart is None:
        made = orders.by_cart(tx, checkout.own_cart(tx, wish.cart_id, clerk).id)
        if made is None:
            raise Refused("cart_dropped")
        return made
    address = checkout.priced(tx, shop, cart, clerk).address
    if address is None:
        raise Refused("address_missing")
    known = people.owner_of(tx, address.phone)
    if _is_own(address.phone, known, clerk):
        raise Refused("enter_own")
    buyer = known or people.entered(tx, address.recipient, address.phone, now)
    people.lock(tx, buyer.id)
    still = people.owner_of(tx, address.phone)
    if still is None or still.id != buyer.id:  # whose phone it is was found out at this very moment
        raise OutOfDate("enter_again")
    found = checkout.priced(tx, shop, cart, clerk, buyer.id)
    checkout.must_be_ready(found, wish)
    order = checkout.write_order(tx, shop, buyer, wish, found, clerk)
    people.give_book(tx, clerk.id, buyer.id, only=address.id)
    if wish.method is PaymentMethod.KHQR:
        payments.present(tx, shop.policy, order, now)
    settings.write_audit(tx, now, clerk.id, "order.enter", "order", order.id)
    notices.announce(tx, shop.policy, order, None, now)
    return order


async def claim(shop: Shop, person: Person) -> int:
    """Give a person what was entered for the phone that Telegram confirmed to be theirs; returns how many orders.

    A phone that was only typed gives nothing: anybody can type anybody's.
    """
    await shop.refresh()

    def write(tx: Connection) -> int:
        found: list[int] = []
        for other in people.same_phone(tx, person.id):
            found += _hand_over(tx, other, person.id)
        now = shop.clock.now()
        for order in orders.by_ids(tx, found):
            if order.status in UNDER_WAY:
                notices.announce(tx, shop.policy, order, None, now)
        return len(found)

    return await shop.db.write(write)


def _hand_over(tx: Connection, from_id: int, to_id: int) -> list[int]:
    """Make all that one had the other's: orders, points, uses of codes, addresses."""
    for order_id in orders.ids_of(tx, from_id):
        orders.lock(tx, order_id)
    for person_id in sorted((from_id, to_id)):
        people.lock(tx, person_id)
    found = orders.hand_over(tx, from_id, to_id)
    points.hand_over(tx, from_id, to_id)
    promotions.hand_over(tx, from_id, to_id)
    people.give_book(tx, from_id, to_id)
    people.give_ties(tx, from_id, to_id)
    people.fade(tx, from_id)
    return found
