"""A SQLite shop of many orders, for what must not be slower the more there are: backups, restores, storage figures.

    python benchmarks/corpus.py FILE [--orders 20000]

Of 100,000 orders come 300,000 lines, 400,000 events and 50,000 customers with Khmer names and addresses.
"""

import argparse
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from tests.support import databases

VARIANTS, LINES, STEPS = 60, 3, ("placed", "confirmed", "preparing", "delivered")
START = datetime(2025, 1, 1, tzinfo=UTC)


def build(place: Path, orders: int) -> Path:
    """Write a shop with ``orders`` orders at ``place``; returns it."""
    databases.migrated_sqlite(place)
    with closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA synchronous=OFF")
        for table, rows in (*_shelf(), *_people(orders), *_orders(orders)):
            _insert(database, table, rows)
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return place


def _insert(database: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    names, marks = ", ".join(first), ", ".join(f":{name}" for name in first)
    insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    database.execute(insert, first)
    database.executemany(insert, rows)


def _moment(minutes: int) -> str:
    return f"{START + timedelta(minutes=minutes, microseconds=minutes):%Y-%m-%d %H:%M:%S.%f}"


def _shelf() -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    yield "categories", iter([{"id": 1, "slug": "soap", "name_en": "Soap", "name_km": "សាប៊ូ", "emoji": "🧼"}])
    yield "products", (
        {"id": n, "category_id": 1, "slug": f"p{n}", "name_en": f"Rose soap {n}", "name_km": f"សាប៊ូផ្កាកុលាប {n}",
         "updated_at": _moment(0)} for n in range(1, VARIANTS + 1)
    )  # fmt: skip
    yield "variants", ({"id": n, "product_id": n, "sku": f"S-{n}", "price": 1200 + n} for n in range(1, VARIANTS + 1))
    yield "stock", ({"variant_id": n, "on_hand": 10**6} for n in range(1, VARIANTS + 1))


def _people(orders: int) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    count = max(1, orders // 2)
    yield (
        "people",
        (
            {
                "id": n,
                "telegram_id": 5 * 10**9 + n,
                "name": f"សុខ ចាន់ {n}",
                "created_at": _moment(n),
                "seen_at": _moment(n),
            }
            for n in range(1, count + 1)
        ),
    )
    yield "addresses", (
        {"id": n, "person_id": n, "recipient": f"សុខ ចាន់ {n}", "phone": f"+8551{n:08}", "street": f"ផ្លូវ {n % 400}",
         "latitude": 11.5 + n / 7e6, "longitude": 104.9 + n / 9e6, "created_at": _moment(n), "used_at": _moment(n)}
        for n in range(1, count + 1)
    )  # fmt: skip


def _orders(orders: int) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    count = max(1, orders // 2)
    every = range(1, orders + 1)
    address = json.dumps({"province": "12", "district": "1201", "street": "ផ្លូវ 271", "phone": "+85512000001"})
    yield "carts", (
        {"id": n, "person_id": n % count + 1, "kind": "basket", "state": "ordered", "created_at": _moment(n),
         "updated_at": _moment(n)} for n in every
    )  # fmt: skip
    yield "orders", (
        {"id": n, "number": f"MD{n:06}", "cart_id": n, "person_id": n % count + 1, "tracking_token": f"t{n:030}",
         "parcel_token": f"p{n:030}", "status": "delivered", "payment_method": "cod", "payment_status": "paid",
         "currency": "USD", "subtotal": 3600, "delivery_fee": 150, "total": 3750, "riel_rate": 4100, "language": "km",
         "recipient": f"សុខ ចាន់ {n}", "phone": f"+8551{n:08}", "address": address, "placed_at": _moment(n),
         "updated_at": _moment(n)} for n in every
    )  # fmt: skip
    yield "order_lines", (
        {"order_id": n, "variant_id": (n + line) % VARIANTS + 1, "position": line, "sku": f"S-{line}",
         "unit_price": 1200, "quantity": 1} for n in every for line in range(LINES)
    )  # fmt: skip
    yield "order_events", (
        {"order_id": n, "kind": kind, "detail": json.dumps({"by": "សុខា", "n": n}) if kind == "placed" else None,
         "at": _moment(n)} for n in every for kind in STEPS
    )  # fmt: skip
    yield "counters", iter([{"name": "order", "value": orders}])


def main() -> None:
    """Write one where it is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--orders", type=int, default=20_000)
    given = parser.parse_args()
    before = time.perf_counter()
    made = build(given.file, given.orders)
    print(f"{made}: {made.stat().st_size / 1e6:.1f} MB in {time.perf_counter() - before:.1f} s")


if __name__ == "__main__":
    main()
