"""Use cases of the checkout. Placing an order is one transaction; whatever repeats it finds the order it made."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.carts import store as carts
from core.carts.rules import NOTE, Cart, CartKind, CartState
from core.catalog import store as catalog
from core.catalog.rules import Product, Variant
from core.checkout import rules
from core.checkout.rules import Again, Review
from core.errors import NotFound, OutOfDate, Refused
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.money import Money
from core.orders import notices
from core.orders import rules as order_rules
from core.orders import store as orders
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.payments import service as payments
from core.people import store as people
from core.people.rules import Person, Question, clean_line
from core.points import store as points
from core.promoters import store as promoters
from core.promotions import rules as promotion_rules
from core.promotions import store as promotions
from core.promotions.rules import Promo
from core.shop import Shop
from core.stock import rules as stock_rules
from core.stock import store as stock
from core.suspicion import service as suspicion


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
        return priced(tx, shop, own_cart(tx, cart_id, person), person)

    return await shop.db.read(read)


async def use_promo(shop: Shop, person: Person, cart_id: int, text: str, question: Question) -> Review:
    """Keep a typed promo code with an open cart and price it again; ``Refused`` says why it takes nothing off.

    A code that is refused leaves the cart, and the question, as they were: it may be typed again.
    """
    await shop.refresh()

    def write(tx: Connection) -> Review:
        found = promotions.by_code(tx, promotion_rules.normalised(text))
        cart = replace(own_cart(tx, cart_id, person), promo_id=found.id if found else -1)
        seen = priced(tx, shop, cart, person)
        if seen.promo_refused:
            raise seen.promo_refused
        if people.take(tx, person.id, question):
            carts.price(tx, cart_id, shop.clock.now(), promo_id=cart.promo_id)
        return seen

    return await shop.db.write(write)


async def drop_promo(shop: Shop, person: Person, cart_id: int) -> None:
    """Take the promo code off an open cart; ``Refused`` where it was ordered meanwhile."""
    await shop.db.write(_price, shop, person, cart_id, promo_id=None)


async def spend_points(shop: Shop, person: Person, cart_id: int, *, spend: bool) -> None:
    """Spend points on an open cart, as many as have a use, or keep them; ``Refused`` where it was ordered meanwhile."""
    await shop.db.write(_price, shop, person, cart_id, with_points=spend)


async def leave_note(shop: Shop, person: Person, cart_id: int, text: str, question: Question) -> None:
    """Keep one typed line for the shop with an open cart; ``Refused`` where it says nothing or is too long."""
    note = clean_line(text, NOTE)

    def write(tx: Connection) -> None:
        own_cart(tx, cart_id, person)
        if people.take(tx, person.id, question):
            carts.price(tx, cart_id, shop.clock.now(), note=note)

    await shop.db.write(write)


async def drop_note(shop: Shop, person: Person, cart_id: int) -> None:
    """Take the note off an open cart; ``Refused`` where it was ordered meanwhile."""
    await shop.db.write(_price, shop, person, cart_id, note="")


async def place(shop: Shop, person: Person, wish: Wish) -> Order:
    """Place the order once.

    ``OutOfDate("price_moved")`` when it costs something else than what was seen, ``Refused`` when something is sold
    out, without an address or gone: then nothing was changed. A second call returns the first one's order.
    """
    return await shop.by_the_rules(_place, shop, person, wish)


async def buy_again(shop: Shop, person: Person, order_id: int, update_id: int | None = None) -> Again:
    """Put what an order of theirs had into their basket, as far as it is sold and there; tell what changed since.

    Said again it adds nothing more; the same update worked again, after a kill, leaves the basket as it is by then.
    """

    def write(tx: Connection) -> Again:
        order, now = orders.by_id(tx, order_id), shop.clock.now()
        if order is None or order.person_id != person.id:
            raise NotFound
        cart = carts.open_cart(tx, person.id, CartKind.BASKET, now)
        found = rules.again(order, cart, _on_sale(tx, [line.variant_id for line in order.lines]))
        if update_id is not None and cart.last_update == update_id:
            return replace(found, cart=cart)
        for line in found.cart.lines:
            if line not in cart.lines:
                carts.put(tx, cart.id, line, now, last_update=update_id)
        return found

    return await shop.db.write(write)


def _price(tx: Connection, /, shop: Shop, person: Person, cart_id: int, **values: Any) -> None:
    """Keep what changes the price of the person's own open cart, or goes along with it."""
    own_cart(tx, cart_id, person)
    carts.price(tx, cart_id, shop.clock.now(), **values)


def own_cart(tx: Connection, cart_id: int, person: Person) -> Cart:
    """Read a person's own cart; ``NotFound`` for any other."""
    cart = carts.cart(tx, cart_id, person.id)
    if cart is None:
        raise NotFound("cart_gone")
    return cart


