"""Alembic's way in: it is handed a live connection, and never finds one by itself."""

from alembic import context

from core.database.revise import render
from core.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
    transactional_ddl=True,
    render_item=render,
)
context.run_migrations()
