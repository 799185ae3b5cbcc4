"""Readers of what an act is given: each raises ActError with a sentence for a value that does not fit."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.people import ActError


def number(given: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """Read a whole number; `default` stands in where nothing was given."""
    value = given.get(name)
    if value is None and default is not None:
        return default
    try:
        return int(str(value))
    except ValueError as error:
        raise ActError(f"{name} must be a whole number") from error


def word(given: Mapping[str, Any], name: str, default: str = "") -> str:
    """Read a text; absent and null are `default`."""
    value = given.get(name)
    return default if value is None else str(value)


def real(given: Mapping[str, Any], name: str, default: float, low: float, high: float) -> float:
    """Read a number between `low` and `high`; absent and null are `default`."""
    value = given.get(name)
    try:
        found = float(default if value is None else value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ActError(f"{name} must be a number") from error
    if not low <= found <= high:  # neither is what is no number at all
        raise ActError(f"{name} must be from {low:g} to {high:g}")
    return found