def priced(tx: Connection, shop: Shop, cart: Cart, person: Person, buyer: int | None = None) -> Review:
    """Price a cart as it stands now; ``buyer`` is whom it is entered for: their code's limit counts, no points are."""
    if buyer is not None:
        cart = replace(cart, person_id=buyer, with_points=False)
    address = people.address(tx, cart.address_id, person.id) if cart.address_id else None
    if address is None:
        address = next(iter(people.address_book(tx, person.id, 1)), None)
        cart = replace(cart, address_id=address.id if address else None)
    on_sale = _on_sale(tx, [line.variant_id for line in cart.lines])
    judge = _judge(tx, cart, shop.clock.now()) if cart.promo_id else rules.no_promo
    worth_knowing = cart.with_points or cart.state is CartState.OPEN  # of a closed one only what it spends is
    offered = buyer is None and worth_knowing
    balance = points.balance(tx, person.id, shop.clock.now()) if offered else 0
    return rules.review(cart, on_sale, address, shop.policy, judge, balance)


def _on_sale(tx: Connection, variant_ids: list[int]) -> dict[int, tuple[Product, Variant]]:
    """Read those of some variants that are sold now, with what is left of them."""
    return {v.id: (p, v) for p in catalog.on_sale(tx, variant_ids=variant_ids) for v in p.variants}


def _judge(tx: Connection, cart: Cart, now: datetime) -> Callable[[Money], tuple[Promo | None, Refused | None]]:
    """Read the code typed for a cart, to be judged by what its goods cost."""
    promo = promotions.by_id(tx, cart.promo_id or 0)
    used = promotions.used_by(tx, promo.id, cart.person_id) if promo else 0

    def judge(goods: Money) -> tuple[Promo | None, Refused | None]:
        refused = promotion_rules.refusal(promo, goods, used, now)
        return (None, refused) if refused else (promo, None)

    return judge


def _place(tx: Connection, shop: Shop, person: Person, wish: Wish) -> Order:
    now = shop.clock.now()
    people.lock(tx, person.id)  # before the cart: who taps "buy now" meanwhile takes them in that order
    cart = carts.take(tx, wish.cart_id, person.id, now)
    if cart is None:
        made = orders.by_cart(tx, own_cart(tx, wish.cart_id, person).id)
        if made is None:
            raise Refused("cart_dropped")
        return made
    found = priced(tx, shop, cart, person)
    must_be_ready(found, wish)
    order = write_order(tx, shop, person, wish, found)
    if wish.method is PaymentMethod.KHQR:
        payments.present(tx, shop.policy, order, now)
    if wish.card:
        messages.remember(tx, MessageKind.ORDER_CARD, order.id, wish.card, now)
    shown_in = wish.card.chat_id if wish.card else 0
    notices.announce(tx, shop.policy, order, None, now, shown_in=shown_in)
    return order


def must_be_ready(found: Review, wish: Wish) -> None:
    """Refuse what cannot be ordered, and what costs another sum than was seen."""
    if found.gone or not found.lines:
        raise Refused("product_gone" if found.gone else "cart_empty")
    if found.address is None:
        raise Refused("address_missing")
    if not found.delivered:
        raise Refused("no_zone")
    if not all(line.fits for line in found.lines):
        raise Refused("sold_out")
    if found.total.amount != wish.total:
        raise OutOfDate("price_moved", total=found.total)


def write_order(
    tx: Connection, shop: Shop, person: Person, wish: Wish, found: Review, clerk: Person | None = None
) -> Order:
    """Write order, lines, holds and first event; the number is counted in the same transaction.

    ``person`` is whose order it is, ``clerk`` who entered it for them.
    Every order waits for the number's row from there to the commit: what needs no order is done before.
    """
    now, policy = shop.clock.now(), shop.policy
    khqr = wish.method is PaymentMethod.KHQR
    if found.address is None:  # pragma: no cover - must_be_ready saw to it
        raise Refused("address_missing")
    people.use_address(tx, found.address.id, now)
    to, total = found.address, found.total
    flags = suspicion.look(tx, to.recipient, to.phone, person.id, total, policy, now)
    order = orders.add(
        tx, tuple(rules.snapshot(line) for line in found.lines), rules.destination(to),
        number=order_rules.number(policy.order_prefix, orders.next_number(tx)),
        cart_id=found.cart.id, person_id=person.id,
        tracking_token=order_rules.new_token(), parcel_token=order_rules.new_token(),
        status=Status.PENDING, payment_method=wish.method,
        payment_status=PaymentStatus.UNPAID if khqr else PaymentStatus.DUE,
        currency=total.currency, subtotal=found.subtotal.amount, discount=found.discount.amount,
        promo_code=found.promo.code if found.promo else "", points_used=found.points.points,
        points_discount=found.points.value.amount, delivery_fee=found.fee.amount,
        total=total.amount, riel_rate=policy.riel_rate,
        entered_by=clerk.id if clerk else None, language=person.language or (policy.staff_language if clerk else "en"),
        note=found.cart.note, expires_at=now + policy.khqr_hold if khqr else None,
        placed_at=now, updated_at=now, **promoters.terms(tx, found.promo.promoter_id if found.promo else None),
    )  # fmt: skip
    if found.points.points:
        points.spend(tx, person.id, found.points.points, order.id, now)
    if found.promo:
        promotions.use(tx, found.promo, person.id, order.id, found.discount - found.points.value, now)
    wants = stock_rules.wanted((line.variant.id, line.quantity) for line in found.lines)
    stock.hold(tx, order.id, wants, now, {line.product.id for line in found.lines})
    by = clerk or person
    orders.write_event(tx, order.id, "placed", now, actor_id=by.id, actor_name=by.name, to=Status.PENDING)
    suspicion.note(tx, order.id, flags, now)
    return order
