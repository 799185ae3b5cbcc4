"""People, roles and phones: pure."""

import hmac
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

import phonenumbers

from core.errors import NotAllowed, Refused

NAME_LENGTH = 200
BOOK = 10
"""As many addresses a person's book holds."""
RECIPIENT, STREET = 60, 200
"""As many characters are taken when typed."""


class Role(StrEnum):
    """What the shop lets somebody do. A customer has none."""

    OWNER = "owner"
    ADMIN = "admin"
    STAFF = "staff"
    COURIER = "courier"


class Topic(StrEnum):
    """What the shop writes about of its own accord, to whoever wants it."""

    NEWS = "news"
    REMINDERS = "reminders"


class Rank(IntEnum):
    """How far a role reaches: each includes those below."""

    CUSTOMER = 0
    COURIER = 1
    STAFF = 2
    ADMIN = 3
    OWNER = 4


@dataclass(frozen=True, slots=True)
class Person:
    """``phone`` is E.164 or None; ``language`` is None until chosen; ``telegram_id`` None for one who never wrote.

    ``asked``: a question of ours stands, and their next line is its answer. ``wants_…``: what they want to hear of.
    ``update_id``: in which of Telegram's updates they speak now, 0 where they do not.
    """

    id: int
    telegram_id: int | None
    name: str
    username: str = ""
    language: str | None = None
    phone: str | None = None
    role: Role | None = None
    blocked: bool = False
    asked: bool = False
    wants_news: bool = False
    wants_reminders: bool = True
    update_id: int = field(default=0, compare=False)

    @property
    def rank(self) -> Rank:
        """How far their role reaches."""
        return Rank[self.role.name] if self.role else Rank.CUSTOMER

    def must_be(self, rank: Rank) -> None:
        """Refuse with ``NotAllowed`` unless their role reaches as far as ``rank``."""
        if self.rank < rank:
            raise NotAllowed


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes. Codes are the official ones (2, 4 and 6 digits); empty where not known."""

    id: int
    person_id: int
    recipient: str
    phone: str
    province_code: str
    district_code: str
    commune_code: str
    street: str
    latitude: float | None = None
    longitude: float | None = None


class AddressPart(StrEnum):
    """What of an address of the book can be written anew; another place is another address."""

    RECIPIENT = "recipient"
    PHONE = "phone"
    STREET = "street"


SEARCH, AUDIT, FOUND = "search", "audit", "found"
"""Stand where a question would, so that results can be turned and come back to, though nothing is asked by them."""
ANSWERED = "answered"
"""Stands where a question stood that was answered, and names the update that did: worked again it answers nothing."""
SILENT = frozenset({SEARCH, AUDIT, FOUND, ANSWERED})
WAITING, WAITING_MOST = "waiting", 20
"""Where questions of one kind wait in the row of the one that is answered now, and how many: photos sent in a row."""
LATER = 1_000
"""An update whose number is at most so much higher came later: Telegram counts on, but for a week of silence."""
CHANGE = "change"
"""What one of the staff wants an order to be: it holds a customer's address until it is confirmed or left."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is being asked, kept as a row so that a restart loses nothing.

    ``by`` is the update in which it was asked, or went on; ``answers`` the one that is being worked; 0 for none.
    """

    kind: str
    asked_at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    by: int = field(default=0, compare=False)
    answers: int = field(default=0, compare=False)

    def is_after(self, update_id: int) -> bool:
        """Tell whether this came of an update, or of a later one: worked again, that one answers nothing any more.

        What was looked for once is looked for again.
        """
        repeats = self.by == update_id and self.kind in SILENT and self.kind != ANSWERED
        return bool(self.by) and 0 <= self.by - update_id < LATER and not repeats

    @property
    def stamp(self) -> int:
        """Tell this question from an earlier one in a button: when it was asked, in milliseconds."""
        return int(self.asked_at.timestamp() * 1000)

    @property
    def shares(self) -> bool:
        """Tell whether it put a keyboard under the composer, which stays until a message takes it away."""
        return self.kind in {"phone", "member"}

    @property
    def at_counter(self) -> bool:
        """Tell whether it was asked of somebody who works here, as such: those questions name their chat."""
        return "chat_id" in self.data or self.kind == AUDIT

    @property
    def beside(self) -> list[dict[str, Any]]:
        """Itself behind those that wait in its row, the newest last: a new one of its kind has them as ``waiting``."""
        own = {name: value for name, value in self.data.items() if name != WAITING}
        return [*self.data.get(WAITING, []), {"at": self.asked_at.isoformat(), "data": own}][-WAITING_MOST:]

    def turned(self, stamp: int) -> "Question | None":
        """Name the one with this stamp, the others waiting in its row; None where neither it nor one of them has it."""
        if self.stamp == stamp:
            return self
        rows = {datetime.fromisoformat(row["at"]): row for row in self.beside}
        found = next((at for at in rows if int(at.timestamp() * 1000) == stamp), None)
        if found is None:
            return None
        others = [row for at, row in rows.items() if at != found]
        return Question(self.kind, found, {**rows[found]["data"], WAITING: others})

    @property
    def following(self) -> "Question | None":
        """The newest of those that wait, the others in its row: what is asked when this one is through."""
        waiting = self.data.get(WAITING, [])
        if not waiting:
            return None
        last = waiting[-1]
        return Question(self.kind, datetime.fromisoformat(last["at"]), {**last["data"], WAITING: waiting[:-1]})

    def asked_in(self, chat_id: int) -> bool:
        """Tell whether it was asked in this chat; one that names none (``chat_id``) in the person's own."""
        return bool(self.data.get("chat_id", max(chat_id, 0)) == chat_id)


