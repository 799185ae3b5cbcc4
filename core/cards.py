"""What an order or a product says to a given person, in their language, before anyone decides how it looks.

Pure: no I/O, no await. A card is decided once and drawn twice: by ``bot/screens`` and by the site's templates.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.catalog.rules import Photo, Product, Variant
from core.checkout.rules import Again, Review, destination
from core.money import Money
from core.orders import service as access
from core.orders.rules import (
    ENDED,
    PATH,
    CancelReason,
    Line,
    Move,
    Order,
    PaymentMethod,
    PaymentStatus,
    Status,
    can_receive,
    possible,
)
from core.payments.rules import Attempt, AttemptState
from core.people.rules import Rank, shown_phone
from core.reviews.rules import still_open
from core.settings.hours import answers_from
from core.shop import Reader, Shop


class Mark(StrEnum):
    """Where a step of the way stands."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way as the reader is shown it."""

    label: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class LineText:
    """One line, in the reader's language."""

    name: str
    detail: str
    quantity: int
    amount: str


@dataclass(frozen=True, slots=True)
class Whereto:
    """Who gets the parcel and where; decided only for readers who may know."""

    recipient: str
    phone: str
    phone_link: str
    address: str
    map_url: str | None


@dataclass(frozen=True, slots=True)
class OrderCard:
    """All that an order says to one reader. ``moves`` is what they could do now; ``pay`` the QR they can pay.

    ``reason`` is why it was cancelled, ``received`` when the customer said that it came; ``again``: they can buy the
    same again; ``can_judge``: they can still say what they think of it. ``forgotten`` stands for a customer who is
    gone, ``outcome`` is what became of one that ended without a parcel.
    """

    order_id: int
    number: str
    version: int
    status: Status
    headline: str
    steps: tuple[Step, ...]
    lines: tuple[LineText, ...]
    totals: tuple[tuple[str, str], ...]
    total: str
    payment: str
    placed: str
    whereto: Whereto | None
    holder: str
    moves: tuple[Move, ...]
    method: PaymentMethod
    payment_status: PaymentStatus
    tracking_url: str | None
    pay: Attempt | None
    can_renew: bool
    problem: str
    note: str = ""
    reason: str = ""
    received: str = ""
    can_receive: bool = False
    again: bool = False
    can_judge: bool = False
    forgotten: str = ""
    outcome: str = ""


LIVE = frozenset({AttemptState.NEW, AttemptState.PENDING})


def order_card(shop: Shop, order: Order, reader: Reader, attempt: Attempt | None = None) -> OrderCard:
    """Decide an order's card. A reader who may not see the order gets no name, phone, address, holder or move."""
    t = reader.t
    allowed = access.may_see(order, reader.person)
    own = order.person_id == reader.person.id
    now = shop.clock.now()
    payable = own and order.status is Status.PENDING and attempt is not None
    live = payable and attempt is not None and attempt.state in LIVE and attempt.expires_at > now
    in_time = order.expires_at is None or order.expires_at > now
    return OrderCard(
        order_id=order.id, number=order.number, version=order.version, status=order.status,
        headline=t(f"status.{order.status}"), steps=_steps(order, reader), lines=_lines(order, reader),
        totals=_totals(order, reader), total=both(order.total, order.riel_rate), payment=_payment(order, reader),
        placed=t.when(order.placed_at, shop.config.zone, "d MMM y HH:mm"),
        whereto=_whereto(order, reader) if allowed else None,
        holder=order.holder_name if reader.person.rank >= Rank.COURIER else "",
        moves=tuple(possible(order, reader.person)), method=order.payment_method, payment_status=order.payment_status,
        tracking_url=tracking_url(shop, order, reader), pay=attempt if live else None,
        can_renew=bool(payable and not live and in_time), problem=_problem(order, reader),
        note=order.note if allowed else "", reason=_reason(order, reader) if allowed else "",
        received=_received(shop, order, reader) if allowed else "",
        can_receive=can_receive(order, reader.person), again=own and order.status in ENDED,
        can_judge=own and order.status is Status.DELIVERED and still_open(order.delivered_at, now),
        forgotten=t("order.forgotten") if order.forgotten else "", outcome=_outcome(order, reader),
    )  # fmt: skip


