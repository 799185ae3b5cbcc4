"""How a button's value is written and read."""

import re
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, ClassVar, Self

LONGEST = 64
_INT = re.compile(r"-?[0-9]{1,18}")  # no other digits: int() would read Khmer ones, which no button of ours writes


class BadTap(ValueError):
    """The value is not one that a button of ours carries."""


@dataclass(frozen=True, slots=True)
class Tap:
    """Packs to ``prefix:value:value``."""

    prefix: ClassVar[str] = ""

    def pack(self) -> str:
        """Write the button's value; ``BadTap`` when Telegram would refuse its length."""
        names: tuple[str, ...] = self.__match_args__
        values = [getattr(self, name) for name in names]
        packed = ":".join([self.prefix, *[v.value if isinstance(v, Enum) else str(v) for v in values]])
        if len(packed.encode()) > LONGEST:
            raise BadTap(packed)
        return packed

    @classmethod
    def parse(cls, values: list[str]) -> Self:
        """Read the values after the prefix; ``BadTap`` for any that do not fit."""
        names = fields(cls)
        if len(values) != len(names):
            raise BadTap(cls.prefix)
        return cls(**{field.name: _value(field.type, text) for field, text in zip(names, values, strict=True)})


def _value(kind: Any, text: str) -> Any:
    if kind is int:
        if not _INT.fullmatch(text):
            raise BadTap(text)
        return int(text)
    if kind is str:
        if not re.fullmatch(r"\w{0,12}", text, re.ASCII):
            raise BadTap(text)
        return text
    try:
        return kind(text)
    except ValueError:
        raise BadTap(text) from None
