"""What an order says to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.cards.money import Word, word
from core.cards.shared import LineText, NoteText, both, discounts, place
from core.fulfilment.rules import can_change
from core.money import Money
from core.orders import service as access
from core.orders.rules import (
    CARRIED,
    ENDED,
    PATH,
    CancelReason,
    Move,
    Order,
    PaymentMethod,
    PaymentStatus,
    Status,
    can_receive,
    possible,
)
from core.parcels.rules import refusal
from core.payments.rules import Attempt, AttemptState
from core.people.rules import Rank, shown_phone
from core.reviews.rules import still_open
from core.settlements.rules import Case
from core.shop import Reader, Shop
from core.suspicion.rules import Verdict


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
class Whereto:
    """Who gets the parcel and where; decided only for readers who may know."""

    recipient: str
    phone: str
    phone_link: str
    address: str
    map_url: str | None


@dataclass(frozen=True, slots=True)
class ParcelText:
    """Which carrier brings it, under which number, and where that can be looked up."""

    carrier: str
    number: str
    url: str | None
    stamp: int


@dataclass(frozen=True, slots=True)
class OrderCard:
    """All that an order says to one reader. ``moves`` is what they could do now; ``pay`` the QR they can pay.

    ``reason`` is why it was cancelled, ``received`` when the customer said that it came; ``again``: they can buy the
    same again; ``can_judge``: they can still say what they think of it. ``forgotten`` stands for a customer who is
    gone, ``outcome`` is what became of one that ended without a parcel. ``money`` is what became of money that did
    not simply fit, where nobody need do anything; else ``problem`` says it. ``rest`` is what is still to pay after too
    little came, ``to_pay`` what the QR asks; ``taken`` is the cash for it, by whom and when (:func:`with_cash`).
    ``carrier`` is who carries the parcel, or is to; ``can_give``: the reader can give it to somebody.
    ``flags`` is what makes it suspicious, ``checked`` who said what of that, ``verdict`` that word ("" for none),
    ``verdicts`` what can be said of it now (:func:`with_check`). ``collect`` is what is taken at the door where cash
    is due; ``entered`` who entered it for somebody who phoned; ``can_change``: the reader can make it another order.
    ``extras`` is what makes the total another sum than its lines': what was taken off, and delivery where it costs.
    ``can_print``: its label and slip; ``can_renew_code``: its parcel can get a new code; ``can_look_back``: the reader
    may see what happened to it.
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
    money: str = ""
    rest: str = ""
    to_pay: str = ""
    taken: str = ""
    taken_note: str = ""
    carrier: str = ""
    can_give: bool = False
    flags: tuple[str, ...] = ()
    checked: str = ""
    verdict: str = ""
    verdicts: tuple[Verdict, ...] = ()
    collect: str = ""
    entered: str = ""
    can_change: bool = False
    parcel: ParcelText | None = None
    held_since: str = ""
    notes: tuple[NoteText, ...] = ()
    earlier_notes: int = 0
    can_undo: bool = False
    can_take_over: bool = False
    can_ship: bool = False
    can_look_back: bool = False
    can_print: bool = False
    can_renew_code: bool = False
    extras: tuple[tuple[str, str], ...] = ()


LIVE = frozenset({AttemptState.NEW, AttemptState.PENDING})


def order_card(
    shop: Shop, order: Order, reader: Reader, attempt: Attempt | None = None, cases: Sequence[Case] = ()
) -> OrderCard:
    """Decide an order's card. A reader who may not see the order gets no name, phone, address, holder or move.

    ``attempt`` is its newest QR and ``cases`` what its money waits for, given where it is its customer's own card.
    """
    t = reader.t
    allowed = access.may_read_address(order, reader.person)
    own = order.person_id == reader.person.id
    now = shop.clock.now()
    payable = own and order.status is Status.PENDING and attempt is not None
    live = payable and attempt is not None and attempt.state in LIVE and attempt.expires_at > now
    in_time = order.expires_at is None or order.expires_at > now
    said = word(order, cases, t) if own else Word()
    again = order.payment_status is PaymentStatus.UNPAID or said.rest is not None
    return OrderCard(
        order_id=order.id, number=order.number, version=order.version, status=order.status,
        headline=t(f"status.{order.standing}"), steps=_steps(order, reader), lines=_lines(order, reader),
        totals=_totals(order, reader), extras=_extras(order, reader), total=both(order.total, order.riel_rate),
        payment=_payment(order, reader),
        placed=t.when(order.placed_at, shop.config.zone, "d MMM y HH:mm"),
        whereto=_whereto(order, reader, own=own) if allowed else None,
        holder=order.holder_name if reader.person.rank >= Rank.COURIER else "",
        carrier=order.courier_name if reader.person.rank >= Rank.COURIER else "",
        can_give=order.status in CARRIED and reader.person.rank >= Rank.STAFF,
        collect=both(order.to_collect, order.riel_rate),
        entered=order.entered_name if reader.person.rank >= Rank.COURIER else "",
        can_print=not refusal(order) and reader.person.rank >= Rank.STAFF,
        can_renew_code=not refusal(order) and (reader.person.rank if reader.person.id else Rank.ADMIN) >= Rank.ADMIN,
        can_change=can_change(order, reader.person.rank if reader.person.id else Rank.ADMIN),
        moves=tuple(possible(order, reader.person)), method=order.payment_method, payment_status=order.payment_status,
        tracking_url=tracking_url(shop, order, reader), parcel=_parcel(order, reader), pay=attempt if live else None,
        can_renew=bool(payable and not live and in_time and again),
        problem=said.text * (not said.calm) or _problem(order, reader) * (not said.text),
        note=order.note if allowed else "", reason=_reason(order, reader) if allowed else "",
        received=_received(shop, order, reader) if allowed else "",
        can_receive=can_receive(order, reader.person), again=own and order.status in ENDED,
        can_judge=own and order.status is Status.DELIVERED and still_open(order.delivered_at, now),
        forgotten=t("order.forgotten") if order.forgotten else "", outcome=_outcome(order, reader, said),
        money=said.text * said.calm, rest=both(said.rest, order.riel_rate) if said.rest else "",
        to_pay=both(Money(attempt.amount_minor, attempt.currency), order.riel_rate) if attempt and live else "",
    )  # fmt: skip


