"""The rules of the shop for its admins: by groups, one by one, holidays, single provinces."""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, Rows, Screen, Style
from bot.screens import admin, counter
from bot.screens.room import begun, paired
from bot.screens.shop import cut
from core.i18n import Translator
from core.money import usd
from core.people.rules import Question
from core.policy.rules import Fee, stamp
from core.settings import holidays, known, words
from core.settings.known import Group, Kind, Rule
from core.settings.reading import EXAMPLES, example
from core.settings.rules import Policy
from core.shipping.rules import CAPITAL, Place

VALUE = 40
"""As many characters of a value stand in a line of a page."""
TEN = usd(1000)
Value = str | int


def groups(t: Translator) -> Screen:
    """Every group of rules."""
    ways = [Button(t(f"policy.group.{group}"), taps.OpenGroup(group)) for group in Group]
    return Screen(t.html("policy.title"), (*paired(ways), admin.back(t)))


def group(t: Translator, which: Group, policy: Policy, today: date) -> Screen:
    """The rules of a group with what they are, each a button."""
    rules = known.of(which)
    told = [(words.name(rule, t), words.said(rule, getattr(policy, rule), t, today.isoformat())) for rule in rules]
    lines = [t.html("policy.line", name=name, value=cut(value, VALUE)) for name, value in told]
    text = Markup("\n").join([t.html("policy.page", group=t(f"policy.group.{which}")), Markup(), *lines])
    plain = [Button(words.name(rule, t), taps.OpenRule(rule)) for rule in rules
             if rule.kind not in {Kind.DAYS_OFF, Kind.PROVINCES}]  # fmt: skip
    own = {Group.HOURS: Button(t("button.holidays"), taps.OpenHolidays()),
           Group.DELIVERY: Button(t("button.provinces"), taps.OpenProvinces())}  # fmt: skip
    ways = [*plain, *([own[which]] if which in own else [])]
    return Screen(text, (*paired(ways), _back(t, taps.OpenPolicy())))


def _back(t: Translator, to: taps.Tap) -> tuple[Button, ...]:
    return (Button(t("button.back"), to),)


# ── one rule ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def rule(
    t: Translator, which: Rule, value: Value, *, may: bool, private: bool, standard: Value | None = None
) -> Screen:
    """What a rule does and is; ``may`` change it: with the values often chosen, in ``private`` the next line is one.

    ``standard`` is what it is by default in this shop, None: as in every shop.
    """
    said = cut(words.said(which, value, t), VALUE)
    text = t.html("policy.rule", name=words.name(which, t), about=words.about(which, t), value=said)
    back = _back(t, taps.OpenGroup(which.group))
    if which.kind is Kind.CHAT or not may:
        why = t.html("policy.linked" if which.kind is Kind.CHAT else "policy.owners")
        return Screen(Markup("\n\n").join([text, why]), (back,))
    if which.kind.typed and private:
        text = Markup("\n\n").join([text, t.html("policy.ask", example=example(which))])
    usual = which.standard if standard is None else standard
    return Screen(text, (*paired(_choices(t, which, value, usual, private=private), 3), back))


def _choices(t: Translator, which: Rule, value: Value, usual: Value, *, private: bool) -> list[Button]:
    """Lay out what it could be instead, and "as it was made" where that is none of those."""
    seen = stamp(value)
    found = [Button(begun(words.said(which, one, t)), taps.PutRule(which, choice(one), seen)) for one in which.common
             if one != value]  # fmt: skip
    if usual not in {value, *which.common}:
        key = "button.by_shop" if which is Rule.KHQR_NAME else "button.by_default"
        said = words.said(which, usual, t)
        found.append(Button(t(key, value=said), taps.PutRule(which, "default", seen)))
    if which.kind.typed and not private:
        found.append(Button(t("button.other_value"), taps.AskRule(which)))
    return found


def choice(value: Value) -> str:
    """Write a value as a button carries it: letters and figures only."""
    return str(value).replace(":", "")


def ask(t: Translator, which: Rule, value: Value, me: Me, question: Question) -> Screen:
    """Ask for a value in a group: a reply answers."""
    head = t.html(
        "policy.rule", name=words.name(which, t), about=words.about(which, t), value=words.said(which, value, t)
    )
    what = Markup("\n\n").join([head, t.html("policy.ask", example=example(which))])
    return counter.ask(t, what, me.person, question)


def sure(t: Translator, which: Rule, before: Value, after: Value, yes: taps.Tap, on_khqr: str = "") -> Screen:
    """Before and after of what touches money, to be confirmed; of the rate what ten dollars become, and who is paid."""
    names = {"before": words.said(which, before, t), "after": words.said(which, after, t)}
    lines = [t.html("policy.sure", name=words.name(which, t), **names)]
    if which is Rule.RIEL_RATE:
        riel = {"before": TEN.in_riel(int(before)), "after": TEN.in_riel(int(after))}
        lines.append(t.html("policy.ten", **riel))
    if on_khqr:
        lines.append(t.html("policy.on_khqr", name=on_khqr))
    lines.append(t.html("policy.frozen"))
    return Screen(Markup("\n\n").join(lines), _sure_rows(t, yes, taps.OpenRule(which)))


