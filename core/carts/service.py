"""Use cases of carts: buy now, add, change a quantity. Quantities never pass what is left."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from core.carts import rules, store
from core.carts.rules import Beside, Cart, CartKind, CartLine
from core.catalog.rules import Variant
from core.errors import NotFound, Refused
from core.favourites import store as favourites
from core.people import store as people
from core.people.rules import Person, Question
from core.shipping import rules as shipping
from core.shop import Shop
from core.waiting import store as waiting


async def _on_sale(shop: Shop, variant_id: int) -> Variant:
    found = (await shop.catalogue.now()).variant(variant_id)
    if found is None:
        raise NotFound("product_gone")
    return found[1]


async def buy_now(shop: Shop, person: Person, variant_id: int) -> Cart:
    """Start buying one unit at once; a product that is gone or sold out is refused.

    Said again while the same thing is being bought, it is the same cart: what was asked for it still counts.
    """
    variant = await _on_sale(shop, variant_id)
    if variant.left < 1:
        raise Refused("sold_out")
    line = CartLine(variant.id, 1, variant.price.amount)

    def write(tx: Connection) -> Cart:
        now = shop.clock.now()
        people.lock(tx, person.id)
        standing = store.found_open(tx, person.id, CartKind.BUY_NOW)
        if standing is None or [one.variant_id for one in store.lines(tx, standing)] != [variant.id]:
            return _mine(tx, store.open_again(tx, person.id, [line], now), person)
        store.put(tx, standing, line, now)
        return _mine(tx, standing, person)

    return await shop.db.write(write)


async def add(shop: Shop, person: Person, variant_id: int, update_id: int | None = None) -> Cart:
    """Put one more unit into the basket; ``Refused`` when no more are left.

    The same update worked again, after a kill between this and its mark, adds nothing more.
    """
    variant = await _on_sale(shop, variant_id)

    def write(tx: Connection) -> Cart:
        cart = store.open_cart(tx, person.id, CartKind.BASKET, shop.clock.now())
        if update_id is not None and cart.last_update == update_id:
            return cart
        there = next((line.quantity for line in cart.lines if line.variant_id == variant_id), 0)
        return _put(tx, shop, cart, variant, there + 1, last_update=update_id)

    return await shop.db.write(write)


async def change(shop: Shop, person: Person, cart_id: int, variant_id: int, quantity: int) -> Cart:
    """Set the quantity of a line; 0 takes it out, also what is not sold any more.

    ``Refused`` below nothing, above what is left, and in a closed cart.
    """
    if quantity < 0:
        raise Refused("number_wanted")
    if quantity == 0:
        return await shop.db.write(lambda tx: _take_out(tx, shop, _kept(tx, cart_id, person), variant_id))
    variant = await _on_sale(shop, variant_id)
    return await shop.db.write(lambda tx: _put(tx, shop, _kept(tx, cart_id, person), variant, quantity))


async def basket(shop: Shop, person: Person) -> Cart | None:
    """Read the person's basket, if there is one."""

    def read(tx: Connection) -> Cart | None:
        cart_id = store.found_open(tx, person.id, CartKind.BASKET)
        return store.cart(tx, cart_id, person.id) if cart_id else None

    return await shop.db.read(read)


async def units(shop: Shop, person: Person) -> int:
    """Count the units in the person's basket."""
    return await shop.db.read(store.units, person.id)


async def beside(shop: Shop, person: Person, product_id: int, awaited: int | None, units: int | None = None) -> Beside:
    """Read what the person has beside a product; ``awaited`` is the variant they may wait for, None for none.

    ``units`` of their basket are counted where the caller does not know them.
    """

    def read(tx: Connection) -> Beside:
        waits = awaited is not None and waiting.has(tx, person.id, awaited)
        held = store.units(tx, person.id) if units is None else units
        return Beside(favourites.has(tx, person.id, product_id), waits, held)

    return await shop.db.read(read)


async def cart(shop: Shop, person: Person, cart_id: int) -> Cart:
    """Read one cart of this person; ``NotFound`` when it is not theirs."""
    return await shop.db.read(_mine, cart_id, person)


async def send_to(shop: Shop, person: Person, cart_id: int, address_id: int) -> Cart:
    """Choose where an open cart goes; ``NotFound`` for an address that is not this person's."""

    def write(tx: Connection) -> Cart:
        found = _open(_kept(tx, cart_id, person))
        address = people.address(tx, address_id, person.id)
        if address is None:
            raise NotFound
        shipping.must_deliver(address.province_code, shop.policy)
        store.send_to(tx, cart_id, address_id, shop.clock.now())
        return replace(found, address_id=address_id)

    return await shop.db.write(write)


async def say_where(shop: Shop, person: Person, question: Question, **where: Any) -> Cart:
    """Keep the new address that a question was asked for, and send its cart there, in one step.

    Said again for the same question it adds nothing. A cart that was closed meanwhile is ``Refused`` after the address
    was kept. The caller checked the place (``core.shipping``).
    """
    cart_id = int(question.data["cart_id"])

    def write(tx: Connection) -> Cart:
        cart = _kept(tx, cart_id, person)
        if not people.take(tx, person.id, question):
            return cart
        address_id = people.save_address(tx, person.id, shop.clock.now(), **where)
        store.send_to(tx, cart_id, address_id, shop.clock.now())
        return replace(cart, address_id=address_id)

    return _open(await shop.db.write(write))


def _mine(tx: Connection, cart_id: int, person: Person) -> Cart:
    found = store.cart(tx, cart_id, person.id)
    if found is None:
        raise NotFound("cart_gone")
    return found


def _kept(tx: Connection, cart_id: int, person: Person) -> Cart:
    """Read a cart that is to be changed, locked."""
    store.lock(tx, cart_id)
    return _mine(tx, cart_id, person)


def _open(cart: Cart) -> Cart:
    if cart.state is not rules.CartState.OPEN:
        raise Refused(rules.CLOSED[cart.state])
    return cart


def _put(tx: Connection, shop: Shop, cart: Cart, variant: Variant, quantity: int, **more: Any) -> Cart:
    most = rules.allowed(quantity, variant.left)
    if quantity > most:
        raise Refused("only_left", left=most)
    if len(cart.lines) >= rules.MOST_LINES and variant.id not in {line.variant_id for line in cart.lines}:
        raise Refused("cart_full", most=rules.MOST_LINES)
    line = CartLine(variant.id, quantity, variant.price.amount)
    store.put(tx, _open(cart).id, line, shop.clock.now(), **more)
    return rules.having(cart, line)


def _take_out(tx: Connection, shop: Shop, cart: Cart, variant_id: int) -> Cart:
    nothing = CartLine(variant_id, 0, 0)
    store.put(tx, _open(cart).id, nothing, shop.clock.now())
    return rules.having(cart, nothing)
