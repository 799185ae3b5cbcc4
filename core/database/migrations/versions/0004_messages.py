"""Inbox, outbox, message references, uploads and the storage watch."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("claimed_until", columns.Moment, nullable=True),
        sa.Column("received_at", columns.Moment, nullable=False),
        sa.CheckConstraint("state IN ('new', 'done', 'failed')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_inbox")),
    )
    op.create_index(
        "ix_inbox_new",
        "inbox",
        ["update_id"],
        unique=False,
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_index("ix_inbox_received", "inbox", ["received_at"], unique=False)
    op.create_table(
        "message_refs",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", columns.Big, autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("has_photo", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("updated_at", columns.Moment, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "kind", "subject_id", name=op.f("pk_message_refs")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", columns.Big, server_default="0", nullable=False),
        sa.Column("data", columns.Json, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_at", columns.Moment, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("error", sa.String(length=300), server_default="", nullable=False),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.Column("sent_at", columns.Moment, nullable=True),
        sa.CheckConstraint("state IN ('pending', 'sending', 'sent', 'failed')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_coalesce",
        "outbox",
        ["chat_id", "kind", "subject_id"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index("ix_outbox_sent", "outbox", ["sent_at"], unique=False)
    op.create_table(
        "storage_alerts",
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("seen_level", sa.String(length=32), nullable=False),
        sa.Column("seen_times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("since", columns.Moment, nullable=False),
        sa.Column("clear_since", columns.Moment, nullable=True),
        sa.Column("muted_until", columns.Moment, nullable=True),
        sa.Column("reminded_at", columns.Moment, nullable=True),
        sa.CheckConstraint("level IN ('ok', 'warning', 'critical', 'emergency')", name=op.f("ck_storage_alerts_level")),
        sa.CheckConstraint(
            "seen_level IN ('ok', 'warning', 'critical', 'emergency')", name=op.f("ck_storage_alerts_seen_level")
        ),
        sa.PrimaryKeyConstraint("metric", name=op.f("pk_storage_alerts")),
    )
    op.create_table(
        "storage_samples",
        sa.Column("at", columns.Moment, nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("at", "metric", name=op.f("pk_storage_samples")),
    )
    op.create_table(
        "uploads",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("picture", sa.String(length=120), nullable=False),
        sa.Column("file_id", sa.String(length=200), nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "picture", name=op.f("pk_uploads")),
    )


def downgrade() -> None:
    op.drop_table("uploads")
    op.drop_table("storage_samples")
    op.drop_table("storage_alerts")
    op.drop_index("ix_outbox_sent", table_name="outbox")
    op.drop_index(
        "ix_outbox_due",
        table_name="outbox",
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.drop_index(
        "ix_outbox_coalesce",
        table_name="outbox",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("outbox")
    op.drop_table("message_refs")
    op.drop_index("ix_inbox_received", table_name="inbox")
    op.drop_index(
        "ix_inbox_new",
        table_name="inbox",
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )
    op.drop_table("inbox")
