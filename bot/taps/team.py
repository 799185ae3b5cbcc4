"""Buttons of the team: who works here, roles given and taken, doors for one, and who did what."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.people.rules import Role
from core.team.rules import Fate


@dataclass(frozen=True, slots=True)
class OpenTeam(Tap):
    """Who works here."""

    prefix = "tm"


@dataclass(frozen=True, slots=True)
class OpenMember(Tap):
    """One who works here."""

    prefix = "tp"
    person_id: int


@dataclass(frozen=True, slots=True)
class AskRole(Tap):
    """Ask which role somebody should have."""

    prefix = "tr"
    person_id: int


@dataclass(frozen=True, slots=True)
class AskMember(Tap):
    """Ask once more before somebody who was ``was`` becomes ``fate``."""

    prefix = "tq"
    person_id: int
    fate: Fate
    was: Role


@dataclass(frozen=True, slots=True)
class ChangeMember(Tap):
    """Somebody who was ``was`` becomes ``fate``."""

    prefix = "tc"
    person_id: int
    fate: Fate
    was: Role


@dataclass(frozen=True, slots=True)
class AddMember(Tap):
    """Somebody new: ask for the role."""

    prefix = "ta"


@dataclass(frozen=True, slots=True)
class ChooseWay(Tap):
    """Somebody new of this role: pick them, or make a link."""

    prefix = "th"
    role: Role


@dataclass(frozen=True, slots=True)
class PickMember(Tap):
    """Pick a Telegram user for this role."""

    prefix = "tk"
    role: Role


@dataclass(frozen=True, slots=True)
class InviteMember(Tap):
    """Make a link that lets one person into this role."""

    prefix = "ti"
    role: Role


@dataclass(frozen=True, slots=True)
class ShutInvitation(Tap):
    """Take an invitation back."""

    prefix = "tx"
    invitation_id: int


@dataclass(frozen=True, slots=True)
class TurnAudit(Tap):
    """Older deeds than the two keys say, of what was searched at the moment ``asked``; 0 for all, and the newest."""

    prefix = "tu"
    asked: int
    lines: int
    events: int
