"""What the shop keeps about somebody: said in plain words, given as a file, deleted after asking twice."""

from datetime import datetime

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Document, Rows, Screen, Style
from bot.screens.shop import banner
from core.i18n import Translator
from core.privacy.rules import Unfinished

SHOWN = 5
"""As many unfinished orders are named, the newest; the rest are counted."""


def my_data(t: Translator, shop_name: str) -> Screen:
    """What is kept and why, and what can be done with it."""
    rows = ((Button(t("button.export_data"), taps.ExportData()),),
            (Button(t("button.delete_data"), taps.AskDelete(1)),), _home(t))  # fmt: skip
    return Screen(t.html("privacy.text"), rows, banner(t, shop_name))


def ask_delete(t: Translator, shop_name: str) -> Screen:
    """Ask once: what goes and what stays."""
    rows = ((Button(t("button.go_on"), taps.AskDelete(2)),), *_keep(t))
    return Screen(t.html("privacy.ask"), rows, banner(t, shop_name))


def ask_again(t: Translator, shop_name: str, now: datetime) -> Screen:
    """Ask twice: there is no way back."""
    yes = taps.DeleteMe(int(now.timestamp()))
    rows = ((Button(t("button.delete_all"), yes, style=Style.DANGER),), *_keep(t))
    return Screen(t.html("privacy.ask_again"), rows, banner(t, shop_name))


def not_yet(t: Translator, shop_name: str, waiting: list[Unfinished]) -> Screen:
    """Which orders are not done with, each a button."""
    shown = waiting[:SHOWN]
    lines = [t.html("privacy.unfinished", number=one.number, why=t(f"privacy.why.{one.why}")) for one in shown]
    if len(waiting) > SHOWN:
        lines.append(t.html("more_orders", count=len(waiting) - SHOWN))
    rows = [(Button(one.number, taps.OpenOrder(one.order_id)),) for one in shown]
    text = Markup("\n\n").join([t.html("privacy.not_yet"), Markup("\n").join(lines)])
    return Screen(text, (*rows, *_back(t)), banner(t, shop_name))


def deleted(t: Translator, shop_name: str) -> Screen:
    """It is done; nothing to tap stands below, for whoever taps is known again."""
    return Screen(t.html("privacy.deleted"), (), banner(t, shop_name))


def file(t: Translator, name: str, content: bytes) -> Screen:
    """The file with everything that is kept."""
    return Screen(t.html("privacy.file"), document=Document(name, content))


def _keep(t: Translator) -> Rows:
    return ((Button(t("button.keep_data"), taps.MyData()),),)


def _back(t: Translator) -> Rows:
    return ((Button(t("button.back"), taps.MyData()),),)


def _home(t: Translator) -> tuple[Button, ...]:
    return (Button(t("button.back"), taps.Settings()), Button(t("button.home"), taps.Home()))
