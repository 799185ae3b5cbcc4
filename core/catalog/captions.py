"""What an admin writes below a photo, read into the fields of a product: pure. What could be two things is asked.

::

    Rose Serum / សេរ៉ូមផ្កាកុលាប     the name: Khmer and English told apart by their letters
    $12.00 (was $15) cost $7         money with its sign; riel are brought to dollars at the shop's rate
    20 pcs   +20   =20   $12 x 20    units: there are, come in, are set
    #skin #new   SKU: ROSE-30        shelf, badge, article number
    Anything after the name          the description
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self

from core import money
from core.catalog.rules import Badge, Category
from core.catalog.words import fold
from core.money import DOLLARS, NUMBER, RIEL
from core.people.rules import latin_digits

NAME, DESCRIPTION, SKU_LENGTH = 200, 2000, 60
DEAREST = 10_000_000
"""Cents: more is a slip of the hand. A product for $100,000 is none of this shop's."""
MOST_UNITS = 100_000
VARIANT_LINE = "50 ml $18 +10 cost $9"
"""A line that adds a variant, as it is shown to who is asked for one."""


class Counting(StrEnum):
    """What a number of units says: there are so many, so many came in, or so many are to be set."""

    THERE = "there"
    MORE = "more"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Caption:
    """What was said; None and "" are what was not. Money in cents, ``units`` as ``counting`` says.

    ``doubts`` are keys below ``doubt.``: each says what could not be read in one way only.
    """

    name_en: str = ""
    name_km: str = ""
    description_en: str = ""
    description_km: str = ""
    price: int | None = None
    old_price: int | None = None
    cost: int | None = None
    units: int | None = None
    counting: Counting | None = None
    shelf: str = ""
    badge: Badge | None = None
    sku: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def names_goods(self) -> bool:
        """Whether it says what something is, and not only how many there are."""
        return bool(self.name_en or self.name_km or self.sku or self.shelf or self.price is not None)

    def written(self) -> dict[str, Any]:
        """Write it for a row: only what was said."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if name == "doubts" else value for name, value in found.items()
                if value not in (None, "", ())}  # fmt: skip

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`written` wrote."""
        given = dict(data)
        given["doubts"] = tuple(given.get("doubts", ()))
        for name, kind in (("badge", Badge), ("counting", Counting)):
            given[name] = kind(given[name]) if given.get(name) else None
        return cls(**given)

    def corrected(self, by: Self) -> Self:
        """Take what was said later instead; the doubts are those of the last line."""
        later = {field.name: getattr(by, field.name) for field in fields(by) if field.name != "doubts"}
        return replace(self, doubts=by.doubts, **{k: v for k, v in later.items() if v not in (None, "")})

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was said."""
        return self == Caption()


_SPACES = re.compile(r"[^\S\n]+")
_WAS = r"was|before|old(?:\s+price)?|instead\s+of|ពីមុន|មុន|តម្លៃដើម|តម្លៃចាស់"
_COST = r"cost(?:\s+price)?|bought(?:\s+for)?|ថ្លៃដើម|ដើមទុន|តម្លៃទិញ"
_PRICE = r"price|now|តម្លៃ|លក់"
_WHOLE = r"(?<!\d)(?<!\d[.,])(?!(?<=\d )\d{3}(?!\d))"
"""Where a number begins: no part of 12,50 and of 49 200, which are asked about."""
_MANY = r"(?:\d{1,3}(?:,\d{3})+|\d{1,7})"
_MONEY = re.compile(
    rf"\(?\s*(?:(?P<label>{_WAS}|{_COST}|{_PRICE})\s*[:=៖]?\s*)?"
    rf"(?:(?P<before>{DOLLARS}|{RIEL})\s*(?P<one>{NUMBER})(?![\w%/])|{_WHOLE}(?P<two>{NUMBER})\s*(?P<behind>{DOLLARS}|{RIEL})(?![\w/]))"
    r"\s*\)?(?:\s*[x×*]\s*(?P<many>\d{1,6})(?![\w.,%]))?",
    re.IGNORECASE,
)
_UNIT = r"pcs?\b\.?|pieces?\b|units?\b|in\s+stock\b|left\b|ឯកតា|គ្រឿង"
_STOCK = re.compile(
    rf"(?:(?:stock|qty|quantity|ស្តុក|ចំនួន)\s*[:៖]?\s*(?P<s1>[+=]?)\s*(?P<one>{_MANY})(?![\d.,%])(?:\s*(?:{_UNIT}))?"
    rf"|(?<![\w.,$៛+=-])(?P<s2>[+=]?)\s*(?P<two>{_MANY})\s*(?:{_UNIT})|(?<!\S)(?P<s3>[+=])\s*(?P<three>{_MANY})(?!\S))",
    re.IGNORECASE,
)
_SKU = re.compile(
    r"(?<!\w)(?:sku|code|art(?:icle)?|កូដ|លេខកូដ)\s*[:#៖]\s*(?P<sku>[A-Za-z0-9][\w./-]{0,59})", re.IGNORECASE
)
_BARE_SKU = re.compile(r"(?=[A-Z0-9-]*\d)[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+")
_TAG = re.compile(r"(?<!\S)#(?P<tag>[^\s#,]+)")
_LABEL = r"en|km|kh|english|khmer|name|category|badge|shelf|ឈ្មោះ|ប្រភេទ|ផ្នែក"
_LABELLED = re.compile(rf"^(?P<label>{_LABEL})\s*[:៖]\s*(?P<rest>.+)$", re.IGNORECASE)
_KHMER = re.compile("[\u1780-\u17d3]")
_LATIN = re.compile("[A-Za-z]")
_LOOSE = re.compile(r"^[\s(]*[+=-]?\s*\d[\d.,]*\s*[kK%]?[\s)]*$")
_ASIDE = re.compile(r"(?<=\S) {2,}[,;]? ?\d[\d.,]*$")
"""A number alone at the end, behind what was taken out: of what it is, nothing says."""
_MEASURE = re.compile(r"\d\s?(?:k?g|m?l|[cm]?m|oz)\b", re.IGNORECASE)
_SPLIT = re.compile(r"\s*[/|]\s*")
_CURRENCY_LEFT = re.compile(r"[$៛€¥£฿₫]|\b(?:usd|khr|baht|riels?)\b", re.IGNORECASE)
_PUNCTUATION = " \t,;:·•|–—-()"
_BADGES = {"new": Badge.NEW, "ថ្មី": Badge.NEW, "bestseller": Badge.BEST_SELLER, "best_seller": Badge.BEST_SELLER,
           "លក់ដាច់": Badge.BEST_SELLER, "sale": Badge.SALE, "បញ្ចុះតម្លៃ": Badge.SALE, "limited": Badge.LIMITED,
           "មានកំណត់": Badge.LIMITED}  # fmt: skip


def parse(text: str, rate: int, shelves: Iterable[Category] = ()) -> Caption:
    """Read a caption, or a line that corrects one; ``rate`` is riel for a dollar, ``shelves`` those that there are."""
    reading = _Reading(rate, {fold(name): one.slug for one in shelves for name in (one.slug, one.name_en, one.name_km)
                              if name})  # fmt: skip
    for line in money.spelt(latin_digits(text)).splitlines():
        reading.line(_SPACES.sub(" ", line).strip())
    return reading.done()


class _Reading:
    """One caption on its way: what was found, and what is left of its lines."""

    def __init__(self, rate: int, shelves: Mapping[str, str]) -> None:
        self._rate, self._shelves = rate, shelves
        self._found: dict[str, Any] = {}
        self._doubts: list[str] = []
        self._twice: set[str] = set()
        self._names: list[str] = []
        self._more: list[str] = []

    def line(self, line: str) -> None:
        """Take what a line says by its signs; what is left of it is a name, or the description."""
        labelled = _LABELLED.match(line)
        if labelled is not None and self._labelled(labelled["label"].lower(), labelled["rest"].strip()):
            return
        for pattern, take in self._ways():
            line = pattern.sub(take, line)
        line = line.strip(_PUNCTUATION)
        if _ASIDE.search(line):
            self._doubts.append("number")
        line = _SPACES.sub(" ", _ASIDE.sub("", line)).strip(_PUNCTUATION)
        if not line:
            return
        if _CURRENCY_LEFT.search(line) and re.search(r"\d", line):
            self._doubts.append("money")
        elif _LOOSE.match(line):
            self._doubts.append("number")
        elif self._is_shelf(line) or self._is_sku(line):
            pass
        else:
            self._words(line)

    def _ways(self) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
        return (_SKU, self._sku), (_TAG, self._tag), (_MONEY, self._money), (_STOCK, self._stock)

    def _set(self, name: str, value: object) -> None:
        """Keep what was found; said twice in two ways it is a doubt."""
        if self._found.setdefault(name, value) != value:
            self._doubts.append(f"two_{name}")
            self._twice.add(name)

    def _labelled(self, label: str, rest: str) -> bool:
        if label in {"category", "shelf", "ប្រភេទ", "ផ្នែក"}:
            self._set("shelf", self._shelves.get(fold(rest), rest))
        elif label == "badge":
            return self._badge(rest)
        elif label in {"en", "english"}:
            self._set("name_en", rest[:NAME])
        elif label in {"km", "kh", "khmer"}:
            self._set("name_km", rest[:NAME])
        else:
            self._name(rest)
        return True

    def _badge(self, word: str) -> bool:
        badge = _BADGES.get(word.casefold().replace(" ", "_")) or _BADGES.get(word)
        if badge is not None:
            self._set("badge", badge)
        return badge is not None

    def _sku(self, match: re.Match[str]) -> str:
        self._set("sku", match["sku"].upper())
        return " "

    def _tag(self, match: re.Match[str]) -> str:
        tag = match["tag"]
        shelf = self._shelves.get(fold(tag.replace("_", " "))) or self._shelves.get(fold(tag))
        if shelf and tag.casefold() in _BADGES:
            self._doubts.append("tag")
        elif shelf or not self._badge(tag):
            self._set("shelf", shelf or tag.replace("_", " "))
        return " "

    def _stock(self, match: re.Match[str]) -> str:
        units = int((match["one"] or match["two"] or match["three"]).replace(",", ""))
        sign = match["s1"] or match["s2"] or match["s3"]
        if units > MOST_UNITS:
            self._doubts.append("units")
            return " "
        counting = {"+": Counting.MORE, "=": Counting.EXACT}.get(sign or "", Counting.THERE)
        self._set("units", units)
        self._set("counting", counting)
        return " "

    def _money(self, match: re.Match[str]) -> str:
        label = match["label"] or ""
        name = next((name for name, words in (("old_price", _WAS), ("cost", _COST))
                     if label and re.fullmatch(words, label, re.IGNORECASE)), "price")  # fmt: skip
        cents = in_cents(match["one"] or match["two"], match["before"] or match["behind"], self._rate)
        if cents is None:
            self._doubts.append("money")
        else:
            self._set(name, cents)
        return f"  {match['many']} pcs " if match["many"] else "  "

    def _is_shelf(self, line: str) -> bool:
        shelf = self._shelves.get(fold(line)) if self._names else None
        if shelf:
            self._set("shelf", shelf)
        return bool(shelf)

    def _is_sku(self, line: str) -> bool:
        if not _BARE_SKU.fullmatch(line):
            return False
        self._set("sku", line[:SKU_LENGTH])
        return True

    def _words(self, line: str) -> None:
        first = not self._names
        other = len(self._names) == 1 and not self._more and _script(line) not in {_script(self._names[0]), ""}
        if first or (other and len(line) <= NAME // 2 and not _SPLIT.search(self._names[0])):
            self._names.append(line)
            self._name(line)
        else:
            self._more.append(line)

    def _name(self, line: str) -> None:
        parts = [part for part in _SPLIT.split(line) if part]
        scripts = [_script(part) for part in parts]
        if len(parts) > 1 and set(scripts) == {"km", "en"} and len(parts) == 2:  # noqa: PLR2004 - one of each
            for part, script in zip(parts, scripts, strict=True):
                self._set(f"name_{script}", part[:NAME])
        elif _script(line) == "both":
            self._parts(parts, scripts)
        else:
            self._set(f"name_{_script(line) or 'en'}", line[:NAME])

    def _parts(self, parts: list[str], scripts: list[str]) -> None:
        """Beside a part in Latin letters alone, one in both is Khmer with a brand's name in it."""
        if sorted(scripts) != ["both", "en"]:
            self._doubts.append("name")
            return
        for part, script in zip(parts, scripts, strict=True):
            self._set("name_en" if script == "en" else "name_km", part[:NAME])

    def done(self) -> Caption:
        """Give what was read."""
        for script in ("en", "km"):
            mine = [
                line for line in self._more if (_script(line) or "en") in ({"en"} if script == "en" else {"km", "both"})
            ]
            if mine:
                self._found[f"description_{script}"] = "\n".join(mine)[:DESCRIPTION]
        said = {name: value for name, value in self._found.items() if name not in self._twice}
        return Caption(**said, doubts=tuple(dict.fromkeys(self._doubts)))


def _script(line: str) -> str:
    """Tell in which letters something is written: ``km``, ``en``, ``both``, "" for neither; 100g changes no Khmer."""
    khmer = bool(_KHMER.search(line))
    latin = bool(_LATIN.search(_MEASURE.sub("", line) if khmer else line))
    return "both" if khmer and latin else "km" if khmer else "en" if latin else ""


def in_cents(number: str, sign: str, rate: int) -> int | None:
    """Bring an amount with its sign to cents; None for nothing, too much, or what is no amount."""
    cents = money.in_cents(number, sign, rate)
    return cents if cents and cents <= DEAREST else None


def one_price(text: str, rate: int) -> int | None:
    """Read one price that was asked for, dollars where it has no sign; cents, or None where it is none.

    A number of 1,000 or more without a sign may well be riel, so that it is none either.
    """
    found = money.one_amount(_SPACES.sub(" ", latin_digits(text)))
    if found is None:
        return None
    number, sign = found
    if not sign and len(number.replace(",", "").partition(".")[0]) > 3:  # noqa: PLR2004 - as said
        return None
    return in_cents(number, sign or "$", rate)
