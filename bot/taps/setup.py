"""Buttons of opening day: what is set, and codes that make a group the shop's."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.setup.rules import Goal


@dataclass(frozen=True, slots=True)
class OpenSetup(Tap):
    """What is set and what is missing."""

    prefix = "su"


@dataclass(frozen=True, slots=True)
class CheckSetup(Tap):
    """Look from outside whether all is well."""

    prefix = "sk"


@dataclass(frozen=True, slots=True)
class MakeCode(Tap):
    """Make a one-time code that makes the chat where it is typed the shop's."""

    prefix = "sc"
    link: Goal
