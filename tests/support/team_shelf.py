"""The team's screens for the gallery: who works here, somebody new, what they are told, who did what."""

from dataclasses import replace
from datetime import timedelta

from bot.screen import Screen
from bot.screens import staff
from bot.screens import team as teaming
from core.i18n import Translator, sentences
from core.people.rules import Role
from core.team import membership
from core.team.rules import AuditPage, Changed, Deed, Fate, Invitation, Member, News, Pages, Team
from tests.support.furnished import ODD, House


async def team_screens(house: House, t: Translator) -> list[Screen]:
    """A team of every role and of many; every fate; every deed that has words, and the pages they stand on."""
    now, zone, name = house.shop.clock.now(), house.shop.config.zone, house.shop.policy.shop_name
    members = tuple(Member(i, ODD, role, now, ODD * (i % 2)) for i, role in enumerate(Role, 1))
    doors = tuple(Invitation(i, role, 1, ODD, now, now + timedelta(days=1)) for i, role in enumerate(Role, 1))
    full = Team(members * 12, doors, tuple(Role))
    one, held = members[2], {number: f"MD{number:05d}" for number in range(1, 30)}
    kinds = [key.removeprefix("audit.did.") for key in sentences("en") if key.startswith("audit.did.")]
    deeds = [Deed(now, ODD, kind, ODD, {"role": "staff", "to": ODD}) for kind in kinds]
    pages = [AuditPage(tuple(deeds[i : i + 10]), ODD, Pages(1, 1)) for i in range(0, len(deeds), 10)]
    alone = AuditPage((Deed(now, "?", "hide"), Deed(now, "", "setting", ODD, {"to": None})))
    told = [{"metric": f"{group}_{news}", "level": "", "name": ODD} for group in membership.GROUPS for news in News]
    return [
        *(teaming.team(t, found, zone, private=alone_) for found in (full, Team(members[:1], (), ()))
          for alone_ in (True, False)),
        *(teaming.member(t, one, zone, own=own, may=not own, back=own) for one in members for own in (True, False)),
        teaming.ask_role(t, one, tuple(Role)),
        *(teaming.sure(t, one, fate, own=own) for fate in Fate for own in (True, False)),
        teaming.changed(t, Changed(1, ODD, Role.STAFF)), teaming.changed(t, Changed(1, ODD, None, held)),
        teaming.left(t), teaming.add(t, tuple(Role)), *(teaming.way(t, role) for role in Role),
        teaming.pick(t, Role.STAFF), *(teaming.added(t, Changed(1, ODD, Role.ADMIN), new=new) for new in (True, False)),
        teaming.invited(t, doors[0], "12", zone),
        *(teaming.standing(t, name, role) for role in (*Role, None)), teaming.standing(t, name, Role.STAFF),
        *(teaming.audit(t, page, zone, 1, first=False) for page in pages),
        *(teaming.audit(t, page, zone, 0, first=True) for page in (AuditPage(()), alone, replace(alone, words=ODD))),
        *(staff.alert(t, data) for data in told),
        staff.alert(t, {"metric": "team_left", "level": "", "name": ODD, "orders": "MD00001"}),
    ]  # fmt: skip
