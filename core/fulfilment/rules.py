"""What a change of a placed order comes to: pure (PRODUCT S15). The server computes every amount."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from core.carts.rules import MOST, MOST_LINES
from core.catalog.rules import Product, Variant
from core.checkout.rules import ReviewLine, snapshot
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.money import Currency, Money, usd
from core.orders import rules as order_rules
from core.orders.rules import Destination, Line, Order, PaymentMethod, PaymentStatus, Status, Total
from core.people.rules import AddressPart, Rank, corrected
from core.promotions import rules as promotions
from core.promotions.rules import Promo
from core.settings.rules import Policy
from core.settlements.rules import Balance, kept
from core.shipping import rules as shipping

CHANGEABLE: Mapping[Status, Rank] = {
    Status.PENDING: Rank.STAFF,
    Status.CONFIRMED: Rank.STAFF,
    Status.PREPARING: Rank.STAFF,
    Status.READY: Rank.ADMIN,
}
"""Until when an order can be changed, and how far a role must reach for it."""
QUIET = frozenset({PaymentStatus.UNPAID, PaymentStatus.DUE, PaymentStatus.PAID})
"""Where nobody looks at its money, and none is on its way back to end it."""
PLACE = "place"
"""Beside the parts of an address that are typed: the code of province, district or commune."""
NONE: Mapping[Any, Any] = MappingProxyType({})


class Settling(StrEnum):
    """What becomes of the difference.

    There is none; the courier takes another sum; the customer pays by a new QR; what they paid was more, and goes back;
    or less, and the courier takes the rest; or just as much.
    """

    SAME = "same"
    COLLECT = "collect"
    QR = "qr"
    BACK = "back"
    REST = "rest"
    EVEN = "even"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants an order to be: units by variant (0: none), parts of its address; the rest stays."""

    units: Mapping[int, int] = field(default_factory=lambda: NONE)
    where: Mapping[str, str] = field(default_factory=lambda: NONE)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read it from the row of a question, whose keys are texts."""
        units = {int(variant): int(units) for variant, units in dict(data.get("units", {})).items()}
        return cls(units, dict(data.get("where", {})))

    def written(self) -> dict[str, Any]:
        """Write it as a question's row keeps it."""
        return {"units": {str(variant): units for variant, units in self.units.items()}, "where": dict(self.where)}

    def having(self, variant_id: int, units: int) -> Self:
        """Want so many units of a variant; ``Refused`` for what no cart holds either."""
        if not 0 <= units <= MOST:
            raise Refused("only_left", left=MOST)
        return replace(self, units={**self.units, variant_id: units})

    def going(self, part: str, text: str) -> Self:
        """Want a part of the address to be what was typed or chosen; ``Refused`` where it cannot be that."""
        if part == PLACE:
            shipping.path(text)
            return replace(self, where={**self.where, PLACE: text})
        return replace(self, where={**self.where, part: corrected(AddressPart(part), text)})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an order would be. ``by_code`` and ``by_points`` are what is taken off; ``code_gone``: its code takes none.

    ``amount`` belongs to ``settling``: what the courier takes in all, what the QR asks, what goes back.
    """

    order: Order
    lines: tuple[Line, ...]
    total: Total
    to: Destination
    by_code: Money
    points: int
    by_points: Money
    code_gone: bool
    settling: Settling
    amount: Money

    @property
    def units(self) -> dict[int, int]:
        """The variants of which it would have other units, 0 for none."""
        before, after = ({line.variant_id: line.quantity for line in of} for of in (self.order.lines, self.lines))
        every = sorted({*before, *after})
        return {one: after.get(one, 0) for one in every if before.get(one, 0) != after.get(one, 0)}

    @property
    def where(self) -> tuple[str, ...]:
        """Which parts of its address would be others."""
        before, after = self.order.destination, self.to
        names = {"recipient": "recipient", "phone": "phone", "street": "street", "place": "province_code"}
        found = [part for part, name in names.items() if getattr(before, name) != getattr(after, name)]
        deeper = (before.district_code, before.commune_code) != (after.district_code, after.commune_code)
        return (*found, PLACE) if deeper and PLACE not in found else tuple(found)

    @property
    def differs(self) -> bool:
        """Whether anything would be another."""
        return bool(self.units or self.where)


def must_be_open(order: Order, rank: int, *, looked_at: bool) -> None:
    """Refuse to change an order that went on too far for this role, or at whose money somebody looks."""
    needed = CHANGEABLE.get(order.status)
    if needed is None:
        raise OutOfDate("change_too_late")
    if rank < needed:
        raise NotAllowed("change_ready" if rank >= Rank.STAFF else "not_allowed")
    if looked_at or order.payment_status not in QUIET:
        raise Refused("change_money")


def can_change(order: Order, rank: int) -> bool:
    """Tell whether a button for it is worth showing."""
    needed = CHANGEABLE.get(order.status)
    return needed is not None and rank >= needed and order.payment_status in QUIET


def propose(
    order: Order, wanted: Wanted, on_sale: Mapping[int, tuple[Product, Variant]], promo: Promo | None, policy: Policy,
    sums: Balance,
) -> Proposal:  # fmt: skip
    """Count what the order would be; ``Refused`` where nothing would be left of it, or units cannot be had.

    Lines that stay keep their price, what is added costs today's. Code and points are looked at again where the goods
    are others, the fee where goods or province are. ``sums``: its ledger.
    """
    lines = _lines(order, wanted.units, on_sale)
    to = _to(order.destination, wanted.where)
    cost, before = order_rules.goods(lines), order.discount - order.points_discount
    by_code = before
    if cost != order.subtotal and order.promo_code:
        by_code = promotions.discount(promo, cost) if promo and cost.amount >= promo.minimum else usd(0)
    by_points = min(order.points_discount, cost - by_code)
    points = order.points_used
    if by_points != order.points_discount:
        points = -(-order.points_used * by_points.amount // order.points_discount.amount)
    same_province = to.province_code == order.destination.province_code
    if not same_province:
        shipping.must_deliver(to.province_code, policy)
    same_fee = cost == order.subtotal and same_province
    total = order_rules.total(
        lines, by_code + by_points,
        lambda goods: order.delivery_fee if same_fee else shipping.fee(to.province_code, goods, policy),
    )  # fmt: skip
    gone = bool(order.promo_code) and before.amount > 0 and not by_code.amount
    return Proposal(order, lines, total, to, by_code, points, by_points, gone, *settle(order, total.charged, sums))


def settle(order: Order, due: Money, sums: Balance) -> tuple[Settling, Money]:
    """Tell what becomes of the difference where the order costs ``due`` instead.

    Of what was paid goes back what is kept above ``due``: a sum that staff let pass was never paid.
    """
    if due == order.total:
        return Settling.SAME, usd(0)
    if order.payment_status is PaymentStatus.UNPAID and order.payment_method is PaymentMethod.KHQR:
        return Settling.QR, due
    if order.payment_status is PaymentStatus.DUE and not order.prepaid.amount:
        return Settling.COLLECT, due
    if due > order.paid:
        return Settling.REST, due - order.paid
    if any(kept(sums, other) for other in Currency if other is not due.currency):
        # paid in riel: how much of that goes back, no rule of ours can say
        raise Refused("change_money")
    back = min(order.paid.amount, kept(sums, due.currency)) - due.amount
    return (Settling.BACK, Money(back, due.currency)) if back > 0 else (Settling.EVEN, usd(0))


def _lines(order: Order, units: Mapping[int, int], on_sale: Mapping[int, tuple[Product, Variant]]) -> tuple[Line, ...]:
    there = {line.variant_id: line for line in order.lines}
    for variant_id, wanted in units.items():
        _must_be_there(there.get(variant_id), variant_id, wanted, on_sale)
    kept_ = [replace(line, quantity=units.get(line.variant_id, line.quantity)) for line in order.lines]
    added = [
        snapshot(ReviewLine(*on_sale[variant_id], wanted, fits=True, moved=False))
        for variant_id, wanted in units.items()
        if variant_id not in there and wanted > 0
    ]
    found = tuple(line for line in (*kept_, *added) if line.quantity > 0)
    if not found:
        raise Refused("change_empty")
    if len(found) > max(MOST_LINES, len(order.lines)):
        raise Refused("cart_full", most=MOST_LINES)
    return found


def _must_be_there(
    line: Line | None, variant_id: int, wanted: int, on_sale: Mapping[int, tuple[Product, Variant]]
) -> None:
    """Refuse units that are not sold, are not left, or would cost another price on the line they come to."""
    had = line.quantity if line else 0
    if wanted <= had:
        return
    if variant_id not in on_sale:
        raise NotFound("product_gone")
    variant = on_sale[variant_id][1]
    if variant.left < wanted - had:
        raise Refused("only_left", left=had + max(variant.left, 0))
    if line is not None and variant.price != line.unit_price:
        raise Refused("change_price", now=variant.price, old=line.unit_price)


def _to(to: Destination, where: Mapping[str, str]) -> Destination:
    """Where it would go. A pin shows the old place: it goes with another street or place."""
    moved: dict[str, Any] = {name: text for name, text in where.items() if name != PLACE}
    if PLACE in where:
        moved |= shipping.codes(where[PLACE])
    found = replace(to, **moved)
    if (found.street, *_codes(found)) != (to.street, *_codes(to)):
        found = replace(found, latitude=None, longitude=None)
        english, khmer = shipping.written(found.province_code, found.district_code, found.street, found.commune_code)
        found = replace(found, written_en=english, written_km=khmer)
    return found


def _codes(to: Destination) -> tuple[str, str, str]:
    return to.province_code, to.district_code, to.commune_code
