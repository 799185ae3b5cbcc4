"""The team: who works here, one of them, somebody new; what they are told; and who did what."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot import taps
from bot.screen import Ask, Button, Rows, Screen, Sharing, Style
from bot.screens import admin
from bot.screens.room import paired
from bot.screens.shop import LANGUAGE_NAMES, cut
from core.boards.rules import Listing
from core.doors import Goal
from core.i18n import LANGUAGES, Translator, sentences
from core.people.rules import Role
from core.settings import words as rule_words
from core.settings.known import NAMED, Rule
from core.team.rules import AuditPage, Changed, Deed, Fate, Invitation, Member, Team

NAME, MEMBERS, HELD, VALUE = 24, 40, 20, 40
"""As many characters of a name, members and orders on one screen, characters of what a setting was set to."""
DID = "audit.did."


def team(t: Translator, found: Team, zone: ZoneInfo, *, private: bool) -> Screen:
    """Who works here and which doors stand open; ``private``: with the way to let somebody in."""
    lines = [t.html("team.title")]
    lines += [t.html("team.line", name=cut(one.name, NAME), role=_role(t, one.role)) for one in found.members[:MEMBERS]]
    if len(found.members) > MEMBERS:
        lines.append(t.html("team.more", count=len(found.members) - MEMBERS))
    if found.invitations:
        lines += [Markup(), t.html("team.doors")]
        lines += [_door(t, one, zone) for one in found.invitations]
    mine = [Button(f"{cut(one.name, 14)} · {_role(t, one.role)}", taps.OpenMember(one.person_id))
            for one in found.members[:MEMBERS]]  # fmt: skip
    doors = [Button(t("button.shut_invitation", role=_role(t, one.role), when=t.when(one.expires_at, zone)),
                    taps.ShutInvitation(one.id)) for one in found.invitations if one.role in found.gives]  # fmt: skip
    add = [Button(t("button.add_member"), taps.AddMember(), style=Style.PRIMARY)] if private else []
    last = [*add, Button(t("button.audit"), taps.TurnAudit(0, 0, 0))]
    return Screen(Markup("\n").join(lines), (*paired(mine), *paired(doors), *paired(last), admin.back(t)))


def _role(t: Translator, role: Role) -> str:
    return t(f"role.{role}")


def _door(t: Translator, one: Invitation, zone: ZoneInfo) -> Markup:
    when = t.when(one.expires_at, zone)
    return t.html("team.door", role=_role(t, one.role), name=cut(one.by, NAME), when=when)


def member(t: Translator, one: Member, zone: ZoneInfo, *, own: bool, may: bool, back: bool) -> Screen:
    """One who works here: ``may``: the reader may change what they are; ``own``: they are the reader."""
    when = t.when(one.since, zone, "d MMM yyyy")
    since = t.html("team.since_by", when=when, by=cut(one.by, NAME)) if one.by else t.html("team.since", when=when)
    text = Markup("\n").join([t.html("team.member", name=cut(one.name, NAME), role=_role(t, one.role)), since])
    buttons = []
    if may:
        buttons = [Button(t("button.change_role"), taps.AskRole(one.person_id)),
                   Button(t("button.remove_member"), taps.AskMember(one.person_id, Fate.OUT, one.role))]  # fmt: skip
    if own:
        buttons = [Button(t("button.leave_team"), taps.AskMember(one.person_id, Fate.OUT, one.role))]
    return Screen(text, (*paired(buttons), *(_back(t, taps.OpenTeam()) if back else ())))


def _back(t: Translator, to: taps.Tap) -> Rows:
    return ((Button(t("button.back"), to),),)


def ask_role(t: Translator, one: Member, roles: tuple[Role, ...]) -> Screen:
    """Which role from now on; those that the reader may give."""
    text = t.html("team.ask_role", name=cut(one.name, NAME), role=_role(t, one.role))
    buttons = [Button(_role(t, role), taps.AskMember(one.person_id, Fate(role.value), one.role))
               for role in roles if role is not one.role]  # fmt: skip
    return Screen(text, (*paired(buttons), *_back(t, taps.OpenMember(one.person_id))))


def sure(t: Translator, one: Member, fate: Fate, *, own: bool) -> Screen:
    """Ask once more."""
    names = {"name": cut(one.name, NAME), "was": _role(t, one.role)}
    if fate.role is not None:
        text, yes = t.html("team.sure_role", role=_role(t, fate.role), **names), _role(t, fate.role)
    else:
        text = t.html("team.sure_leave", **names) if own else t.html("team.sure_remove", **names)
        yes = t("button.leave_sure") if own else t("button.remove_sure")
    tap = taps.ChangeMember(one.person_id, fate, one.role)
    style = Style.PRIMARY if fate.role else Style.DANGER
    return Screen(text, ((Button(yes, tap, style=style),), *_back(t, taps.OpenMember(one.person_id))))


def changed(t: Translator, done: Changed) -> Screen:
    """It is done; the orders in the hands of who may work on them no more, each to be opened and taken over."""
    name = cut(done.name, NAME)
    if done.role is not None:
        return Screen(t.html("team.changed", name=name, role=_role(t, done.role)), _back(t, taps.OpenTeam()))
    held = [Button(number, taps.OpenOrder(order_id)) for order_id, number in list(done.held.items())[:HELD]]
    lines = [t.html("team.removed", name=name), *([t.html("team.held")] if held else [])]
    return Screen(Markup("\n").join(lines), (*paired(held, 3), *_back(t, taps.OpenTeam())))


def left(t: Translator) -> Screen:
    """The reader left."""
    return Screen(t.html("team.left"))


def add(t: Translator, roles: tuple[Role, ...]) -> Screen:
    """Somebody new: which role."""
    buttons = [Button(_role(t, role), taps.ChooseWay(role)) for role in roles]
    return Screen(t.html("team.add"), (*paired(buttons), *_back(t, taps.OpenTeam())))


def way(t: Translator, role: Role) -> Screen:
    """Somebody new: pick them, or make a link."""
    buttons = [Button(t("button.pick_member"), taps.PickMember(role), style=Style.PRIMARY),
               Button(t("button.invite_member"), taps.InviteMember(role))]  # fmt: skip
    return Screen(t.html("team.how", role=_role(t, role)), (*paired(buttons), *_back(t, taps.AddMember())))


def pick(t: Translator, role: Role) -> Screen:
    """Ask for a Telegram user, by the button under the composer."""
    sharing = Sharing(Ask.PERSON, t("team.pick_button"), t("team.pick_placeholder"))
    return Screen(t.html("team.pick", role=_role(t, role)), sharing=sharing)


def added(t: Translator, done: Changed, *, new: bool) -> Screen:
    """They are in the team; ``new``: they never wrote to the bot, which cannot write to them."""
    role = _role(t, done.role) if done.role else ""
    lines = [t.html("team.added", name=cut(done.name, NAME), role=role), *([t.html("team.added_new")] if new else [])]
    return Screen(Markup("\n").join(lines), _back(t, taps.OpenTeam()), thanks=t("team.picked"))


def invited(t: Translator, one: Invitation, link: str, zone: ZoneInfo) -> Screen:
    """The link, shown this once."""
    text = t.html("team.invited", role=_role(t, one.role), when=t.when(one.expires_at, zone), link=link)
    return Screen(text, ((Button(t("button.copy_link"), copy=link),), *_back(t, taps.OpenTeam())))


def standing(t: Translator, shop_name: str, role: Role | None, *, chooses: bool = False) -> Screen:
    """Tell somebody what they are here from now on, with the way to their work; a newcomer ``chooses`` a language."""
    if role is None:
        return Screen(t.html("team.out", shop=shop_name))
    work = Button(t("list.open"), taps.OrderList(Listing.OPEN, 0))
    if role is Role.COURIER:
        work = Button(t("button.my_parcels"), taps.MyParcels(0))
    rows = tuple((Button(name, taps.Speak(code, 0, Goal.FRONT)),) for code, name in LANGUAGE_NAMES.items())
    return Screen(t.html("team.welcome", shop=shop_name, role=_role(t, role)), (*rows * chooses, (work,)))


# ── who did what ─────────────────────────────────────────────────────────────────────────────────────────────────────
def audit(t: Translator, page: AuditPage, zone: ZoneInfo, asked: int, *, first: bool) -> Screen:
    """One page of what was done; ``asked`` is the stamp of what was searched, ``first`` the newest of it."""
    title = t.html("audit.found", words=page.words) if page.words else t.html("audit.title")
    lines = [_deed(t, one, zone) for one in page.deeds] or [t.html("audit.none")]
    buttons = [] if first else [Button(t("button.from_start"), taps.TurnAudit(asked, 0, 0))]
    if page.next is not None:
        buttons.append(Button(t("button.older"), taps.TurnAudit(asked, page.next.lines, page.next.events)))
    return Screen(Markup("\n").join([title, Markup(), *lines]), (*paired(buttons), *_back(t, taps.OpenTeam())))


def _deed(t: Translator, one: Deed, zone: ZoneInfo) -> Markup:
    key, detail = DID + one.what, one.detail
    known = key in sentences(t.language)
    role, value, subject = str(detail.get("role", "")), _value(detail), one.subject
    if one.what == "setting" and subject in NAMED:
        subject, value = _setting(t, NAMED[subject], detail)
    words = {"subject": cut(subject, NAME) if subject else "—",
             "role": t(f"role.{role}") if role in set(Role) else role,
             "value": "—" if value is None else cut(str(value), VALUE)}  # fmt: skip
    what = t(key, **words) if known else t("audit.other", subject=words["subject"], what=one.what)
    who = t("audit.nobody") if one.who == "?" else cut(one.who, NAME) or t("audit.shop")
    return t.html("audit.line", when=t.when(one.at, zone), who=who, what=what.strip())


def _setting(t: Translator, rule: Rule, detail: Mapping[str, Any]) -> tuple[str, object]:
    """Name a rule of the shop, and what it was and is as people write it; as it is kept where it fits no more."""
    values = [value for value in (detail.get("from"), detail.get("to")) if isinstance(value, str | int)]
    fit = [value for value in values if type(value) is type(rule.standard)]
    told = " → ".join(rule_words.said(rule, value, t) for value in fit) if len(fit) == len(("from", "to")) else None
    return rule_words.name(rule, t), told or detail.get("to")


def _value(detail: Mapping[str, Any]) -> object:
    """What a deed is told with: what was set, how much cash and what was missing, how many of which goods."""
    if "sku" in detail:
        return f"{detail['sku']} {detail.get('units', '')}".strip()
    if "amount" in detail:
        differs = detail.get("difference")
        return f"{detail['amount']} ({differs})" if differs else detail["amount"]
    return detail.get("to")


def meaning(words: str) -> frozenset[str]:
    """Name the kinds of deed that hold these words, as they are told in any language or kept."""
    wanted = words.casefold()
    told = {key.removeprefix(DID): text for language in LANGUAGES for key, text in sentences(language).items()
            if key.startswith(DID) and wanted in text.casefold()}  # fmt: skip
    return frozenset(told) | {key.removeprefix(DID) for key in sentences("en")
                              if key.startswith(DID) and wanted in key.removeprefix(DID)}  # fmt: skip
