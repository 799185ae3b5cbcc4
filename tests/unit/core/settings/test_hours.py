"""When the shop answers: hours, nights, holidays, in the shop's own time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.settings.hours import answers_from, quiet_until
from core.settings.rules import Policy

ZONE = ZoneInfo("Asia/Phnom_Penh")
NIGHT, ALWAYS = {"opens": "18:00", "closes": "02:00"}, {"opens": "00:00", "closes": "00:00"}
NEW_YEAR = {"holidays": "2027-04-14 2027-04-15"}


@pytest.mark.parametrize(
    ("now", "settings", "answers"),
    [("2027-04-12 08:00", {}, None), ("2027-04-12 19:59", {}, None), ("2027-04-12 20:00", {}, "2027-04-13 08:00"),
     ("2027-04-12 07:59", {}, "2027-04-12 08:00"), ("2027-04-12 23:59", ALWAYS, None),
     ("2027-04-12 00:00", ALWAYS, None),
     ("2027-04-12 01:59", NIGHT, None), ("2027-04-12 02:00", NIGHT, "2027-04-12 18:00"),
     ("2027-04-12 23:00", NIGHT, None),
     ("2027-04-13 20:00", NEW_YEAR, "2027-04-16 08:00"), ("2027-04-14 12:00", NEW_YEAR, "2027-04-16 08:00"),
     ("2027-04-14 01:00", NEW_YEAR | NIGHT, None), ("2027-04-14 19:00", NEW_YEAR | NIGHT, "2027-04-16 18:00"),
     ("2027-04-16 01:00", NEW_YEAR | NIGHT, "2027-04-16 18:00"), ("2027-04-16 23:00", NEW_YEAR | NIGHT, None),
     ("2027-04-14 12:00", NEW_YEAR | ALWAYS, "2027-04-16 00:00"), ("2027-04-16 12:00", NEW_YEAR, None)],
)  # fmt: skip
def test_who_is_there(now: str, settings: dict[str, str], answers: str | None) -> None:
    """Open to the minute; closed, the next opening that is no holiday; a night belongs to the day it began on."""
    moment = datetime.fromisoformat(now).replace(tzinfo=ZONE)
    expected = datetime.fromisoformat(answers).replace(tzinfo=ZONE) if answers else None
    assert answers_from(Policy(**settings), moment) == expected


def test_never_open_again() -> None:
    """A list of holidays that covers two months promises nothing."""
    days = " ".join(f"2027-{month:02}-{day:02}" for month in (4, 5, 6) for day in range(1, 32))
    assert answers_from(Policy(holidays=days), datetime(2027, 4, 1, 12, tzinfo=ZONE)) is None


NOON, NONE = {"quiet_from": "12:30", "quiet_until": "14:00"}, {"quiet_from": "08:00", "quiet_until": "08:00"}


@pytest.mark.parametrize(
    ("now", "settings", "ends"),
    [("2027-04-12 20:59", {}, None), ("2027-04-12 21:00", {}, "2027-04-13 08:00"),
     ("2027-04-13 00:00", {}, "2027-04-13 08:00"), ("2027-04-13 07:59", {}, "2027-04-13 08:00"),
     ("2027-04-13 08:00", {}, None), ("2027-12-31 23:00", {}, "2028-01-01 08:00"),
     ("2027-04-12 12:29", NOON, None), ("2027-04-12 12:30", NOON, "2027-04-12 14:00"),
     ("2027-04-12 14:00", NOON, None), ("2027-04-12 23:00", NOON, None), ("2027-04-12 08:00", NONE, None)],
)  # fmt: skip
def test_who_is_let_sleep(now: str, settings: dict[str, str], ends: str | None) -> None:
    """From nine to eight by default, to the minute, over midnight or not; hours that end as they begin are none."""
    moment = datetime.fromisoformat(now).replace(tzinfo=ZONE)
    expected = datetime.fromisoformat(ends).replace(tzinfo=ZONE) if ends else None
    assert quiet_until(Policy(**settings), moment) == expected
