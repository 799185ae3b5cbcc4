"""Goods that come in, as a table of what would be; and the shelves that goods stand on."""

from collections.abc import Sequence

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, Screen, Style
from bot.screens import counter
from bot.screens.room import paired
from bot.screens.shop import cut
from core.catalog.rules import Category
from core.i18n import Translator
from core.money import usd
from core.people.rules import Question
from core.receiving.rules import Delivery, Line

SHOWN, TROUBLES, NAME, SHELVES = 40, 10, 24, 40
"""As many lines and troubles, characters of a name, and shelves stand on one screen."""
Shelves = Sequence[tuple[Category, bool]]


def ask(t: Translator, me: Me, asked: Question) -> Screen:
    """Ask for the list."""
    return counter.ask_either(t, t.html("delivery.ask"), me, asked, taps.ListGoods(0, 0))


def delivery(t: Translator, found: Delivery, asked: Question) -> Screen:
    """What would come in, line by line; while one cannot be read, nothing can be taken in."""
    wrong = [t.html(f"delivery.trouble.{one.why}", number=one.number, line=cut(one.line, NAME))
             for one in found.troubles[:TROUBLES]]  # fmt: skip
    hint = [t.html("delivery.again")] if found.troubles or not found.lines else []
    blocks = [_table(t, found, t.html("delivery.title")), wrong, hint]
    text = Markup("\n\n").join(Markup("\n").join(block) for block in blocks if block)
    units = sum(line.units for line in found.lines)
    take = Button(t("button.take_delivery", count=units), taps.TakeDelivery(asked.stamp, found.digest),
                  style=Style.SUCCESS)  # fmt: skip
    leave = (Button(t("button.not_now"), taps.NotNow(asked.stamp)),)
    return Screen(text, (*([] if hint else [(take,)]), leave))


def _table(t: Translator, found: Delivery, title: Markup) -> list[Markup]:
    lines = [title] + ([t.html("delivery.note", note=found.note)] if found.note else [])
    lines += [_line(t, one) for one in found.lines[:SHOWN]]
    rest = len(found.lines) - SHOWN
    return [*lines, *([t.html("delivery.more", count=rest)] if rest > 0 else [])]


def _line(t: Translator, one: Line) -> Markup:
    there = one.variant.on_hand
    said = t.html("delivery.line", sku=one.variant.sku, units=one.units, before=there, after=there + one.units)
    if one.cost is None or one.margin is None:
        return said
    before = "—" if one.variant.cost is None else str(usd(one.variant.cost))
    return said + t.html("delivery.cost", before=before, after=usd(one.cost), percent=one.margin.percent)


def taken(t: Translator, found: Delivery) -> Screen:
    """It is in."""
    text = Markup("\n").join(_table(t, found, t.html("delivery.taken")))
    return Screen(text, ((Button(t("button.back"), taps.ListGoods(0, 0)),),))


# ── shelves ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def shelves(t: Translator, found: Shelves) -> Screen:
    """All shelves in their order."""
    buttons = [Button(_name(t, one, shown=shown), taps.OpenShelf(one.id)) for one, shown in found[:SHELVES]]
    add = (Button(t("button.add_shelf"), taps.AskShelf(0), style=Style.PRIMARY),)
    rows = (*paired(buttons), add, (Button(t("button.back"), taps.ListGoods(0, 0)),))
    return Screen(t.html("shelf.all") if found else t.html("shelf.none"), rows)


def _name(t: Translator, one: Category, *, shown: bool) -> str:
    return ("" if shown else "🙈 ") + cut(f"{one.emoji} {t.pick(one.name_en, one.name_km)}".strip(), NAME)


def shelf(t: Translator, found: Shelves, category_id: int) -> Screen:
    """One shelf: renamed, moved, hidden."""
    place = next(place for place, (one, _) in enumerate(found) if one.id == category_id)
    one, active = found[place]
    buttons = [Button(t("button.rename_shelf"), taps.AskShelf(one.id))]
    buttons += [Button(t("button.shelf_up"), taps.MoveShelf(one.id, place))] if place else []
    buttons.append(
        Button(t("button.goods_hide" if active else "button.goods_show"), taps.PutShelf(one.id, int(not active)))
    )
    lines = [
        t.html("shelf.one", english=one.name_en or "—", khmer=one.name_km or "—", place=place + 1, count=len(found))
    ]
    lines += [t.html(f"goods.missing.no_{name}") for name in ("name_en", "name_km") if not getattr(one, name)]
    return Screen(Markup("\n").join(lines), (*paired(buttons), (Button(t("button.back"), taps.ListShelves()),)))


def ask_shelf(t: Translator, one: Category | None, me: Me, asked: Question) -> Screen:
    """Ask what it is called."""
    what = t.html("shelf.ask", was=f"{one.name_en} / {one.name_km}" if one else "—")
    back = taps.OpenShelf(one.id) if one else taps.ListShelves()
    return counter.ask_either(t, what, me, asked, back)
