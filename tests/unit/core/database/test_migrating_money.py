"""A shop that took money before it kept a ledger is brought up to date: all of it is explained, what waited waits."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

from core.database import Database
from core.fulfilment import reconciling
from core.settlements import store
from tests.unit.core.database.test_migrating_rows import _to, address, unmade

__all__ = ["address", "unmade"]

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
ADDRESS = (
    '{"province_code": "12", "district_code": "1201", "street": "1", "written_en": "x", "written_km": "x"}'
).replace(":", r"\:")
AT = "'2026-11-20 03:00:00'"
# number: status, method, payment; its attempts as (state, the bank's transaction, note)
BEFORE: dict[str, tuple[str, str, str, list[tuple[str, str, str]]]] = {
    "paid": ("confirmed", "khqr", "paid", [("superseded", "", ""), ("paid", "p1", "")]),
    "by hand": ("confirmed", "khqr", "paid", [("paid", "", "")]),
    "twice": ("confirmed", "khqr", "paid", [("refund_due", "t1", ""), ("paid", "t2", "")]),
    "one twice": ("confirmed", "khqr", "paid", [("paid", "o1", "second payment o2")]),
    "beside": ("confirmed", "khqr", "paid", [("review", "b1", "under"), ("paid", "b2", "")]),
    "late": ("expired", "khqr", "refund_due", [("refund_due", "l1", "")]),
    "cancelled": ("cancelled", "khqr", "refund_due", [("paid", "c1", "")]),
    "under": ("pending", "khqr", "review", [("review", "u1", "under")]),
    "elsewhere": ("pending", "khqr", "review", [("review", "e1", "account")]),
    "silent": ("pending", "khqr", "review", [("pending", "", "")]),
    "waits": ("pending", "khqr", "unpaid", [("pending", "", "")]),
    "cash": ("delivered", "cod", "paid", []),
    "cash due": ("out_for_delivery", "cod", "due", []),
}
WAITS = {
    "twice": [("duplicate", "refund_due", 1350)], "one twice": [("duplicate", "refund_due", 1350)],
    "beside": [("hash", "open", 0)], "late": [("late", "refund_due", 1350)],
    "cancelled": [("cancelled", "refund_due", 1350)], "under": [("currency", "open", 0)],
    "elsewhere": [("account", "open", 0)], "silent": [("silent", "open", 0)],
}  # fmt: skip


def _orders(tx: Connection) -> None:
    """Orders of $13.50 as the schema before had them."""
    columns = "(id, telegram_id, name, language, created_at, seen_at)"
    tx.execute(text(f"INSERT INTO people {columns} VALUES (1, 1001, 'Dara', 'en', {AT}, {AT})"))
    for number, (name, (status, method, payment, tries)) in enumerate(BEFORE.items(), 1):
        columns = "(id, person_id, kind, state, created_at, updated_at)"
        tx.execute(text(f"INSERT INTO carts {columns} VALUES ({number}, 1, 'basket', 'ordered', {AT}, {AT})"))
        delivered = AT if status == "delivered" else "NULL"
        tx.execute(
            text(
                "INSERT INTO orders (id, number, cart_id, person_id, tracking_token, parcel_token, status, "
                "payment_method, payment_status, currency, subtotal, delivery_fee, total, riel_rate, language, "
                "recipient, phone, address, placed_at, updated_at, delivered_at) VALUES "
                f"({number}, '{name}', {number}, 1, 't{number}', 'p{number}', '{status}', '{method}', '{payment}', "
                f"'USD', 1200, 150, 1350, 4100, 'en', 'Dara', '012', '{ADDRESS}', {AT}, {AT}, {delivered})"
            )
        )
        for nth, (state, bank_hash, note) in enumerate(tries):
            bank, at = (f"'{bank_hash}'", AT) if bank_hash else ("NULL", "NULL")
            tx.execute(
                text(
                    "INSERT INTO payment_attempts (order_id, state, currency, amount, account, bill_number, payload, "
                    f"md5, created_at, expires_at, bank_hash, paid_at, note) VALUES ({number}, '{state}', 'USD', 1350, "
                    f"'shop@bank', 'B{number}-{nth}', 'x', 'm{number}-{nth}', {AT}, {AT}, {bank}, {at}, '{note}')"
                )
            )


async def test_money_from_before_the_ledger(unmade: Database) -> None:
    """From schema 13 to the newest: the books add up, and a person sees to all that waited."""
    await unmade.write(_to, "0013")
    await unmade.write(_orders)
    await unmade.write(_to, "head")

    def found(tx: Connection) -> tuple[list[reconciling.Finding], dict[str, list[tuple[str, str, int]]]]:
        ids = store.changed(tx, BEGINNING)
        assert len(ids) == len(BEFORE)
        names = dict(enumerate(BEFORE, 1))
        waits: dict[str, list[tuple[str, str, int]]] = {}
        for one in store.inbox(tx, 100):
            waits.setdefault(names[one.order_id], []).append((one.kind, one.state, one.amount.amount))
        return list(reconciling._findings(tx, ids)), waits

    findings, waits = await unmade.read(found)
    assert findings == []
    assert waits == WAITS
