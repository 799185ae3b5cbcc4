"""Every amount received, owed and paid back, and the cases that wait for a person: the payment inbox."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from core.database.columns import Big, choice, key, metadata, minor, moment, ref, rule, words

payment_cases = Table(
    "payment_cases",
    metadata,
    key(),
    ref("order_id", "orders", index=True),
    ref("attempt_id", "payment_attempts", nullable=True),
    *choice("kind", "under", "over", "currency", "account", "hash", "late", "duplicate", "cancelled", "claimed",
            "silent"),
    *choice("state", "open", "refund_due", "refund_sent", "done"),
    *choice("outcome", "approved", "together", "refunded", "rejected", "answered", nullable=True),
    Column("currency", String(3), nullable=False),
    minor("amount"),
    words("bank_hash", 128),
    words("proof", 200),
    words("reference", 120),
    words("note", 300),
    Column("version", Integer, nullable=False, server_default="1"),
    moment("opened_at"),
    moment("closed_at", nullable=True),
    Column("closed_by", Big, ForeignKey("people.id")),
    rule("amount >= 0", "amount_range"),
    rule("(state = 'done') = (closed_at IS NOT NULL)", "closed_when_done"),
    Index("ix_payment_cases_waiting", "id", sqlite_where=text("state <> 'done'"),
          postgresql_where=text("state <> 'done'")),
    Index("ix_payment_cases_proof", "proof", sqlite_where=text("proof <> ''"), postgresql_where=text("proof <> ''")),
)  # fmt: skip
"""``amount`` is the money the case is about; 0 where it is about a word: a claim, a bank that is silent."""

settlements = Table(
    "settlements",
    metadata,
    key(),
    ref("order_id", "orders", index=True),
    *choice("kind", "received", "owed", "refunded", "waived"),
    *choice("source", "bank", "staff", "cash", "shop"),
    Column("currency", String(3), nullable=False),
    minor("amount"),
    ref("attempt_id", "payment_attempts", nullable=True),
    ref("case_id", "payment_cases", nullable=True, index=True),
    Column("bank_hash", String(128)),
    words("reference", 120),
    Column("actor_id", Big, ForeignKey("people.id")),
    moment("at"),
    rule("amount > 0 OR (kind = 'waived' AND amount <> 0)", "amount_range"),
    Index("ix_settlements_at", "at"),
    Index("uq_settlements_bank_hash", "bank_hash", unique=True, sqlite_where=text("bank_hash IS NOT NULL"),
          postgresql_where=text("bank_hash IS NOT NULL")),
)  # fmt: skip
"""A ledger: rows are added, never changed, but for the bank's word on what staff approved before it spoke, and on what
goes back of it where the order was cancelled meanwhile."""

cash_collections = Table(
    "cash_collections",
    metadata,
    key(),
    Column("order_id", Big, ForeignKey("orders.id"), nullable=False, unique=True),
    ref("courier_id", "people"),
    minor("expected"),
    minor("cents"),
    minor("riel"),
    words("note", 300),
    moment("collected_at"),
    ref("hand_in_id", "cash_hand_ins", nullable=True, index=True),
    rule("expected > 0 AND cents >= 0 AND riel >= 0", "amounts"),
    Index("ix_cash_collections_held", "courier_id", sqlite_where=text("hand_in_id IS NULL"),
          postgresql_where=text("hand_in_id IS NULL")),
)  # fmt: skip
"""Cash a courier took for a parcel: dollars in cents and riel; ``expected`` in cents is what the order costs."""

cash_hand_ins = Table(
    "cash_hand_ins",
    metadata,
    key(),
    ref("courier_id", "people", index=True),
    *choice("state", "handed", "confirmed"),
    minor("cents"),
    minor("riel"),
    Column("counted_cents", Big),
    Column("counted_riel", Big),
    words("note", 300),
    moment("handed_at"),
    Column("confirmed_by", Big, ForeignKey("people.id")),
    moment("confirmed_at", nullable=True),
    rule("cents >= 0 AND riel >= 0", "amounts"),
    rule("(state = 'confirmed') = (confirmed_at IS NOT NULL)", "confirmed_when_said"),
)
"""What a courier hands in of what they took, and what an admin counted."""
