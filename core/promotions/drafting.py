"""A promo code as it is put together, field by field, from taps and typed lines: pure.

A draft is a row of a question: what was answered so far, as JSON. A field is read strictly: what could be meant in two
ways is asked again, never guessed.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import Refused
from core.people.rules import clean_line, latin_digits
from core.promotions.rules import Promo, PromoKind

NONE = "none"
"""The word of a button that says "no such limit"."""
MOST_CENTS, MOST_USES, ABOUT = 1_000_000, 1_000_000, 300
"""More than $10,000 and a million uses are a slip of the hand; as many characters describe a code."""
YEARS = 5
"""A date further away is a slip of the hand too."""
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}")
_PERCENT = re.compile(r"(\d{1,3})\s*%")
_DOLLARS = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.(\d{1,2}))?\s*\$?")
_DATES = (re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
          re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"))  # fmt: skip
_CLEAR = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""What nobody reads as another sign."""


class PromoField(StrEnum):
    """What is asked about a code, in this order."""

    CODE = "code"
    OFF = "off"
    CAP = "cap"
    MINIMUM = "min"
    START = "start"
    END = "end"
    USES = "uses"
    EACH = "each"
    PROMOTER = "by"
    ENGLISH = "en"
    KHMER = "km"


KEYS: Mapping[PromoField, tuple[str, ...]] = {
    PromoField.CODE: ("code",), PromoField.OFF: ("kind", "value"), PromoField.CAP: ("cap",),
    PromoField.MINIMUM: ("minimum",), PromoField.START: ("starts_at",), PromoField.END: ("ends_at",),
    PromoField.USES: ("use_limit",), PromoField.EACH: ("person_limit",), PromoField.PROMOTER: ("promoter_id",),
    PromoField.ENGLISH: ("description_en",), PromoField.KHMER: ("description_km",),
}  # fmt: skip
"""Which fields of ``Promo`` each of them is."""
USUAL: Mapping[PromoField, tuple[str, ...]] = {
    PromoField.CODE: ("any",), PromoField.OFF: ("p5", "p10", "p15", "p20", "f100", "f200", "f500"),
    PromoField.CAP: (NONE, "300", "500", "1000"), PromoField.MINIMUM: (NONE, "1000", "2000", "5000"),
    PromoField.START: (NONE, "d1"), PromoField.END: (NONE, "d7", "d30", "month", "year"),
    PromoField.USES: (NONE, "50", "100", "500"), PromoField.EACH: (NONE, "1", "2", "3"),
    PromoField.PROMOTER: (NONE,), PromoField.ENGLISH: (NONE,), PromoField.KHMER: (NONE,),
}  # fmt: skip
"""The words of the buttons for each: ``p10`` is ten percent, ``f500`` five dollars off, ``d7`` seven days from now."""
OTHERWISE: Mapping[str, Any] = {
    "cap": None, "minimum": 0, "starts_at": None, "ends_at": None, "use_limit": None, "person_limit": None,
    "promoter_id": None, "description_en": "", "description_km": "",
}  # fmt: skip
"""What a code is where nothing is said: no limits."""
Values = dict[str, Any]
"""Fields of ``Promo`` by name, moments aware."""


def new_code() -> str:
    """Make a code of eight signs that nobody reads wrong."""
    return "".join(secrets.choice(_CLEAR) for _ in range(8))


def chosen(field: PromoField, word: str, now: datetime, zone: ZoneInfo) -> Values:
    """Take a button's word for a field; ``Refused`` for one that no button of ours carries."""
    if field is PromoField.PROMOTER and word.isdecimal():
        return {"promoter_id": int(word)}
    if word not in USUAL[field]:
        raise Refused("old_button")
    if field is PromoField.CODE:
        return {"code": new_code()}
    if field is PromoField.OFF:
        return {"kind": PromoKind.PERCENT if word[0] == "p" else PromoKind.FIXED, "value": int(word[1:])}
    key = KEYS[field][0]
    if word == NONE:
        return {key: OTHERWISE[key]}
    today = now.astimezone(zone).date()
    return {key: _moment(field, _day(word, today), zone) if key.endswith("_at") else int(word)}


