"""The shop's sentences in English and Khmer (ISO ``km``): ``en.toml`` and ``km.toml``, the same keys in both.

A sentence may hold ``{gaps}`` and Telegram's few HTML tags. ``t(key)`` gives plain text; ``t.html(key)`` escapes every
value it fills in, so a name with ``<`` in it stays a name.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from markupsafe import Markup

LANGUAGES = ("en", "km")


@cache
def sentences(language: str) -> dict[str, str]:
    """All sentences of one language by dotted key."""
    found: dict[str, str] = {}

    def flatten(prefix: str, node: dict[str, Any]) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                flatten(f"{prefix}{key}.", value)
            else:
                found[prefix + key] = value

    for path in sorted(Path(__file__).parent.glob(f"{language}*.toml")):
        flatten("", tomllib.loads(path.read_text("utf-8")))
    return found


@dataclass(frozen=True, slots=True)
class Translator:
    """Speaks one language. An unknown key is a ``KeyError``: a test finds it before a person does."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """Say it as plain text, for buttons, answers to taps and pictures."""
        sentence = sentences(self.language)[key]
        return sentence.format(**values) if values else sentence

    def html(self, key: str, **values: object) -> Markup:
        """Say it as HTML with every value escaped."""
        return Markup(sentences(self.language)[key]).format(**values)  # noqa: S704 - the sentence is ours

    def pick(self, english: str, khmer: str) -> str:
        """Choose between the two names of a thing; a missing one falls back to the other."""
        return (khmer or english) if self.language == "km" else (english or khmer)

    def when(self, moment: datetime, zone: ZoneInfo, pattern: str = "d MMM HH:mm") -> str:
        """Write a moment in the shop's zone, with Latin digits in both languages."""
        return format_datetime(moment, pattern, tzinfo=zone, locale=self.language)

    def day(self, day: date, pattern: str = "d MMM y") -> str:
        """Write a day of the calendar as moments are written: ``14 Apr 2027``."""
        return format_date(day, pattern, locale=self.language)


@cache
def translator(language: str | None) -> Translator:
    """Speak ``language``; unknown or unset is English."""
    return Translator(language if language in LANGUAGES else "en")
