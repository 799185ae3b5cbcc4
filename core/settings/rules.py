"""The shop's own rules as values, with their defaults (PRODUCT.md, "Business rules")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.i18n import LANGUAGES


@dataclass(frozen=True, slots=True)
class Policy:
    """Amounts are USD cents; ``riel_rate`` is riel for one dollar; times are whole units as named.

    ``opens`` and ``closes`` are the shop's own time; ``holidays`` are days it is closed: ``2027-04-14 2027-04-15``.
    ``reminder_hours`` is how long a basket lies before its one reminder, 0 for none; ``quiet_from`` to ``quiet_until``,
    the shop's own time too, nobody is written to about what can wait. ``nudge_…_minutes`` is how long an order may
    stand there before staff are reminded of it, 0 for never; they hear of a variant of which ``low_stock`` units or
    fewer can still be promised.
    """

    shop_name: str = "MADAM DA"
    order_prefix: str = "MD"
    riel_rate: int = 4100
    fee_capital: int = 150
    fee_province: int = 250
    free_delivery_from: int = 5000
    points_per_dollar: int = 1
    points_for_dollar: int = 100
    points_days: int = 365
    referral_points: int = 100
    friend_points: int = 50
    khqr_hold_minutes: int = 15
    khqr_silence_minutes: int = 120
    khqr_account: str = ""
    khqr_name: str = "MADAM DA"
    khqr_city: str = "Phnom Penh"
    qr_days: int = 7
    staff_chat_id: int = 0
    admin_chat_id: int = 0
    staff_language: str = "en"
    opens: str = "08:00"
    closes: str = "20:00"
    holidays: str = ""
    reminder_hours: int = 3
    quiet_from: str = "21:00"
    quiet_until: str = "08:00"
    nudge_unclaimed_minutes: int = 10
    nudge_preparing_minutes: int = 60
    nudge_ready_minutes: int = 240
    nudge_out_minutes: int = 720
    low_stock: int = 3
    media_limit_mb: int = 500
    database_limit_mb: int = 100
    logs_limit_mb: int = 50
    total_limit_mb: int = 1024

    @property
    def khqr_hold(self) -> timedelta:
        """How long stock waits for a KHQR payment."""
        return timedelta(minutes=self.khqr_hold_minutes)

    @property
    def khqr_silence(self) -> timedelta:
        """How long an order waits for a bank that does not answer before staff must look."""
        return timedelta(minutes=self.khqr_silence_minutes)


_CENTS, _MEGABYTES = range(10**8 + 1), range(1, 10**8 + 1)
_WEEK = range(7 * 24 * 60 + 1)  # in minutes, 0 for never
_CHAT = range(-(2**52), 2**52 + 1)  # Bot API: an id has at most 52 significant bits
_TIME, _DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]"), r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_NO_BREAK = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_NO_EMOJI = r"\U00010000-\U0010ffff"  # banking apps count them otherwise than we do (core.payments.khqr)

ALLOWED: Mapping[str, range | tuple[str, ...] | re.Pattern[str]] = {
    "shop_name": re.compile(rf"(?=.*\S)[^{_NO_BREAK}]{{1,60}}"),
    "order_prefix": re.compile(r"[A-Z]{1,6}"),
    "riel_rate": range(1_000, 100_001),
    "fee_capital": _CENTS,
    "fee_province": _CENTS,
    "free_delivery_from": _CENTS,
    "points_per_dollar": range(101),
    "points_for_dollar": range(1, 100_001),
    "points_days": range(1, 3651),
    "referral_points": range(100_001),
    "friend_points": range(100_001),
    "khqr_hold_minutes": range(1, 24 * 60 + 1),
    "khqr_silence_minutes": range(1, 7 * 24 * 60 + 1),
    "khqr_account": re.compile(r"(?=.{0,32}\Z)([!-?A-~]+@[!-?A-~]+)?"),
    "khqr_name": re.compile(rf"(?=.*\S)[^{_NO_BREAK}{_NO_EMOJI}]{{1,25}}"),
    "khqr_city": re.compile(rf"(?=.*\S)[^{_NO_BREAK}{_NO_EMOJI}]{{1,15}}"),
    "qr_days": range(1, 366),
    "staff_chat_id": _CHAT,
    "admin_chat_id": _CHAT,
    "staff_language": LANGUAGES,
    "opens": _TIME,
    "closes": _TIME,
    "holidays": re.compile(rf"({_DAY}( {_DAY}){{0,99}})?"),
    "reminder_hours": range(73),
    "quiet_from": _TIME,
    "quiet_until": _TIME,
    "nudge_unclaimed_minutes": _WEEK,
    "nudge_preparing_minutes": _WEEK,
    "nudge_ready_minutes": _WEEK,
    "nudge_out_minutes": _WEEK,
    "low_stock": range(10_001),
    "media_limit_mb": _MEGABYTES,
    "database_limit_mb": _MEGABYTES,
    "logs_limit_mb": _MEGABYTES,
    "total_limit_mb": _MEGABYTES,
}
"""What each rule may be set to: whole numbers of a range, words of a list, or a text of a form."""


def valid(key: str, value: object) -> bool:
    """Tell whether ``value`` is of the kind of the rule ``key`` and within what :data:`ALLOWED` says."""
    allowed = ALLOWED.get(key)
    if isinstance(allowed, range):
        return isinstance(value, int) and not isinstance(value, bool) and value in allowed
    if isinstance(allowed, re.Pattern):
        return isinstance(value, str) and allowed.fullmatch(value) is not None
    return allowed is not None and isinstance(value, str) and value in allowed
