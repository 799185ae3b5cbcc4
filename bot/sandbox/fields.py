"""Fields of JSON objects, read with the Bot API server's leniency and its sentences.

Source: td tdutils/JsonBuilder.cpp, the readers of JsonObject.
"""

import math
from typing import Any

from bot.sandbox.markup import integer

_INT32 = 1 << 31


class FieldError(ValueError):
    """A JSON field is missing or of the wrong type; the text is Telegram's."""


def string(raw: dict[str, Any], name: str, *, required: bool = False) -> str:
    """Return a String (or Number) field, "" when absent; raise FieldError."""
    value = raw.get(name)
    if isinstance(value, str):
        return value
    if name not in raw:
        if required:
            raise _missing(name)
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise FieldError(f'Field "{name}" must be of type String')


def boolean(raw: dict[str, Any], name: str) -> bool:
    """Return a Boolean field, False when absent; raise FieldError."""
    value = raw.get(name, False)
    if not isinstance(value, bool):
        raise FieldError(f'Field "{name}" must be of type Boolean')
    return value


def whole(raw: dict[str, Any], name: str, *, required: bool = False, default: int = 0) -> int:
    """Return a 32-bit Number field (a text of digits counts), `default` when absent; raise FieldError."""
    if name not in raw:
        if required:
            raise _missing(name)
        return default
    value = raw[name]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise FieldError(f'Field "{name}" must be a Number')
    number = value if isinstance(value, int) else integer(str(value))
    if number is None or not -_INT32 <= number < _INT32:
        raise FieldError(f'Field "{name}" must be a valid Number')
    return number


def long(raw: dict[str, Any], name: str) -> int:
    """Return a required 64-bit Number field (a text of digits counts); raise FieldError."""
    if name not in raw:
        raise _missing(name)
    value = raw[name]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise FieldError(f'Field "{name}" must be a Number')
    number = integer(str(value))
    if number is None:
        raise FieldError(f'Field "{name}" must be a valid Number')
    return number


def double(raw: dict[str, Any], name: str, default: float | None = None) -> float:
    """Return a Number field with a fraction, `default` when absent; raise FieldError."""
    if name not in raw:
        if default is None:
            raise _missing(name)
        return default
    value = raw[name]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise FieldError(f'Field "{name}" must be of type Number')
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return 0.0  # the source reads what is no number as zero
    return number if math.isfinite(number) else 0.0


def inner(raw: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a required Object field; raise FieldError."""
    if name not in raw:
        raise _missing(name)
    value = raw[name]
    if not isinstance(value, dict):
        raise FieldError(f'Field "{name}" must be of type Object')
    return value


def _missing(name: str) -> FieldError:
    return FieldError(f'Can\'t find field "{name}"')
