"""Favourites, the list for what is sold out, a reminder of a basket, what a person wants to hear, "received"."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "favourites",
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("product_id", columns.Big, nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_favourites_person_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_favourites_product_id")),
        sa.PrimaryKeyConstraint("person_id", "product_id", name=op.f("pk_favourites")),
    )
    op.create_table(
        "waitlist",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("variant_id", columns.Big, nullable=False),
        sa.Column("asked_at", columns.Moment, nullable=False),
        sa.Column("told_at", columns.Moment, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_waitlist_person_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_waitlist_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist")),
    )
    op.create_index("ix_waitlist_person", "waitlist", ["person_id"], unique=False)
    op.create_index(
        "uq_waitlist_waiting",
        "waitlist",
        ["variant_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.add_column("carts", sa.Column("reminded_at", columns.Moment, nullable=True))
    op.add_column("orders", sa.Column("received_at", columns.Moment, nullable=True))
    op.add_column("people", sa.Column("wants_news", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("people", sa.Column("wants_reminders", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    op.drop_column("people", "wants_reminders")
    op.drop_column("people", "wants_news")
    op.drop_column("orders", "received_at")
    op.drop_column("carts", "reminded_at")
    op.drop_index(
        "uq_waitlist_waiting",
        table_name="waitlist",
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.drop_index("ix_waitlist_person", table_name="waitlist")
    op.drop_table("waitlist")
    op.drop_table("favourites")