def both(amount: Money, riel_rate: int) -> str:
    """Write an amount in both currencies: ``$12.00 / 49,200៛``."""
    return f"{amount} / {amount.in_riel(riel_rate)}"


def tracking_url(shop: Shop, order: Order, reader: Reader) -> str | None:
    """The order's tracking page in the reader's language; None while the shop has no public address."""
    public = shop.config.public_url
    return f"{public}/t/{order.tracking_token}?lang={reader.t.language}" if public else None


def _steps(order: Order, reader: Reader) -> tuple[Step, ...]:
    """Show the way as far as it can still be gone: an order that ended off it keeps only the step it reached."""
    status = Status.PREPARING if order.status is Status.READY else order.status
    if status not in PATH:
        return ()
    here = PATH.index(status)
    names = {Status.CONFIRMED: "paid" if order.payment_method is PaymentMethod.KHQR else "confirmed"}
    marks = [Mark.DONE if i < here else Mark.NOW if i == here else Mark.AHEAD for i in range(len(PATH))]
    if status is Status.DELIVERED:
        marks[-1] = Mark.DONE
    labels = [reader.t(f"step.{names.get(step, step)}") for step in PATH]
    return tuple(Step(label, mark) for label, mark in zip(labels[1:], marks[1:], strict=True))


def _lines(order: Order, reader: Reader) -> tuple[LineText, ...]:
    t = reader.t
    return tuple(
        LineText(
            t.pick(line.name_en, line.name_km), t.pick(line.variant_en, line.variant_km), line.quantity, str(line.total)
        )
        for line in order.lines
    )


def _totals(order: Order, reader: Reader) -> tuple[tuple[str, str], ...]:
    t = reader.t
    off = _discounts(order.promo_code, order.discount, order.points_used, order.points_discount, reader)
    delivery = str(order.delivery_fee) if order.delivery_fee.amount else t("total.free")
    return ((t("total.subtotal"), str(order.subtotal)), *off, (t("total.delivery"), delivery))


def _discounts(code: str, off: Money, points: int, by_points: Money, reader: Reader) -> list[tuple[str, str]]:
    """What was taken off, by the code and by points."""
    t, by_code = reader.t, off - by_points
    label = t("total.discount_by", code=code) if code else t("total.discount")
    rows = [(label, f"-{by_code}")] if by_code.amount else []
    return [*rows, (t("total.points", points=points), f"-{by_points}")] if points else rows


CLOSED, NOT_PAID = {Status.CANCELLED, Status.EXPIRED}, {PaymentStatus.UNPAID, PaymentStatus.DUE}


def _payment(order: Order, reader: Reader) -> str:
    over = order.status in CLOSED and order.payment_status in NOT_PAID
    return reader.t(f"payment.{order.payment_method}.{'closed' if over else order.payment_status}")


def _outcome(order: Order, reader: Reader) -> str:
    """Say to its customer how an order ended without a parcel: the order, the money, the points, and what now.

    Money that is being looked at or on its way back is said by the problem.
    """
    t = reader.t
    if order.status not in CLOSED or (reader.person.rank >= Rank.STAFF and order.person_id != reader.person.id):
        return ""
    said = [t(f"outcome.{order.status}")]
    if order.payment_status in NOT_PAID and not order.money_waiting:
        said.append(t(f"outcome.unpaid.{order.payment_method}"))
    elif order.payment_status is PaymentStatus.REFUNDED:
        said.append(t("outcome.refunded"))
    if order.points_used:
        said.append(t("outcome.points", points=order.points_used))
    return " ".join([*said, t("outcome.again")])


def _problem(order: Order, reader: Reader) -> str:
    """Say what needs a person's eye: staff hear it plainly, customers that the shop is looking."""
    who = "staff" if reader.person.rank >= Rank.STAFF else "customer"
    if order.payment_status not in {PaymentStatus.REVIEW, PaymentStatus.REFUND_DUE}:
        return reader.t(f"problem.more_money.{who}") if order.money_waiting else ""
    return reader.t(f"problem.{order.payment_status}.{who}")


def _reason(order: Order, reader: Reader) -> str:
    """Why it was cancelled, where anybody said."""
    said = order.cancel_reason
    return reader.t(f"reason.{said}") if said and said is not CancelReason.NONE else ""


