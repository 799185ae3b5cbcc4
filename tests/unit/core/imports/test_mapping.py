"""What the ancestor's words and figures are here."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.catalog.rules import Badge
from core.imports import mapping, rules
from core.imports.madamda import gathered
from core.imports.rules import Row, Trouble
from core.orders.rules import PaymentMethod, PaymentStatus, Status
from core.settlements.rules import Source
from core.shipping import rules as shipping

KHQR, COD = PaymentMethod.KHQR, PaymentMethod.COD


def order(**fields: Any) -> Row:
    """An order with these fields."""
    return Row("order", "1", fields)


@pytest.mark.parametrize(
    ("at", "how", "received", "status", "payment", "booked", "asked"),
    [
        (Status.DELIVERED, COD, False, Status.DELIVERED, PaymentStatus.PAID, Source.CASH, False),
        (Status.PENDING, COD, False, Status.PENDING, PaymentStatus.DUE, None, False),
        (Status.OUT, COD, False, Status.OUT, PaymentStatus.DUE, None, False),
        (Status.CANCELLED, COD, True, Status.CANCELLED, PaymentStatus.UNPAID, None, False),
        (Status.DELIVERED, KHQR, True, Status.DELIVERED, PaymentStatus.PAID, Source.STAFF, False),
        (Status.PENDING, KHQR, True, Status.CONFIRMED, PaymentStatus.PAID, Source.STAFF, False),
        (Status.PENDING, KHQR, False, Status.PENDING, PaymentStatus.REVIEW, None, True),
        (Status.PREPARING, KHQR, False, Status.PENDING, PaymentStatus.REVIEW, None, True),
        (Status.OUT, KHQR, False, Status.OUT, PaymentStatus.UNPAID, None, False),
        (Status.DELIVERED, KHQR, False, Status.DELIVERED, PaymentStatus.UNPAID, None, False),
        (Status.CANCELLED, KHQR, False, Status.CANCELLED, PaymentStatus.UNPAID, None, False),
        (Status.CANCELLED, KHQR, True, Status.CANCELLED, PaymentStatus.PAID, Source.STAFF, False),
    ],
)
def test_only_money_that_was_seen_is_paid(
    at: Status, how: PaymentMethod, received: Any, status: Status, payment: PaymentStatus, booked: Source | None,
    asked: Any,
) -> None:  # fmt: skip
    """Received, or cash delivered, is paid; "confirmed" is nobody's word, and asked only while that can help."""
    found = mapping.standing(at, how, received=received)
    assert (found.status, found.payment, found.booked, found.asked) == (status, payment, booked, asked)


@pytest.mark.parametrize(
    ("fields", "goods", "adds_up"),
    [
        ({"subtotal": "20.00", "shipping_fee": "1.50", "discount_amount": "2.00", "total": "19.50"}, 2000,
         (2000, 200, 150, 1950, 0, False)),
        ({"subtotal": "20.00", "shipping_fee": "1.50", "total": "22.25"}, 2000, (2000, 0, 225, 2225, 75, False)),
        ({"subtotal": "20.00", "shipping_fee": "1.50", "total": "20.00"}, 2000, (2000, 150, 150, 2000, -150, False)),
        ({"subtotal": "20.00", "discount_amount": "3.00", "total": "18.00"}, 2000, (2000, 200, 0, 1800, 100, False)),
        ({"subtotal": "20.00", "shipping_fee": "-1.00", "total": "19.00"}, 2000, (2000, 100, 0, 1900, 0, False)),
        ({"subtotal": "18.00", "total": "18.00"}, 2000, (1800, 0, 0, 1800, 0, True)),
        ({"total": "20.00"}, 2000, (2000, 0, 0, 2000, 0, False)),
        ({"subtotal": "20.00", "discount_amount": "20.00", "total": "0"}, 2000, (2000, 2000, 0, 0, 0, False)),
    ],
)  # fmt: skip
def test_what_was_charged_stays(fields: dict[str, str], goods: int, adds_up: tuple[int, ...]) -> None:
    """Amounts are made to add up to the total that was charged, and by how much they did not is told."""
    found = mapping.figures(order(**fields), goods)
    assert (found.subtotal, found.discount, found.fee, found.total, found.gap, found.lines) == adds_up
    assert found.subtotal - found.discount + found.fee == found.total
    assert min(found.discount, found.fee) >= 0


@pytest.mark.parametrize(
    "fields", [{"total": "5"}, {"subtotal": "5", "total": "-1"}, {"subtotal": "x", "total": "1"}, {"subtotal": "1"}]
)
def test_an_order_without_an_amount_is_no_order(fields: dict[str, str]) -> None:
    """Nothing, less than nothing, letters and no total at all are named instead of guessed."""
    with pytest.raises(Trouble):
        mapping.figures(order(**fields), 0)


