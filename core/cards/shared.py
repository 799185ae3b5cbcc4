"""What the cards of orders, products and reviews have in common."""

from dataclasses import dataclass

from core.i18n import Translator
from core.money import Money
from core.orders.rules import Destination
from core.shop import Reader


@dataclass(frozen=True, slots=True)
class LineText:
    """One line, in the reader's language."""

    name: str
    detail: str
    quantity: int
    amount: str


@dataclass(frozen=True, slots=True)
class NoteText:
    """One note, as it stands on the counter's card."""

    author: str
    when: str
    text: str


def both(amount: Money, riel_rate: int) -> str:
    """Write an amount in both currencies: ``$12.00 / 49,200៛``."""
    return f"{amount} / {amount.in_riel(riel_rate)}"


def place(to: Destination, t: Translator) -> str:
    """Write where a parcel goes for who said it: a location that stands for the street is named, not passed over."""
    written = t.pick(to.written_en, to.written_km)
    pinned = to.latitude is not None and to.longitude is not None and not to.street
    return t("review.pin", place=written) if pinned else written


def discounts(code: str, off: Money, points: int, by_points: Money, reader: Reader) -> list[tuple[str, str]]:
    """What was taken off, by the code and by points."""
    t, by_code = reader.t, off - by_points
    label = t("total.discount_by", code=code) if code else t("total.discount")
    rows = [(label, f"-{by_code}")] if by_code.amount else []
    return [*rows, (t("total.points", points=points), f"-{by_points}")] if points else rows
