"""What will be charged, before it is, and what changed since the same was bought."""

from dataclasses import dataclass

from core.cards.shared import LineText, both, discounts, place
from core.checkout.rules import Again, Review, destination
from core.orders.rules import Line
from core.people.rules import shown_phone
from core.settings.hours import answers_from
from core.shop import Reader, Shop


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """What will be charged, before it is. ``total_cents`` travels in the button, only to be compared.

    ``points`` are spent on it; ``could_redeem`` points could take ``redeems`` off. ``hold`` says how long
    a KHQR payment keeps the goods, ``closed`` when the shop answers, outside its hours.
    """

    cart_id: int
    lines: tuple[LineText, ...]
    warnings: tuple[str, ...]
    totals: tuple[tuple[str, str], ...]
    total: str
    total_cents: int
    recipient: str
    phone: str
    address: str
    ready: bool
    variants: tuple[int, ...]
    goods: str
    promo_code: str = ""
    points: int = 0
    could_redeem: int = 0
    redeems: str = ""
    note: str = ""
    hold: str = ""
    closed: str = ""


def review_card(shop: Shop, review: Review, reader: Reader) -> ReviewCard:
    """Decide the review's card; ``variants`` are the lines' variants, for counting them up and down."""
    t, to = reader.t, review.address
    written = place(destination(to), t) if to else ""
    lines = tuple(
        LineText(t.pick(x.product.name_en, x.product.name_km), t.pick(x.variant.name_en, x.variant.name_km), x.quantity,
                 str(x.variant.price * x.quantity))
        for x in review.lines
    )  # fmt: skip
    delivery = str(review.fee) if review.fee.amount else t("total.free")
    code = review.promo.code if review.promo else ""
    off = discounts(code, review.discount, review.points.points, review.points.value, reader)
    totals = ((t("total.subtotal"), str(review.subtotal)), *off, (t("total.delivery"), delivery if to else "—"))
    variants = tuple(line.variant.id for line in review.lines)
    goods = both(review.subtotal, shop.policy.riel_rate)
    return ReviewCard(
        review.cart.id, lines, _warnings(review, reader), totals, both(review.total, shop.policy.riel_rate),
        review.total.amount, to.recipient if to else "", shown_phone(to.phone) if to else "", written, review.ready,
        variants, goods, code, review.points.points, review.could_redeem.points, str(review.could_redeem.value),
        review.cart.note, t("review.hold", minutes=shop.policy.khqr_hold_minutes), _closed(shop, reader),
    )  # fmt: skip


def again_notes(again: Again, reader: Reader) -> tuple[str, ...]:
    """What changed since an order was placed, one sentence for each thing that did."""
    t = reader.t
    return tuple(
        t(f"again.{change.kind}", name=_named(change.line, reader), wanted=change.line.quantity, left=change.left,
          old=change.line.unit_price, new=change.price)
        for change in again.changes
    )  # fmt: skip


def _named(line: Line, reader: Reader) -> str:
    t = reader.t
    name, variant = t.pick(line.name_en, line.name_km), t.pick(line.variant_en, line.variant_km)
    return f"{name} · {variant}" if variant else name


def _closed(shop: Shop, reader: Reader) -> str:
    """Say when the shop answers, outside its hours."""
    opens = answered_from(shop, reader)
    return reader.t("review.closed", when=opens) if opens else ""


def answered_from(shop: Shop, reader: Reader) -> str:
    """Write when the shop answers next; empty while it does."""
    zone = shop.config.zone
    opens = answers_from(shop.policy, shop.clock.now().astimezone(zone))
    return reader.t.when(opens, zone) if opens else ""


def _warnings(review: Review, reader: Reader) -> tuple[str, ...]:
    t = reader.t
    found = [t("review.gone", count=review.gone)] if review.gone else []
    if not review.delivered:
        found.append(t("errors.no_zone"))
    for line in review.lines:
        name = t.pick(line.product.name_en, line.product.name_km)
        if not line.fits:
            found.append(t("review.short", name=name, left=line.variant.left))
        elif line.moved:
            found.append(t("review.moved", name=name, price=line.variant.price))
    if review.promo_refused:
        found.append(t(review.promo_refused.key, **review.promo_refused.values))
    return tuple(found)
