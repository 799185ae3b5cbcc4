"""Who brings customers: their rate, their codes, what those did."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, Rows, Screen, Style
from bot.screens import counter
from bot.screens.promos import CODE, in_words
from bot.screens.room import paired
from bot.screens.shop import cut, squeezed
from core.i18n import Translator
from core.people.rules import Question, shown_phone
from core.promoters.rules import Promoter, PromoterField, percent
from core.promotions.rules import PromoPage

NAME, RATES = 24, (5, 10, 15)
"""As many characters of a name; the usual commissions in percent."""


def listing(t: Translator, found: Sequence[Promoter]) -> Screen:
    """All of them, with what they bring."""
    lines = [t.html("promoter.title"), *(_line(t, one) for one in found)]
    lines += [] if found else [t.html("promoter.none")]
    buttons = [Button(f"{_mark(one)} {cut(one.name, 16)}", taps.OpenPromoter(one.id)) for one in found]
    new = (Button(t("button.new_promoter"), taps.NewPromoter(), style=Style.PRIMARY),)
    last = (Button(t("button.back"), taps.OpenPromos(0)),)
    return Screen(Markup("\n").join(lines), (*paired(buttons), new, last))


def _mark(one: Promoter) -> str:
    return "🟢" if one.active else "⚪"


def _line(t: Translator, one: Promoter) -> Markup:
    return t.html(
        "promoter.line", mark=_mark(one), name=cut(one.name, NAME), rate=percent(one.rate), codes=one.codes,
        orders=f"{one.orders:,}",
    )  # fmt: skip


def page(t: Translator, one: Promoter, codes: PromoPage, zone: ZoneInfo) -> Screen:
    """One of them: each field to be written anew, and their codes."""
    lines = [_line(t, one)]
    lines += [t.html("promoter.phone", phone=shown_phone(one.phone))] if one.phone else []
    lines += [t.html("promo.about", text=one.note)] if one.note else []
    lines += [] if one.active else [t.html("promoter.is_off")]
    lines += [t.html("promoter.code", code=code.promo.code, words=in_words(t, code.promo, zone),
                     used=f"{code.promo.used:,}")
              for code in codes.usages]  # fmt: skip
    edits = [Button(t(f"promoter_field.{field}"), taps.EditPromoter(one.id, field, one.stamp))
             for field in PromoterField]  # fmt: skip
    turn = Button(t("button.promo_off" if one.active else "button.promo_on"),
                  taps.TurnPromoter(one.id, int(not one.active), one.stamp))  # fmt: skip
    mine = [Button(squeezed(code.promo.code, CODE), taps.OpenPromo(code.promo.id)) for code in codes.usages]
    last = (Button(t("button.back"), taps.OpenPromoters()),)
    return Screen(Markup("\n").join(lines), (*paired(edits), (turn,), *paired(mine), last))


def ask(t: Translator, me: Me, asked: Question, field: PromoterField, name: str, to: taps.Tap) -> Screen:
    """Ask for a field: of somebody new, or of ``name`` anew; the usual rates are buttons."""
    what = t.html(f"promoter_ask.{field}")
    title = [t.html("promoter.called", name=cut(name, NAME))] if name else []
    screen = counter.ask_either(t, Markup("\n\n").join([*title, what]), me, asked, to)
    reply_to = me.wrote.message_id if me.wrote and not me.private else None
    return Screen(screen.text, (*_rates(asked, field), *screen.rows), reply_to=reply_to)


def _rates(asked: Question, field: PromoterField) -> Rows:
    if field is not PromoterField.RATE:
        return ()
    return (tuple(Button(f"{rate}%", taps.AnswerRate(asked.stamp, rate)) for rate in RATES),)
