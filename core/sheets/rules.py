"""What stands in a file of goods or codes: its columns, what each cell means, and what is told of it. Pure.

The ancestor's column names are understood beside ours, in any spelling (``Name (KH)``, ``name_kh``, ``NAME-KH``).
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import Refused
from core.imports.mapping import BADGE
from core.promotions.rules import PromoKind, normalised

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 20_000, 100, 20_000
"""A file of more is refused: rows below the heading, cells in a row, characters in a cell."""
MOST_BYTES = 20 * 2**20
"""What a bot may download (Bot API, getFile)."""
MOST_CENTS, MOST_UNITS = 10**8, 10**6
FEW, MANY = 5, 1000
"""As many changes are shown as examples, so many broken rows kept; all are counted."""


class Kind(StrEnum):
    """What a file is about; the words of ``import_files.kind``."""

    PRODUCTS = "products"
    CODES = "promo_codes"


class Format(StrEnum):
    """How a file is written; its value is how its name ends."""

    XLSX = "xlsx"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"


class Wrong(Exception):
    """A row that cannot be taken in: ``cause`` is a key under ``sheet.why.``, ``about`` the column it is in."""

    def __init__(self, cause: str, about: str = "") -> None:
        super().__init__(cause)
        self.cause, self.about = cause, about


@dataclass(frozen=True, slots=True)
class Broken:
    """Why the row in ``line`` (as the file counts, the heading is 1; of JSON the place in the list) is left out."""

    line: int
    cause: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One change as it is shown: whose, and each field before and after; of something new, nothing before."""

    name: str
    sort: str
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class Report:
    """What taking a file in would do, or did: rows counted; ``hidden`` are those that take something off the shelf.

    ``stamp`` knows exactly this difference again. ``shelves`` are new categories, ``unknown`` columns nobody reads,
    ``photos`` rows whose photo is not here and stays what it was.
    """

    kind: Kind
    new: int = 0
    changed: int = 0
    hidden: int = 0
    same: int = 0
    failed: int = 0
    photos: int = 0
    stamp: str = ""
    applied: bool = False
    first: list[Example] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    shelves: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many rows would change something."""
        return self.new + self.changed + self.hidden

    @property
    def counts(self) -> dict[str, int]:
        """The counts alone, as they are kept."""
        return {name: getattr(self, name) for name in ("new", "changed", "hidden", "same", "failed", "photos")}

    def fail(self, line: int, wrong: Wrong) -> None:
        """Count a row that is left out, and keep why."""
        self.failed += 1
        if len(self.broken) < MANY:
            self.broken.append(Broken(line, wrong.cause, wrong.about))


class Stamp:
    """The digest of a difference, fed change by change."""

    def __init__(self, kind: Kind) -> None:
        self._hash = hashlib.sha256(kind.encode())

    def feed(self, *values: object) -> None:
        """Add one change."""
        self._hash.update(repr(values).encode())

    @property
    def short(self) -> str:
        """As many digits as a button carries."""
        return self._hash.hexdigest()[:12]


# ── cells ────────────────────────────────────────────────────────────────────────────────────────────────────────────
DANGEROUS = "=+-@\t\r\n＝＋－＠"
_RISKY, _MADE_SAFE = re.compile(f"'*[{re.escape(DANGEROUS)}]"), re.compile(f"'+[{re.escape(DANGEROUS)}]")
_MONEY = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*\$?")
_YES = frozenset({"true", "yes", "y", "1", "on", "x", "✓", "បាទ", "ចាស"})
_NO = frozenset({"false", "no", "n", "0", "off", "ទេ"})
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


def safe(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula: an apostrophe before it (OWASP, "CSV Injection")."""
    return f"'{text}" if _RISKY.match(text) else text


def unsafe(text: str) -> str:
    """Take that apostrophe away again."""
    return text[1:] if _MADE_SAFE.match(text) else text


