"""The shop's own rules as values, with their defaults (PRODUCT.md, "Business rules")."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.i18n import LANGUAGES


@dataclass(frozen=True, slots=True)
class Policy:
    """Amounts are USD cents; ``riel_rate`` is riel for one dollar; times are whole units as named.

    ``opens`` and ``closes`` are the shop's own time; ``holidays`` are days it is closed: ``2027-04-14 2027-04-15``.
    ``reminder_hours`` is how long a basket lies before its one reminder, 0 for none; ``quiet_from`` to ``quiet_until``,
    the shop's own time too, nobody is written to about what can wait. ``nudge_…_minutes`` is how long an order may
    stand there before staff are reminded of it, 0 for never; they hear of a variant of which ``low_stock`` units or
    fewer can still be promised. From ``…_percent`` of a limit on its level counts, in that order. ``keep_…`` are how
    many days, weeks and months keep a backup, for each series. ``province_fees`` are fees of single provinces by their
    code: ``17=200 18=350``; to those of ``no_delivery`` nothing is sent. ``suspicious_…`` is what staff are asked to
    look at: more cents than that, so many other orders from a phone in an hour, so many other names; 0 for never.
    ``khqr_name`` is the shop's own until an owner says one (:func:`made`), or an admin renames a shop with an account.
    """

    shop_name: str = "MADAM DA"
    order_prefix: str = "MD"
    riel_rate: int = 4100
    fee_capital: int = 150
    fee_province: int = 250
    free_delivery_from: int = 5000
    province_fees: str = ""
    no_delivery: str = ""
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
    keep_daily: int = 7
    keep_weekly: int = 4
    keep_monthly: int = 12
    backup_to_chat: int = 0
    media_limit_mb: int = 500
    database_limit_mb: int = 100
    logs_limit_mb: int = 50
    total_limit_mb: int = 1024
    review_orders: int = 1000
    suspicious_total: int = 100_000
    suspicious_first: int = 10_000
    suspicious_in_hour: int = 3
    suspicious_names: int = 2
    warn_percent: int = 80
    critical_percent: int = 90
    emergency_percent: int = 95

    @property
    def khqr_hold(self) -> timedelta:
        """How long stock waits for a KHQR payment."""
        return timedelta(minutes=self.khqr_hold_minutes)

    @property
    def khqr_silence(self) -> timedelta:
        """How long an order waits for a bank that does not answer before staff must look."""
        return timedelta(minutes=self.khqr_silence_minutes)

    @property
    def own_fees(self) -> dict[str, int]:
        """What delivery costs to those provinces that have a fee of their own, in cents by their code."""
        return {code: int(cents) for code, _, cents in (one.partition("=") for one in self.province_fees.split())}


_CENTS, _MEGABYTES = range(10**8 + 1), range(1, 10**8 + 1)
_PERCENT = range(1, 101)
_WEEK = range(7 * 24 * 60 + 1)  # in minutes, 0 for never
_CHAT = range(-(2**52), 2**52 + 1)  # Bot API: an id has at most 52 significant bits
_TIME, _DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]"), r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_PROVINCE = r"(0[1-9]|1[0-9]|2[0-5])"  # the 25 official codes
_NO_BREAK = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_NO_EMOJI = r"\U00010000-\U0010ffff"  # banking apps count them otherwise than we do (core.payments.khqr)

ALLOWED: Mapping[str, range | tuple[str, ...] | re.Pattern[str]] = {
    "shop_name": re.compile(rf"(?=.*\S)[^{_NO_BREAK}]{{1,60}}"),
    "order_prefix": re.compile(r"[A-Z]{1,6}"),
    "riel_rate": range(1_000, 100_001),
    "fee_capital": _CENTS,
    "fee_province": _CENTS,
    "free_delivery_from": _CENTS,
    "province_fees": re.compile(rf"({_PROVINCE}=(0|[1-9][0-9]{{0,6}})( (?!$)|$))*"),
    "no_delivery": re.compile(rf"({_PROVINCE}( (?!$)|$))*"),
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
    "keep_daily": range(1, 367),
    "keep_weekly": range(105),
    "keep_monthly": range(121),
    "backup_to_chat": range(2),
    "media_limit_mb": _MEGABYTES,
    "database_limit_mb": _MEGABYTES,
    "logs_limit_mb": _MEGABYTES,
    "total_limit_mb": _MEGABYTES,
    "review_orders": range(1, 10**9),
    "suspicious_total": _CENTS,
    "suspicious_first": _CENTS,
    "suspicious_in_hour": range(101),
    "suspicious_names": range(101),
    "warn_percent": _PERCENT,
    "critical_percent": _PERCENT,
    "emergency_percent": _PERCENT,
}
"""What each rule may be set to: whole numbers of a range, words of a list, or a text of a form."""


PAYEE = 25
"""As many characters of a name fit into a KHQR (field 59)."""


def payee(shop_name: str) -> str:
    """Write a shop's name as a KHQR takes it: no emoji, nothing that joins them or turns the way of writing.

    Cut after a word or a syllable; "" where nothing is left.
    """
    seen = (c for c in shop_name if c <= "\uffff" and not "\ufe00" <= c <= "\ufe0f" and unicodedata.category(c) != "Cf")
    name = " ".join("".join(seen).split())
    if len(name) <= PAYEE:
        return name
    at = PAYEE
    while at and (unicodedata.category(name[at])[0] == "M" or name[at - 1] == "\u17d2"):  # a sign hangs on its letter
        at -= 1
    word = name.rfind(" ", PAYEE // 2, at + 1)
    return name[: word if word > 0 else at].strip()


def made(said: Mapping[str, Any]) -> Policy:
    """Make the policy of what was said: a KHQR of which nobody said otherwise names the shop."""
    policy = Policy(**said)
    return policy if "khqr_name" in said else replace(policy, khqr_name=by_default("khqr_name", policy.shop_name))


def by_default(key: str, shop_name: str) -> Any:
    """Tell what a rule is until somebody changes it, in a shop of that name."""
    standard = getattr(Policy(), key)
    return payee(shop_name) or standard if key == "khqr_name" else standard


NAMED_BY = "khqr_named_by"
"""The row beside the name on the KHQR that tells whether an owner said it (OWNER) or it is one the shop had (SHOP)."""
OWNER, SHOP = "owner", "shop"


def follows(before: Policy, named_by: str | None) -> bool:
    """Tell whether the name on the KHQR goes with the shop's: no owner said it. Written nowhere: where they are one."""
    if named_by is not None:
        return named_by == SHOP
    return before.khqr_name in {payee(before.shop_name), before.shop_name[:PAYEE]}


