"""Promoters: what is typed about them, who changes them, and that the audit names no person's phone."""

import pytest
from sqlalchemy import Connection, select

from core.database.tables import audit
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.people.rules import Role
from core.promoters import rules, service
from core.promoters.rules import PromoterField
from core.promotions import service as promotions
from core.shop import Shop
from tests.support import builders


@pytest.mark.parametrize(("line", "rate"), [
    ("10", 1000), ("7.5", 750), ("7,5 %", 750), ("០", 0), ("100%", 10_000), ("0.25", 25), (" 12.34% ", 1234),
])  # fmt: skip
def test_a_rate_that_is_understood(line: str, rate: int) -> None:
    """Percent with at most two decimals, in hundredths; written again it is the same."""
    assert rules.rate(line) == rate
    assert rules.rate(rules.percent(rate)) == rate


@pytest.mark.parametrize("line", ["", "ten", "-1", "100.01", "101", "1000", "7.555", "1/2", "$5", "5 5", "%"])
def test_a_rate_that_is_asked_again(line: str) -> None:
    """Below nothing, above all, or no number: refused."""
    with pytest.raises(Refused) as caught:
        rules.rate(line)
    assert caught.value.key == "errors.rate_unread"


@pytest.mark.parametrize(("field", "line", "value"), [
    (PromoterField.NAME, " Chan  Promoter ", "Chan Promoter"), (PromoterField.PHONE, "012 345 678", "+85512345678"),
    (PromoterField.PHONE, "-", ""), (PromoterField.NOTE, "-", ""), (PromoterField.NOTE, "ប្រចាំខែ", "ប្រចាំខែ"),
    (PromoterField.NAME, "-", None), (PromoterField.NAME, "x" * 61, None), (PromoterField.PHONE, "12", None),
    (PromoterField.NOTE, "x" * 301, None),
])  # fmt: skip
def test_other_fields(field: PromoterField, line: str, value: str | None) -> None:
    """Cleaned as any typed line, phone and note can be emptied; None is refused."""
    if value is not None:
        assert rules.read(field, line) == value
        return
    with pytest.raises(Refused):
        rules.read(field, line)


async def test_added_changed_and_off(sqlite_shop: Shop) -> None:
    """Each change has its line, rates before and after, no phone, no name; two at once: the second hears who."""
    shop = sqlite_shop
    boss = await builders.worker(shop, Role.OWNER, 9001, "Boss")
    chan = await builders.worker(shop, Role.ADMIN, 3001, "Chan")
    one = await service.add(shop, boss, "Sok Promoter", 1000)
    seen = one.stamp
    one = await service.edit(shop, boss, one.id, seen, PromoterField.PHONE, "+85512345678")
    with pytest.raises(OutOfDate) as caught:
        await service.edit(shop, chan, one.id, seen, PromoterField.RATE, 1500)
    assert caught.value.values == {"name": "Boss"}
    one = await service.edit(shop, chan, one.id, one.stamp, PromoterField.RATE, 1500)
    promo = await builders.promo(shop, promoter_id=one.id)
    one = await service.turn(shop, boss, one.id, one.stamp, on=False)
    assert (one.rate, one.phone, one.active, one.codes) == (1500, "+85512345678", False, 1)
    assert [found.promo for found in (await promotions.listing(shop, boss, 0, one.id)).usages] == [promo]
    assert await service.listing(shop, boss) == [one]
    assert await service.listing(shop, boss, active=True) == []

    def lines(tx: Connection) -> list[object]:
        mine = audit.c.subject == "promoter"
        return list(tx.execute(select(audit.c.detail).where(mine).order_by(audit.c.id)).scalars())

    assert await shop.db.read(lines) == [
        {"to": "10%"}, {"field": "phone"}, {"field": "rate", "was": "10%", "to": "15%"},
        {"field": "active", "was": True, "to": False},
    ]  # fmt: skip


async def test_who_may(sqlite_shop: Shop) -> None:
    """Admins alone; who is not there is not found."""
    shop = sqlite_shop
    boss, staff = await builders.worker(shop, Role.OWNER, 9001, "Boss"), await builders.worker(shop)
    one = await service.add(shop, boss, "Sok", 1000)
    for deed in (service.add(shop, staff, "Me", 10_000), service.listing(shop, staff), service.get(shop, staff, one.id),
                 service.edit(shop, staff, one.id, one.stamp, PromoterField.RATE, 1),
                 service.turn(shop, staff, one.id, one.stamp, on=False)):  # fmt: skip
        with pytest.raises(NotAllowed):
            await deed
    with pytest.raises(NotFound):
        await service.turn(shop, boss, 99, one.stamp, on=False)
