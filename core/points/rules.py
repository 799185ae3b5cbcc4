"""What points are worth and how many an order earns: pure (PRODUCT C8, C9; every figure is a setting)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.money import Money, usd
from core.settings.rules import Policy


class EntryKind(StrEnum):
    """Why points came or went. Each order earns, and rewards a referral, at most once."""

    EARNED = "earned"
    REFERRAL = "referral"
    FRIEND = "friend"
    REDEEMED = "redeemed"
    RETURNED = "returned"
    EXPIRED = "expired"
    ADJUSTED = "adjusted"


ONCE = frozenset({EntryKind.EARNED, EntryKind.REFERRAL, EntryKind.FRIEND})


NOTHING = usd(0)


@dataclass(frozen=True, slots=True)
class Redemption:
    """``points`` that take ``value`` off the goods."""

    points: int = 0
    value: Money = NOTHING


NONE = Redemption()


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody has: ``ending`` of the ``balance`` expire first, at ``ends_at``.

    ``friends`` is how many came by their invitation and had a parcel.
    """

    balance: int
    worth: Money
    ending: int
    ends_at: datetime | None
    friends: int
    referral_code: str


def worth(points: int, policy: Policy) -> Money:
    """What points take off, in whole cents, rounded down."""
    return usd(points * 100 // policy.points_for_dollar)


def redeemable(balance: int, goods: Money, policy: Policy) -> Redemption:
    """As many points as have a use: never more than the goods cost, and no point that takes off no cent."""
    value = min(worth(balance, policy), goods)
    return Redemption(-(-value.amount * policy.points_for_dollar // 100), value)


def earned(paid: Money, policy: Policy) -> int:
    """What an order earns: so many points for each whole dollar that was paid."""
    return paid.amount // 100 * policy.points_per_dollar


def expiry(now: datetime, policy: Policy) -> datetime:
    """When points that come now expire."""
    return now + timedelta(days=policy.points_days)
