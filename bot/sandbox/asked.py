"""What people ask beside buttons: inline queries, and Mini Apps they opened; and where inline messages stand."""

import base64
import hashlib
import struct
from dataclasses import dataclass
from typing import Any

MOST = 500  # questions remembered; the oldest go first
_DATA_CENTRE = 2
_LAST_DATA_CENTRE = 1000
_SIZES = (20, 24)  # bytes of an inline message id: the old kind and today's


@dataclass(slots=True)
class Asked:
    """A question of a person: `kind` is "inline", or how a Mini App was opened ("app", "key").

    `text` is what was typed, or the keyboard button's text; `answer` is None until the bot gave one.
    """

    id: str
    number: int
    kind: str
    person: int
    chat: int
    at: float
    text: str = ""
    offset: str = ""
    answer: dict[str, Any] | None = None


def session_id(bot: int, number: int) -> str:
    """Return the `query_id` of a Mini App's session: letters as Telegram's, the same for the same number."""
    return base64.urlsafe_b64encode(_digest(bot, "session", number)[:18]).decode()


def inline_message_id(bot: int, chat: int, message: int) -> str:
    """Return the id of an inline message: 24 bytes as Telegram packs them, the same for the same message."""
    key = int.from_bytes(_digest(bot, "message", chat, message)[:8], "little", signed=True)
    return base64.urlsafe_b64encode(struct.pack("<iqiq", _DATA_CENTRE, chat, message, key)).decode().rstrip("=")


def is_inline_message_id(text: str) -> bool:
    """Say whether a text has the shape of one (source: td InlineMessageManager.cpp)."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return False
    return len(data) in _SIZES and 0 < int.from_bytes(data[:4], "little", signed=True) <= _LAST_DATA_CENTRE


def chat_instance(bot: int, chat: int) -> str:
    """Return the number that stands for a chat in callback queries and Mini Apps opened by a link."""
    instance = hashlib.sha256(f"{bot} {chat}".encode()).digest()
    return str(int.from_bytes(instance[:7], "big"))


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(" ".join(map(str, parts)).encode()).digest()
