"""The ledger of loyalty points; who brought whom."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "point_entries",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("order_id", columns.Big, nullable=True),
        sa.Column("expires_at", columns.Moment, nullable=True),
        sa.Column("at", columns.Moment, nullable=False),
        sa.CheckConstraint(
            "kind IN ('earned', 'referral', 'friend', 'redeemed', 'returned', 'expired', 'adjusted')",
            name=op.f("ck_point_entries_kind"),
        ),
        sa.CheckConstraint("points <> 0", name=op.f("ck_point_entries_points_move")),
        sa.CheckConstraint(
            "remaining >= 0 AND (remaining = 0 OR remaining <= points)", name=op.f("ck_point_entries_remaining_range")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_point_entries_order_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_point_entries_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_entries")),
    )
    op.create_index(
        "ix_point_entries_living",
        "point_entries",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("remaining > 0"),
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_index(op.f("ix_point_entries_order_id"), "point_entries", ["order_id"], unique=False)
    op.create_index("ix_point_entries_person", "point_entries", ["person_id"], unique=False)
    op.create_index(
        "uq_point_entries_once",
        "point_entries",
        ["order_id", "person_id", "kind"],
        unique=True,
        sqlite_where=sa.text("kind IN ('earned', 'referral', 'friend')"),
        postgresql_where=sa.text("kind IN ('earned', 'referral', 'friend')"),
    )
    op.add_column("carts", sa.Column("with_points", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("orders", sa.Column("points_used", sa.Integer(), server_default="0", nullable=False))
    op.add_column("orders", sa.Column("points_discount", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("people", sa.Column("referral_code", sa.String(length=16), nullable=True))
    by = sa.ForeignKey("people.id", name=op.f("fk_people_referrer_id"))
    op.add_column("people", sa.Column("referrer_id", columns.Big, by, nullable=True), inline_references=True)
    op.create_index("uq_people_referral_code", "people", ["referral_code"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_people_referral_code", table_name="people")
    with op.batch_alter_table("people") as people:
        people.drop_column("referrer_id")
        people.drop_column("referral_code")
    op.drop_column("orders", "points_discount")
    op.drop_column("orders", "points_used")
    op.drop_column("carts", "with_points")
    op.drop_table("point_entries")
