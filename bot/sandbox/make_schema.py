"""Write `schema.json`: every Bot API method and input type with its parameters, taken from aiogram's pydantic models.

Run as `python -m bot.sandbox.make_schema` after aiogram (a test dependency) moved to a newer Bot API. A test compares
the file with what this script makes. A parameter reads `"reply_markup": "A|B|[C]"`; a leading `!` marks a required one
and `=photo` a constant, which tells union members apart.
"""

import datetime as dt
import enum
import json
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from aiogram import methods
from aiogram import types as telegram
from aiogram.client.default import Default
from pydantic import BaseModel
from pydantic.fields import FieldInfo

FILE = Path(__file__).with_name("schema.json")
_PLAIN: dict[Any, str] = {int: "int", str: "str", bool: "bool", float: "float", type(None): ""}
_MOMENTS = (dt.datetime, dt.timedelta)


def main() -> None:
    """Write the file."""
    FILE.write_text(schema_text(), encoding="utf-8")


def schema_text() -> str:
    """Return the text of `schema.json` for the installed aiogram."""
    found: dict[str, dict[str, str]] = {}
    calls = {
        model.__api_method__: _fields(model, found)
        for name in sorted(methods.__all__)
        if name not in {"Request", "Response", "TelegramMethod"}
        for model in [getattr(methods, name)]
    }
    whole = {"methods": dict(sorted(calls.items())), "types": dict(sorted(found.items()))}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _fields(model: type[BaseModel], found: dict[str, dict[str, str]]) -> dict[str, str]:
    return {info.alias or name: _field(info, found) for name, info in model.model_fields.items()}


def _field(info: FieldInfo, found: dict[str, dict[str, str]]) -> str:
    constant = _constant(info)
    if constant is not None:
        return f"={constant}"
    return ("!" if info.is_required() else "") + _type(info.annotation, found)


def _constant(info: FieldInfo) -> object:
    if get_origin(info.annotation) is not Literal:
        return None
    value = get_args(info.annotation)[0]
    return value.value if isinstance(value, enum.Enum) else value


def _type(kind: Any, found: dict[str, dict[str, str]]) -> str:
    origin = get_origin(kind)
    if origin is Annotated:
        return _type(get_args(kind)[0], found)
    if origin in {Union, types.UnionType}:
        members = [_type(one, found) for one in get_args(kind)]
        return "|".join(dict.fromkeys(one for one in members if one))
    if origin is list:
        return f"[{_type(get_args(kind)[0], found)}]"
    if origin is Literal:
        return "str"
    return _single(kind, found)


def _single(kind: Any, found: dict[str, dict[str, str]]) -> str:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if not isinstance(kind, type) or kind is Default:
        return ""
    if issubclass(kind, enum.Enum):
        return "str"
    if kind in _MOMENTS:
        return "int"
    if issubclass(kind, telegram.InputFile):
        return "InputFile"
    if issubclass(kind, BaseModel) and kind.__name__ not in found:
        found[kind.__name__] = {}  # first, for types that hold themselves
        found[kind.__name__] = _fields(kind, found)
    return str(kind.__name__)


if __name__ == "__main__":
    main()
