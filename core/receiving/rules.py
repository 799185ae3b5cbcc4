"""Goods that come in, as a list says them: pure. What cannot be read is named with its line, never guessed.

::

    from: Sokha Trading          who brought them, for the books only
    ROSE-30 +20                  twenty more
    LIP-RED +12 $3.50            twelve more at $3.50 each: that is what the variant costs from now on
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from core.catalog.captions import MOST_UNITS, one_price
from core.catalog.goods import Margin, Stocked
from core.errors import Refused
from core.people.rules import latin_digits

LINES = 100
NOTE = 120
FURTHEST = 1_000
"""No row stands further down in a file of so few."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line that could be read: units of an article number, what one cost in cents where it says so."""

    number: int
    sku: str
    units: int
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A line that cannot be taken, and why: ``unread``, ``unknown``, ``twice``, ``cost``, ``many``."""

    number: int
    line: str
    why: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """A list as it was read."""

    wanted: tuple[Wanted, ...]
    troubles: tuple[Trouble, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What would come in of one variant."""

    variant: Stocked
    units: int
    cost: int | None

    @property
    def margin(self) -> Margin | None:
        """What would be earned by one, at the cost there will be."""
        return self.variant.margin if self.cost is None else replace(self.variant, cost=self.cost).margin


@dataclass(frozen=True, slots=True)
class Delivery:
    """A list beside what there is; ``digest`` names all that was shown."""

    lines: tuple[Line, ...]
    troubles: tuple[Trouble, ...]
    note: str = ""

    @property
    def digest(self) -> str:
        """Name it in a button: a list that would do something else has another one."""
        seen = (tuple((one.variant.id, one.variant.on_hand, one.units, one.cost) for one in self.lines), self.note)
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


_LINE = re.compile(r"(?P<sku>[A-Za-z0-9][\w./-]{0,59})\s*[:,;\t ]\s*(?:\+\s*(?P<plus>\d{1,6})|(?P<times>\d{1,6})\s*pcs?)(?:\s*[@,;]?\s*(?P<cost>\S.*))?")  # fmt: skip  # noqa: E501
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,39}")
_NOTE = re.compile(r"(?:from|supplier|ពី|អ្នកផ្គត់ផ្គង់)\s*[:៖]\s*(?P<note>.+)", re.IGNORECASE)


def parse(text: str, rate: int) -> Pasted:
    """Read a list, one article a line; a bare number is neither "more" nor "there are", so that it is named."""
    wanted: dict[str, Wanted] = {}
    troubles: list[Trouble] = []
    note = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = latin_digits(raw).strip()
        if found := _NOTE.fullmatch(line):
            note = " ".join(found["note"].split())[:NOTE]
        elif line:
            one = _read(number, line, rate)
            if isinstance(one, Trouble):
                troubles.append(one)
            elif one.sku in wanted:
                troubles.append(Trouble(number, line, "twice"))
            elif len(wanted) >= LINES:
                troubles.append(Trouble(number, line, "many"))
            else:
                wanted[one.sku] = one
    return Pasted(tuple(wanted.values()), tuple(troubles), note)


def _read(number: int, line: str, rate: int) -> Wanted | Trouble:
    found = _LINE.fullmatch(line)
    units = int(found["plus"] or found["times"]) if found else 0
    if found is None or not 0 < units <= MOST_UNITS:
        return Trouble(number, line, "unread")
    cost = one_price(found["cost"], rate) if found["cost"] else None
    if found["cost"] and cost is None:
        return Trouble(number, line, "cost")
    return Wanted(number, found["sku"].upper(), units, cost)


def beside(pasted: Pasted, there: Mapping[str, Stocked]) -> Delivery:
    """Lay a list beside what there is, by article number."""
    lines = tuple(Line(there[one.sku], one.units, one.cost) for one in pasted.wanted if one.sku in there)
    unknown = [Trouble(one.number, one.sku, "unknown") for one in pasted.wanted if one.sku not in there]
    troubles = sorted((*pasted.troubles, *unknown), key=lambda one: one.number)
    return Delivery(lines, tuple(troubles), pasted.note)


