"""One reminder of a basket that was left: when, for whom, and never two, however many look at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.carts import service as carts
from core.carts.rules import Cart
from core.config import Config
from core.database.tables import carts as cart_rows
from core.database.tables import outbox
from core.messages import store as messages
from core.messages.rules import MessageKind, Owed
from core.people import service as people
from core.people import store as people_store
from core.people.rules import Person, Topic
from core.reminders import service
from core.settings import service as settings
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders

HOUR = timedelta(hours=1)
REMINDER = MessageKind.CART_REMINDER


async def _basket(shop: Shop, telegram_id: int = 1001, sku: str = "ROSE-30") -> tuple[Person, Cart]:
    """Somebody puts one serum into their basket, at ten in the morning, and goes."""
    person, rose = await builders.customer(shop, telegram_id), await builders.product(shop, sku=sku)
    return person, await carts.add(shop, person, rose)


async def _owed(shop: Shop) -> list[Any]:
    query = select(outbox).where(outbox.c.kind == REMINDER).order_by(outbox.c.id)
    return list(await shop.db.read(lambda tx: tx.execute(query).all()))


async def _still(shop: Shop, cart: Cart, chat: int = 1001) -> bool:
    return await service.still_wanted(shop, Owed(1, chat, REMINDER, cart.id, {}, 1, shop.clock.now()))


async def test_after_three_hours_and_never_again(shop: Shop) -> None:
    """None a minute too early; one after three hours; none after that, not even when the basket is filled again."""
    person, cart = await _basket(shop)
    shop.clock.move(3 * HOUR - timedelta(minutes=1))
    assert await service.remind(shop) == 0
    shop.clock.move(timedelta(minutes=1))
    assert [await service.remind(shop) for _ in range(2)] == [1, 0]
    (owed,) = await _owed(shop)
    assert (owed.chat_id, owed.subject_id, owed.due_at) == (1001, cart.id, shop.clock.now())
    await carts.add(shop, person, cart.lines[0].variant_id)
    shop.clock.move(4 * HOUR)
    assert await service.remind(shop) == 0


async def test_the_next_basket_has_its_own(shop: Shop) -> None:
    """Ordered, the basket is done with; the one that is begun later is another one, with a reminder of its own."""
    person, cart = await _basket(shop)
    shop.clock.move(3 * HOUR)
    assert await service.remind(shop) == 1
    await builders.place(shop, person, cart.id)
    await carts.add(shop, person, cart.lines[0].variant_id)
    shop.clock.move(3 * HOUR)
    assert await service.remind(shop) == 1
    assert len({row.subject_id for row in await _owed(shop)}) == 2


async def test_several_processes_owe_one(config: Config, open_shop: OpenShop) -> None:
    """Three processes look at once, again and again: each of twenty baskets is spoken of once."""
    one = await open_shop(config)
    more = [await open_shop(config) for _ in range(2)] if config.database_url else [one, one]
    rose = await builders.product(one, 50)
    for person in await builders.crowd(one, 20):
        await carts.add(one, person, rose)
    one.clock.move(3 * HOUR)
    found = await asyncio.gather(*(service.remind(shop) for shop in (one, *more) for _ in range(3)))
    owed = await _owed(one)
    assert sum(found) == len(owed) == len({row.chat_id for row in owed}) == 20
    dues = sorted(row.due_at for row in owed)
    assert dues[-1] > dues[0]


async def _touch(shop: Shop, person: Person, cart: Cart) -> None:
    await carts.change(shop, person, cart.id, cart.lines[0].variant_id, 2)


async def _buy_at_once(shop: Shop, person: Person, cart: Cart) -> None:
    await builders.order(shop, person, cart.lines[0].variant_id)


async def _order_it(shop: Shop, person: Person, cart: Cart) -> None:
    await builders.place(shop, person, cart.id)


async def _empty_it(shop: Shop, person: Person, cart: Cart) -> None:
    await shop.db.write(
        lambda tx: tx.execute(update(cart_rows).values(updated_at=shop.clock.now() - 3 * HOUR)),
    )
    await carts.change(shop, person, cart.id, cart.lines[0].variant_id, 0)


async def _buy_the_last(shop: Shop, _person: Person, cart: Cart) -> None:
    bopha = await builders.customer(shop, 1002, "Bopha")
    await builders.order(shop, bopha, cart.lines[0].variant_id, 10)


async def _retire(shop: Shop, _person: Person, cart: Cart) -> None:
    await builders.retire(shop, cart.lines[0].variant_id)


async def _want_none(shop: Shop, person: Person, _cart: Cart) -> None:
    await people.hear(shop, person, Topic.REMINDERS, on=False)


async def _block(shop: Shop, person: Person, _cart: Cart) -> None:
    await people.blocked(shop, person.telegram_id or 0)


async def _be_forgotten(shop: Shop, person: Person, _cart: Cart) -> None:
    await shop.db.write(people_store.change, person.telegram_id or 0, telegram_id=None)


NONE = (_touch, _buy_at_once, _order_it, _empty_it, _buy_the_last, _retire, _want_none, _block, _be_forgotten)
Ending = Callable[[Shop, Person, Cart], Awaitable[None]]


@pytest.mark.parametrize("happened", NONE)
async def test_none_where_there_is_nothing_to_say(shop: Shop, happened: Ending) -> None:
    """Touched, ordered, emptied, sold out, taken off sale, opted out, blocked, forgotten: no reminder is owed."""
    person, cart = await _basket(shop)
    shop.clock.move(3 * HOUR)
    await happened(shop, person, cart)
    assert await service.remind(shop) == 0
    assert await _owed(shop) == []


@pytest.mark.parametrize("happened", NONE)
async def test_looked_at_again_before_it_is_sent(shop: Shop, happened: Ending) -> None:
    """The same, happening between the owing and the sending: then too nothing is said."""
    person, cart = await _basket(shop)
    shop.clock.move(3 * HOUR)
    assert await service.remind(shop) == 1
    assert await _still(shop, cart)
    assert not await _still(shop, cart, chat=1002)
    await happened(shop, person, cart)
    assert not await _still(shop, cart)


async def test_of_two_lines_one_can_be_bought(shop: Shop) -> None:
    """The whole basket must be sold out to be passed over."""
    person, cart = await _basket(shop)
    await carts.add(shop, person, await builders.product(shop, sku="LIP-1"))
    await _buy_the_last(shop, person, cart)
    shop.clock.move(3 * HOUR)
    assert await service.remind(shop) == 1


@pytest.mark.parametrize(
    ("left_at", "reminded_at"),
    [("17:30", "20:30"), ("17:59", "20:59"), ("18:00", "08:00"), ("23:00", "08:00"), ("04:59", "08:00"),
     ("05:30", "08:30")],
)  # fmt: skip
async def test_nobody_is_woken(sqlite_shop: Shop, left_at: str, reminded_at: str) -> None:
    """What becomes due from nine in the evening until eight is said at eight, the shop's own time."""
    shop, zone = sqlite_shop, sqlite_shop.config.zone
    _move_to(shop, left_at)
    await _basket(shop)
    while not await service.remind(shop):
        shop.clock.move(timedelta(minutes=1))
    assert f"{shop.clock.now().astimezone(zone):%H:%M}" == reminded_at