def test_words_in_their_spellings() -> None:
    """Statuses, ways to pay and badges are known however they are written; what is unknown is named."""
    said = ("pending", " Ready for Delivery", "OUT_FOR_DELIVERY", "canceled", "completed")
    at = [Status.PENDING, Status.READY, Status.OUT, Status.CANCELLED, Status.DELIVERED]
    assert [mapping.status(order(status=one)) for one in said] == at
    paid = ("KHQR", "ACLEDA Bank", "Wing Money", "Cash on Delivery", "COD")
    assert [mapping.method(order(payment_method=one)) for one in paid] == [KHQR, KHQR, KHQR, COD, COD]
    badges = ("New", "BEST SELLER", "best-seller", "Limited Edition", "Gift set", None)
    found = [mapping.badge(Row("product", "1", {"badge": one})) for one in badges]
    assert found == [Badge.NEW, Badge.BEST_SELLER, Badge.BEST_SELLER, Badge.LIMITED, None, None]
    for wrong in ({"status": "expired"}, {"status": None}, {"status": 4}):
        with pytest.raises(Trouble, match="status"):
            mapping.status(order(**wrong))
    with pytest.raises(Trouble, match="method"):
        mapping.method(order(payment_method="Gold"))


def test_every_province_is_known_in_both_languages() -> None:
    """All 25 by both names, in usual other spellings too; the street stands without the province behind it."""
    for one in shipping.provinces():
        assert {mapping.province(one.name_en), mapping.province(one.name_km)} == {one.code}
    odd = (
        "siem reap",
        "Preah Sihanouk",
        "ភ្នំពេញ",
        "Phnom Penh City",
        "Kandal Province",
        "Atlantis",
        "",
        "Otdar Meanchey",
        "ខេត្តសៀមរាប",
        "Siem-Reap",
        "Mondul Kiri",
        "កំពង់ ចាម",
    )
    assert [mapping.province(name) for name in odd] == [
        "17", "18", "12", "12", "08", "", "", "22", "17", "17", "11", "03"]  # fmt: skip
    assert mapping.street("#7 St 2, Phnom Penh", "Phnom Penh") == "#7 St 2"
    assert mapping.street("Phnom Penh", "Phnom Penh") == "Phnom Penh"


def test_fields_are_read_strictly() -> None:
    """Amounts to the cent, dates with or without a zone, phones in any spelling; what cannot be held is left out."""
    fields = {"a": "12.34", "b": "NaN", "c": "1e99", "d": "2026-03-01T10:00:00", "e": "2026-03-01T10:00:00Z",
              "f": "the day before", "g": "x\x00y\ud800", "h": "០១២ ០០០ ០០១", "i": 7.5, "j": True}  # fmt: skip
    zone = ZoneInfo("Asia/Phnom_Penh")
    assert rules.cents(fields, "a") == 1234
    assert rules.moment(fields, "d", zone) == datetime(2026, 3, 1, 3, tzinfo=UTC)
    assert rules.moment(fields, "e", zone) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert rules.moment(fields, "f", zone) is None
    assert rules.text(fields, "g", 9) == "xy"
    assert (rules.phone(fields, "h"), rules.phone(fields, "a"), rules.switch(fields, "j")) == ("+85512000001", "", True)
    for name in ("b", "c", "missing"):
        with pytest.raises(Trouble, match="money"):
            rules.cents(fields, name)
    with pytest.raises(Trouble, match="number"):
        rules.whole(fields, "i")


def test_references_are_keys_or_natural_keys() -> None:
    """Who is meant is found by key, by a natural key as a list, and by name where rows have no key of their own."""
    natural = gathered([
        {"model": "app.customer", "fields": {"name": "A", "phone": "012000001"}},
        {"model": "app.product", "pk": "p1", "fields": {"name": "Soap"}},
        {"model": "app.orderitem", "pk": 1, "fields": {"order": ["MD00001"]}},
        {"model": "app.order", "fields": {"order_number": "MD00001"}},
    ])  # fmt: skip
    (customer,) = natural.rows["customer"]
    assert "012" not in customer.key
    assert natural.key_of("customer", ["012000001"]) == customer.key
    assert natural.key_of("product", "p1") == natural.key_of("product", ["Soap"]) == "p1"
    assert natural.key_of("product", ["Gone"]) is None
    assert list(natural.grouped("orderitem", "order", "order")) == [natural.rows["order"][0].key]
