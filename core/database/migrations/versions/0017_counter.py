"""What staff work with: notes, parcels' carriers, verdicts, topics, nudges, invitations; who carries an order, who entered it."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topics",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.CheckConstraint("topic IN ('orders', 'delivery', 'problems', 'reports')", name=op.f("ck_topics_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
    )
    op.create_index("uq_topics_chat_topic", "topics", ["chat_id", "topic"], unique=True)
    op.create_table(
        "invitations",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("created_by", columns.Big, nullable=False),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.Column("expires_at", columns.Moment, nullable=False),
        sa.Column("used_by", columns.Big, nullable=True),
        sa.Column("used_at", columns.Moment, nullable=True),
        sa.Column("revoked_at", columns.Moment, nullable=True),
        sa.CheckConstraint("role IN ('owner', 'admin', 'staff', 'courier')", name=op.f("ck_invitations_role")),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_invitations_created_by")),
        sa.ForeignKeyConstraint(["used_by"], ["people.id"], name=op.f("fk_invitations_used_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index("uq_invitations_code_hash", "invitations", ["code_hash"], unique=True)
    op.create_table(
        "nudges",
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_nudges_order_id")),
        sa.PrimaryKeyConstraint("order_id", "status", name=op.f("pk_nudges")),
    )
    op.create_table(
        "order_checks",
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("flags", columns.Json, nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("by_id", columns.Big, nullable=True),
        sa.Column("at", columns.Moment, nullable=False),
        sa.Column("decided_at", columns.Moment, nullable=True),
        sa.CheckConstraint("verdict IN ('verified', 'suspicious', 'rejected')", name=op.f("ck_order_checks_verdict")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_order_checks_by_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_checks_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_checks")),
    )
    op.create_table(
        "order_notes",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("author_id", columns.Big, nullable=False),
        sa.Column("text", sa.String(length=500), server_default="", nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_order_notes_author_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_notes_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_notes")),
    )
    op.create_index(op.f("ix_order_notes_order_id"), "order_notes", ["order_id"], unique=False)
    op.create_table(
        "shipments",
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("tracking_number", sa.String(length=40), server_default="", nullable=False),
        sa.Column("by_id", columns.Big, nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.CheckConstraint("carrier IN ('jt', 'vet', 'cambodia_post', 'other')", name=op.f("ck_shipments_carrier")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_shipments_by_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_shipments")),
    )
    op.add_column("orders", sa.Column("held_at", columns.Moment, nullable=True))
    courier = sa.ForeignKey("people.id", name=op.f("fk_orders_courier_id"))
    op.add_column("orders", sa.Column("courier_id", columns.Big, courier, nullable=True), inline_references=True)
    op.add_column("orders", sa.Column("prepaid", sa.BigInteger(), server_default="0", nullable=False))
    entered = sa.ForeignKey("people.id", name=op.f("fk_orders_entered_by"))
    op.add_column("orders", sa.Column("entered_by", columns.Big, entered, nullable=True), inline_references=True)
    op.add_column("stock", sa.Column("low_told_at", columns.Moment, nullable=True))


def downgrade() -> None:
    op.drop_column("stock", "low_told_at")
    with op.batch_alter_table("orders") as orders:
        for name in ("entered_by", "courier_id"):
            orders.drop_constraint(op.f(f"fk_orders_{name}"), type_="foreignkey")
            orders.drop_column(name)
    op.drop_column("orders", "prepaid")
    op.drop_column("orders", "held_at")
    op.drop_table("shipments")
    op.drop_index(op.f("ix_order_notes_order_id"), table_name="order_notes")
    op.drop_table("order_notes")
    op.drop_table("order_checks")
    op.drop_table("nudges")
    op.drop_index("uq_invitations_code_hash", table_name="invitations")
    op.drop_table("invitations")
    op.drop_index("uq_topics_chat_topic", table_name="topics")
    op.drop_table("topics")
