"""What lies beside the database, and who brings customers: files, copies of backups, imported rows, promoters."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup_copies",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("backup", sa.String(length=80), nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("parts", columns.Json, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("trouble", sa.String(length=120), nullable=True),
        sa.Column("at", columns.Moment, nullable=False),
        sa.Column("verified_at", columns.Moment, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'uploaded', 'verified', 'failed')", name=op.f("ck_backup_copies_state")
        ),
        sa.CheckConstraint("target IN ('store', 'chat')", name=op.f("ck_backup_copies_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_copies")),
        sa.UniqueConstraint("backup", "target", name=op.f("uq_backup_copies_backup_target")),
    )
    op.create_table(
        "hero_slides",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("file", sa.String(length=300), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("title_en", sa.String(length=200), server_default="", nullable=False),
        sa.Column("title_km", sa.String(length=200), server_default="", nullable=False),
        sa.Column("subtitle_en", sa.String(length=300), server_default="", nullable=False),
        sa.Column("subtitle_km", sa.String(length=300), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.CheckConstraint("file <> '' OR url <> ''", name=op.f("ck_hero_slides_shows_something")),
        sa.CheckConstraint("kind IN ('image', 'video', 'url')", name=op.f("ck_hero_slides_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hero_slides")),
    )
    op.create_table(
        "imported_rows",
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("subject_id", columns.Big, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.PrimaryKeyConstraint("source", "model", "key", name=op.f("pk_imported_rows")),
    )
    op.create_table(
        "media_files",
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("written_at", columns.Moment, nullable=False),
        sa.CheckConstraint(
            "kind IN ('products', 'qr_codes', 'hero_slides', 'videos', 'other')", name=op.f("ck_media_files_kind")
        ),
        sa.CheckConstraint("bytes >= 0", name=op.f("ck_media_files_bytes_range")),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_media_files")),
    )
    op.create_index("ix_media_files_kind", "media_files", ["kind", "bytes"], unique=False)
    op.create_table(
        "promoters",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=20), server_default="", nullable=False),
        sa.Column("email", sa.String(length=200), server_default="", nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.CheckConstraint("rate BETWEEN 0 AND 10000", name=op.f("ck_promoters_rate_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promoters")),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("email", sa.String(length=200), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=20), server_default="", nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("subscribed_at", columns.Moment, nullable=False),
        sa.Column("unsubscribed_at", columns.Moment, nullable=True),
        sa.CheckConstraint("email <> '' OR phone <> ''", name=op.f("ck_subscribers_can_be_reached")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
    )
    op.create_index(
        "uq_subscribers_email",
        "subscribers",
        ["email"],
        unique=True,
        sqlite_where=sa.text("email <> ''"),
        postgresql_where=sa.text("email <> ''"),
    )
    promoter = sa.ForeignKey("promoters.id", name=op.f("fk_promo_codes_promoter_id"))
    op.add_column("promo_codes", sa.Column("promoter_id", columns.Big, promoter, nullable=True), inline_references=True)
    op.add_column("promo_codes", sa.Column("description_en", sa.String(length=300), server_default="", nullable=False))
    op.add_column("promo_codes", sa.Column("description_km", sa.String(length=300), server_default="", nullable=False))
    op.create_index(op.f("ix_promo_codes_promoter_id"), "promo_codes", ["promoter_id"], unique=False)
    op.add_column("storage_alerts", sa.Column("muted_by", columns.Big, nullable=True))
    op.add_column("storage_alerts", sa.Column("reminders", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("storage_alerts", "reminders")
    op.drop_column("storage_alerts", "muted_by")
    op.drop_index(op.f("ix_promo_codes_promoter_id"), table_name="promo_codes")
    with op.batch_alter_table("promo_codes") as codes:
        codes.drop_constraint(op.f("fk_promo_codes_promoter_id"), type_="foreignkey")
        for name in ("description_km", "description_en", "promoter_id"):
            codes.drop_column(name)
    op.drop_index("uq_subscribers_email", table_name="subscribers")
    op.drop_table("subscribers")
    op.drop_table("promoters")
    op.drop_index("ix_media_files_kind", table_name="media_files")
    op.drop_table("media_files")
    op.drop_table("imported_rows")
    op.drop_table("hero_slides")
    op.drop_table("backup_copies")
