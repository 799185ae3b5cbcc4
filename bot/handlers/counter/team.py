"""The team: who works here, roles given and taken, somebody new by picking or by a link, and who comes in by it."""

from telegram import UsersShared

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import team as screens
from core.errors import Refused
from core.messages.rules import Owed
from core.people import service as people
from core.people.rules import Question, Rank, Role
from core.shop import Reader, Shop
from core.team import rules, service


def _alone(me: Me) -> None:
    """Refuse what is done in one's own chat only, or in the admins'."""
    if not (me.private or me.chat_id == me.shop.policy.admin_chat_id):
        raise Refused("team_private")


def _about(me: Me, person_id: int) -> None:
    """Refuse who may not look at this person: everybody at themselves, admins at each."""
    me.person.must_be(Rank.COURIER if person_id == me.person.id else Rank.ADMIN)
    _alone(me)


async def command(_text: str, me: Me) -> Screen:
    """Show admins the team, everybody else who works here themselves."""
    me.person.must_be(Rank.COURIER)
    _alone(me)
    if me.person.rank < Rank.ADMIN:
        return await open_member(taps.OpenMember(me.person.id), me)
    return await open_team(taps.OpenTeam(), me)


async def open_team(tap: taps.OpenTeam | taps.OpenMember | taps.ShutInvitation, me: Me) -> Screen:
    """Show who works here."""
    _ = tap
    me.person.must_be(Rank.ADMIN)
    _alone(me)
    found = await service.team(me.shop, me.person)
    return screens.team(me.reader.t, found, me.shop.config.zone, private=me.private)


async def open_member(tap: taps.OpenMember | taps.AskRole | taps.AskMember | taps.ChangeMember, me: Me) -> Screen:
    """Show one who works here."""
    _about(me, tap.person_id)
    one = await service.member(me.shop, me.person, tap.person_id)
    own, may = one.person_id == me.person.id, rules.may_change(me.person, one.person_id, one.role)
    zone, back = me.shop.config.zone, me.person.rank >= Rank.ADMIN
    return screens.member(me.reader.t, one, zone, own=own and me.private, may=may, back=back)


async def ask_role(tap: taps.AskRole, me: Me) -> Screen:
    """Ask which role somebody should have."""
    me.person.must_be(Rank.ADMIN)
    _alone(me)
    one = await service.member(me.shop, me.person, tap.person_id)
    rules.must_change(me.person, one.person_id, one.role, one.role)
    return screens.ask_role(me.reader.t, one, rules.gives(me.person.rank))


async def ask_member(tap: taps.AskMember, me: Me) -> Screen:
    """Ask once more before a role is changed, somebody is taken out, or leaves."""
    _about(me, tap.person_id)
    one = await service.member(me.shop, me.person, tap.person_id)
    rules.must_change(me.person, one.person_id, one.role, tap.fate.role)
    return screens.sure(me.reader.t, one, tap.fate, own=one.person_id == me.person.id)


async def change_member(tap: taps.ChangeMember, me: Me) -> Screen:
    """Do it."""
    _about(me, tap.person_id)
    done = await service.change(me.shop, me.person, tap.person_id, tap.was, tap.fate.role)
    return screens.left(me.reader.t) if tap.person_id == me.person.id else screens.changed(me.reader.t, done)


# ── somebody new ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _letting_in(me: Me, role: Role | None = None) -> tuple[Role, ...]:
    """Which roles the person gives, in their own chat; refused where ``role`` is none of them."""
    me.person.must_be(Rank.ADMIN if role is None or role in {Role.STAFF, Role.COURIER} else Rank.OWNER)
    if not me.private:
        raise Refused("team_private")
    return rules.gives(me.person.rank)


async def add(tap: taps.AddMember, me: Me) -> Screen:
    """Ask for the role of somebody new."""
    _ = tap
    return screens.add(me.reader.t, _letting_in(me))


async def choose_way(tap: taps.ChooseWay, me: Me) -> Screen:
    """Ask how somebody new comes in."""
    _letting_in(me, tap.role)
    return screens.way(me.reader.t, tap.role)


async def pick(tap: taps.PickMember, me: Me) -> Screen:
    """Ask for a Telegram user."""
    _letting_in(me, tap.role)
    await people.ask(me.shop, me.person, "member", chat_id=me.chat_id, role=tap.role)
    return screens.pick(me.reader.t, tap.role)


async def picked_in_words(_text: str, _me: Me, _question: Question) -> Screen:
    """A person is picked, not typed: say so."""
    raise Refused("team_pick")


async def picked(shared: UsersShared, me: Me, question: Question | None) -> Screen | None:
    """Let whom the admin picked work here; None where nothing was asked."""
    if question is None or question.kind != "member" or not shared.users:
        return None
    user, role = shared.users[0], Role(question.data["role"])
    new = await people.known(me.shop, user.user_id) is None
    name = f"{user.first_name or ''} {user.last_name or ''}"
    done = await service.add(me.shop, me.person, user.user_id, name, role, question)
    return screens.added(me.reader.t, done, new=new)


async def invite(tap: taps.InviteMember, me: Me) -> Screen:
    """Make a link that lets one person in, and show it this once."""
    _letting_in(me, tap.role)
    made, payload = await service.invite(me.shop, me.person, tap.role)
    return screens.invited(me.reader.t, made, me.shop.door(payload) or f"/start {payload}", me.shop.config.zone)


async def shut(tap: taps.ShutInvitation, me: Me) -> Screen:
    """Take an invitation back."""
    me.person.must_be(Rank.ADMIN)
    _alone(me)
    await service.shut(me.shop, me.person, tap.invitation_id)
    return (await open_team(tap, me)).saying(me.say("team.shut"))


async def join(code: str, me: Me) -> Screen:
    """Come in by a link."""
    here = await service.join(me.shop, me.person, code)
    chooses = me.person.language is None
    return screens.standing(me.reader.t, me.shop.policy.shop_name, here.role, chooses=chooses)


async def letter(shop: Shop, _owed: Owed, who: Reader) -> Screen | None:
    """Tell somebody what they are here now."""
    return screens.standing(who.t, shop.policy.shop_name, who.person.role, chooses=who.person.language is None)