# ── read from files and pictures ─────────────────────────────────────────────────────────────────────────────────────
HEADINGS: Mapping[str, frozenset[str]] = {
    "sku": frozenset({"sku", "code", "article", "article number", "item code", "barcode", "លេខកូដ", "បាកូដ"}),
    "name": frozenset({"name", "name_en", "name_km", "name_kh", "product", "item", "ឈ្មោះ", "ទំនិញ"}),
    "units": frozenset({"units", "quantity", "qty", "pcs", "received", "ចំនួន", "បរិមាណ"}),
    "cost": frozenset({"cost", "unit cost", "ថ្លៃដើម"}),
}
"""What a column may be called. None is "stock": how many there are is no number of what came in."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a file: where it stands, the article number or the name, units and cost as they are written."""

    number: int
    sku: str
    name: str
    units: str
    cost: str

    def numbered(self, sku: str) -> "Listed":
        """The same with its article number."""
        return replace(self, sku=sku)


def listed(rows: Iterator[tuple[int, list[object]]]) -> list[Listed] | None:
    """Read a table that names its columns in the first row; None where they are not those of goods that came in."""
    _, head = next(rows, (0, []))
    names = [" ".join(str(cell or "").casefold().split()) for cell in head]
    places = {what: next((at for at, name in enumerate(names) if name in called), None)
              for what, called in HEADINGS.items()}  # fmt: skip
    if places["units"] is None or (places["sku"] is None and places["name"] is None):
        return None
    found = [Listed(number, **{what: _cell(cells, at) for what, at in places.items()})
             for number, cells in islice(rows, LINES + 1)]  # fmt: skip
    if len(found) > LINES or any(row.number > FURTHEST for row in found):
        raise Refused("delivery_long", most=LINES)
    return found


def _cell(cells: Sequence[object], at: int | None) -> str:
    value = cells[at] if at is not None and at < len(cells) else ""
    whole = isinstance(value, float) and value.is_integer()
    return " ".join(str(int(value) if whole and isinstance(value, float) else value or "").split())


def written(rows: Sequence[Listed]) -> str:
    """Write rows as lines that :func:`parse` reads, each with the number it has in its file."""
    lines = {row.number: f"{row.sku or row.name} +{row.units.removeprefix('+')} {row.cost}".strip() for row in rows}
    return "\n".join(lines.get(number, "") for number in range(1, max(lines, default=0) + 1))


def scanned(text: str, codes: Sequence[str], units: int | None) -> str:
    """Add what the codes of a picture say to a list: one unit for each time one was seen, or ``units`` of the only one.

    A QR may hold whole lines. ``Refused`` for a number beside several codes, and where no code is an article number.
    """
    lines = [line for code in codes for line in code.splitlines() if _LINE.fullmatch(line.strip())]
    counted = Counter(code.upper() for code in codes if _CODE.fullmatch(code))
    if not lines and not counted:
        raise Refused("scan_foreign")
    if units is not None and len(counted) > 1:
        raise Refused("scan_several")
    more = {code: units or count for code, count in counted.items()}
    kept = [_added(line, more) for line in text.splitlines()]
    return "\n".join([*kept, *lines, *(f"{code} +{count}" for code, count in more.items())]).strip()


def _added(line: str, more: dict[str, int]) -> str:
    """A line with what was seen of its article, which is taken out of ``more``."""
    found = _LINE.fullmatch(latin_digits(line).strip())
    if found is None or found["sku"].upper() not in more:
        return line
    sku = found["sku"].upper()
    units = int(found["plus"] or found["times"]) + more.pop(sku)
    return f"{sku} +{units} {found['cost'] or ''}".strip()
