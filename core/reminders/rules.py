"""When a basket that was left is worth a word: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.settings.rules import Policy

OLDEST = timedelta(days=7)
"""A basket left longer ago is not spoken of, however long the shop itself was away."""
APART = timedelta(seconds=0.1)
"""Reminders are due one after the other, so that an order's message never waits behind a morning full of them."""


@dataclass(frozen=True, slots=True)
class Window:
    """Baskets last touched ``since`` or later and ``until`` at the latest."""

    since: datetime
    until: datetime


def window(policy: Policy, now: datetime) -> Window | None:
    """Which baskets are worth a word now; None where the shop sends no reminders (0 hours)."""
    after = timedelta(hours=policy.reminder_hours)
    return Window(now - OLDEST, now - after) if after else None
