"""Opens cases for money that waited before there was an inbox: what was looked at, or was due to go back.

Only of orders without a case: what the inbox has seen since stays as it is.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UNSEEN = "NOT EXISTS (SELECT 1 FROM payment_cases c WHERE c.order_id = o.id)"
MEANT = "CASE WHEN o.payment_status = 'paid' THEN 'duplicate' ELSE 'late' END"
CASE = "INSERT INTO payment_cases (order_id, attempt_id, kind, state, currency, amount, bank_hash, opened_at) "
BOOK = "INSERT INTO settlements (order_id, kind, source, currency, amount, attempt_id, case_id, bank_hash, at) "
OF_ATTEMPT = "FROM payment_attempts a JOIN orders o ON o.id = a.order_id WHERE "
TOGETHER = (
    # how much came of what was looked at was not written down: amount 0
    "SELECT o.id AS order_id, a.id AS attempt_id, CASE WHEN a.note = 'account' THEN 'account' "
    "WHEN o.payment_status = 'review' AND a.note <> 'hash' THEN 'currency' ELSE 'hash' END AS kind, 'open' AS state, "
    "o.currency AS currency, 0 AS amount, COALESCE(a.bank_hash, '') AS bank_hash, o.updated_at AS opened_at "
    f"{OF_ATTEMPT} a.state = 'review' AND {UNSEEN} UNION ALL "
    f"SELECT o.id, a.id, {MEANT}, 'refund_due', a.currency, a.amount, COALESCE(a.bank_hash, ''), o.updated_at "
    f"{OF_ATTEMPT} a.state IN ('late', 'duplicate', 'refund_due') AND {UNSEEN} UNION ALL "
    "SELECT o.id, a.id, 'duplicate', 'refund_due', a.currency, a.amount, '', o.updated_at "
    f"{OF_ATTEMPT} a.note LIKE '%second payment %' AND {UNSEEN} UNION ALL "
    "SELECT o.id, NULL, 'cancelled', 'refund_due', o.currency, o.total, '', o.updated_at FROM orders o WHERE "
    "o.payment_status = 'refund_due' AND EXISTS (SELECT 1 FROM settlements s WHERE s.order_id = o.id "
    f"AND s.kind = 'received') AND {UNSEEN} UNION ALL "
    "SELECT o.id, (SELECT MAX(a.id) FROM payment_attempts a WHERE a.order_id = o.id), 'silent', 'open', o.currency, 0, "
    "'', o.updated_at FROM orders o WHERE o.payment_status = 'review' AND NOT EXISTS (SELECT 1 FROM payment_attempts a "
    f"WHERE a.order_id = o.id AND a.state = 'review') AND {UNSEEN}"
)
NEW = "FROM payment_cases c WHERE c.state = 'refund_due' AND c.kind <> 'cancelled' AND c.amount > 0 AND NOT EXISTS "
RECEIVED = "(SELECT 1 FROM settlements s WHERE s.case_id = c.id OR (c.bank_hash <> '' AND s.bank_hash = c.bank_hash))"


def upgrade() -> None:
    op.execute(f"{CASE}{TOGETHER}")
    op.execute(
        f"{BOOK}SELECT c.order_id, 'received', 'bank', c.currency, c.amount, c.attempt_id, NULL, "
        f"NULLIF(c.bank_hash, ''), c.opened_at {NEW}{RECEIVED}"
    )
    op.execute(
        f"{BOOK}SELECT c.order_id, 'owed', 'shop', c.currency, c.amount, NULL, c.id, NULL, c.opened_at "
        "FROM payment_cases c WHERE c.state = 'refund_due' AND c.amount > 0 "
        "AND NOT EXISTS (SELECT 1 FROM settlements s WHERE s.case_id = c.id)"
    )


def downgrade() -> None:
    """What was booked stays: it is true in the schema before as well."""
