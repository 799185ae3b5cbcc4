"""Holidays in chat: what is to come, a day or a range more, open again."""

from datetime import date

from bot import taps
from bot.handlers.admin.home import must_run
from bot.me import Me
from bot.screen import Screen
from bot.screens import policy as screens
from core.errors import OutOfDate
from core.people import service as people
from core.people.rules import Question
from core.policy import service
from core.settings import holidays, words


async def open_holidays(tap: taps.OpenHolidays | taps.AskHoliday | taps.RemoveHoliday, me: Me) -> Screen:
    """Show the days to come."""
    _ = tap
    must_run(me)
    await me.shop.refresh()
    found = holidays.spans(me.shop.policy.holidays, service.today(me.shop).isoformat())
    return screens.days_off(me.reader.t, found)


async def ask_holiday(tap: taps.AskHoliday, me: Me) -> Screen:
    """Ask for a day or a range."""
    _ = tap
    must_run(me)
    asked = await people.ask(me.shop, me.person, "holiday", chat_id=me.chat_id)
    return screens.ask_holiday(me.reader.t, me, asked)


async def holiday_answered(text: str, me: Me, question: Question) -> Screen:
    """Close the shop on these days; a line that cannot be read leaves the question standing."""
    span = await service.add_holidays(me.shop, me.person, text, question)
    screen = await open_holidays(taps.OpenHolidays(), me)
    return screen.telling(me.reader.t("policy.added", days=words.span(span, me.reader.t)))


async def remove_holiday(tap: taps.RemoveHoliday, me: Me) -> Screen:
    """Open on these days."""
    must_run(me)
    span = _day(tap.first), _day(tap.last)
    await service.remove_holidays(me.shop, me.person, *span)
    return (await open_holidays(tap, me)).saying(me.say("policy.removed", days=words.span(span, me.t)))


def _day(figures: int) -> date:
    try:
        return date.fromisoformat(str(figures))
    except ValueError:
        raise OutOfDate("old_button") from None
