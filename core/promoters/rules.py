"""What is known of who brings customers, and how it is typed: pure (PRODUCT A4, "Commission")."""

import re
import zlib
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import Refused
from core.people.rules import clean_line, clean_name, latin_digits, normal_phone

NAME, NOTE = 60, 300
"""As many characters are taken when typed."""
PERCENT = 100
"""Hundredths of a percent in one."""
_RATE = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?\s*%?")


class PromoterField(StrEnum):
    """What is known of a promoter, and can be written anew."""

    NAME = "name"
    PHONE = "phone"
    RATE = "rate"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Promoter:
    """``rate`` is their commission in hundredths of a percent: 1,000 is 10 %; ``phone`` is E.164 or "".

    ``codes`` and ``orders`` count what they bring by now: codes of theirs, orders that hold a use of one.
    """

    id: int
    name: str
    rate: int
    phone: str = ""
    note: str = ""
    active: bool = True
    codes: int = field(default=0, compare=False)
    orders: int = field(default=0, compare=False)

    @property
    def stamp(self) -> int:
        """Tell what was seen from what another admin made of it since."""
        return zlib.crc32(repr((self.name, self.rate, self.phone, self.note, self.active)).encode())


def read(field_: PromoterField, text: str) -> str | int:
    """Take a typed line for a field; ``Refused`` where it cannot be that. ``-`` leaves phone and note empty."""
    line = text.strip()
    if field_ is PromoterField.RATE:
        return rate(line)
    if line == "-" and field_ is not PromoterField.NAME:
        return ""
    if field_ is PromoterField.PHONE:
        return normal_phone(line)
    return clean_name(clean_line(line, NAME)) if field_ is PromoterField.NAME else clean_line(line, NOTE)


def rate(text: str) -> int:
    """Read a commission in percent, at most two decimals: ``7.5``, ``10 %``; in hundredths of a percent."""
    found = _RATE.fullmatch(latin_digits(text.strip()))
    if found is None:
        raise Refused("rate_unread")
    hundredths = int(found[1]) * PERCENT + int((found[2] or "").ljust(2, "0"))
    if hundredths > 100 * PERCENT:
        raise Refused("rate_unread")
    return hundredths


def percent(hundredths: int) -> str:
    """Write a rate as people read it: ``10``, ``7.5``, ``0.25``."""
    whole, part = divmod(hundredths, PERCENT)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)
