"""The house's own tables and the people."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.Column("actor_id", columns.Big, nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", columns.Big, nullable=True),
        sa.Column("detail", columns.Json, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject", "subject_id"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", columns.Big, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("slot", columns.Moment, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=80), server_default="", nullable=False),
        sa.Column("lease_until", columns.Moment, nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="1", nullable=False),
        sa.Column("started_at", columns.Moment, nullable=False),
        sa.Column("finished_at", columns.Moment, nullable=True),
        sa.Column("result", columns.Json, nullable=True),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_job_runs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job", "slot", name=op.f("uq_job_runs_job_slot")),
    )
    op.create_table(
        "people",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("username", sa.String(length=64), server_default="", nullable=False),
        sa.Column("language", sa.String(length=32), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("blocked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.Column("seen_at", columns.Moment, nullable=False),
        sa.CheckConstraint("language IN ('en', 'km')", name=op.f("ck_people_language")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("telegram_id", name=op.f("uq_people_telegram_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_people_phone"), "people", ["phone"], unique=False)
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", columns.Json, nullable=True),
        sa.Column("updated_at", columns.Moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "addresses",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("recipient", sa.String(length=200), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("province_code", sa.String(length=4), server_default="", nullable=False),
        sa.Column("district_code", sa.String(length=8), server_default="", nullable=False),
        sa.Column("commune_code", sa.String(length=8), server_default="", nullable=False),
        sa.Column("street", sa.String(length=300), server_default="", nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.Column("used_at", columns.Moment, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_addresses_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_person_id"), "addresses", ["person_id"], unique=False)
    op.create_table(
        "questions",
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("data", columns.Json, nullable=False),
        sa.Column("asked_at", columns.Moment, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_questions_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_questions")),
    )
    op.create_table(
        "roles",
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("granted_at", columns.Moment, nullable=False),
        sa.Column("granted_by", columns.Big, nullable=True),
        sa.CheckConstraint("role IN ('owner', 'admin', 'staff', 'courier')", name=op.f("ck_roles_role")),
        sa.ForeignKeyConstraint(["granted_by"], ["people.id"], name=op.f("fk_roles_granted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_roles_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_roles")),
    )


def downgrade() -> None:
    op.drop_table("roles")
    op.drop_table("questions")
    op.drop_index(op.f("ix_addresses_person_id"), table_name="addresses")
    op.drop_table("addresses")
    op.drop_table("settings")
    op.drop_index(op.f("ix_people_phone"), table_name="people")
    op.drop_table("people")
    op.drop_table("job_runs")
    op.drop_table("counters")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index("ix_audit_at", table_name="audit")
    op.drop_table("audit")
