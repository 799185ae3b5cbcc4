"""When an order is suspicious (PRODUCT, "Suspicious"): pure, over what is known of its phone and its customer."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.money import Currency, Money
from core.settings.rules import Policy

HOUR = timedelta(hours=1)
"""How long other orders from one phone are counted; the policy says how many, how many names, which sums."""

FLAGGED, CHECKED = "flagged", "checked"
"""The events of an order that was found suspicious, and of staff who looked at it; the customer is told of neither."""


class Rule(StrEnum):
    """What makes an order suspicious."""

    OTHER_NAMES = "other_names"
    LARGE = "large"
    MANY = "many"
    FIRST = "first"


class Verdict(StrEnum):
    """What staff found. ``VERIFIED`` and ``REJECTED`` are the last word; what is ``SUSPICIOUS`` can become either."""

    VERIFIED = "verified"
    SUSPICIOUS = "suspicious"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule that an order met; ``count`` is how many other names or orders, 0 where nothing is counted. No names."""

    rule: Rule
    count: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """Other orders from the phone under one name as it was written: how many, how many of them ``lately``.

    ``verified``: staff looked at one of them and found the name to belong to the phone.
    """

    name: str
    orders: int
    lately: int
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known as an order is placed: its name and amount, and who else ordered with its phone.

    ``known``: its customer ordered before, with whatever phone. Cancelled and expired orders are orders here.
    """

    name: str
    total: Money
    riel_rate: int
    others: tuple[Named, ...] = ()
    known: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """An order's flags, and what staff decided about them, who and when."""

    order_id: int
    flags: tuple[Flag, ...]
    verdict: Verdict | None = None
    by_id: int | None = None
    by: str = ""
    decided_at: datetime | None = None

    @property
    def shown(self) -> bool:
        """Whether the counter's card says so: what was verified is only history."""
        return bool(self.flags) and self.verdict is not Verdict.VERIFIED

    @property
    def open(self) -> bool:
        """Whether somebody can still decide."""
        return bool(self.flags) and self.verdict in {None, Verdict.SUSPICIOUS}


def judge(facts: Facts, policy: Policy) -> tuple[Flag, ...]:
    """Name every rule that an order meets. Nobody is flagged for ordering often under one name; 0 is no limit."""
    found = []
    mine = spellings(facts.name)
    verified = any(one.verified and mine & spellings(one.name) for one in facts.others)
    names = 0 if verified else other_names(facts.name, (one.name for one in facts.others))
    if policy.suspicious_names and names >= policy.suspicious_names:
        found.append(Flag(Rule.OTHER_NAMES, names))
    if _more_than(facts, policy.suspicious_total):
        found.append(Flag(Rule.LARGE))
    lately = sum(one.lately for one in facts.others)
    if policy.suspicious_in_hour and lately >= policy.suspicious_in_hour:
        found.append(Flag(Rule.MANY, lately))
    if not facts.known and not facts.others and _more_than(facts, policy.suspicious_first):
        found.append(Flag(Rule.FIRST))
    return tuple(found)


def _more_than(facts: Facts, cents: int) -> bool:
    """Compare at the order's own frozen rate, and exactly: riel are no whole cents. No sum is more than none."""
    if not cents:
        return False
    if facts.total.currency is Currency.KHR:
        return facts.total.amount * 100 > cents * facts.riel_rate
    return facts.total.amount > cents


# ── is it the same name? ─────────────────────────────────────────────────────────────────────────────────────────────
_SAME = str.maketrans({"\u17a3": "\u17a2", "\u17a4": "\u17a2\u17b6"})
"""Khmer letters that are written in two ways (Unicode discourages the first of each)."""
_APART = (("\u17c1\u17b8", "\u17be"), ("\u17c1\u17b6", "\u17c4"))
"""Khmer vowels typed in two pieces, as they look."""
_MARKS = frozenset("\u17b4\u17b5\u17c9\u17ca\u17cb\u17cc\u17cd\u17ce\u17cf\u17d0\u17d1\u17d3\u17dd")
"""Khmer signs above a letter that are often left out, and vowels that are not seen."""


def spellings(name: str) -> frozenset[str]:
    """Fold a name, in both ways it can be the same as another: without spaces, and with its words in any order.

    Case, accents, punctuation and Khmer signs do not count: ``DARA  Sók.`` is ``sok dara``, ``សុខ ដារ៉ា`` is ``សុខដារា``.
    """
    plain = name.translate(_SAME)
    for pieces, whole in _APART:
        plain = plain.replace(pieces, whole)
    plain = unicodedata.normalize("NFKD", plain.casefold())
    kept = "".join(_letter(char) for char in plain)
    words = kept.split()
    return frozenset({"".join(words), " ".join(sorted(words))}) - {""}


def _letter(char: str) -> str:
    """Keep letters and figures, and Khmer vowels; what parts words is a space, marks and signs are nothing."""
    if "\u1780" <= char <= "\u17d2":
        return "" if char in _MARKS else char
    if char.isalnum():
        return char
    return "" if unicodedata.category(char) in {"Mn", "Me", "Cf", "Lm", "Sk"} or char in "'\u2019.`\u00b4" else " "


def other_names(name: str, names: Iterable[str]) -> int:
    """Count how many different names there are beside ``name``; one that says nothing is none."""
    known = [spellings(name)]
    for one in names:
        said = spellings(one)
        if said and not any(said & other for other in known):
            known.append(said)
    return len(known) - 1


# ── as it is kept ────────────────────────────────────────────────────────────────────────────────────────────────────
def written(flags: Iterable[Flag]) -> list[dict[str, Any]]:
    """Write flags as they are kept: rules and figures, nothing of anybody."""
    return [{"rule": flag.rule.value, "count": flag.count} for flag in flags]


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Flag, ...]:
    """Read them again; a rule that is none of today's is left out."""
    known = {rule.value for rule in Rule}
    return tuple(Flag(Rule(row["rule"]), int(row.get("count", 0))) for row in rows if row.get("rule") in known)
