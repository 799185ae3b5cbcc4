"""The gallery's screens of the storage report: of a young shop, and of one that is nearly full."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.screen import Screen
from bot.screens import figures as figuring
from core.cards import storage_caption, storage_sheet
from core.i18n import Translator
from core.settings.rules import Policy
from core.storage import figures
from core.storage.figures import Report, Sample
from core.storage.rules import MB, MEDIA, Disk, Kind, Usage
from tests.support.furnished import House


def of(now: datetime, policy: Policy, *, busy: bool) -> Report:
    """A report of a shop without a past, or of one whose every limit is near and whose media grow."""
    names = (*MEDIA, "static", "logs", "backups", "quarantine")
    kinds = tuple(Kind(name, 98 * MB if busy else 0, 1234) for name in names)
    usage = Usage(now, kinds, 97 * MB if busy else MB, (("orders", 12_345),), Disk(1000 * MB, 80 * MB))
    back = timedelta(hours=6)
    lately = [Sample(now - i * back, "media", (490 - i) * MB) for i in range(40)] if busy else []
    before = {one: Sample(now - 30 * 4 * back, one, 90 * MB) for one in (*names, "total")} if busy else {}
    return figures.report(usage, policy, lately, before, now)


async def screens(house: House, t: Translator) -> list[Screen]:
    """Never backed up, backed up an hour ago, and weeks ago."""
    shop, now = house.shop, house.shop.clock.now()
    young, busy = (of(now, shop.policy, busy=busy) for busy in (False, True))
    ages = [(young, None), (busy, now - timedelta(hours=1)), (replace(busy, counted=now), now - timedelta(days=20))]
    write = (storage_sheet, storage_caption)
    return [figuring.storage_report(t, *(say(shop, found, t, age) for say in write)) for found, age in ages]
