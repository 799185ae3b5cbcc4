"""One-time codes: how they look, how long they are good, how many wrong ones are too many; what is set. Pure."""

import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.people.rules import latin_digits

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody takes for another: no I, L, O, 0 and 1."""
LENGTH = 8
"""Letters of a code: 31^8, 850 thousand million."""
VALID = timedelta(minutes=15)
GUESSES, SILENCE = 5, timedelta(hours=1)
"""So many wrong codes within so long, and where they were typed nothing is answered."""


class Goal(StrEnum):
    """What a code makes of the place where it is typed, or of who types it."""

    STAFF = "staff"
    ADMIN = "admin"
    OWNER = "owner"


class Trial(StrEnum):
    """What became of a code that was typed; ``SILENT``: there nothing is answered."""

    LINKED = "linked"
    WRONG = "wrong"
    SILENT = "silent"


class Lack(StrEnum):
    """What the bot may not do in a group of the shop."""

    WRITE = "write"
    PIN = "pin"
    TOPICS = "topics"
    HEAR = "hear"


@dataclass(frozen=True, slots=True)
class Code:
    """A code that is good until ``until``; of itself only a keyed hash is kept. ``by``: who made it, None the shell."""

    goal: Goal
    hash: str
    until: datetime
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What a typed code led to; ``goal`` where it was good."""

    trial: Trial
    goal: Goal | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What is set of a shop that opens; ``products`` are those on sale, ``owners`` how many may own it.

    ``name``, ``hours``, ``delivery`` (what it costs, and where to) and ``rate`` (riel for a dollar): said by somebody,
    not by default; ``came`` is what stands of them meanwhile, as people write it.
    """

    staff: bool
    admin: bool
    products: int
    khqr: bool
    hours: bool
    delivery: bool = False
    rate: bool = False
    owners: int = 0
    name: bool = False
    came: Mapping[str, str] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether nothing is missing that a first order needs; cash alone and the hours as they came will do."""
        return self.staff and self.admin and self.products > 0


def new_code() -> str:
    """Make a code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """Write a code so that it is read well: ``ABCD-2345``."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def tidy(text: str) -> str:
    """Read a code as people type it: small letters, blanks and strokes between, Khmer digits."""
    return "".join(one for one in latin_digits(text).upper() if one.isalnum())[: LENGTH * 2]


def hashed(secret: str, code: str) -> str:
    """Know a code again without keeping it, in hex; without ``secret`` nobody can try them all."""
    return hmac.digest(f"haang link {secret}".encode(), code.encode(), "sha256").hex()


def found(codes: Collection[Code], hash_: str, now: datetime) -> Code | None:
    """Find the code that was typed among those that are good."""
    good = (one for one in codes if now < one.until)
    return next((one for one in good if hmac.compare_digest(one.hash, hash_)), None)
