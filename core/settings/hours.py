"""When the shop answers, and when it lets people sleep. Pure; moments are in the shop's own zone."""

from datetime import datetime, time, timedelta

from core.settings.rules import Policy

FAR = 60
"""As many days ahead an open one is looked for."""


def answers_from(policy: Policy, now: datetime) -> datetime | None:
    """Tell when somebody answers next; None while somebody does, and where no day is open for two months.

    A shop that closes before it opens works through the night; one that does both at once never closes.
    """
    if _open(policy, now):
        return None
    days = (now.date() + timedelta(days=ahead) for ahead in range(FAR))
    starts = (datetime.combine(day, time.fromisoformat(policy.opens), now.tzinfo) for day in days)
    return next((start for start in starts if start > now and not holiday(policy, start)), None)


def quiet_until(policy: Policy, now: datetime) -> datetime | None:
    """Tell until when nobody is to be woken by what can wait; None by day. Hours that end as they begin are none."""
    clock, begins, ends = f"{now:%H:%M}", policy.quiet_from, policy.quiet_until
    late, early = clock >= begins, clock < ends
    if begins == ends or not ((late and early) if begins < ends else (late or early)):
        return None
    end = datetime.combine(now.date(), time.fromisoformat(ends), now.tzinfo)
    return end if end > now else end + timedelta(days=1)


def holiday(policy: Policy, moment: datetime) -> bool:
    """Tell whether the shop is closed all day."""
    return moment.date().isoformat() in policy.holidays.split()


def _open(policy: Policy, now: datetime) -> bool:
    clock = f"{now:%H:%M}"
    after, before = clock >= policy.opens, clock < policy.closes
    if policy.opens < policy.closes:
        return after and before and not holiday(policy, now)
    evening, morning = now, now - timedelta(days=1)  # before it closes it still is the day on which it opened
    return (after and not holiday(policy, evening)) or (before and not holiday(policy, morning))
