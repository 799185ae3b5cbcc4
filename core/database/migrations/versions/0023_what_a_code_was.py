"""An order keeps who brought its customer and at which rate, and what its code was as it used it."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TERMS = ("kind", "value", "cap", "minimum")


def upgrade() -> None:
    promoter = sa.ForeignKey("promoters.id", name=op.f("fk_orders_promoter_id"))
    op.add_column("orders", sa.Column("promoter_id", columns.Big, promoter, nullable=True), inline_references=True)
    # SQLite takes a CHECK only with its column
    check = "CONSTRAINT ck_orders_commission_range CHECK (commission_rate BETWEEN 0 AND 10000)"
    op.execute(f"ALTER TABLE orders ADD COLUMN commission_rate INTEGER DEFAULT 0 NOT NULL {check}")
    op.add_column("promo_uses", sa.Column("kind", sa.String(length=32), nullable=True))
    op.add_column("promo_uses", sa.Column("value", columns.Big, nullable=True))
    op.add_column("promo_uses", sa.Column("cap", sa.BigInteger(), nullable=True))
    op.add_column("promo_uses", sa.Column("minimum", sa.BigInteger(), server_default="0", nullable=False))
    for name in TERMS:
        op.execute(f"UPDATE promo_uses SET {name} = (SELECT {name} FROM promo_codes WHERE id = promo_id)")
    mine = "FROM promo_uses JOIN promo_codes ON promo_codes.id = promo_uses.promo_id"
    here = "WHERE promo_uses.order_id = orders.id AND orders.promo_code <> ''"
    op.execute(f"UPDATE orders SET promoter_id = (SELECT promo_codes.promoter_id {mine} {here})")
    rate = "coalesce((SELECT rate FROM promoters WHERE promoters.id = orders.promoter_id), 0)"
    op.execute(f"UPDATE orders SET commission_rate = {rate} WHERE promoter_id IS NOT NULL")


def downgrade() -> None:
    for name in reversed(TERMS):
        op.drop_column("promo_uses", name)
    op.drop_column("orders", "commission_rate")
    with op.batch_alter_table("orders") as orders:
        orders.drop_constraint(op.f("fk_orders_promoter_id"), type_="foreignkey")
        orders.drop_column("promoter_id")
