"""Who may judge what, for how long, and whose name stands beside it: pure (PRODUCT C15).

Beside the checkout's review, what a buyer says is called an opinion here.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import NotFound, Refused

LONGEST = 500
"""As many characters are taken when typed."""
PAGE = 3
OPEN_FOR = timedelta(days=30)
"""How long after the delivery an opinion can be given and changed."""
STARS = range(1, 6)
_NAME_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """A delivered line and what its buyer said of it; no ``stars`` yet are 0. ``line_id`` is the order line's."""

    line_id: int
    variant_id: int
    product_id: int
    name_en: str
    name_km: str
    variant_en: str
    variant_km: str
    stars: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An order whose lines can be judged since it was delivered ``at``."""

    order_id: int
    number: str
    person_id: int
    at: datetime
    lines: tuple[Judged, ...]

    def open(self, now: datetime) -> bool:
        """Whether an opinion can still be given or changed."""
        return still_open(self.at, now)

    def line(self, variant_id: int) -> Judged:
        """Give the line of one variant; ``NotFound`` where the order has none."""
        found = next((line for line in self.lines if line.variant_id == variant_id), None)
        if found is None:
            raise NotFound
        return found

    def to_judge(self, variant_id: int, now: datetime) -> Judged:
        """As above, of an order that can still be judged; ``Refused`` where it is too late."""
        if not self.open(now):
            raise Refused("review_over", days=OPEN_FOR.days)
        return self.line(variant_id)


def still_open(delivered_at: datetime | None, now: datetime) -> bool:
    """Whether what was delivered then can be judged now."""
    return delivered_at is not None and now < delivered_at + OPEN_FOR


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said of a product. ``name`` and ``number`` (the order's) are for the counter's eyes only."""

    id: int
    product_id: int
    stars: int
    text: str
    hidden: bool
    at: datetime
    name: str
    username: str
    number: str
    name_en: str
    name_km: str
    variant_en: str
    variant_km: str

    @property
    def first_name(self) -> str:
        """The name that everybody may read; empty for none."""
        return first_name(self.name, self.username)


@dataclass(frozen=True, slots=True)
class OpinionPage:
    """One page of what is said of a product, the newest first; ``number`` counts from 0."""

    opinions: Sequence[Opinion]
    number: int
    pages: int


def first_name(name: str, username: str = "") -> str:
    """The first word of a name, letters only; empty where it is no name: a phone, an address, the username itself."""
    word = next((word for word in name.split() if any(c.isalpha() for c in word)), "").strip(".,'’-")
    if any(c.isdigit() or c in "@/_.:+" for c in word) or word.casefold() == username.casefold():
        return ""
    letters = "".join(c for c in word if unicodedata.category(c)[0] in "LM" or c in "'’-")
    return letters[:_NAME_LONGEST].strip("'’-")
