"""Who brings a parcel that the shop does not bring itself, and under which number: pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import Refused
from core.people.rules import latin_digits

_NUMBER = re.compile(r"(?=.*[0-9])[A-Z0-9-]{6,40}")
_SPACES = re.compile(r"[\s\u200b]+")


class Carrier(StrEnum):
    """The carriers, in the order in which they are offered."""

    JT = "jt"
    VET = "vet"
    CAMBODIA_POST = "cambodia_post"
    OTHER = "other"


SITES = {Carrier.JT: "https://www.jtexpress.com.kh/"}
"""Where a parcel can be looked for. The number is typed there: no address that takes it along is documented."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """A carrier's parcel: their number for it, and when it was written down."""

    carrier: Carrier
    tracking_number: str
    at: datetime

    @property
    def stamp(self) -> int:
        """Tell what a button was drawn from: when it was written down, in milliseconds."""
        return int(self.at.timestamp() * 1000)

    @property
    def url(self) -> str | None:
        """The carrier's own page; None where none is known."""
        return SITES.get(self.carrier)


def tracking_number(text: str) -> str:
    """Take a typed number: without spaces, in capitals; ``Refused`` unless 6 to 40 of A-Z, 0-9 and -, a digit in it."""
    number = latin_digits(_SPACES.sub("", text)).upper()
    if not _NUMBER.fullmatch(number):
        raise Refused("tracking_number")
    return number
