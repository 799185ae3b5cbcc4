"""Read and change the shop's own rules."""

import logging
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection

from core import changes
from core.clock import Clock
from core.config import Config
from core.database import Database
from core.errors import Refused, StartRefused
from core.settings import rules, store
from core.settings.rules import Policy

log = logging.getLogger(__name__)


async def load(db: Database, config: Config) -> Policy:
    """Read the policy: defaults, then what the environment says, then what people changed and still is allowed."""
    saved = await db.read(store.load)
    known = {field.name for field in fields(Policy)}
    given = {"staff_chat_id": config.staff_chat_id, "admin_chat_id": config.admin_chat_id}
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    fitting = {key: value for key, value in saved.items() if key in known and rules.valid(key, value)}
    values |= fitting
    for key in known & saved.keys() - fitting.keys():
        log.warning("setting %s has a value that does not fit any more: its default is in force", key)
    return Policy(**values)


async def change(db: Database, clock: Clock, key: str, value: Any, by: int | None) -> None:
    """Change one rule and audit it; ``Refused`` when the value does not fit. Every process hears of it."""
    if not rules.valid(key, value):
        raise Refused("setting_invalid", setting=key)

    def write(tx: Connection) -> None:
        before = store.load(tx).get(key)
        store.save(tx, key, value, clock.now())
        store.write_audit(tx, clock.now(), by, "setting", key, detail={"from": before, "to": value})
        changes.note(tx, "settings")

    await db.write(write)


async def may_serve(db: Database, bot_id: int) -> None:
    """Refuse a database that is another bot's with ``StartRefused``: no practice in a real shop."""
    if (await db.read(store.load)).get("bot_id", bot_id) != bot_id:
        raise StartRefused(
            "This database belongs to another bot, and was left as it is. The sandbox never touches a real shop's "
            "data, nor a real bot the sandbox's: set HAANG_DATA_DIR (or HAANG_DATABASE_URL) to one of its own."
        )


async def belong_to(db: Database, clock: Clock, bot_id: int) -> None:
    """Tie the database to one bot for good; refused as by :func:`may_serve` where another was quicker."""
    await db.write(store.claim, "bot_id", bot_id, clock.now())
    await may_serve(db, bot_id)
