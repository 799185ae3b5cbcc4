"""SQL of opening day: codes and what Telegram was told stand in the settings table; wrong codes in the audit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from core.database.tables import audit
from core.settings import store as settings
from core.setup.rules import Code, Goal

WRONG = "code.wrong"
_CODE, _TOLD = "code_", "told"


def codes(tx: Connection) -> list[Code]:
    """Every code that was made and not used, whether it is still good or not."""
    found = settings.load(tx)
    kept = [(goal, found[_CODE + goal]) for goal in Goal if found.get(_CODE + goal)]
    return [Code(goal, one["hash"], datetime.fromisoformat(one["until"]), one["by"]) for goal, one in kept]


def keep(tx: Connection, code: Code, now: datetime) -> None:
    """Write a code, in the place of the last one for the same goal."""
    value = {"hash": code.hash, "until": code.until.isoformat(), "by": code.by}
    settings.save(tx, _CODE + code.goal, value, now)


def spend(tx: Connection, goal: Goal) -> None:
    """Let nobody use a code again."""
    settings.remove(tx, _CODE + goal)


def wrong(tx: Connection, subject: str, subject_id: int, since: datetime) -> int:
    """How many wrong codes were typed in a chat, or by a person in their own, after a moment."""
    there = (audit.c.subject == subject, audit.c.subject_id == subject_id)
    query = select(func.count()).select_from(audit).where(*there, audit.c.action == WRONG, audit.c.at > since)
    return int(tx.execute(query).scalar_one())


def told(tx: Connection) -> dict[str, str]:
    """What Telegram was told last: by name a hash of it."""
    found: dict[str, str] = settings.load(tx).get(_TOLD) or {}
    return found


def tell(tx: Connection, now: datetime, new: Mapping[str, str | None]) -> None:
    """Remember what Telegram was told, None for what was taken back."""
    settings.lock(tx)
    both: dict[str, Any] = told(tx) | dict(new)
    settings.save(tx, _TOLD, {name: value for name, value in both.items() if value is not None}, now)
