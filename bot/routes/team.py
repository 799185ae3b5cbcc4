"""What answers about the team: who works here, somebody new, who did what."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.counter import audit, team
from bot.routing import Handler, Route
from bot.screen import Screen

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.OpenTeam: Route(team.open_team, group=True),
    taps.OpenMember: Route(team.open_member, team.open_team, group=True),
    taps.AskRole: Route(team.ask_role, team.open_member, group=True),
    taps.AskMember: Route(team.ask_member, team.open_member, group=True),
    taps.ChangeMember: Route(team.change_member, team.open_member, group=True),
    taps.AddMember: Route(team.add),
    taps.ChooseWay: Route(team.choose_way),
    taps.PickMember: Route(team.pick),
    taps.InviteMember: Route(team.invite),
    taps.ShutInvitation: Route(team.shut, team.open_team, group=True),
    taps.TurnAudit: Route(audit.turn, group=True),
}

COMMANDS: Mapping[str, Handler] = {"team": team.command, "audit": audit.command}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {
    "member": team.picked_in_words,
    "audit": audit.search_again,
}
