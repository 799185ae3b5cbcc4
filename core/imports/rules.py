"""What is taken from elsewhere and what is said about it: pure. Fields are read strictly, what is wrong is named."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import Refused
from core.people.rules import clean_text, normal_phone

MOST_CENTS, MOST_UNITS = 10**10, 10**7
HALF = 32
"""Hexadecimal digits of each half of a remembered row: what it said there, and what ours was once it was taken in."""


class Trouble(Exception):
    """A row that cannot be taken in; ``cause`` is a key under ``imports.why.``, ``about`` the field."""

    def __init__(self, cause: str, about: str = "") -> None:
        super().__init__(cause)
        self.cause, self.about = cause, about


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it came: ``key`` is its own there, ``fields`` as JSON has them."""

    model: str
    key: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one row that a person should know; ``cause`` as in :class:`Trouble`, ``about`` what it is on."""

    model: str
    key: str
    cause: str
    about: str = ""


@dataclass(slots=True)
class Tally:
    """How many rows of a model are new, changed there, the same; ``kept`` as ours, ``skipped`` because they are bad."""

    new: int = 0
    changed: int = 0
    same: int = 0
    kept: int = 0
    skipped: int = 0


@dataclass(slots=True)
class Money:
    """Sums in cents over the orders taken in or looked at: what was charged, what of it counts as paid.

    ``differing`` do not add up by ``gap`` together, without sign; ``unseen`` were called paid or done though nobody
    looked for the money, ``kept_though_cancelled`` were paid and cancelled.
    """

    charged: int = 0
    paid: int = 0
    differing: int = 0
    gap: int = 0
    unseen: int = 0
    unseen_cents: int = 0
    kept_though_cancelled: int = 0
    kept_cents: int = 0


@dataclass(slots=True)
class Report:
    """What an import did or, not ``applied``, would do; ``ignored`` counts rows of models that are none of ours.

    ``backup`` is the name of the one that was made before, empty for none.
    """

    applied: bool = False
    tallies: dict[str, Tally] = field(default_factory=dict)
    troubles: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    money: Money = field(default_factory=Money)
    ignored: dict[str, int] = field(default_factory=dict)
    pictures: int = 0
    last_number: int = 0
    backup: str = ""

    def of(self, model: str) -> Tally:
        """The tally of a model, made when first asked for."""
        return self.tallies.setdefault(model, Tally())

    @property
    def changes(self) -> int:
        """How many rows are new or changed."""
        return sum(one.new + one.changed for one in self.tallies.values())


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a row: which of ours it became, what it ``said`` then, and what ours ``was``."""

    subject_id: int
    said: str
    was: str


def digest(value: object) -> str:
    """Know a value again, in ``HALF`` hexadecimal digits."""
    plain = json.dumps(value, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:HALF]


def cents(fields: Mapping[str, Any], name: str, otherwise: int | None = None) -> int:
    """Read dollars written as a decimal text or number; ``Trouble("money")`` where that is none, or absurd."""
    value = fields.get(name)
    if value in (None, "") and otherwise is not None:
        return otherwise
    try:
        found = (Decimal(str(value)) * 100).to_integral_value()
    except InvalidOperation:
        raise Trouble("money", name) from None
    if not found.is_finite() or abs(found) > MOST_CENTS:
        raise Trouble("money", name)
    return int(found)


def whole(fields: Mapping[str, Any], name: str, otherwise: int | None = None) -> int:
    """Read a whole number; ``Trouble("number")`` where that is none, or absurd."""
    value = fields.get(name)
    if value in (None, "") and otherwise is not None:
        return otherwise
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise Trouble("number", name) from None
    if not found.is_finite() or found != found.to_integral_value() or abs(found) > MOST_UNITS:
        raise Trouble("number", name)
    return int(found)


def text(fields: Mapping[str, Any], name: str, longest: int) -> str:
    """Read a text as it was written, but for what no database can hold; cut where it is too long, empty for none."""
    value = fields.get(name)
    return clean_text(value, longest).strip() if isinstance(value, str) else ""


def line(fields: Mapping[str, Any], name: str, longest: int) -> str:
    """Read a text of one line."""
    return " ".join(text(fields, name, longest).split())


def switch(fields: Mapping[str, Any], name: str, *, otherwise: bool = False) -> bool:
    """Read a yes or no, however it is written."""
    value = fields.get(name)
    return otherwise if value is None or value == "" else str(value).strip().lower() in {"true", "1", "yes", "t"}


def moment(fields: Mapping[str, Any], name: str, zone: ZoneInfo) -> datetime | None:
    """Read a point in time as ISO 8601 has it, in the shop's own ``zone`` where it names none; None for no date."""
    value = fields.get(name)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and value else None
        known = found if found is None or found.tzinfo else found.replace(tzinfo=zone)
        return known.astimezone(UTC) if known else None
    except (ValueError, OverflowError):
        return None


def phone(fields: Mapping[str, Any], name: str) -> str:
    """Read a phone to E.164 whatever its spelling; empty where it cannot be dialled."""
    value = fields.get(name)
    try:
        return normal_phone(str(value)) if value else ""
    except Refused:
        return ""


def parted(remembered: str) -> tuple[str, str]:
    """Take a remembered row apart: what it said there, what ours was."""
    return remembered[:HALF], remembered[HALF:]
