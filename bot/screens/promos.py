"""Promo codes: what each says in words, what it did so far, and how a new one is put together."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, Rows, Screen, Style
from bot.screens import counter
from bot.screens.admin import back
from bot.screens.room import paired
from bot.screens.shop import cut, squeezed
from core.i18n import Translator
from core.money import usd
from core.people.rules import Question
from core.promoters.rules import Promoter
from core.promotions import drafting
from core.promotions.drafting import NONE, USUAL, PromoField, Values
from core.promotions.rules import Promo, PromoKind, PromoPage, Usage, Use
from core.sheets.rules import Format, Kind

NAME, CODE, PROMOTERS, DAY = 24, 16, 20, "d MMM yyyy"
"""As many characters of a name and of a code on a button, promoters to choose from; how a day is written."""
MUST = (PromoField.CODE, PromoField.OFF)
"""What must be said of every code; of all else something is usual."""


def in_words(t: Translator, promo: Promo, zone: ZoneInfo) -> str:
    """Say what a code takes off, for whom, until when: ``10% off, at most $5.00, from $20.00, until 31 Dec 2026``."""
    off = f"{promo.value}%" if promo.kind is PromoKind.PERCENT else str(usd(promo.value))
    last = promo.ends_at - timedelta(seconds=1) if promo.ends_at else None
    parts = [
        t("promo.off", amount=off),
        t("promo.most", amount=usd(promo.cap)) if promo.cap else "",
        t("promo.from", amount=usd(promo.minimum)) if promo.minimum else "",
        t("promo.starts", when=t.when(promo.starts_at, zone, DAY)) if promo.starts_at else "",
        t("promo.until", when=t.when(last, zone, DAY)) if last else t("promo.endless"),
        t("promo.uses", count=f"{promo.use_limit:,}") if promo.use_limit else "",
        t("promo.each", count=promo.person_limit) if promo.person_limit else "",
    ]
    return ", ".join(part for part in parts if part)


def listing(t: Translator, page: PromoPage, zone: ZoneInfo) -> Screen:
    """Codes with what they did; from each the way to its page."""
    blocks = [t.html("promo.title")]
    blocks += [Markup("\n").join(_line(t, one, zone)) for one in page.usages]
    if not page.usages:
        blocks.append(t.html("promo.none"))
    buttons = [
        Button(f"{_mark(one.promo)} {squeezed(one.promo.code, CODE)}", taps.OpenPromo(one.promo.id))
        for one in page.usages
    ]
    turning = [Button("‹", taps.OpenPromos(page.number - 1))] * (page.number > 0)
    turning += [Button("›", taps.OpenPromos(page.number + 1))] * page.more
    new = [Button(t("button.new_promo"), taps.NewPromo(), style=Style.PRIMARY),
           Button(t("button.promoters"), taps.OpenPromoters())]  # fmt: skip
    if page.usages:
        new.append(Button(t("button.export_all", format="Excel"), taps.ExportSheet(Kind.CODES, Format.XLSX)))
    return Screen(Markup("\n\n").join(blocks), (*paired(buttons), *_row(turning), *paired(new), back(t)))


def _row(buttons: list[Button]) -> Rows:
    return (tuple(buttons),) if buttons else ()


def _mark(promo: Promo) -> str:
    return "🟢" if promo.active else "⚪"


def _line(t: Translator, one: Usage, zone: ZoneInfo) -> list[Markup]:
    words = t.html("promo.line", mark=_mark(one.promo), code=one.promo.code, words=in_words(t, one.promo, zone))
    return [words, _did(t, one, zone)]


def _did(t: Translator, one: Usage, zone: ZoneInfo) -> Markup:
    """How often it was used, of how many, what it gave, and when the last time was."""
    used = f"{one.promo.used:,}" + (f" / {one.promo.use_limit:,}" if one.promo.use_limit else "")
    if one.last is None:
        return t.html("promo.unused", used=used)
    return t.html("promo.did", used=used, amount=usd(one.given), when=t.when(one.last, zone))


def page(t: Translator, found: Usage, zone: ZoneInfo) -> Screen:
    """One code: what it says, what it did, each field to be changed."""
    promo = found.promo
    lines = [t.html("promo.line", mark=_mark(promo), code=promo.code, words=in_words(t, promo, zone)),
             _did(t, found, zone)]  # fmt: skip
    lines += [t.html("promo.by", name=cut(found.promoter, NAME))] if found.promoter else []
    lines += [t.html("promo.about", text=text) for text in (promo.description_en, promo.description_km) if text]
    lines += [] if promo.active else [t.html("promo.is_off")]
    fixed = promo.kind is PromoKind.FIXED
    edits = [Button(t(f"promo_field.{field}"), taps.EditPromo(promo.id, field, promo.stamp))
             for field in PromoField if not (field is PromoField.CAP and fixed)]  # fmt: skip
    turn = Button(t("button.promo_off" if promo.active else "button.promo_on"),
                  taps.TurnPromo(promo.id, int(not promo.active), promo.stamp))  # fmt: skip
    looks = [turn, Button(t("button.promo_uses"), taps.PromoUses(promo.id)),
             Button(t("button.refresh"), taps.OpenPromo(promo.id))]  # fmt: skip
    last = (Button(t("button.back"), taps.OpenPromos(0)),)
    return Screen(Markup("\n").join(lines), (*paired(edits), *paired(looks), last))


def uses(t: Translator, found: Usage, some: Sequence[Use], zone: ZoneInfo) -> Screen:
    """The newest orders that used it; from each the way to its card."""
    lines = [t.html("promo.used_by", code=found.promo.code), _did(t, found, zone), *([Markup()] if some else [])]
    for one in some:
        key = "promo.use_back" if one.returned else "promo.use"
        lines.append(t.html(key, number=one.number, amount=usd(one.discount), when=t.when(one.at, zone)))
    buttons = [Button(one.number, taps.OpenOrder(one.order_id)) for one in some]
    last = (Button(t("button.back"), taps.OpenPromo(found.promo.id)),)
    return Screen(Markup("\n").join(lines), (*paired(buttons), last))


# ── a new one, and a field anew ──────────────────────────────────────────────────────────────────────────────────────
def ask(t: Translator, me: Me, asked: Question, field: PromoField, promoters: Sequence[Promoter]) -> Screen:
    """Ask about a field of a new code, below what was said so far; the usual answers are buttons."""
    values = drafting.read(asked.data["draft"])
    known = all(key in values for one in MUST for key in drafting.KEYS[one])
    said = in_words(t, drafting.made(values), me.shop.config.zone) if known else ""
    blocks = [t.html("promo.new", code=values.get("code", "…"), words=said).rstrip(), t.html(f"promo_ask.{field}")]
    skip = [(Button(t("button.promo_skip"), taps.FinishDraft(asked.stamp)),)] if known else []
    return _asking(t, me, asked, blocks, (*_usual(t, asked, field, promoters), *skip), taps.OpenPromos(0))


def ask_anew(
    t: Translator, me: Me, asked: Question, found: Usage, field: PromoField, promoters: Sequence[Promoter]
) -> Screen:
    """Ask for a field of a code that stands."""
    words = in_words(t, found.promo, me.shop.config.zone)
    title = t.html("promo.line", mark=_mark(found.promo), code=found.promo.code, words=words)
    blocks = [title, t.html(f"promo_ask.{field}")]
    return _asking(t, me, asked, blocks, _usual(t, asked, field, promoters), taps.OpenPromo(found.promo.id))


def _asking(t: Translator, me: Me, asked: Question, blocks: list[Markup], rows: Rows, to: taps.Tap) -> Screen:
    """A question with its buttons: in a group a reply to this very message answers it too."""
    screen = counter.ask_either(t, Markup("\n\n").join(blocks), me, asked, to)
    reply_to = me.wrote.message_id if me.wrote and not me.private else None
    return Screen(screen.text, (*rows, *screen.rows), reply_to=reply_to)


def _usual(t: Translator, asked: Question, field: PromoField, promoters: Sequence[Promoter]) -> Rows:
    words = [(_label(t, field, word), word) for word in USUAL[field]]
    if field is PromoField.PROMOTER:
        words += [(cut(one.name, NAME), str(one.id)) for one in promoters[:PROMOTERS]]
    buttons = [Button(label, taps.AnswerPromo(asked.stamp, field, word)) for label, word in words]
    if field is PromoField.PROMOTER:
        buttons.append(Button(t("button.add_promoter"), taps.AddPromoter(asked.stamp)))
    return paired(buttons, 4)


def _label(t: Translator, field: PromoField, word: str) -> str:
    """What a usual answer is called."""
    if word == NONE:
        return t(f"promo_none.{field}")
    if field is PromoField.OFF:
        return f"{word[1:]}%" if word[0] == "p" else str(usd(int(word[1:])))
    if field in {PromoField.CAP, PromoField.MINIMUM}:
        return str(usd(int(word)))
    if word[0] == "d":
        return t("promo.tomorrow") if field is PromoField.START else t("promo.days", count=word[1:])
    return word if word.isdecimal() else t(f"promo_word.{word}")


def preview(t: Translator, me: Me, asked: Question, values: Values, promoters: Sequence[Promoter]) -> Screen:
    """The new code in words, before there is one; each field can be said anew."""
    promo = drafting.made(values)
    lines = [t.html("promo.new", code=promo.code, words=in_words(t, promo, me.shop.config.zone))]
    name = next((one.name for one in promoters if one.id == promo.promoter_id), "")
    lines += [t.html("promo.by", name=cut(name, NAME))] if name else []
    lines += [t.html("promo.about", text=text) for text in (promo.description_en, promo.description_km) if text]
    create = (Button(t("button.promo_create"), taps.CreatePromo(asked.stamp), style=Style.SUCCESS),)
    skipped = {PromoField.CAP: promo.kind is PromoKind.FIXED}
    edits = [Button(t(f"promo_field.{field}"), taps.AskDraft(asked.stamp, field))
             for field in PromoField if not skipped.get(field)]  # fmt: skip
    return _asking(t, me, asked, [Markup("\n").join(lines)], (create, *paired(edits)), taps.OpenPromos(0))