def _sure_rows(t: Translator, yes: taps.Tap, back: taps.Tap) -> Rows:
    return ((Button(t("button.set_value"), yes, style=Style.PRIMARY),), _back(t, back))


def told(
    t: Translator, which: Rule, before: Value, after: Value, on_khqr: str = "", *, kept: bool = False
) -> str:  # fmt: skip
    """Say what a rule was and is; and whom the KHQR names, where the shop's name is another, or that it ``kept`` it."""
    if before == after:
        return t("policy.same")
    said = [cut(words.said(which, value, t), VALUE) for value in (before, after)]
    done = t("policy.done", name=words.name(which, t), before=said[0], after=said[1])
    named = t("policy.khqr_kept" if kept else "policy.on_khqr", name=on_khqr)
    return f"{done}\n{named}" if on_khqr else done


# ── holidays ─────────────────────────────────────────────────────────────────────────────────────────────────────────
MOST = 40
"""As many spans of holidays have a button."""


def days_off(t: Translator, found: Sequence[holidays.Span]) -> Screen:
    """The days to come on which the shop is closed; each opens again by a tap."""
    lines = [t.html("policy.holiday", days=words.span(one, t)) for one in found] or [t.html("policy.no_holidays")]
    text = Markup("\n").join([t.html("policy.holidays"), Markup(), *lines])
    shut = [Button(t("policy.tap", days=words.span(one, t)), taps.RemoveHoliday(*map(_figures, one)))
            for one in found[:MOST]]  # fmt: skip
    add = (Button(t("button.add_holiday"), taps.AskHoliday(), style=Style.PRIMARY),)
    return Screen(text, (*paired(shut), add, _back(t, taps.OpenGroup(Group.HOURS))))


def _figures(day: date) -> int:
    return int(f"{day:%Y%m%d}")


def ask_holiday(t: Translator, me: Me, question: Question) -> Screen:
    """Ask for a day or a range."""
    what = t.html("policy.ask_holiday", example=holidays.EXAMPLE)
    return counter.ask_either(t, what, me, question, taps.OpenHolidays())


# ── single provinces ─────────────────────────────────────────────────────────────────────────────────────────────────
def provinces(
    t: Translator, places: Sequence[Place], fees: Sequence[Fee], policy: Policy, *, private: bool = True
) -> Screen:
    """Every province; those that are not as the others with what they cost. In ``private`` a line names one too."""
    common = {"fee": usd(policy.fee_province), "capital": usd(policy.fee_capital)}
    other = [(place, fee) for place, fee in zip(places, fees, strict=True) if fee != Fee.SAME]
    lines = [t.html("policy.line", name=_name(t, place), value=fee.said(t)) for place, fee in other]
    lines = [t.html("policy.provinces", **common), *([Markup(), *lines] if lines else [])]
    text = Markup("\n").join([*lines, *([Markup(), t.html("policy.name_province")] if private else [])])
    ways = [Button(_name(t, place), taps.OpenProvince(place.code)) for place in places]
    return Screen(text, (*paired(ways, 3), _back(t, taps.OpenGroup(Group.DELIVERY))))


def _name(t: Translator, place: Place) -> str:
    return t.pick(place.name_en, place.name_km)


def province(t: Translator, place: Place, fee: Fee, policy: Policy, *, private: bool) -> Screen:
    """What one province costs, and what it could; in ``private`` the next line is its fee."""
    common = usd(policy.fee_capital if place.code == CAPITAL else policy.fee_province)
    value = f"{fee.said(t)} ({common})" if fee == Fee.SAME else fee.said(t)
    words_ = {"province": _name(t, place), "value": value}
    asked = t.html("policy.province", example=EXAMPLES[Kind.DOLLARS], **words_)
    text = asked if private else t.html("policy.province_group", **words_)
    ways = [("button.as_zone", Fee.SAME), ("button.no_delivery", Fee.NO_DELIVERY)]
    found = [Button(t(key), taps.PutProvince(place.code, one.written, stamp(fee.written), 0)) for key, one in ways
             if one != fee]  # fmt: skip
    if not private:
        found.append(Button(t("button.other_value"), taps.AskProvince(place.code)))
    return Screen(text, (*paired(found), _back(t, taps.OpenProvinces())))


def ask_province(t: Translator, place: Place, me: Me, question: Question) -> Screen:
    """Ask for a province's fee in a group: a reply answers."""
    what = t.html("policy.ask_province", province=_name(t, place), example=EXAMPLES[Kind.DOLLARS])
    return counter.ask(t, what, me.person, question)


def sure_province(t: Translator, place: Place, before: Fee, after: Fee, yes: taps.Tap) -> Screen:
    """Before and after of what a province costs."""
    text = t.html("policy.sure", name=_name(t, place), before=before.said(t), after=after.said(t))
    lines = [text, t.html("policy.frozen")]
    return Screen(Markup("\n\n").join(lines), _sure_rows(t, yes, taps.OpenProvince(place.code)))


def told_province(t: Translator, place: Place, before: Fee, after: Fee) -> str:
    """Say what a province cost and costs."""
    return t("policy.done", name=_name(t, place), before=before.said(t), after=after.said(t))
