"""What the counter's card says of an order that a rule found suspicious; nobody else's card says anything of it."""

from dataclasses import replace

from core.cards.order import CLOSED, OrderCard
from core.orders.rules import MOVES, Event, Move
from core.people.rules import Rank
from core.shop import Reader, Shop
from core.suspicion.rules import FLAGGED, Check, Flag, Verdict, read

CANCELLED_FROM = frozenset(step.source for step in MOVES if step.move is Move.CANCEL)
"""Where somebody at the counter can still cancel, and with it reject."""


def with_check(shop: Shop, card: OrderCard, found: Check | None, reader: Reader) -> OrderCard:
    """Add each flag in words, who said what about them, and the verdicts that can be given now."""
    if found is None or not found.shown or reader.person.rank < Rank.STAFF:
        return card
    t = reader.t
    flags = _flags(found.flags, reader)
    said = ""
    if found.verdict is not None and found.decided_at is not None:
        when = t.when(found.decided_at, shop.config.zone)
        said = t("flag.said", verdict=t(f"verdict.{found.verdict}"), name=found.by, when=when)
    fresh = (Verdict.SUSPICIOUS,) if found.verdict is None else ()
    last = (Verdict.REJECTED,) if card.status in CANCELLED_FROM else ()
    open_ = found.open and card.status not in CLOSED
    verdicts = (Verdict.VERIFIED, *fresh, *last) if open_ else ()
    return replace(card, flags=flags, checked=said, verdict=found.verdict or "", verdicts=verdicts)


def suspected(event: Event, reader: Reader) -> str:
    """Say in the history what was found suspicious, also when it was verified since; or what staff said of it."""
    detail = event.detail or {}
    if event.kind == FLAGGED:
        return reader.t("flag.line", text=", ".join(_flags(read(detail.get("flags", ())), reader)))
    return reader.t(f"verdict.{Verdict(detail['verdict'])}")


def _flags(flags: tuple[Flag, ...], reader: Reader) -> tuple[str, ...]:
    return tuple(reader.t(f"flag.{flag.rule}", count=flag.count) for flag in flags)
