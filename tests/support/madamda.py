"""A dump as the ancestor writes it, made up and always the same, with the dirt that a shop gathers in its years."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

BEGIN = datetime(2025, 9, 1, 3, tzinfo=UTC)
STATUSES = ("delivered",) * 12 + ("cancelled", "cancelled", "pending", "confirmed", "preparing", "ready_for_delivery",
                                  "out_for_delivery")  # fmt: skip
METHODS = ("KHQR", "ACLEDA Bank", "Wing Money", "Cash on Delivery", "Cash on Delivery")
PROVINCES = ("Phnom Penh", "Siem Reap", "ភ្នំពេញ", "Kandal Province", "Atlantis")
NO_LINES, GONE, OFF, STRANGE, NO_DATE, NOBODY = 61, 37, 29, 97, 83, 11
"""Every so many-th order is without lines, has a product that is gone, does not add up, …"""
PRODUCTS, CUSTOMERS = 40, 300
Row = dict[str, Any]


def spelt(number: int, spelling: int) -> str:
    """A phone that nobody has, in one of the ways people write it."""
    plain = f"{number:06}"
    khmer = f"012 {plain}".translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩"))
    ways = (f"012{plain}", f"012 {plain[:3]} {plain[3:]}", f"+855 12 {plain}", f"85512{plain}", f"012-{plain}", khmer)
    return ways[spelling % len(ways)]


def dump(orders: int = 1000, customers: int = CUSTOMERS) -> list[Row]:
    """All rows of a shop with so many orders, of so many customers."""
    chance = Random(7)
    products = [_product(i, chance) for i in range(1, PRODUCTS + 1)]
    people = _customers(chance, customers)
    sold = [row for number in range(1, orders + 1) for row in _order(number, chance, products, customers)]
    return [*_strange(), *products, *_marketing(), *people, *sold, *_around(orders)]


def write(path: Path, rows: list[Row]) -> Path:
    """Write rows as dumpdata does; returns the file."""
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    return path


def of(rows: list[Row], model: str) -> list[Row]:
    """The rows of one model."""
    return [row for row in rows if row.get("model") == f"app.{model}"]


def one(rows: list[Row], model: str, pk: object) -> Row:
    """The fields of one row, to read or to change."""
    fields: Row = next(row["fields"] for row in of(rows, model) if row["pk"] == pk)
    return fields


def row(model: str, pk: object, **fields: Any) -> Row:
    """One row as it stands in a dump."""
    return {"model": f"app.{model}", "pk": pk, "fields": fields}


def _at(day: float) -> str:
    return (BEGIN + timedelta(days=day)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _product(i: int, chance: Random) -> Row:
    badge = {1: "New", 2: "Best Seller", 3: "Gift set", 4: "ថ្មី"}.get(i % 8)
    return row(
        "product", f"prod-{i:05}", name=f"Face Cream {i} 💄", name_kh=f"ក្រែមលាបមុខ {i}", description="Soft.\nVery.",
        description_kh="ទន់", price=f"{chance.randint(200, 4000) / 100:.2f}", old_price="99.00" if i % 3 else "0.10",
        image=f"products/p{i:03}.png", badge=badge, badge_kh=badge and "ពិសេស", stock=-3 if i == 5 else i,
        is_active=i % 9 != 0, created_at=_at(0), updated_at=_at(i),
    )  # fmt: skip


def _customers(chance: Random, count: int) -> list[Row]:
    found = []
    for i in range(1, count + 1):
        again = i % 10 == 0  # the same phone as the one before, written otherwise
        number = "n/a" if i % 50 == 1 else spelt(i - again, chance.randrange(6) if again else i)
        found.append(row(
            "customer", f"c-{i:08x}", name=f"Sok Dara {i}" if i % 4 else "សុខ ដារ៉ា", phone=number, email=None,
            address=f"#{i} St 2, Phnom Penh", province=PROVINCES[i % 5], loyalty_points=i % 120, created_at=_at(i / 9),
            referral_code=f"MD{i:08}", referred_by=f"c-{i - 1:08x}" if i % 7 == 0 else None, updated_at=_at(i / 9),
        ))  # fmt: skip
    return found


def _order(i: int, chance: Random, products: list[Row], customers: int) -> list[Row]:
    who, day = chance.randint(1, customers), i / 2.5
    lines = [] if i % NO_LINES == 0 else _lines(i, chance, products)
    goods = sum(round(float(line["fields"]["product_price"]) * 100) * line["fields"]["quantity"] for line in lines)
    off = 150 if i % 13 == 0 and goods > 300 else 0
    total = (goods or 2500) - off + 150 + (75 if i % OFF == 0 else 0)
    status, method = STATUSES[i % len(STATUSES)], METHODS[i % len(METHODS)]
    paid = i % 3 == 0
    fields = {
        "order_number": f"MD{i:05}", "customer": None if i % NOBODY == 0 else f"c-{who:08x}",
        "customer_name": f"Sok Dara {who}", "customer_phone": spelt(who, i), "customer_email": None,
        "customer_address": f"#{who} St 2", "customer_province": PROVINCES[i % 5],
        "subtotal": f"{(goods or 2500) / 100:.2f}", "shipping_fee": "1.50", "discount_amount": f"{off / 100:.2f}",
        "total": f"{total / 100:.2f}", "payment_method": method, "promo_code": 1 if off else None,
        "status": "on_the_moon" if i % STRANGE == 0 else status, "loyalty_points_used": 0, "loyalty_points_earned": 0,
        "notes": "សូមខ្ចប់ឲ្យស្អាត 🎁" if i % 5 == 0 else "", "payment_received": paid,
        "payment_received_at": _at(day + 0.1) if paid else None,
        "verification_status": "verified" if paid else "pending",
        "is_suspicious": i % 41 == 0, "customer_received": status == "delivered" and paid,
        "customer_received_at": _at(day + 2) if paid else None, "updated_at": _at(day + 1.5),
        "created_at": "the day before yesterday" if i % NO_DATE == 0 else _at(day),
    }  # fmt: skip
    qr = row("orderqrcode", i, order=i, qr_code_image=f"qr_codes/qr_MD{i:05}.png", qr_data="0002" * 40)
    return [row("order", i, **fields), *lines, qr]


def _lines(i: int, chance: Random, products: list[Row]) -> list[Row]:
    found = []
    for j, product in enumerate(chance.sample(products, chance.randint(1, 3))):
        fields, gone = product["fields"], i % GONE == 0 and not j
        found.append(row(
            "orderitem", i * 10 + j, order=i, product="prod-99999" if gone else product["pk"],
            product_name="Old Soap 🧼" if gone else fields["name"], product_price=fields["price"],
            quantity=chance.randint(1, 3), subtotal="0.00",
        ))  # fmt: skip
    return found


def _marketing() -> list[Row]:
    dates = {"created_at": _at(0), "updated_at": _at(0), "is_active": True}
    code = {"description": "", "description_kh": "បញ្ចុះ", "max_discount": "5.00", "usage_limit": 100, **dates}
    code |= {"valid_from": _at(0), "valid_until": _at(900), "min_purchase": "3.00", "used_count": 44}
    worth = {"discount_type": "percentage", "discount_value": "10.00"}
    reader = {"phone": None, "is_active": True, "subscribed_at": _at(1)}
    chan = {"name": "Chan Promoter", "phone": spelt(900, 1), "email": "", "commission_rate": "7.50", "notes": ""}
    slide = {"subtitle": "Glow", "video": "", "order": 0, **dates}
    return [
        row("promoter", 1, **chan, **dates),
        row("promocode", 1, code="Glow10", promoter=1, **worth, **code),
        row("promocode", 2, code="HALF", promoter=None, **worth | {"discount_value": "12.50"}, **code),
        row("newsletter", 1, email="Reader@example.com", name="Reader", **reader),
        row("newsletter", 2, email="reader@example.com", name="Again", **reader),
        row("heroslide", 1, title="Slide", slide_type="image", image="hero_slides/h0.png", external_url=None, **slide),
        row("heroslide", 2, title="វីដេអូ", slide_type="url", image="", external_url="https://example.com/v", **slide),
    ]


def _around(orders: int) -> list[Row]:
    """Points and referrals: the newest of two lots is what is left of the balance, one friend was rewarded already."""
    lots = [
        row("loyaltypoint", i, customer="c-00000077", points=points, transaction_type=kind, description="", order=order,
            expires_at=ends, created_at=_at(day))
        for i, points, kind, order, ends, day in (
            (1, 50, "earned", 1, _at(10), 1), (2, 80, "earned", 2, _at(800), 60), (3, 30, "redeemed", None, None, 61),
        )
    ]  # fmt: skip
    friend = {"referral_code": "MD00000001", "reward_points": 100, "created_at": _at(3)}
    pair = {"referrer": "c-00000002", "referred_customer": "c-00000003"}
    others = [
        {"model": "sessions.session", "pk": f"s{i}", "fields": {"session_data": "x"}} for i in range(orders // 100)
    ]
    return [*lots, row("referral", 1, **pair, is_rewarded=False, **friend), *others]


def _strange() -> list[Row]:
    """What a dump holds besides."""
    return [
        {"model": "admin.logentry", "pk": 1, "fields": {}},
        {"model": "auth.user", "pk": 1, "fields": {"password": "x"}},
    ]
