"""Read and change the shop's own rules."""

import logging
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
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


def saved(tx: Connection) -> dict[str, Any]:
    """Read what people changed of the policy, whether it still is allowed or not."""
    known = {field.name for field in fields(Policy)}
    return {key: value for key, value in store.load(tx).items() if key in known}


def policy(saved: Mapping[str, Any], config: Config) -> Policy:
    """Make the policy: defaults, then what the environment says, then what people changed and still is allowed."""
    given = {"staff_chat_id": config.staff_chat_id, "admin_chat_id": config.admin_chat_id}
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    fitting = _fitting(saved)
    for key in saved.keys() - fitting.keys():
        log.warning("setting %s has a value that does not fit any more: its default is in force", key)
    return rules.made(values | fitting)


def _fitting(saved: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name for field in fields(Policy)}
    return {key: value for key, value in saved.items() if key in known and rules.valid(key, value)}


def in_force(tx: Connection) -> Policy:
    """Read the policy inside a transaction, as people set it; nobody else changes it until the end of that."""
    store.lock(tx)
    return rules.made(_fitting(store.load(tx)))


def put(
    tx: Connection, now: datetime, values: Mapping[str, Any], by: int | None, *, owner: bool = False
) -> None:  # fmt: skip
    """Change rules together, None for "as by default", and audit what is another with before and after.

    With the shop's name goes the one on its KHQR, unless an owner once said that. Where money can come there already,
    an ``owner`` alone takes it along. A QR that was shown stays as it is anyway.
    ``Refused("setting_invalid")`` where one does not fit, or they do not fit together. The caller's transaction.
    """
    before, said = in_force(tx), values
    for key, value in values.items():
        if value is not None and not rules.valid(key, value):
            raise Refused("setting_invalid", setting=key)
    named_by = store.load(tx).get(rules.NAMED_BY)
    carries = owner or not before.khqr_account
    values = rules.following(before, values, named_by) if carries else rules.staying(before, values)
    name = values.get("shop_name", before.shop_name) or Policy().shop_name
    new = {key: rules.by_default(key, name) if value is None else value for key, value in values.items()}
    clash = rules.conflict(replace(before, **new))
    if clash and set(clash) & values.keys():
        raise Refused("setting_invalid", setting=clash[-1])
    for key, value in values.items():
        if value is None:
            store.remove(tx, key)
        else:
            store.save(tx, key, value, now)
        detail = {"from": getattr(before, key), "to": new[key]}
        if detail["from"] != detail["to"]:
            store.write_audit(tx, now, by, "setting", key, detail=detail)
    if "shop_name" in values or "khqr_name" in values:
        store.save(tx, rules.NAMED_BY, rules.named_by(before, said, named_by), now)
    changes.note(tx, "settings")


async def change(db: Database, clock: Clock, key: str, value: Any, by: int | None) -> None:
    """Change one rule and audit it; ``Refused`` when the value does not fit. Every process hears of it.

    Nobody (``by``) is who runs the machine, an owner's hand.
    """
    if not rules.valid(key, value):
        raise Refused("setting_invalid", setting=key)
    await db.write(lambda tx: put(tx, clock.now(), {key: value}, by, owner=by is None))


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
