"""Every table, in one place. Money is integer minor units; times are aware UTC; CHECKs are the last wall.

A feature's tables come with it, by migration (``migrations/versions``); docs/design.md draws the whole.
"""

from core.database.columns import metadata
from core.database.tables.catalogue import (
    categories,
    goods_receipts,
    holds,
    product_photos,
    products,
    reviews,
    stock,
    stock_movements,
    variants,
)
from core.database.tables.counter import invitations, nudges, order_checks, order_notes, shipments, topics
from core.database.tables.house import audit, counters, job_runs, settings, storage_alerts, storage_samples
from core.database.tables.marketing import broadcast_sends, broadcasts, hero_slides, promoters, subscribers
from core.database.tables.messages import help_messages, help_threads, inbox, message_refs, outbox, uploads
from core.database.tables.money import cash_collections, cash_hand_ins, payment_cases, settlements
from core.database.tables.orders import cart_lines, carts, order_events, order_lines, orders, payment_attempts
from core.database.tables.people import (
    addresses,
    favourites,
    people,
    questions,
    roles,
    tombstones,
    waitlist,
)
from core.database.tables.promotions import point_entries, promo_codes, promo_uses
from core.database.tables.storage import backup_copies, import_files, imported_rows, media_files

__all__ = [
    "addresses",
    "audit",
    "backup_copies",
    "broadcast_sends",
    "broadcasts",
    "cart_lines",
    "carts",
    "cash_collections",
    "cash_hand_ins",
    "categories",
    "counters",
    "favourites",
    "goods_receipts",
    "help_messages",
    "help_threads",
    "hero_slides",
    "holds",
    "import_files",
    "imported_rows",
    "inbox",
    "invitations",
    "job_runs",
    "media_files",
    "message_refs",
    "metadata",
    "nudges",
    "order_checks",
    "order_events",
    "order_lines",
    "order_notes",
    "orders",
    "outbox",
    "payment_attempts",
    "payment_cases",
    "people",
    "point_entries",
    "product_photos",
    "products",
    "promo_codes",
    "promo_uses",
    "promoters",
    "questions",
    "reviews",
    "roles",
    "settings",
    "settlements",
    "shipments",
    "stock",
    "stock_movements",
    "storage_alerts",
    "storage_samples",
    "subscribers",
    "tombstones",
    "topics",
    "uploads",
    "variants",
    "waitlist",
]