def _received(shop: Shop, order: Order, reader: Reader) -> str:
    """When the customer said that it came."""
    return reader.t.when(order.received_at, shop.config.zone) if order.received_at else ""


def _whereto(order: Order, reader: Reader) -> Whereto:
    to = order.destination
    if order.forgotten:
        return Whereto(reader.t("order.forgotten"), "", "", reader.t.pick(to.written_en, to.written_km), None)
    spot = f"{to.latitude},{to.longitude}" if to.latitude is not None and to.longitude is not None else None
    return Whereto(
        to.recipient, shown_phone(to.phone), to.phone, reader.t.pick(to.written_en, to.written_km),
        f"https://maps.google.com/?q={spot}" if spot else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class VariantText:
    """One variant to choose, in the reader's language."""

    id: int
    name: str
    price: str
    left: int


@dataclass(frozen=True, slots=True)
class ProductCard:
    """All that a product says. ``chosen`` is the variant its price and stock stand for.

    ``photo`` is the one of its ``album`` with the id ``photo_id``; ``rating`` the average of ``rated`` buyers.
    ``kept``: it is among the reader's favourites; ``waits``: they stand on the list of the chosen variant.
    """

    id: int
    slug: str
    name: str
    description: str
    badge: str
    price: str
    old_price: str
    stock: str
    sold_out: bool
    chosen: int
    variants: tuple[VariantText, ...]
    photo: str
    album: tuple[Photo, ...] = ()
    photo_id: int = 0
    rating: str = ""
    rated: int = 0
    kept: bool = False
    waits: bool = False


def product_card(shop: Shop, product: Product, reader: Reader, variant_id: int = 0, photo_id: int = 0) -> ProductCard:
    """Decide a product's card for one of its variants, or for the cheapest that is there; of a gone photo the first."""
    t = reader.t
    chosen = product.variant(variant_id) or product.cheapest
    badge = "badge.sold_out" if product.left < 1 else f"badge.{product.badge}" if product.badge else ""
    album = product.album
    photo = next((one for one in album if one.id == photo_id), album[0] if album else Photo(0, ""))
    return ProductCard(
        product.id, product.slug, t.pick(product.name_en, product.name_km),
        t.pick(product.description_en, product.description_km), t(badge) if badge else "",
        both(chosen.price, shop.policy.riel_rate), str(chosen.old_price) if chosen.old_price else "",
        _stock(chosen, reader), chosen.left < 1, chosen.id,
        tuple(VariantText(v.id, t.pick(v.name_en, v.name_km), str(v.price), v.left) for v in product.variants),
        photo.path, album, photo.id, product.rating.shown, product.rating.count,
    )  # fmt: skip


FEW = 5


def _stock(variant: Variant, reader: Reader) -> str:
    if variant.left < 1:
        return reader.t("stock.sold_out")
    return reader.t("stock.few" if variant.left <= FEW else "stock.left", left=variant.left)


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
    written = _written(review, reader)
    lines = tuple(
        LineText(t.pick(x.product.name_en, x.product.name_km), t.pick(x.variant.name_en, x.variant.name_km), x.quantity,
                 str(x.variant.price * x.quantity))
        for x in review.lines
    )  # fmt: skip
    delivery = str(review.fee) if review.fee.amount else t("total.free")
    code = review.promo.code if review.promo else ""
    off = _discounts(code, review.discount, review.points.points, review.points.value, reader)
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


def _written(review: Review, reader: Reader) -> str:
    """Write the chosen address in the reader's language."""
    if review.address is None:
        return ""
    where = destination(review.address)
    return reader.t.pick(where.written_en, where.written_km)


def _warnings(review: Review, reader: Reader) -> tuple[str, ...]:
    t = reader.t
    found = [t("review.gone", count=review.gone)] if review.gone else []
    for line in review.lines:
        name = t.pick(line.product.name_en, line.product.name_km)
        if not line.fits:
            found.append(t("review.short", name=name, left=line.variant.left))
        elif line.moved:
            found.append(t("review.moved", name=name, price=line.variant.price))
    if review.promo_refused:
        found.append(t(review.promo_refused.key, **review.promo_refused.values))
    return tuple(found)
