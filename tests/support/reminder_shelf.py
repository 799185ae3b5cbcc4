"""The gallery's screens of what staff are told: what stands too long, what is running low, the day's figures."""

from dataclasses import replace
from datetime import timedelta

from bot.screen import Screen
from bot.screens import nudges as nudging
from bot.screens import reports as reporting
from core import cards
from core.cash.rules import Cash
from core.i18n import Translator
from core.nudges.rules import Stuck
from core.nudges.shelves import LowPage
from core.orders.rules import PaymentMethod, Status
from core.reports.rules import DayReport, Sold, Taken
from core.stock.rules import Low
from tests.support.furnished import EN, KM, House


async def screens(house: House, t: Translator) -> list[Screen]:
    """One late order and very many; one thing, a page of them, none; a full day and an empty one."""
    waits = [timedelta(minutes=11), timedelta(hours=5), timedelta(days=9)]
    late = [Stuck(replace(house.order, id=i, status=Status.OUT), waits[i % 3]) for i in range(40)]
    nobody = Stuck(replace(house.order, holder_name=""), waits[0])
    thing = Low(1, 1, "ROSE", EN, KM, "30 ml", "៣០ មល", 2, 9, on_sale=True)
    things = (thing, replace(thing, left=0), replace(thing, on_sale=False)) * 2
    empty, who = DayReport(house.order.placed_at.date(), until=house.order.placed_at), house.reader(t.language)
    full = replace(
        empty, placed=dict.fromkeys(Status, 3), ordered=9, lost=9, held=Cash(10, 400), couriers=1, cases=2, low=3,
        taken=(Taken(PaymentMethod.KHQR, 2, Cash(5, 400), 15),), top=(Sold("Rose", "កុលាប", 2, 9),), until=None,
    )  # fmt: skip
    write = (cards.day_sheet, cards.day_caption)
    days = [(one, *(say(house.shop, one, who) for say in write)) for one in (empty, full)]
    return [
        nudging.stuck(t, [nobody]), nudging.stuck(t, late), nudging.low(t, LowPage(())),
        nudging.low(t, LowPage((thing,), 5)), nudging.low(t, LowPage(things, 0, 3, more=True, waits={1: 4})),
        *(reporting.day(t, *one) for one in days),
    ]  # fmt: skip
