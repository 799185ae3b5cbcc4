"""Reviews, further photos, talks with the shop, who asked to be forgotten."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tombstones",
        sa.Column("person_hash", sa.String(length=64), nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.PrimaryKeyConstraint("person_hash", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "product_photos",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("product_id", columns.Big, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_photos_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_photos")),
        sa.UniqueConstraint("product_id", "position", name=op.f("uq_product_photos_product_id_position")),
    )
    op.create_table(
        "help_threads",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("order_id", columns.Big, nullable=True),
        sa.Column("opened_at", columns.Moment, nullable=False),
        sa.Column("updated_at", columns.Moment, nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_help_threads_state")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_help_threads_order_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_help_threads_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_threads")),
        sa.UniqueConstraint("person_id", name=op.f("uq_help_threads_person_id")),
    )
    op.create_table(
        "help_messages",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("thread_id", columns.Big, nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("author_id", columns.Big, nullable=False),
        sa.Column("text", sa.String(length=4096), server_default="", nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("copy_chat_id", sa.BigInteger(), nullable=True),
        sa.Column("copy_message_id", sa.BigInteger(), nullable=True),
        sa.Column("at", columns.Moment, nullable=False),
        sa.Column("copied_at", columns.Moment, nullable=True),
        sa.CheckConstraint("side IN ('customer', 'shop')", name=op.f("ck_help_messages_side")),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_help_messages_author_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["help_threads.id"], name=op.f("fk_help_messages_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_messages")),
        sa.UniqueConstraint("chat_id", "message_id", name=op.f("uq_help_messages_chat_id_message_id")),
    )
    op.create_index("ix_help_messages_copy", "help_messages", ["copy_chat_id", "copy_message_id"], unique=False)
    op.create_index(op.f("ix_help_messages_thread_id"), "help_messages", ["thread_id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("order_line_id", columns.Big, nullable=False),
        sa.Column("product_id", columns.Big, nullable=False),
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), server_default="", nullable=False),
        sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.Column("updated_at", columns.Moment, nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_reviews_stars_range")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_reviews_order_line_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reviews_person_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_reviews_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("order_line_id", name=op.f("uq_reviews_order_line_id")),
    )
    op.create_index(op.f("ix_reviews_person_id"), "reviews", ["person_id"], unique=False)
    op.create_index(
        "ix_reviews_shown",
        "reviews",
        ["product_id", "id"],
        unique=False,
        sqlite_where=sa.text("NOT hidden"),
        postgresql_where=sa.text("NOT hidden"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_reviews_shown",
        table_name="reviews",
        sqlite_where=sa.text("NOT hidden"),
        postgresql_where=sa.text("NOT hidden"),
    )
    op.drop_index(op.f("ix_reviews_person_id"), table_name="reviews")
    op.drop_table("reviews")
    op.drop_index(op.f("ix_help_messages_thread_id"), table_name="help_messages")
    op.drop_index("ix_help_messages_copy", table_name="help_messages")
    op.drop_table("help_messages")
    op.drop_table("help_threads")
    op.drop_table("product_photos")
    op.drop_table("tombstones")
