"""What a cart costs and whether it can be ordered: pure. The server computes every amount."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.carts.rules import MOST_LINES, Cart, CartLine, allowed, having
from core.catalog.rules import Product, Variant
from core.errors import Refused
from core.money import Money, usd
from core.orders import rules as order_rules
from core.orders.rules import Destination, Line, Order
from core.people.rules import Address
from core.points import rules as points_rules
from core.points.rules import Redemption
from core.promotions import rules as promotions
from core.promotions.rules import Promo
from core.settings.rules import Policy
from core.shipping import rules as shipping


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One line as it stands now. ``fits``: all units are there; ``moved``: it cost something else when put in."""

    product: Product
    variant: Variant
    quantity: int
    fits: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class Review:
    """Exactly what would be charged now. ``gone`` counts lines that are not sold any more.

    ``discount`` is what ``promo`` and ``points`` take off together; ``promo_refused`` says why the code that was typed
    takes nothing; ``could_redeem`` is what the person's points could take off. ``delivered``: parcels go to that place.
    """

    cart: Cart
    lines: tuple[ReviewLine, ...]
    gone: int
    address: Address | None
    subtotal: Money
    discount: Money
    fee: Money
    total: Money
    riel: Money
    promo: Promo | None = None
    promo_refused: Refused | None = None
    points: Redemption = points_rules.NONE
    could_redeem: Redemption = points_rules.NONE
    delivered: bool = True

    @property
    def ready(self) -> bool:
        """Whether it could be placed as it stands."""
        known = self.address is not None and self.delivered
        return bool(self.lines) and not self.gone and known and all(line.fits for line in self.lines)


class Changed(StrEnum):
    """What can have become of a line since it was ordered."""

    GONE = "gone"
    SOLD_OUT = "sold_out"
    FEWER = "fewer"
    PRICE = "price"
    NO_ROOM = "no_room"


LEFT_OUT = {Changed.GONE, Changed.SOLD_OUT, Changed.NO_ROOM}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was when ``line`` was ordered: so many ``left``, its ``price`` now."""

    kind: Changed
    line: Line
    left: int = 0
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """What buying an order again comes to: what the basket then holds, and what changed since."""

    order: Order
    cart: Cart
    changes: tuple[Change, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether nothing of it could be put in."""
        return sum(change.kind in LEFT_OUT for change in self.changes) == len(self.order.lines)


NOTHING = usd(0)


def no_promo(_goods: Money) -> tuple[None, None]:
    """Judge a cart no code was typed for."""
    return None, None


def review(
    cart: Cart, on_sale: Mapping[int, tuple[Product, Variant]], address: Address | None, policy: Policy,
    promo: Callable[[Money], tuple[Promo | None, Refused | None]] = no_promo, balance: int = 0,
) -> Review:  # fmt: skip
    """Price a cart with what is on sale now, by variant id; without an address delivery is not counted yet.

    ``promo`` judges the typed code by what the goods cost; ``balance`` is how many points the person has.
    """
    lines = tuple(
        ReviewLine(
            *on_sale[line.variant_id], line.quantity, on_sale[line.variant_id][1].left >= line.quantity,
            on_sale[line.variant_id][1].price.amount != line.seen_price,
        )
        for line in cart.lines
        if line.variant_id in on_sale
    )  # fmt: skip
    sold = [snapshot(line) for line in lines]
    cost = order_rules.goods(sold)
    code, refused = promo(cost)
    off = promotions.discount(code, cost) if code else NOTHING
    could = points_rules.redeemable(balance, cost - off, policy)
    used = could if cart.with_points else points_rules.NONE
    costs = order_rules.total(
        sold, off + used.value,
        lambda goods: shipping.fee(address.province_code, goods, policy) if address else NOTHING,
    )  # fmt: skip
    return Review(
        cart, lines, len(cart.lines) - len(lines), address, costs.goods, costs.discount, costs.delivery, costs.charged,
        costs.charged.in_riel(policy.riel_rate), code, refused, used, could,
        address is None or shipping.delivers(address.province_code, policy),
    )  # fmt: skip


def snapshot(line: ReviewLine) -> Line:
    """What the order keeps of a line, whatever becomes of the product."""
    product, variant = line.product, line.variant
    return Line(
        variant.id, variant.sku, product.name_en, product.name_km, variant.name_en, variant.name_km, variant.price,
        line.quantity,
    )  # fmt: skip


def again(order: Order, cart: Cart, on_sale: Mapping[int, tuple[Product, Variant]]) -> Again:
    """Put into a basket what an order had: of each line as many as it had, fewer where fewer are left.

    What lies there already counts: said twice, the basket is the same.
    """
    found: list[Change] = []
    for line in order.lines:
        variant = on_sale[line.variant_id][1] if line.variant_id in on_sale else None
        there = next((one for one in cart.lines if one.variant_id == line.variant_id), None)
        quantity = allowed(max(line.quantity, there.quantity if there else 0), variant.left if variant else 0)
        if variant is None or quantity < 1:
            found.append(Change(Changed.SOLD_OUT if variant else Changed.GONE, line))
            continue
        if there is None and len(cart.lines) >= MOST_LINES:
            found.append(Change(Changed.NO_ROOM, line))
            continue
        cart = having(cart, CartLine(variant.id, quantity, there.seen_price if there else variant.price.amount))
        if quantity < line.quantity:
            found.append(Change(Changed.FEWER, line, left=variant.left))
        if variant.price != line.unit_price:
            found.append(Change(Changed.PRICE, line, price=variant.price))
    return Again(order, cart, tuple(found))


def destination(address: Address) -> Destination:
    """What the order keeps of an address, whatever becomes of the address book."""
    english, khmer = shipping.written(
        address.province_code, address.district_code, address.street, address.commune_code
    )
    return Destination(
        address.recipient, address.phone, address.province_code, address.district_code, address.street, english, khmer,
        address.latitude, address.longitude, address.commune_code,
    )  # fmt: skip
