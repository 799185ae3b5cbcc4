"""What happened to an order, line by line, as the counter reads it."""

from dataclasses import dataclass

from core.cards.suspicion import suspected
from core.counter.rules import History, Note
from core.fulfilment import moves
from core.fulfilment.undo import UNDONE
from core.orders.carriers import Carrier
from core.orders.rules import CancelReason, Event, Move, ReturnReason, Status
from core.shop import Reader, Shop
from core.suspicion.rules import CHECKED, FLAGGED

TOLD = frozenset({
    "placed", "new_qr", "bank_silent", "payment_review", "refund_due", "received", "imported",
    moves.CHANGED, moves.TAKEN_OVER, moves.SHIPMENT,
    moves.NEW_CODE,
})  # fmt: skip
"""What has words of its own under ``history.``, beside the moves; anything else is told as something that happened."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line: when, what, by whom; ``note`` for what one of the staff wrote."""

    when: str
    what: str
    who: str
    note: bool = False


def history_lines(shop: Shop, found: History, reader: Reader) -> tuple[HistoryLine, ...]:
    """Say it in the reader's language, in the shop's zone, the oldest first."""
    return tuple(_line(shop, one, found, reader) for one in found.lines)


def _line(shop: Shop, one: Event | Note, found: History, reader: Reader) -> HistoryLine:
    t, when = reader.t, reader.t.when(one.at, shop.config.zone)
    if isinstance(one, Note):
        return HistoryLine(when, one.text, one.author or t("order.forgotten"), note=True)
    nobody = t("history.shop") if one.actor_id is None else t("order.forgotten")
    if one.kind == moves.GIVEN:
        hand = found.names.get(int((one.detail or {}).get("to", 0))) or t("order.forgotten")
        return HistoryLine(when, t("history.given", name=hand), one.actor_name or nobody)
    return HistoryLine(when, _what(one, reader), one.actor_name or nobody)


def _what(event: Event, reader: Reader) -> str:
    t, detail = reader.t, event.detail or {}
    if event.kind in {FLAGGED, CHECKED}:
        return suspected(event, reader)
    if event.kind == moves.SHIPMENT:
        carrier = detail.get("carrier") or detail.get("removed")
        known = next((one for one in Carrier if one == carrier), Carrier.OTHER)
        return t("history.shipment" if "carrier" in detail else "history.unshipment", carrier=t(f"carrier.{known}"))
    if event.kind == UNDONE and event.to_status in set(Status):
        return t("history.undo", status=t(f"status.{_shown(event.to_status or '')}"))
    if event.kind in set(Move):
        said = t(f"status.{_shown(event.to_status or '')}")
    else:
        said = t(f"history.{event.kind}" if event.kind in TOLD else "history.other")
    reasons = {one.value: f"reason.{one}" for one in CancelReason if one is not CancelReason.NONE}
    reasons |= {one.value: f"return_reason.{one}" for one in ReturnReason} if event.kind == Move.RETURN else {}
    why = reasons.get(str(detail.get("reason")))
    return f"{said} ({t(why)})" if why and event.kind in {Move.CANCEL, Move.RETURN} else said


def _shown(status: str) -> str:
    """Name a status as it is under ``status.``: a new order that staff may undo to waits for cash."""
    return "pending_cod" if status == Status.PENDING else status
