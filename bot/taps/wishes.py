"""The buttons of what a person wants to hear of."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.people.rules import Topic


@dataclass(frozen=True, slots=True)
class Settings(Tap):
    """Language, and what the shop may write about."""

    prefix = "s"


@dataclass(frozen=True, slots=True)
class Hear(Tap):
    """Hear of a topic (1) or not (0)."""

    prefix = "sh"
    topic: Topic
    on: int


@dataclass(frozen=True, slots=True)
class HearNews(Tap):
    """Hear the news, said below the note of an order that was delivered."""

    prefix = "sn"
    order_id: int


@dataclass(frozen=True, slots=True)
class StopReminders(Tap):
    """No more reminders, said below one."""

    prefix = "ss"
