"""Checks a request's names and types against `schema.json`; nothing here refuses, it reports findings.

Telegram ignores parameters it does not know, so a misspelt one fails silently. The sandbox ignores it too, and says so.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("schema.json")


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter: its possible types (names, a list as a one-element tuple), whether required, its constant."""

    kinds: tuple["Kind", ...]
    required: bool = False
    constant: str | None = None


Kind = str | tuple["Kind", ...]
Fields = Mapping[str, Field]


class Schema:
    """The Bot API's methods and input types by name, ready to check with."""

    def __init__(self, raw: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        self.methods: dict[str, Fields] = {name.lower(): _fields(given) for name, given in raw["methods"].items()}
        self.names = {name.lower(): name for name in raw["methods"]}
        self._types: dict[str, Fields] = {name: _fields(given) for name, given in raw["types"].items()}

    def findings(self, method: str, given: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with the arguments of a method (lower-case name): unknown names, unfit types."""
        fields = self.methods.get(method)
        if fields is None:
            return []
        found: list[str] = []
        for name, value in given.items():
            field = fields.get(name)
            if field is None:
                found.append(f"{name}: unknown parameter")
            elif isinstance(value, dict | list):
                found += self._value(name, value, field.kinds)
        return found

    def _value(self, path: str, value: Any, kinds: tuple[Kind, ...]) -> Iterator[str]:
        if isinstance(value, dict):
            yield from self._object(path, value, kinds)
        elif isinstance(value, list):
            inner = next((kind for kind in kinds if isinstance(kind, tuple)), None)
            if inner is None:
                yield f"{path}: an array where {_words(kinds)} is expected"
                return
            for number, one in enumerate(value):
                yield from self._value(f"{path}[{number}]", one, inner)
        elif value is not None and not any(_fits(value, kind) for kind in kinds):
            yield f"{path}: {type(value).__name__} where {_words(kinds)} is expected"

    def _object(self, path: str, value: dict[str, Any], kinds: tuple[Kind, ...]) -> Iterator[str]:
        names = [kind for kind in kinds if isinstance(kind, str) and kind in self._types]
        member = next((name for name in names if self._is(value, self._types[name])), None)
        if member is None:
            yield f"{path}: fits none of {_words(kinds)}"
            return
        fields = self._types[member]
        for name, one in value.items():
            field = fields.get(name)
            if field is None:
                yield f"{path}.{name}: unknown in {member}"
            else:
                yield from self._value(f"{path}.{name}", one, field.kinds)

    @staticmethod
    def _is(value: Mapping[str, Any], fields: Fields) -> bool:
        return all(
            str(value.get(name)) == field.constant if field.constant is not None else name in value
            for name, field in fields.items()
            if field.required or field.constant is not None
        )


@lru_cache
def schema() -> Schema:
    """Return the Bot API's schema, read once."""
    return Schema(json.loads(_FILE.read_text(encoding="utf-8")))


def _fields(raw: Mapping[str, str]) -> Fields:
    return {name: _field(text) for name, text in raw.items()}


def _field(text: str) -> Field:
    if text.startswith("="):
        return Field(("bool" if text == "=True" else "str",), constant=text[1:])
    return Field(_kinds(text.removeprefix("!")), required=text.startswith("!"))


def _kinds(text: str) -> tuple[Kind, ...]:
    """Read `A|[B|[C]]`: parts outside brackets are members, a bracket is a list of its own members."""
    parts, depth, part = [], 0, ""
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == "|" and not depth:
            parts.append(part)
            part = ""
        else:
            part += character
    parts.append(part)
    return tuple(_kinds(one[1:-1]) if one.startswith("[") else one for one in parts)


def _fits(value: object, kind: Kind) -> bool:
    if isinstance(value, bool):
        return kind == "bool"
    if isinstance(value, str):
        return kind in {"str", "InputFile"} or (kind == "int" and value.removeprefix("-").isdecimal())
    if isinstance(value, int):
        return kind in {"int", "float", "str"}
    return isinstance(value, float) and kind == "float"


def _words(kinds: tuple[Kind, ...]) -> str:
    return " or ".join(kind if isinstance(kind, str) else f"an array of {_words(kind)}" for kind in kinds)
