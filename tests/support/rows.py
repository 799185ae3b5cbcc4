"""A small shop's worth of rows, written straight into the tables: every column type, Khmer, gaps and odd characters."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from core.database import tables as t

ODD = "“quoted” \\ 'single' \"double\" <b>&amp;</b>\n\ttab é 💄 សាប៊ូ"


def fill(tx: Connection, now: datetime, people: int = 3) -> None:
    """Write ``people`` customers with an order each, and what belongs to them."""

    def add(table: Any, **values: Any) -> None:
        tx.execute(insert(table).values(**values))

    add(t.categories, id=1, slug="soap", name_en="Soap", name_km="សាប៊ូ", emoji="🧼")
    add(t.products, id=1, category_id=1, slug="rose", name_en=ODD, name_km="ផ្កាកុលាប", badge="new", updated_at=now)
    add(t.variants, id=1, product_id=1, sku="ROSE-1", price=1250, old_price=1500, active=False)
    add(t.variants, id=2, product_id=1, sku="ROSE-2", price=2500)
    add(t.stock, variant_id=1, on_hand=100, held=people)
    add(t.counters, name="order", value=people)
    add(t.settings, key="riel_rate", value=4050, updated_at=now)
    add(t.settings, key="shop_name", value=ODD, updated_at=now)
    add(t.settings, key="nothing", value=None, updated_at=now)
    for number in range(1, people + 1):
        _customer(tx, number, now + timedelta(microseconds=number))


def _customer(tx: Connection, i: int, now: datetime) -> None:
    def add(table: Any, **values: Any) -> None:
        tx.execute(insert(table).values(**values))

    add(t.people, id=i, telegram_id=5_000_000_000 + i, name=ODD, blocked=i % 2 == 0, created_at=now, seen_at=now)
    add(t.addresses, id=i, person_id=i, recipient="ម៉ាដាម", phone=f"+855120000{i:02}", latitude=11.5563738 + i / 7,
        longitude=104.92820999999999, created_at=now, used_at=now)  # fmt: skip
    add(t.carts, id=i, person_id=i, kind="basket", state="ordered", address_id=i, created_at=now, updated_at=now)
    add(t.cart_lines, cart_id=i, variant_id=1, quantity=1, seen_price=1250, added_at=now)
    add(t.orders, id=i, number=f"MD{i:05}", cart_id=i, person_id=i, tracking_token=f"track{i}", parcel_token=f"box{i}",
        status="pending", payment_method="khqr", payment_status="unpaid", currency="USD", subtotal=1250,
        delivery_fee=150, total=1400, riel_rate=4100, language="km", recipient=ODD, phone=f"+855120000{i:02}",
        address={"z": {"b": 1, "a": [None, 1.5, "ខ្មែរ"]}, "a": True}, placed_at=now, updated_at=now)  # fmt: skip
    add(t.order_lines, order_id=i, variant_id=1, position=0, sku="ROSE-1", unit_price=1250, quantity=1)
    add(t.order_events, order_id=i, kind="placed", detail=None, at=now)
    add(t.payment_attempts, order_id=i, state="pending" if i == 1 else "expired", currency="USD", amount=1400,
        account="madam@bank", bill_number=f"MD{i:05}-1", payload="0002", md5=f"{i:032}", created_at=now,
        expires_at=now)  # fmt: skip
    add(t.holds, order_id=i, variant_id=1, quantity=1, state="active")
    add(t.stock_movements, variant_id=1, kind="held", held=1, order_id=i, at=now)
    add(t.inbox, update_id=i, person=i, payload="{}", state="done", received_at=now)
    add(t.outbox, chat_id=i, kind="note_paid", subject_id=i, data={}, state="sent", due_at=now, created_at=now,
        sent_at=now)  # fmt: skip
