"""What people see: messages with their buttons, and the answers to a tap."""

import re
from dataclasses import dataclass
from typing import Any, Self

Json = dict[str, Any]
Words = str | re.Pattern[str]


class Message(dict[str, Any]):
    """A Bot API message as the chat page gets it, with short ways to what people look at."""

    @property
    def id(self) -> int:
        """Its number in the chat."""
        return int(self["message_id"])

    @property
    def text(self) -> str:
        """What it says: its text or caption, "" for none."""
        return str(self.get("text") or self.get("caption") or "")

    @property
    def rows(self) -> list[list[Json]]:
        """The inline buttons below it, row by row."""
        return (self.get("reply_markup") or {}).get("inline_keyboard") or []

    @property
    def buttons(self) -> list[Json]:
        """The inline buttons below it."""
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        """What its inline buttons say."""
        return [button["text"] for button in self.buttons]

    def says(self, words: Words) -> bool:
        """Whether its text, its caption or one of its buttons holds these words, or matches this pattern."""
        return any(holds(text, words) for text in (self.text, *self.labels))

    def place(self, label: Words) -> tuple[int, int] | None:
        """Return row and column of the first inline button that says so, None where there is none."""
        places = ((r, c) for r, row in enumerate(self.rows) for c in range(len(row)))
        return next(((r, c) for r, c in places if holds(self.rows[r][c]["text"], label)), None)

    def shown(self) -> str:
        """Return it as a line for a person reading a failed test."""
        who = self.get("from", {}).get("first_name", "")
        said = self.text or f"({', '.join(name for name in self if name not in _FRAME)})"
        return f"#{self.id} {who}: {said}{''.join(f' [{label}]' for label in self.labels)}"


_FRAME = frozenset({"message_id", "from", "chat", "date", "html", "pinned", "file_url", "reply_markup"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tap brought: the bot's toast or alert, or what the button opened; `given`: whether the bot answered."""

    text: str = ""
    alert: bool = False
    url: str = ""
    copied: str = ""
    web_app: str = ""
    given: bool = False

    @classmethod
    def read(cls, done: Json) -> Self:
        """Read the answer of `POST /sandbox/tap`."""
        said = done.get("answer")
        answer = said or {}
        app = done.get("web_app") or ""
        return cls(
            text=answer.get("text") or "",
            alert=bool(answer.get("show_alert")),
            url=done.get("url") or answer.get("url") or "",
            copied=done.get("copy_text") or "",
            web_app=app.get("url", "") if isinstance(app, dict) else str(app),
            given=said is not None,
        )


def holds(text: str, words: Words) -> bool:
    """Whether a text holds words or matches a pattern."""
    return words in text if isinstance(words, str) else bool(words.search(text))