def plain(value: object, longest: int = LONGEST_CELL) -> str:
    """Read a cell as text of several lines, without what no database holds; ``Wrong("long")`` for too much."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in {"Cc", "Cs", "Cn"})
    text = text.strip()
    if len(text) > longest:
        raise Wrong("long")
    return text


def line(longest: int) -> Callable[[object], str]:
    """Make a reader of one line of text."""
    return lambda value: " ".join(plain(value, longest).split())


def cents(value: object) -> int | None:
    """Read dollars: ``12``, ``12.50``, ``$1,250``; None for an empty cell. Riel, ``12,50`` and a third decimal: no."""
    if isinstance(value, float):
        if not abs(value) <= MOST_CENTS:  # no number is not less than anything
            raise Wrong("money")
        found = Decimal(repr(value)).quantize(Decimal("0.000001"))
    else:
        text = plain(value)
        if not text:
            return None
        if "៛" in text or "khr" in text.lower():
            raise Wrong("riel")
        fits = _MONEY.fullmatch(text)
        if fits is None:
            raise Wrong("money")
        found = Decimal(fits[1].replace(",", "") + (fits[2] or ""))
    amount = (found * 100).quantize(Decimal(1), ROUND_HALF_UP)
    if amount != found * 100 or not 0 <= amount <= MOST_CENTS:
        raise Wrong("money")
    return int(amount)


def whole(value: object) -> int | None:
    """Read a number of units; None for an empty cell."""
    text = plain(value).replace(",", "").removesuffix("%").strip()
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise Wrong("number") from None
    if not found.is_finite() or found != found.to_integral_value() or not 0 <= found <= MOST_UNITS:
        raise Wrong("number")
    return int(found)


def switch(value: object) -> bool | None:
    """Read a yes or no; None for an empty cell."""
    text = plain(value).lower()
    if text in _YES | _NO or not text:
        return text in _YES if text else None
    raise Wrong("switch")


def badge(value: object) -> str:
    """Read a badge by ours or the ancestor's word; empty for none."""
    text = re.sub(r"[\W_]+", "", plain(value).lower())
    if text and text not in BADGE:
        raise Wrong("badge")
    return BADGE[text].value if text else ""


def slug(text: str) -> str:
    """A new product's own word, as its link will have it."""
    if not _SLUG.fullmatch(text):
        raise Wrong("slug", "product")
    return text


def code(value: object) -> str:
    """Read a promo code as it is kept."""
    try:
        return normalised(plain(value))
    except Refused:
        raise Wrong("code") from None


def discount(value: object) -> str:
    """Read what kind of discount it is: ``percent``, ``percentage``, ``fixed``, ``amount``; empty for an empty cell."""
    text = plain(value).lower().rstrip("_ ")
    if not text:
        return ""
    words = {"percent": PromoKind.PERCENT, "percentage": PromoKind.PERCENT, "%": PromoKind.PERCENT,
             "fixed": PromoKind.FIXED, "fixed_amount": PromoKind.FIXED, "amount": PromoKind.FIXED,
             "$": PromoKind.FIXED}  # fmt: skip
    if text not in words:
        raise Wrong("discount")
    return words[text].value


def moment(value: object, zone: ZoneInfo, *, end: bool = False) -> datetime | None:
    """Read a date, or date and time, as ISO 8601 has them, in the shop's ``zone``; a day's ``end`` is the next day."""
    if isinstance(value, datetime):
        found: datetime | date = value
    else:
        text = value.isoformat() if isinstance(value, date) else plain(value)
        if not text:
            return None
        try:
            found = date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)  # noqa: PLR2004
        except ValueError:
            raise Wrong("date") from None
    try:
        if not isinstance(found, datetime):
            found = datetime.combine(found + timedelta(days=1) if end else found, time())
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise Wrong("date") from None


# ── columns ──────────────────────────────────────────────────────────────────────────────────────────────────────────
Reading = Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``name`` as it is exported, other spellings, how a cell is read; ``empty`` cells say nothing."""

    name: str
    read: Reading
    others: tuple[str, ...] = ()
    silent: bool = False


GOODS: tuple[Column, ...] = (
    Column("sku", line(60), ("articleno", "itemcode", "barcode", "លេខកូដ", "លេខកូដទំនិញ"), silent=True),
    Column("id", line(80), ("productid",), silent=True),
    Column("product", line(80), ("slug", "handle"), silent=True),
    Column("category", line(200), ("shelf", "ប្រភេទ"), silent=True),
    Column("name", line(200), ("nameen", "productname", "title", "english", "ឈ្មោះ")),
    Column("name_kh", line(200), ("namekm", "khmer", "namekhmer", "ឈ្មោះខ្មែរ")),
    Column("variant", line(80), ("varianten", "variantname", "shade", "size", "option")),
    Column("variant_kh", line(80), ("variantkm",)),
    Column("description", lambda value: plain(value, 4000), ("descriptionen", "ពិពណ៌នា")),
    Column("description_kh", lambda value: plain(value, 4000), ("descriptionkm",)),
    Column("price", cents, ("priceusd", "saleprice", "តម្លៃ"), silent=True),
    Column("old_price", cents, ("oldpriceusd", "compareatprice", "was", "តម្លៃចាស់")),
    Column("cost", cents, ("costprice", "costusd", "unitcost", "ថ្លៃដើម")),
    Column("stock", whole, ("quantity", "qty", "onhand", "units", "ស្តុក", "ចំនួន"), silent=True),
    Column("badge", badge, ("label", "tag")),
    Column("is_active", switch, ("active", "visible", "shown", "onsale"), silent=True),
    Column("variant_active", switch, ("variantisactive",), silent=True),
    Column("photo", line(300), ("image", "picture"), silent=True),
)
PRODUCTS_OWN = ("category", "name", "name_kh", "description", "description_kh", "badge", "is_active", "photo")
"""What all variants of a product have in common: it must be the same in each of its rows."""
_KEPT_BACK = frozenset({"badgekh", "badgekm", "createdat", "updatedat", "usedcount", "used"})
"""Columns of the ancestor's or ours that are known, and are not taken in."""