def _move_to(shop: Shop, clock: str) -> None:
    now = shop.clock.now().astimezone(shop.config.zone)
    then = datetime.combine(now.date() + timedelta(days=1), time.fromisoformat(clock), now.tzinfo)
    shop.clock.move(then - now)


async def test_after_a_week_away_old_baskets_are_let_lie(shop: Shop) -> None:
    """The shop was down: what was left more than seven days ago is not spoken of; six days are not too long."""
    await _basket(shop)
    shop.clock.move(timedelta(days=1))
    _, later = await _basket(shop, 1002, "LIP-1")
    shop.clock.move(timedelta(days=6, hours=1))
    assert await service.remind(shop) == 1
    assert [row.chat_id for row in await _owed(shop)] == [1002]
    shop.clock.move(timedelta(days=1))
    assert not await _still(shop, later, 1002)


async def test_the_hours_are_a_setting(shop: Shop) -> None:
    """Five hours instead of three; none at all with 0."""
    await _basket(shop)
    for hours, moved, reminded in ((5, 4, 0), (0, 20, 0), (5, 0, 1)):
        await settings.change(shop.db, shop.clock, "reminder_hours", hours, None)
        shop.clock.move(moved * HOUR)
        assert await service.remind(shop) == reminded


async def test_killed_in_between_nothing_is_half_done(shop: Shop) -> None:
    """The mark and the message are one transaction: one that breaks before its end leaves neither."""
    _, cart = await _basket(shop)
    shop.clock.move(3 * HOUR)

    def broken(tx: Any) -> None:
        service._take(tx, shop, 0)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await shop.db.write(broken)
    assert await _owed(shop) == []
    assert await service.remind(shop) == 1
    row = await shop.db.read(lambda tx: tx.execute(select(cart_rows).where(cart_rows.c.id == cart.id)).one())
    assert row.reminded_at == shop.clock.now()
    assert await shop.db.read(messages.next_due) == shop.clock.now()
