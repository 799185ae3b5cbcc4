"""A day's figures: the picture, a few lines below it, and the way to the days beside it."""

from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

from bot import taps
from bot.screen import Button, DayPicture, Screen
from core.i18n import Translator
from core.pictures.day import DaySheet
from core.reports.rules import DayReport


def day(t: Translator, found: DayReport, sheet: DaySheet, lines: Sequence[str]) -> Screen:
    """One day; the day before, and the day after where there is one."""
    heading, *rest = lines
    text = [t.html("day.heading", date=heading), *(t.html("day.line", text=line) for line in rest)]
    day_, number = timedelta(days=1), found.day.toordinal()
    row = [Button(f"‹ {found.day - day_:%d.%m}", taps.OpenDay(number - 1)),
           Button(t("button.refresh"), taps.OpenDay(number))]  # fmt: skip
    if found.until is None:
        row.append(Button(f"{found.day + day_:%d.%m} ›", taps.OpenDay(number + 1)))
    return Screen(Markup("\n").join(text), (tuple(row),), DayPicture(sheet))
