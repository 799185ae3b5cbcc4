"""When an order stands too long, and when staff are reminded of it: pure. Moments are in the shop's own zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from core.orders.rules import Order, Status
from core.settings.hours import holiday, quiet_until
from core.settings.rules import Policy

SETTING: Mapping[Status, str] = MappingProxyType(
    {
        Status.PENDING: "nudge_unclaimed_minutes",
        Status.CONFIRMED: "nudge_unclaimed_minutes",
        Status.PREPARING: "nudge_preparing_minutes",
        Status.READY: "nudge_ready_minutes",
        Status.OUT: "nudge_out_minutes",
    }
)
"""Where an order can stand too long, and the rule that says how long. A new one waits for somebody to claim it."""


@dataclass(frozen=True, slots=True)
class Late:
    """An order that stands at ``status`` since ``since``, too long."""

    order_id: int
    status: Status
    since: datetime


@dataclass(frozen=True, slots=True)
class Stuck:
    """An order that is named to staff, and how long it stands where it does."""

    order: Order
    stands: timedelta


def limits(policy: Policy) -> dict[Status, timedelta]:
    """How long an order may stand at each status; those of which nobody is to be reminded are left out."""
    minutes = {status: int(getattr(policy, name)) for status, name in SETTING.items()}
    return {status: timedelta(minutes=most) for status, most in minutes.items() if most}


def silent(policy: Policy, now: datetime) -> bool:
    """Tell whether nobody is reminded now: at night and on holidays. What is late then is named the next morning."""
    return holiday(policy, now) or quiet_until(policy, now) is not None
