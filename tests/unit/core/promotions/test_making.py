"""Promo codes in the admins' hands: made once, changed by who saw them as they are, counted as they are used."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection, select

from core.database.tables import audit, promo_codes
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.orders import service as order_service
from core.orders.rules import Move
from core.people import service as people
from core.people.rules import Person, Role
from core.promotions import service
from core.promotions.rules import Promo, PromoKind
from core.shop import Shop
from tests.support import builders

DRAFT = {"code": "NEW-YEAR", "kind": PromoKind.PERCENT, "value": 10}


async def _admins(shop: Shop) -> tuple[Person, Person]:
    boss = await builders.worker(shop, Role.OWNER, 9001, "Boss")
    return boss, await builders.worker(shop, Role.ADMIN, 3001, "Chan")


async def _lines(shop: Shop) -> list[tuple[Any, ...]]:
    """The audit of codes: what was done to which, with its detail."""

    def read(tx: Connection) -> list[tuple[Any, ...]]:
        mine = select(audit.c.action, audit.c.subject, audit.c.detail).where(audit.c.action.startswith("promo"))
        return [tuple(row) for row in tx.execute(mine.order_by(audit.c.id))]

    return await shop.db.read(read)


async def _used(shop: Shop, times: int, code: str = "rose10") -> None:
    rose = await builders.product(shop, 100)
    for number in range(1001, 1001 + times):
        dara = await builders.customer(shop, number)
        cart_id = await builders.cart(shop, dara, (rose, 1))
        await builders.type_promo(shop, dara, cart_id, code)
        await builders.place(shop, dara, cart_id)


async def test_made_once(sqlite_shop: Shop) -> None:
    """A draft becomes a code with its line in the audit; tapped again, or called like another, nothing comes of it."""
    shop = sqlite_shop
    boss, chan = await _admins(shop)
    asked = await people.ask(shop, boss, "promo_new", draft={})
    made = await service.make(shop, boss, DRAFT, asked)
    assert (made.code, made.used, made.active) == ("NEW-YEAR", 0, True)
    with pytest.raises(OutOfDate):
        await service.make(shop, boss, DRAFT | {"code": "OTHER"}, asked)
    theirs = await people.ask(shop, chan, "promo_new", draft={})
    with pytest.raises(Refused) as caught:
        await service.make(shop, chan, DRAFT, theirs)
    assert caught.value.key == "errors.promo_stands"
    assert await people.question(shop, chan) == theirs
    with pytest.raises(NotFound):
        await service.make(shop, chan, DRAFT | {"code": "OTHER", "promoter_id": 99}, theirs)
    assert await _lines(shop) == [("promo", "NEW-YEAR", None)]
    assert await builders.count(shop, promo_codes) == 1


async def test_two_admins_at_once(shop: Shop) -> None:
    """Both saw 10 %, both change it: one is first, the other hears their name; so does who taps twice."""
    boss, chan = await _admins(shop)
    promo = await builders.promo(shop)
    done = await asyncio.gather(
        service.edit(shop, boss, promo.id, promo.stamp, {"value": 15}),
        service.edit(shop, chan, promo.id, promo.stamp, {"use_limit": 100}), return_exceptions=True,
    )  # fmt: skip
    (won,) = [one for one in done if isinstance(one, Promo)]
    (lost,) = [one for one in done if isinstance(one, OutOfDate)]
    assert lost.values == {"name": "Boss" if won.value == 15 else "Chan"}
    first = boss if won.value == 15 else chan
    with pytest.raises(OutOfDate) as caught:
        await service.edit(shop, first, promo.id, promo.stamp, {"cap": 500})
    assert caught.value.key == "errors.done_already"
    assert len(await _lines(shop)) == 1


async def test_what_a_code_did_is_counted_as_it_is_used(sqlite_shop: Shop) -> None:
    """Used, given and the newest orders follow each order and its cancel; the limit is never below; its name stays."""
    shop = sqlite_shop
    boss, _ = await _admins(shop)
    promo = await builders.promo(shop, use_limit=5)
    assert await service.uses(shop, boss, promo.id) == (await service.usage(shop, boss, promo.id), [])
    named = await service.edit(shop, boss, promo.id, promo.stamp, {"code": "ROSE-10"})
    await _used(shop, 3, "rose-10")
    found, orders = await service.uses(shop, boss, promo.id)
    assert (found.promo.used, found.given, found.last) == (3, 360, shop.clock.now())
    assert [one.discount for one in orders] == [120, 120, 120]
    last = await order_service.get(shop, boss, orders[0].order_id)
    await builders.moved(shop, boss, last, Move.CANCEL)
    found, orders = await service.uses(shop, boss, promo.id)
    assert (found.promo.used, found.given, [one.returned for one in orders]) == (2, 240, [True, False, False])
    for values, key in (({"use_limit": 1}, "promo_below"), ({"code": "OTHER"}, "promo_named")):
        with pytest.raises(Refused) as caught:
            await service.edit(shop, boss, promo.id, named.stamp, values)
        assert caught.value.key == f"errors.{key}"
    await service.edit(shop, boss, promo.id, named.stamp, {"use_limit": 2})
    assert await _lines(shop) == [
        ("promo_changed", "ROSE-10", {"field": "code", "was": "ROSE10", "to": "ROSE-10"}),
        ("promo_changed", "ROSE-10", {"field": "use_limit", "was": "5", "to": "2"}),
    ]


async def test_off_is_off_and_comes_back(sqlite_shop: Shop) -> None:
    """Off, nobody types it any more; on, they do; the list has what is on first, a page at a time."""
    shop = sqlite_shop
    boss, _ = await _admins(shop)
    promos = [await builders.promo(shop, f"CODE-{i}") for i in range(service.PAGE + 1)]
    last = promos[-1]
    off = await service.turn(shop, boss, last.id, last.stamp, on=False)
    dara = await builders.customer(shop)
    cart_id = await builders.cart(shop, dara, (await builders.product(shop), 1))
    with pytest.raises(Refused):
        await builders.type_promo(shop, dara, cart_id, last.code)
    first, second = [await service.listing(shop, boss, number) for number in (0, 1)]
    assert [one.promo.code for one in first.usages] == [f"CODE-{i}" for i in reversed(range(service.PAGE))]
    assert (first.more, second.more, [one.promo.code for one in second.usages]) == (True, False, [last.code])
    await service.turn(shop, boss, last.id, off.stamp, on=True)
    await builders.type_promo(shop, dara, cart_id, last.code)


async def test_who_may(sqlite_shop: Shop) -> None:
    """Staff and customers read, make and change none, whatever they tap."""
    shop = sqlite_shop
    promo = await builders.promo(shop)
    for who in (await builders.worker(shop), await builders.customer(shop)):
        asked = await people.ask(shop, who, "promo_new", draft={})
        for deed in (service.make(shop, who, DRAFT, asked), service.listing(shop, who), service.usage(shop, who, 1),
                     service.edit(shop, who, promo.id, promo.stamp, {"value": 99}), service.uses(shop, who, promo.id),
                     service.turn(shop, who, promo.id, promo.stamp, on=False)):  # fmt: skip
            with pytest.raises(NotAllowed):
                await deed
    assert await _lines(shop) == []