def columns(kind: Kind, zone: ZoneInfo) -> tuple[Column, ...]:
    """What a file of this kind may have, in the order it is exported in."""
    if kind is Kind.PRODUCTS:
        return GOODS
    return (
        Column("code", code, ("promocode", "កូដ")),
        Column("discount_type", discount, ("kind", "type"), silent=True),
        Column("discount_value", lambda value: value, ("value", "discount", "off"), silent=True),
        Column("min_purchase", cents, ("minimum", "minorder"), silent=True),
        Column("max_discount", cents, ("cap", "maximum")),
        Column("usage_limit", whole, ("uselimit", "limit")),
        Column("person_limit", whole, ("perperson", "limitperperson", "percustomer")),
        Column("valid_from", lambda value: moment(value, zone), ("startsat", "from", "start")),
        Column("valid_until", lambda value: moment(value, zone, end=True), ("endsat", "until", "validto", "end")),
        Column("is_active", switch, ("active",), silent=True),
        Column("promoter", line(200), ("promotername",)),
        Column("description", line(300), ("descriptionen",)),
        Column("description_kh", line(300), ("descriptionkm",)),
    )


def folded(heading: object) -> str:
    """Fold a heading for comparing: case, spaces, strokes and brackets are nothing."""
    text = unicodedata.normalize("NFKC", str(heading or "")).casefold()
    return "".join(char for char in text if char.isalnum() or unicodedata.category(char).startswith("M"))


def kind_of(headings: Iterable[object]) -> Kind:
    """Tell what a file is about by its headings; ``Refused("sheet_kind")`` where they say nothing."""
    said = {folded(one) for one in headings}
    if said & {"code", "promocode", "កូដ"}:
        return Kind.CODES
    if said & {"price", "priceusd", "name", "namekh", "sku", "stock", "តម្លៃ", "ឈ្មោះ", "លេខកូដ", "លេខកូដទំនិញ"}:
        return Kind.PRODUCTS
    raise Refused("sheet_kind", name="name", sku="sku", code="code")


def placed(headings: Sequence[object], known: Iterable[Column]) -> tuple[dict[int, Column], list[str]]:
    """Find which column stands where, and the headings that are nobody's.

    ``Refused("sheet_twice")`` where two headings mean one column: which of them counts would be a guess.
    """
    by_word = {folded(word): column for column in known for word in (column.name, *column.others)}
    found, unknown = dict[int, Column](), list[str]()
    for at, heading in enumerate(headings):
        word = folded(heading)
        if word in by_word:
            if by_word[word] in found.values():
                raise Refused("sheet_twice", column=by_word[word].name)
            found[at] = by_word[word]
        elif word and word not in _KEPT_BACK:
            unknown.append(" ".join(str(heading).split())[:40])
    return found, unknown


@dataclass(frozen=True, slots=True)
class Draft:
    """One row as it was read: what its columns say, by name; a cell that says nothing is not in it."""

    line: int
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A text, empty where the row does not say."""
        return str(self.values.get(name) or "")


def draft(number: int, cells: Mapping[int, object], known: Mapping[int, Column]) -> Draft:
    """Read a row; ``Wrong`` names the first column that cannot be read."""
    values = {}
    for at, column in known.items():
        try:
            said = column.read(cells.get(at))
        except Wrong as wrong:
            raise Wrong(wrong.cause, column.name) from None
        if not (column.silent and said in (None, "")):
            values[column.name] = said
    return Draft(number, values)


def shown(name: str, value: object) -> str:
    """Write a value as it is shown in a difference and in a file of text."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat()
    if name in MONEY and isinstance(value, int):
        return f"{value // 100}.{value % 100:02}"
    return str(value)


MONEY = frozenset({"price", "old_price", "cost", "min_purchase", "max_discount"})
