"""Owe the admins a note about the house itself. The words are chosen where it is rendered, in the reader's language."""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from core.messages import store as messages
from core.messages.rules import MessageKind
from core.people import store as people
from core.settings.rules import Policy
from core.storage import store


def owe_alert(
    tx: Connection, policy: Policy, subject: str, data: dict[str, Any], now: datetime, chats: Sequence[int] = (), *,
    apart: timedelta | None = None,
) -> None:  # fmt: skip
    """Owe an alert to the admin chat or, where none is set, to each owner; to ``chats`` where they are named.

    ``subject`` tells alerts apart: while one about it still waits to be sent, another adds nothing. ``data`` holds
    ``metric`` and ``level`` and whatever figures the sentence needs. ``apart``: told again only after so long.
    """
    if apart is not None and not store.remind(tx, subject, now, apart):
        return
    for chat_id in chats or people.admin_chats(tx, policy.admin_chat_id):
        messages.owe(tx, chat_id, MessageKind.ALERT, zlib.crc32(subject.encode()), now, data=data)
