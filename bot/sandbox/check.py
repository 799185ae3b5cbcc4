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


_TEXTS = {str}
Kind = str | tuple["Kind", ...]
Fields = Mapping[str, Field]


class Shape:
    """An input type: its fields, and which of them, or which constants in them, tell it from others."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        telling = ((name, field) for name, field in fields.items() if field.required or field.constant is not None)
        self._telling = tuple((name, field.constant) for name, field in telling)
        self.constants = any(constant is not None for _, constant in self._telling)

    def of(self, value: Mapping[str, Any]) -> bool:
        """Whether a value is one of these."""
        for name, constant in self._telling:
            if (name not in value) if constant is None else (str(value.get(name)) != constant):
                return False
        return True


class Schema:
    """The Bot API's methods and input types by name, ready to check with."""

    def __init__(self, raw: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        self.methods: dict[str, Fields] = {name.lower(): _fields(given) for name, given in raw["methods"].items()}
        self.names = {name.lower(): name for name in raw["methods"]}
        self._types = {name: Shape(_fields(given)) for name, given in raw["types"].items()}
        self._shapes: dict[tuple[Kind, ...], list[Shape]] = {}
        self._passed: set[object] = set()  # what `_by_names` said yes to: kinds and names

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
            elif isinstance(value, dict | list) and not self._sound(value, field.kinds):
                found += self._value(name, value, field.kinds)
        return found

    def _sound(self, value: Any, kinds: tuple[Kind, ...]) -> bool:
        """Whether `_value` finds nothing: the same questions for the many that pass, without making sentences."""
        if isinstance(value, dict):
            texts = set(map(type, value.values())) == _TEXTS and (kinds, *value)
            if texts in self._passed:
                return True
            shape = self._shape(value, kinds)
            sound = shape is not None and self._sound_object(value, shape.fields)
            if texts and sound and shape and self._by_names(value, shape, kinds):
                self._passed.add(texts)
            return sound
        if isinstance(value, list):
            inner = _inner(kinds)
            return inner is not None and all(self._sound(one, inner) for one in value)
        return value is None or any(_fits(value, kind) for kind in kinds)

    def _by_names(self, value: dict[str, Any], shape: Shape, kinds: tuple[Kind, ...]) -> bool:
        """Whether the names alone, all with texts, say that such a value passes, as most buttons' do."""
        alone = self._shapes[kinds] == [shape] and not shape.constants
        return alone and all("str" in shape.fields[name].kinds for name in value)

    def _sound_object(self, value: dict[str, Any], fields: Fields) -> bool:
        for name, one in value.items():
            field = fields.get(name)
            if field is None:
                return False
            if not (isinstance(one, str) and "str" in field.kinds) and not self._sound(one, field.kinds):
                return False
        return True

    def _shape(self, value: dict[str, Any], kinds: tuple[Kind, ...]) -> Shape | None:
        shapes = self._shapes.get(kinds)
        if shapes is None:
            names = [kind for kind in kinds if isinstance(kind, str) and kind in self._types]
            shapes = self._shapes[kinds] = [self._types[name] for name in names]
        return next((shape for shape in shapes if shape.of(value)), None)

    def _value(self, path: str, value: Any, kinds: tuple[Kind, ...]) -> Iterator[str]:
        if isinstance(value, dict):
            yield from self._object(path, value, kinds)
        elif isinstance(value, list):
            inner = _inner(kinds)
            if inner is None:
                yield f"{path}: an array where {_words(kinds)} is expected"
                return
            for number, one in enumerate(value):
                yield from self._value(f"{path}[{number}]", one, inner)
        elif value is not None and not any(_fits(value, kind) for kind in kinds):
            yield f"{path}: {type(value).__name__} where {_words(kinds)} is expected"

    def _object(self, path: str, value: dict[str, Any], kinds: tuple[Kind, ...]) -> Iterator[str]:
        shape = self._shape(value, kinds)
        if shape is None:
            yield f"{path}: fits none of {_words(kinds)}"
            return
        member = next(name for name, one in self._types.items() if one is shape)
        fields = shape.fields
        for name, one in value.items():
            field = fields.get(name)
            if field is None:
                yield f"{path}.{name}: unknown in {member}"
            else:
                yield from self._value(f"{path}.{name}", one, field.kinds)


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


def _inner(kinds: tuple[Kind, ...]) -> tuple[Kind, ...] | None:
    """Return what a list among these kinds holds, None when no list is meant."""
    return next((kind for kind in kinds if isinstance(kind, tuple)), None)


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