def fingerprint(secret: str, telegram_id: int) -> str:
    """Know a Telegram id again without keeping it, in hex: nobody without ``secret`` can try them all."""
    return hmac.digest(f"haang tombstone {secret}".encode(), str(telegram_id).encode(), "sha256").hex()


def latin_digits(text: str) -> str:
    """Write Khmer digits as Latin ones."""
    return text.translate(_LATIN)


def normal_phone(text: str) -> str:
    """Bring a Cambodian (or any ``+``) number to E.164; ``Refused`` when it cannot be dialled.

    ``012 345 678``, ``85512345678`` and ``+855 12 345 678`` are the same phone (libphonenumber).
    """
    digits = text.strip()
    if any(character.isalpha() for character in digits):  # the library would dial "012 FLO WER" and "call 012 …"
        raise Refused("phone_invalid")
    for candidate in (digits, f"+{digits}" if digits.startswith("855") else ""):
        try:
            number = phonenumbers.parse(candidate, "KH")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise Refused("phone_invalid")


def corrected(part: AddressPart, text: str) -> str:
    """Take what was typed for a part of an address; ``Refused`` where it cannot be that."""
    if part is AddressPart.PHONE:
        return normal_phone(text)
    return clean_line(text, RECIPIENT) if part is AddressPart.RECIPIENT else clean_street(text)


def shown_phone(phone: str) -> str:
    """Write an E.164 phone as people read it: ``+855 12 345 678``."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def clean_name(text: str) -> str:
    """Take a name as Telegram gives it: what no database can hold left out, cut to ``NAME_LENGTH``, never empty."""
    return " ".join(_writable(text).split())[:NAME_LENGTH] or "?"


_LATIN = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
"""What turns the direction of writing: in a name it would turn the shop's own words beside it (UAX 9, 2.1 to 2.6)."""


def straight(text: str) -> str:
    """Write a name as it can stand beside other words."""
    return "".join(c for c in text if c not in TURNING) if not TURNING.isdisjoint(text) else text


def _writable(text: str) -> str:
    """Leave out control characters and halves of surrogate pairs, which PostgreSQL and UTF-8 refuse."""
    return "".join(c for c in straight(text) if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"})


def clean_line(text: str, longest: int) -> str:
    """Take one typed line: spaces folded; ``Refused`` when it says nothing (no letter or digit) or is too long."""
    line = " ".join(_writable(text).split())
    if len(line) > longest:
        raise Refused("text_too_long", longest=longest)
    if not any(character.isalnum() for character in line):
        raise Refused("text_empty")
    return line


def clean_street(text: str) -> str:
    """Take house and street in one typed line; ``Refused`` as any line, in words that say what is wanted."""
    if not any(character.isalnum() for character in text):
        raise Refused("street_empty")
    return clean_line(text, STREET)


def clean_text(text: str, longest: int) -> str:
    """Take a text of several lines as it was written, but for what no database can hold."""
    return _writable(text).strip()[:longest]
