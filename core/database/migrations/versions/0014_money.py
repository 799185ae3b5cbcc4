"""The ledger of money, the payment inbox, cash with couriers; what was paid before is booked."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cash_hand_ins",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("courier_id", columns.Big, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("riel", sa.BigInteger(), nullable=False),
        sa.Column("counted_cents", columns.Big, nullable=True),
        sa.Column("counted_riel", columns.Big, nullable=True),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("handed_at", columns.Moment, nullable=False),
        sa.Column("confirmed_by", columns.Big, nullable=True),
        sa.Column("confirmed_at", columns.Moment, nullable=True),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_at IS NOT NULL)", name=op.f("ck_cash_hand_ins_confirmed_when_said")
        ),
        sa.CheckConstraint("state IN ('handed', 'confirmed')", name=op.f("ck_cash_hand_ins_state")),
        sa.CheckConstraint("cents >= 0 AND riel >= 0", name=op.f("ck_cash_hand_ins_amounts")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"], name=op.f("fk_cash_hand_ins_confirmed_by")),
        sa.ForeignKeyConstraint(["courier_id"], ["people.id"], name=op.f("fk_cash_hand_ins_courier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_hand_ins")),
    )
    op.create_index(op.f("ix_cash_hand_ins_courier_id"), "cash_hand_ins", ["courier_id"], unique=False)
    op.create_table(
        "cash_collections",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("courier_id", columns.Big, nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("riel", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("collected_at", columns.Moment, nullable=False),
        sa.Column("hand_in_id", columns.Big, nullable=True),
        sa.CheckConstraint("expected > 0 AND cents >= 0 AND riel >= 0", name=op.f("ck_cash_collections_amounts")),
        sa.ForeignKeyConstraint(["courier_id"], ["people.id"], name=op.f("fk_cash_collections_courier_id")),
        sa.ForeignKeyConstraint(["hand_in_id"], ["cash_hand_ins.id"], name=op.f("fk_cash_collections_hand_in_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_cash_collections_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_collections")),
        sa.UniqueConstraint("order_id", name=op.f("uq_cash_collections_order_id")),
    )
    op.create_index(op.f("ix_cash_collections_hand_in_id"), "cash_collections", ["hand_in_id"], unique=False)
    op.create_index(
        "ix_cash_collections_held",
        "cash_collections",
        ["courier_id"],
        unique=False,
        sqlite_where=sa.text("hand_in_id IS NULL"),
        postgresql_where=sa.text("hand_in_id IS NULL"),
    )
    op.create_table(
        "payment_cases",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("attempt_id", columns.Big, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("bank_hash", sa.String(length=128), server_default="", nullable=False),
        sa.Column("proof", sa.String(length=200), server_default="", nullable=False),
        sa.Column("reference", sa.String(length=120), server_default="", nullable=False),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("opened_at", columns.Moment, nullable=False),
        sa.Column("closed_at", columns.Moment, nullable=True),
        sa.Column("closed_by", columns.Big, nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (closed_at IS NOT NULL)", name=op.f("ck_payment_cases_closed_when_done")
        ),
        sa.CheckConstraint(
            "kind IN ('under', 'over', 'currency', 'account', 'hash', 'late', 'duplicate', 'cancelled', 'claimed', 'silent')",
            name=op.f("ck_payment_cases_kind"),
        ),
        sa.CheckConstraint(
            "outcome IN ('approved', 'together', 'refunded', 'rejected', 'answered')",
            name=op.f("ck_payment_cases_outcome"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'refund_due', 'refund_sent', 'done')", name=op.f("ck_payment_cases_state")
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payment_cases_amount_range")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempts.id"], name=op.f("fk_payment_cases_attempt_id")),
        sa.ForeignKeyConstraint(["closed_by"], ["people.id"], name=op.f("fk_payment_cases_closed_by")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_cases_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_cases")),
    )
    op.create_index(op.f("ix_payment_cases_order_id"), "payment_cases", ["order_id"], unique=False)
    op.create_index(
        "ix_payment_cases_proof",
        "payment_cases",
        ["proof"],
        unique=False,
        sqlite_where=sa.text("proof <> ''"),
        postgresql_where=sa.text("proof <> ''"),
    )
    op.create_index(
        "ix_payment_cases_waiting",
        "payment_cases",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "settlements",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("attempt_id", columns.Big, nullable=True),
        sa.Column("case_id", columns.Big, nullable=True),
        sa.Column("bank_hash", sa.String(length=128), nullable=True),
        sa.Column("reference", sa.String(length=120), server_default="", nullable=False),
        sa.Column("actor_id", columns.Big, nullable=True),
        sa.Column("at", columns.Moment, nullable=False),
        sa.CheckConstraint("amount > 0 OR (kind = 'waived' AND amount <> 0)", name=op.f("ck_settlements_amount_range")),
        sa.CheckConstraint("kind IN ('received', 'owed', 'refunded', 'waived')", name=op.f("ck_settlements_kind")),
        sa.CheckConstraint("source IN ('bank', 'staff', 'cash', 'shop')", name=op.f("ck_settlements_source")),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_settlements_actor_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempts.id"], name=op.f("fk_settlements_attempt_id")),
        sa.ForeignKeyConstraint(["case_id"], ["payment_cases.id"], name=op.f("fk_settlements_case_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_settlements_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
    )
    op.create_index(op.f("ix_settlements_case_id"), "settlements", ["case_id"], unique=False)
    op.create_index(op.f("ix_settlements_order_id"), "settlements", ["order_id"], unique=False)
    op.create_index(
        "uq_settlements_bank_hash",
        "settlements",
        ["bank_hash"],
        unique=True,
        sqlite_where=sa.text("bank_hash IS NOT NULL"),
        postgresql_where=sa.text("bank_hash IS NOT NULL"),
    )

    op.execute(
        "INSERT INTO settlements (order_id, kind, source, currency, amount, attempt_id, bank_hash, reference, at) "
        "SELECT order_id, 'received', CASE WHEN bank_hash IS NULL THEN 'staff' ELSE 'bank' END, currency, amount, id, "
        "bank_hash, '', COALESCE(paid_at, created_at) FROM payment_attempts WHERE state = 'paid'"
    )
    op.execute(
        "INSERT INTO settlements (order_id, kind, source, currency, amount, reference, at) "
        "SELECT id, 'received', 'cash', currency, total, '', delivered_at FROM orders "
        "WHERE payment_method = 'cod' AND payment_status = 'paid' AND delivered_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index(
        "uq_settlements_bank_hash",
        table_name="settlements",
        sqlite_where=sa.text("bank_hash IS NOT NULL"),
        postgresql_where=sa.text("bank_hash IS NOT NULL"),
    )
    op.drop_index(op.f("ix_settlements_order_id"), table_name="settlements")
    op.drop_index(op.f("ix_settlements_case_id"), table_name="settlements")
    op.drop_table("settlements")
    op.drop_index(
        "ix_payment_cases_waiting",
        table_name="payment_cases",
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.drop_index(
        "ix_payment_cases_proof",
        table_name="payment_cases",
        sqlite_where=sa.text("proof <> ''"),
        postgresql_where=sa.text("proof <> ''"),
    )
    op.drop_index(op.f("ix_payment_cases_order_id"), table_name="payment_cases")
    op.drop_table("payment_cases")
    op.drop_index(
        "ix_cash_collections_held",
        table_name="cash_collections",
        sqlite_where=sa.text("hand_in_id IS NULL"),
        postgresql_where=sa.text("hand_in_id IS NULL"),
    )
    op.drop_index(op.f("ix_cash_collections_hand_in_id"), table_name="cash_collections")
    op.drop_table("cash_collections")
    op.drop_index(op.f("ix_cash_hand_ins_courier_id"), table_name="cash_hand_ins")
    op.drop_table("cash_hand_ins")
