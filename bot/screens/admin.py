"""The admins' home: one button for each part of running the shop."""

from bot import taps
from bot.screen import Button, Screen
from bot.screens.room import paired
from core.i18n import Translator


def home(t: Translator, shop_name: str) -> Screen:
    """Name the shop and every way on."""
    ways = [
        Button(t("button.today"), taps.OpenDay(0)),
        Button(t("button.low"), taps.LowStock(0, 0)),
        Button(t("button.goods"), taps.ListGoods(0, 0)),
        Button(t("button.policy"), taps.OpenPolicy()),
        Button(t("button.promos"), taps.OpenPromos(0)),
        Button(t("button.sheets"), taps.OpenSheets()),
        Button(t("button.news"), taps.OpenNews()),
        Button(t("button.team"), taps.OpenTeam()),
        Button(t("button.storage"), taps.OpenStorage()),
        Button(t("button.setup"), taps.OpenSetup()),
    ]
    return Screen(t.html("admin.home", shop=shop_name), paired(ways))


def back(t: Translator) -> tuple[Button, ...]:
    """Lay out the row that leads home from a page of the admins'."""
    return (Button(t("button.back"), taps.OpenAdmin()),)