def tracking_url(shop: Shop, order: Order, reader: Reader) -> str | None:
    """The order's tracking page in the reader's language; None while the shop has no public address."""
    public = shop.config.public_url
    return f"{public}/t/{order.tracking_token}?lang={reader.t.language}" if public else None


def _parcel(order: Order, reader: Reader) -> ParcelText | None:
    """Say which carrier brings it, to whoever may follow the order, its page's readers too."""
    found = order.shipment
    if found is None:
        return None
    return ParcelText(reader.t(f"carrier.{found.carrier}"), found.tracking_number, found.url, found.stamp)


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
    off = discounts(order.promo_code, order.discount, order.points_used, order.points_discount, reader)
    delivery = str(order.delivery_fee) if order.delivery_fee.amount else t("total.free")
    return ((t("total.subtotal"), str(order.subtotal)), *off, (t("total.delivery"), delivery))


def _extras(order: Order, reader: Reader) -> tuple[tuple[str, str], ...]:
    return _totals(order, reader)[1 : None if order.delivery_fee.amount else -1]


CLOSED, NOT_PAID = {Status.CANCELLED, Status.EXPIRED}, {PaymentStatus.UNPAID, PaymentStatus.DUE}


def _payment(order: Order, reader: Reader) -> str:
    over = order.status in CLOSED and order.payment_status in NOT_PAID
    if order.payment_status is PaymentStatus.DUE and order.prepaid.amount:
        return reader.t("payment.part", paid=order.prepaid, rest=order.to_collect)
    return reader.t(f"payment.{order.payment_method}.{'closed' if over else order.payment_status}")


def _outcome(order: Order, reader: Reader, money: Word) -> str:
    """Say to its customer how an order ended without a parcel: the order, the money, the points, and what now.

    Money that is being looked at or on its way back is said by the problem.
    """
    t = reader.t
    if reader.person.rank >= Rank.COURIER and order.person_id != reader.person.id:
        return ""
    if order.status is Status.RETURNED:
        return t("outcome.returned")
    if order.status not in CLOSED:
        return ""
    said = [t(f"outcome.{order.status}")]
    if order.payment_status in NOT_PAID and not order.money_waiting:
        said.append(t(f"outcome.unpaid.{order.payment_method}"))
    elif order.payment_status is PaymentStatus.REFUNDED and not money.text:
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
    """Why it was cancelled, where anybody said; why it came back is the shop's own to read."""
    if order.return_reason:
        return reader.t(f"return_reason.{order.return_reason}") if reader.person.rank >= Rank.COURIER else ""
    said = order.cancel_reason
    return reader.t(f"reason.{said}") if said and said is not CancelReason.NONE else ""


def _received(shop: Shop, order: Order, reader: Reader) -> str:
    """When the customer said that it came."""
    return reader.t.when(order.received_at, shop.config.zone) if order.received_at else ""


def _whereto(order: Order, reader: Reader, *, own: bool) -> Whereto:
    """Who gets it and where; the shop reads a location as a map, its customer in words."""
    to = order.destination
    written = place(to, reader.t) if own else reader.t.pick(to.written_en, to.written_km)
    if order.forgotten:
        return Whereto(reader.t("order.forgotten"), "", "", written, None)
    spot = f"{to.latitude},{to.longitude}" if to.latitude is not None and to.longitude is not None else None
    return Whereto(
        to.recipient, shown_phone(to.phone), to.phone, written,
        f"https://maps.google.com/?q={spot}" if spot else None,
    )  # fmt: skip
