"""What a cart costs and whether it can be ordered: pure. The server computes every amount."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.carts.rules import Cart
from core.catalog.rules import Product, Variant
from core.errors import Refused
from core.money import Money, usd
from core.orders import rules as order_rules
from core.orders.rules import Destination, Line
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
    takes nothing; ``could_redeem`` is what the person's points could take off.
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

    @property
    def ready(self) -> bool:
        """Whether it could be placed as it stands."""
        return bool(self.lines) and not self.gone and self.address is not None and all(line.fits for line in self.lines)


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
    )  # fmt: skip


def snapshot(line: ReviewLine) -> Line:
    """What the order keeps of a line, whatever becomes of the product."""
    product, variant = line.product, line.variant
    return Line(
        variant.id, variant.sku, product.name_en, product.name_km, variant.name_en, variant.name_km, variant.price,
        line.quantity,
    )  # fmt: skip


def destination(address: Address) -> Destination:
    """What the order keeps of an address, whatever becomes of the address book."""
    english, khmer = shipping.written(
        address.province_code, address.district_code, address.street, address.commune_code
    )
    return Destination(
        address.recipient, address.phone, address.province_code, address.district_code, address.street, english, khmer,
        address.latitude, address.longitude, address.commune_code,
    )  # fmt: skip
