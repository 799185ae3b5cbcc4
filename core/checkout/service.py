"""Use cases of the checkout. Placing an order is one transaction; whatever repeats it finds the order it made."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from core.carts import store as carts
from core.carts.rules import Cart, CartState
from core.catalog import store as catalog
from core.checkout import rules
from core.checkout.rules import Review
from core.errors import NotFound, OutOfDate, Refused
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders import notices
from core.orders import rules as order_rules
from core.orders import store as orders
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.payments import service as payments
from core.people import store as people
from core.people.rules import Person
from core.shop import Shop
from core.stock import rules as stock_rules
from core.stock import store as stock


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer agreed to: ``total`` is the amount they saw, in cents, only ever compared.

    ``card`` is the message that becomes the order's live card.
    """

    cart_id: int
    method: PaymentMethod
    total: int
    card: MessageRef | None = None


async def review(shop: Shop, person: Person, cart_id: int) -> Review:
    """Price the cart as it stands now; its last used address is chosen where none was yet."""
    await shop.refresh()

    def read(tx: Connection) -> Review:
        cart = _cart(tx, cart_id, person)
        if cart.address_id is None:
            book = people.address_book(tx, person.id, 1)
            cart = replace(cart, address_id=book[0].id if book else None)
        return _review(tx, shop, cart, person)

    return await shop.db.read(read)


async def place(shop: Shop, person: Person, wish: Wish) -> Order:
    """Place the order once.

    ``OutOfDate("price_moved")`` when it costs something else than what was seen, ``Refused`` when something is sold
    out, without an address or gone: then nothing was changed. A second call returns the first one's order.
    """
    await shop.refresh()
    return await shop.db.write(_place, shop, person, wish)


def _cart(tx: Connection, cart_id: int, person: Person) -> Cart:
    cart = carts.cart(tx, cart_id, person.id)
    if cart is None:
        raise NotFound("cart_gone")
    return cart


def _review(tx: Connection, shop: Shop, cart: Cart, person: Person) -> Review:
    ids = [line.variant_id for line in cart.lines]
    on_sale = {v.id: (p, v) for p in catalog.on_sale(tx, variant_ids=ids) for v in p.variants}
    address = people.address(tx, cart.address_id, person.id) if cart.address_id else None
    return rules.review(cart, on_sale, address, shop.policy)


def _place(tx: Connection, shop: Shop, person: Person, wish: Wish) -> Order:
    now = shop.clock.now()
    cart = _cart(tx, wish.cart_id, person)
    if not carts.close(tx, cart.id, CartState.ORDERED, now):
        made = orders.by_cart(tx, cart.id)
        if made is None:
            raise Refused("cart_closed")
        return made
    cart = _cart(tx, wish.cart_id, person)  # once more: until it was closed, a line could still be put in
    if cart.address_id is None:
        book = people.address_book(tx, person.id, 1)
        cart = replace(cart, address_id=book[0].id if book else None)
    found = _review(tx, shop, cart, person)
    _must_be_ready(found, wish)
    order = _write(tx, shop, person, wish, found)
    if wish.method is PaymentMethod.KHQR:
        payments.present(tx, shop.policy, order, now)
    if wish.card:
        messages.remember(tx, MessageKind.ORDER_CARD, order.id, wish.card, now)
    notices.announce(tx, shop.policy, order, None, now, shown_in=wish.card.chat_id if wish.card else 0)
    return order


def _must_be_ready(found: Review, wish: Wish) -> None:
    if found.gone or not found.lines:
        raise Refused("product_gone" if found.gone else "cart_empty")
    if found.address is None:
        raise Refused("address_missing")
    if not all(line.fits for line in found.lines):
        raise Refused("sold_out")
    if found.total.amount != wish.total:
        raise OutOfDate("price_moved", total=found.total)


def _write(tx: Connection, shop: Shop, person: Person, wish: Wish, found: Review) -> Order:
    """Write order, lines, holds and first event; the number is counted in the same transaction."""
    now, policy = shop.clock.now(), shop.policy
    khqr = wish.method is PaymentMethod.KHQR
    if found.address is None:  # pragma: no cover - _must_be_ready saw to it
        raise Refused("address_missing")
    order_id = orders.add(
        tx, tuple(rules.snapshot(line) for line in found.lines), rules.destination(found.address),
        number=order_rules.number(policy.order_prefix, orders.next_number(tx)),
        cart_id=found.cart.id, person_id=person.id,
        tracking_token=order_rules.new_token(), parcel_token=order_rules.new_token(),
        status=Status.PENDING, payment_method=wish.method,
        payment_status=PaymentStatus.UNPAID if khqr else PaymentStatus.DUE,
        currency=found.total.currency, subtotal=found.subtotal.amount, discount=found.discount.amount,
        delivery_fee=found.fee.amount, total=found.total.amount, riel_rate=policy.riel_rate,
        language=person.language or "en", expires_at=now + policy.khqr_hold if khqr else None,
        placed_at=now, updated_at=now,
    )  # fmt: skip
    stock.hold(tx, order_id, stock_rules.wanted((line.variant.id, line.quantity) for line in found.lines), now)
    orders.write_event(tx, order_id, "placed", now, actor_id=person.id, actor_name=person.name, to=Status.PENDING)
    people.use_address(tx, found.address.id, now)
    order = orders.by_id(tx, order_id)
    if order is None:  # pragma: no cover - just written in this transaction
        raise NotFound
    return order