def named_by(before: Policy, said: Mapping[str, Any], until_now: str | None) -> str:
    """Tell whose the name on the KHQR is once this was said: an owner's who said it, else whose it was."""
    if "khqr_name" in said:
        return SHOP if said["khqr_name"] is None else OWNER
    return SHOP if follows(before, until_now) else OWNER


def following(before: Policy, values: Mapping[str, Any], named_by: str | None = None) -> Mapping[str, Any]:
    """Add to a new shop's name that on its KHQR, where it :func:`follows`; None in ``values``: as by default."""
    if "shop_name" not in values or "khqr_name" in values or not follows(before, named_by):
        return values
    name = payee(values["shop_name"] or Policy().shop_name)
    return values if name == before.khqr_name else {**values, "khqr_name": name or before.khqr_name}


def staying(before: Policy, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep on the KHQR the name that stands there, whatever the shop is called: who is paid is the owners' to say."""
    return {**values, "khqr_name": before.khqr_name} if "shop_name" in values else values


RISING = ("warn_percent", "critical_percent", "emergency_percent")
"""Rules of which each must be more than the one before."""


def conflict(policy: Policy) -> tuple[str, ...]:
    """Name rules that fit each alone and not together, the first such; () where all do.

    A shop that closes before it opens works through the night, one that does both at midnight never closes; both at
    another minute is a slip. The bank is waited for at least as long as the goods are held.
    """
    levels = [getattr(policy, key) for key in RISING]
    if levels != sorted(set(levels)):
        return RISING
    if policy.opens == policy.closes != "00:00":
        return "opens", "closes"
    if policy.khqr_silence_minutes < policy.khqr_hold_minutes:
        return "khqr_hold_minutes", "khqr_silence_minutes"
    codes = [one.partition("=")[0] for one in policy.province_fees.split()]
    return ("province_fees",) if len(set(codes)) < len(codes) else ()


def valid(key: str, value: object) -> bool:
    """Tell whether ``value`` is of the kind of the rule ``key`` and within what :data:`ALLOWED` says."""
    allowed = ALLOWED.get(key)
    if isinstance(allowed, range):
        return isinstance(value, int) and not isinstance(value, bool) and value in allowed
    if isinstance(allowed, re.Pattern):
        return isinstance(value, str) and allowed.fullmatch(value) is not None
    return allowed is not None and isinstance(value, str) and value in allowed
