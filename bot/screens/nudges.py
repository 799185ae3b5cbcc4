"""What staff are reminded of: orders that stand too long, and what is running low."""

from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Screen
from bot.screens import admin
from bot.screens.room import paired
from bot.screens.shop import cut
from core.i18n import Translator
from core.nudges.rules import Stuck
from core.nudges.shelves import STEPS, LowPage
from core.orders.rules import Status
from core.stock.rules import Low

MOST, NAME, THING = 20, 20, 40
"""As many orders stand in one message, as many characters of a worker's name and of a thing's."""


def stuck(t: Translator, found: Sequence[Stuck]) -> Screen:
    """The orders that stand too long, each with whose it is, and a button that shows it below."""
    lines = [t.html("nudge.title", count=len(found)), Markup("")]
    lines += [_line(t, one) for one in found[:MOST]]
    if len(found) > MOST:
        lines.append(t.html("more_orders", count=len(found) - MOST))
    buttons = [Button(one.order.number, taps.OrderBelow(one.order.id)) for one in found[:MOST]]
    return Screen(Markup("\n").join(lines), paired(buttons, 3))


def _line(t: Translator, one: Stuck) -> Markup:
    order = one.order
    name = order.courier_name or order.holder_name if order.status is Status.OUT else order.holder_name
    who = cut(name, NAME) if name else t("nudge.nobody")
    status = t(f"status.{order.standing}")
    return t.html("nudge.order", number=order.number, status=status, stands=_stands(t, one.stands), who=who)


def _stands(t: Translator, stands: timedelta) -> str:
    minutes = int(stands.total_seconds()) // 60
    if minutes < 60:  # noqa: PLR2004 - of an hour
        return t("nudge.minutes", minutes=minutes)
    if minutes < 48 * 60:
        return t("nudge.hours", hours=minutes // 60, minutes=minutes % 60)
    return t("nudge.days", days=minutes // 60 // 24)


def low(t: Translator, page: LowPage, *, hides: bool = True, back: bool = False) -> Screen:
    """What is running low, each with what can be done about it; the first button of the last row is this very page.

    ``hides``: who reads may take things off the shelf; in a group somebody may. ``back``: to all of running the shop.
    """
    title = t.html("low.told" if page.told else "low.title") if page.items else t.html("low.none")
    lines = [title, *([Markup("")] if page.items else [])]
    lines += [_thing(t, place, one, page.waits.get(one.variant_id, 0)) for place, one in enumerate(page.items, 1)]
    acts = [_acts(t, place, one, hides=hides) for place, one in enumerate(page.items, 1)]
    rows = [row for row in acts if row]
    last = [Button(t("button.refresh"), taps.LowStock(page.told, page.after))]
    if page.after:
        last.append(Button(t("button.from_start"), taps.LowStock(page.told, 0)))
    if page.more:
        last.append(Button(t("button.more"), taps.LowStock(page.told, page.items[-1].variant_id)))
    last += admin.back(t) * back
    return Screen(Markup("\n").join(lines), (*rows, tuple(last)))


def _thing(t: Translator, place: int, one: Low, waits: int) -> Markup:
    left = t("low.left", left=one.left) if one.left > 0 else t("low.out")
    key = "low.thing" if one.on_sale else "low.hidden"
    said = t.html(key, place=place, name=name(t, one), left=left)
    return Markup(" · ").join([said, t.html("low.waits", count=waits)]) if waits else said


def _acts(t: Translator, place: int, one: Low, *, hides: bool) -> tuple[Button, ...]:
    if not one.on_sale:
        return (Button(t("button.show_again", place=place), taps.ShowLow(one.variant_id)),) * hides
    acts = [Button(f"{place}. +{units}", taps.AddStock(one.variant_id, units, one.receipt)) for units in STEPS]
    acts += [Button(t("button.hide_low", place=place), taps.HideLow(one.variant_id))] * hides
    return tuple(acts)


def name(t: Translator, one: Low) -> str:
    """Name a variant as it is read in a line."""
    parts = (t.pick(one.name_en, one.name_km), t.pick(one.variant_en, one.variant_km))
    return " · ".join(cut(part, THING) for part in parts if part)
