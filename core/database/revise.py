"""Write the migration for a change of ``tables/``: ``python -m core.database.revise "reviews"``. Read it before use."""

import sys
from typing import Any, Literal

from alembic import command
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import create_engine

from core.database import columns
from core.database.migrate import alembic_config, head

NAMES: tuple[tuple[Any, str], ...] = ((columns.Big, "columns.Big"), (columns.Json, "columns.Json"))


def render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types by the names they have in ``columns.py``."""
    if kind != "type":
        return False
    if isinstance(item, columns.Moment):
        return "columns.Moment"
    return next((name for known, name in NAMES if item is known), False)


def revise(words: str) -> None:
    """Compare a freshly migrated database with the tables and write what differs as the next version."""
    number = f"{int(head()) + 1:04d}"
    with create_engine("sqlite://").connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        command.revision(config, words, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    revise(" ".join(sys.argv[1:]) or "change")
