"""Opening day: what is set and what is missing, a code to be typed in a group, and what came of it there."""

from collections.abc import Collection, Sequence

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Rows, Screen, Style
from bot.screens.admin import back
from bot.screens.room import paired
from bot.screens.upkeep import FINDINGS, finding, worst_first
from core.doctor.rules import Finding, State
from core.i18n import Translator
from core.settings.known import Group, Rule
from core.setup.rules import Goal, Lack, Progress, shown


def progress(t: Translator, shop_name: str, found: Progress, *, owner: bool, private: bool) -> Screen:
    """What is set, with a button for each thing that is not; all of it stays to be changed.

    Owners alone say where the money goes and, where nobody reads along, link groups.
    """
    state = {"name": found.name, "staff": found.staff, "admin": found.admin, "products": found.products > 0,
             "hours": found.hours, "delivery": found.delivery, "rate": found.rate, "khqr": found.khqr,
             "owners": found.owners > 1}  # fmt: skip
    lines = [_state(t, name, found.came.get(name, ""), done=done) for name, done in state.items()]
    last = t.html("setup.done") if found.done else t.html("setup.left")
    text = Markup("\n").join([t.html("setup.title", shop=shop_name), Markup(), *lines, Markup(), last])
    goals = (Goal.STAFF, Goal.ADMIN) if owner and private else ()
    codes = [Button(t(f"button.link_{goal}"), taps.MakeCode(goal), style=None if state[goal] else Style.PRIMARY)
             for goal in goals]  # fmt: skip
    khqr = [Button(t("button.setup_khqr"), taps.OpenRule(Rule.KHQR_ACCOUNT))] if owner else []
    own = [Button(t("button.team"), taps.OpenTeam()), Button(t("button.setup_look"), taps.Home())] if private else []
    rest = [Button(t("button.setup_name"), taps.OpenRule(Rule.SHOP_NAME)),
            Button(t("button.goods"), taps.ListGoods(0, 0)),
            Button(t("button.setup_hours"), taps.OpenGroup(Group.HOURS)),
            Button(t("button.setup_delivery"), taps.OpenGroup(Group.DELIVERY)),
            Button(t("button.setup_rate"), taps.OpenRule(Rule.RIEL_RATE)), *khqr, *own,
            Button(t("button.setup_check"), taps.CheckSetup())]  # fmt: skip
    return Screen(text, (*paired(codes), *paired(rest), back(t)))


def _state(t: Translator, name: str, came: str, *, done: bool) -> Markup:
    """One line of it; what stands as it came says so, and what it is."""
    key = "setup.set" if done else "setup.as_it_came" if came else "setup.missing"
    return t.html(key, what=t(f"setup.{name}"), value=came)


def check(t: Translator, found: Sequence[Finding]) -> Screen:
    """What is not well, each with what helps; then what is, by name."""
    bad = worst_first(found)
    head = t.html("storage.ill", bad=len(bad), count=len(found)) if bad else t.html("storage.well")
    blocks = [Markup("\n").join([t.html("setup.check"), head]), *(finding(t, one) for one in bad[:FINDINGS])]
    fine = " · ".join(one.title(t) for one in found if one.state is State.OK)
    again = Button(t("button.setup_again"), taps.CheckSetup())
    blocks += [t.html("setup.fine", what=fine)] if fine else []
    return Screen(Markup("\n\n").join(blocks), ((again, *_back(t)[0]),))


def code(t: Translator, goal: Goal, secret: str) -> Screen:
    """Show a code this once, and say where it is typed."""
    line = f"/link {shown(secret)}"
    text = t.html(f"setup.code_{goal}", line=line)
    return Screen(text, ((Button(t("button.copy_link_code"), copy=line),), *_back(t)))


def _back(t: Translator) -> Rows:
    return ((Button(t("button.back"), taps.OpenSetup()),),)


def linked(
    t: Translator, goal: Goal, lacks: Collection[Lack], *, topics: bool = False, both: bool = False
) -> Screen:  # fmt: skip
    """It is the shop's chat now, or they own the shop; and what the bot may not do there yet, each with its remedy.

    ``both``: the staff's group and the admins' chat are one.
    """
    lines = [t.html(f"setup.linked_{goal}"), *([t.html("setup.linked_both")] if both else [])]
    if topics and Lack.TOPICS not in lacks:
        lines.append(t.html("setup.topics_used"))
    lines += [t.html(f"setup.lack_{lack}") for lack in lacks]
    return Screen(Markup("\n").join(lines))


def wrong(t: Translator, message_id: int | None) -> Screen:
    """The code opens nothing."""
    return Screen(t.html("setup.wrong"), reply_to=message_id)