def _day(word: str, today: date) -> date:
    """The day that a word means; of an end it is the last one."""
    if word == "year":
        return date(today.year, 12, 31)
    if word == "month":
        return (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return today + timedelta(days=int(word[1:]))


def typed(field: PromoField, text: str, now: datetime, zone: ZoneInfo) -> Values:
    """Take a typed line for a field; ``Refused`` in words that say how it is written."""
    line = latin_digits(" ".join(text.split()))
    return _READ[field](field, line, now, zone)


def _read_code(_field: PromoField, line: str, _now: datetime, _zone: ZoneInfo) -> Values:
    code = line.upper()
    if not _CODE.fullmatch(code):
        raise Refused("promo_form")
    return {"code": code}


def _read_off(_field: PromoField, line: str, _now: datetime, _zone: ZoneInfo) -> Values:
    percent = _PERCENT.fullmatch(line)
    if percent is not None and 1 <= int(percent[1]) <= 100:  # noqa: PLR2004 - percent
        return {"kind": PromoKind.PERCENT, "value": int(percent[1])}
    if percent is not None or not ("$" in line or "." in line):
        raise Refused("promo_off")
    value = _cents(line, "promo_off")
    if not value:
        raise Refused("promo_off")
    return {"kind": PromoKind.FIXED, "value": value}


def _cents(line: str, wrong: str) -> int:
    found = _DOLLARS.fullmatch(line)
    if found is None or line.count("$") > 1:
        raise Refused(wrong)
    cents = int(found[1].replace(",", "")) * 100 + int((found[2] or "").ljust(2, "0"))
    if cents > MOST_CENTS:
        raise Refused("promo_too_much")
    return cents


def _read_dollars(field: PromoField, line: str, _now: datetime, _zone: ZoneInfo) -> Values:
    cents = _cents(line, "promo_dollars")
    if not cents and field is PromoField.CAP:
        raise Refused("promo_dollars")
    return {KEYS[field][0]: cents}


def _read_date(field: PromoField, line: str, now: datetime, zone: ZoneInfo) -> Values:
    found = next((match for form in _DATES if (match := form.fullmatch(line))), None)
    try:
        day = date(int(found["y"]), int(found["m"]), int(found["d"])) if found else None
    except ValueError:
        day = None
    today = now.astimezone(zone).date()
    if day is None or not abs(day.year - today.year) <= YEARS:
        raise Refused("promo_date")
    if field is PromoField.END and day < today:
        raise Refused("promo_past")
    return {KEYS[field][0]: _moment(field, day, zone)}


def _moment(field: PromoField, day: date, zone: ZoneInfo) -> datetime:
    """When a code starts on this day, or ends with it: the shop's own midnights."""
    return datetime.combine(day + timedelta(days=field is PromoField.END), time(), zone)


def _read_count(field: PromoField, line: str, _now: datetime, _zone: ZoneInfo) -> Values:
    if not re.fullmatch(r"\d{1,7}", line) or not 1 <= int(line) <= MOST_USES:
        raise Refused("promo_count")
    return {KEYS[field][0]: int(line)}


def _read_promoter(_field: PromoField, _line: str, _now: datetime, _zone: ZoneInfo) -> Values:
    raise Refused("promo_pick")


def _read_about(field: PromoField, line: str, _now: datetime, _zone: ZoneInfo) -> Values:
    return {KEYS[field][0]: clean_line(line, ABOUT)}


_READ: Mapping[PromoField, Callable[[PromoField, str, datetime, ZoneInfo], Values]] = {
    PromoField.CODE: _read_code, PromoField.OFF: _read_off, PromoField.CAP: _read_dollars,
    PromoField.MINIMUM: _read_dollars, PromoField.START: _read_date, PromoField.END: _read_date,
    PromoField.USES: _read_count, PromoField.EACH: _read_count, PromoField.PROMOTER: _read_promoter,
    PromoField.ENGLISH: _read_about, PromoField.KHMER: _read_about,
}  # fmt: skip


# ── a draft ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def written(values: Values) -> dict[str, Any]:
    """Write fields so that a question's row can hold them."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def read(data: Mapping[str, Any]) -> Values:
    """Read them back."""
    values = dict(data)
    for key in ("starts_at", "ends_at"):
        if values.get(key):
            values[key] = datetime.fromisoformat(values[key])
    return values | ({"kind": PromoKind(values["kind"])} if "kind" in values else {})


def following(values: Values, *, promoters: bool) -> PromoField | None:
    """What is asked next, None where all is said; no promoter where there are no ``promoters``."""
    fixed = values.get("kind") == PromoKind.FIXED
    skipped = {PromoField.CAP: fixed, PromoField.PROMOTER: not promoters}
    return next((one for one in PromoField if KEYS[one][0] not in values and not skipped.get(one)), None)


def asking(field: PromoField, values: Values) -> Values:
    """Take back what was said about a field, so that it is asked again."""
    return {key: value for key, value in values.items() if key not in KEYS[field]}


def with_(values: Values, more: Values) -> Values:
    """Put an answer in; ``Refused`` where it does not fit the rest. A fixed sum has no cap."""
    found = values | more
    if found.get("kind") == PromoKind.FIXED:
        found.pop("cap", None)
    must_fit(found)
    return found


def must_fit(values: Mapping[str, Any]) -> None:
    """Refuse what contradicts itself: an end before the start, more for each than for all."""
    starts, ends = values.get("starts_at"), values.get("ends_at")
    if starts and ends and ends <= starts:
        raise Refused("promo_backwards")
    all_of_it, each = values.get("use_limit"), values.get("person_limit")
    if all_of_it and each and each > all_of_it:
        raise Refused("promo_each")


def made(values: Values) -> Promo:
    """The code that a draft stands for, where what was not asked is what it is otherwise; ``Refused`` as above."""
    must_fit(values)
    if any(key not in values for field in (PromoField.CODE, PromoField.OFF) for key in KEYS[field]):
        raise Refused("old_button")
    return Promo(0, **{**OTHERWISE, **values})


def edited(promo: Promo, more: Values) -> Promo:
    """What a code becomes; ``Refused`` where it contradicts itself, or fewer uses are left than it had."""
    found = replace(promo, **more)
    if found.kind is PromoKind.FIXED:
        found = replace(found, cap=None)
    must_fit({"starts_at": found.starts_at, "ends_at": found.ends_at, "use_limit": found.use_limit,
              "person_limit": found.person_limit})  # fmt: skip
    if found.use_limit != promo.use_limit and found.use_limit is not None and found.use_limit < promo.used:
        raise Refused("promo_below", used=promo.used)
    return found
