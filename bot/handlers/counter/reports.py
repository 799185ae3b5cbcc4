"""A day's figures at the counter, and what the outbox brings of them at closing time."""

from dataclasses import replace

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import reports as screens
from core.cards import day_caption, day_sheet
from core.messages.rules import Owed
from core.reports import service as reports
from core.reports.rules import DayReport
from core.shop import Reader, Shop


async def day(tap: taps.OpenDay, me: Me) -> Screen:
    """Show a day, today for 0."""
    screen = _draw(me.shop, await reports.look(me.shop, me.person, tap.day), me.reader)
    return replace(screen, fresh=me.card is not None and not me.card.has_photo)


def _draw(shop: Shop, found: DayReport, who: Reader) -> Screen:
    return screens.day(who.t, found, day_sheet(shop, found, who), day_caption(shop, found, who))


async def letter(shop: Shop, owed: Owed, who: Reader) -> Screen:
    """Show the day that closed, as it stands when it is sent."""
    return _draw(shop, await reports.report(shop, owed.subject_id), who)
