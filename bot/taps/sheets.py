"""Buttons of lists: take one, take one in, leave it."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.sheets.rules import Format, Kind


@dataclass(frozen=True, slots=True)
class OpenSheets(Tap):
    """How lists are taken out and in."""

    prefix = "xo"


@dataclass(frozen=True, slots=True)
class ExportSheet(Tap):
    """All goods or codes as a file."""

    prefix = "xe"
    kind: Kind
    how: Format


@dataclass(frozen=True, slots=True)
class ImportSheet(Tap):
    """Take the file of this number in, if what it changes still is what this stamp knows."""

    prefix = "xi"
    number: int
    stamp: str


@dataclass(frozen=True, slots=True)
class DropSheet(Tap):
    """Leave it."""

    prefix = "xd"
    number: int
