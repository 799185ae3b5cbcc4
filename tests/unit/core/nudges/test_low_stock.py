"""What is running low: told once, received by one tap that counts once, hidden and shown again."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from core.config import Config
from core.database.tables import audit, outbox, products, stock_movements
from core.errors import NotAllowed, NotFound, OutOfDate
from core.messages.rules import MessageKind
from core.nudges import shelves
from core.people.rules import Person, Role
from core.shop import Shop
from core.stock import store as stock
from core.waiting import service as waiting
from tests.conftest import OpenShop
from tests.support import builders


async def _shelf(shop: Shop, units: int = 5) -> tuple[Person, int]:
    """Sokha at the counter, and so many units of a serum."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    await shop.refresh()
    return await builders.worker(shop), await builders.product(shop, units)


async def _notes(shop: Shop) -> list[int]:
    """By which stamp each note tells of its variants."""

    def look(tx: Connection) -> list[int]:
        return [row.data["told"] for row in tx.execute(select(outbox).where(outbox.c.kind == MessageKind.LOW_STOCK))]

    return await shop.db.read(look)


async def _buy(shop: Shop, variant: int, units: int) -> None:
    await builders.order(shop, await builders.customer(shop), variant, units)


async def test_told_once_until_it_is_above_again(shop: Shop) -> None:
    """Five are plenty, three are told, once; sold on, nothing; received and fallen again, told again."""
    sokha, rose = await _shelf(shop)
    assert [await shelves.watch(shop), await _notes(shop)] == [0, []]
    await _buy(shop, rose, 2)
    assert [await shelves.watch(shop) for _ in range(2)] == [1, 0]
    await _buy(shop, rose, 1)
    assert await shelves.watch(shop) == 0
    (low,) = (await shelves.look(shop, sokha, (await _notes(shop))[0])).items
    assert (low.variant_id, low.left, low.on_sale) == (rose, 2, True)
    await shelves.receive(shop, sokha, rose, 10, low.receipt)
    shop.clock.move(timedelta(minutes=1))
    assert await shelves.watch(shop) == 0
    assert (await shelves.look(shop, sokha)).items == ()
    await _buy(shop, rose, 9)
    assert await shelves.watch(shop) == 1
    assert len(set(await _notes(shop))) == 2
    await builders.sound(shop)


async def test_several_are_one_note_and_what_never_was_there_is_none(sqlite_shop: Shop) -> None:
    """Two that fell stand in one note; neither something new without stock, nor what is hidden, nor at night."""
    shop = sqlite_shop
    sokha, rose = await _shelf(shop)
    await builders.product(shop, 0, sku="NEW-1")
    hidden, second = await builders.product(shop, 1, sku="OLD-1"), await builders.product(shop, 3, sku="LOW-2")
    await shop.db.write(
        lambda tx: tx.execute(products.update().where(products.c.slug == "p-old-1").values(active=False))
    )
    await _buy(shop, rose, 5)
    shop.clock.move(timedelta(hours=12))
    assert await shelves.watch(shop) == 0
    shop.clock.move(timedelta(hours=10))
    assert await shelves.watch(shop) == 2
    (told,) = await _notes(shop)
    assert {one.variant_id for one in (await shelves.look(shop, sokha, told)).items} == {rose, second}
    assert hidden not in {one.variant_id for one in (await shelves.look(shop, sokha)).items}


async def test_a_tap_counts_once_also_when_it_comes_again(shop: Shop) -> None:
    """The same tap later, and after as many were sold, adds nothing; who was faster is named; each is in the audit."""
    sokha, rose = await _shelf(shop, 3)
    bopha = await builders.worker(shop, Role.STAFF, 1002, "Bopha")
    await shelves.watch(shop)
    (low,) = (await shelves.look(shop, sokha)).items
    assert (await shelves.receive(shop, sokha, rose, 10, low.receipt)).left == 13
    for person, key in ((sokha, "errors.done_already"), (bopha, "errors.somebody_faster")):
        with pytest.raises(OutOfDate) as told:
            await shelves.receive(shop, person, rose, 10, low.receipt)
        assert told.value.key == key
    await _buy(shop, rose, 10)
    with pytest.raises(OutOfDate):
        await shelves.receive(shop, bopha, rose, 50, low.receipt)
    now = await shop.db.read(stock.looked_at, rose)
    assert now is not None
    assert (now.left, (await shelves.receive(shop, bopha, rose, 50, now.receipt)).left) == (3, 53)
    assert await builders.count(shop, audit, audit.c.action == "stock.receive") == 2
    assert await builders.count(shop, stock_movements, stock_movements.c.actor_id == bopha.id) == 1
    await builders.sound(shop)


async def test_two_processes_tell_once_and_add_once(config: Config, open_shop: OpenShop) -> None:
    """Two processes look at the same moment: one note. Six people tap +10 on it at once: ten units came in."""
    one = await open_shop(config)
    other = await open_shop(config) if config.database_url else one
    sokha, rose = await _shelf(one, 3)
    told = await asyncio.gather(*(shelves.watch(shop) for shop in (one, other) * 3))
    assert (sum(told), len(await _notes(one))) == (1, 1)
    low = await one.db.read(stock.looked_at, rose)
    assert low is not None
    taps = (shelves.receive(shop, sokha, rose, 10, low.receipt) for shop in (one, other) * 3)
    found = await asyncio.gather(*taps, return_exceptions=True)
    assert sum(isinstance(answer, OutOfDate) for answer in found) == 5
    assert (await builders.figures(one, rose))[0] == 13


async def test_hidden_and_shown_again(sqlite_shop: Shop) -> None:
    """Off the shelf for everybody and back, by an admin; it stays in the note meanwhile; staff may not."""
    shop = sqlite_shop
    sokha, rose = await _shelf(shop, 3)
    bopha, dara = await builders.worker(shop, Role.ADMIN, 1002, "Bopha"), await builders.customer(shop)
    await shelves.watch(shop)
    (told,) = await _notes(shop)
    assert (await shelves.put_out(shop, bopha, rose, on_sale=False)).on_sale is False
    assert (await shop.catalogue.now()).variant(rose) is None
    assert [one.on_sale for one in (await shelves.look(shop, sokha, told)).items] == [False]
    await shelves.put_out(shop, bopha, rose, on_sale=False)
    assert (await shelves.put_out(shop, bopha, rose, on_sale=True)).on_sale is True
    assert (await shop.catalogue.now()).variant(rose) is not None
    actions = select(audit.c.action).where(audit.c.action.startswith("product.")).order_by(audit.c.id)
    assert await shop.db.read(lambda tx: list(tx.execute(actions).scalars())) == ["product.hide", "product.show"]
    refused = [
        shelves.put_out(shop, sokha, rose, on_sale=False),
        shelves.receive(shop, dara, rose, 10, 0),
        shelves.look(shop, dara),
    ]
    for attempt in refused:
        with pytest.raises(NotAllowed):
            await attempt
    with pytest.raises(NotFound):
        await shelves.receive(shop, sokha, 999, 10, 0)
    low = await shop.db.read(stock.looked_at, rose)
    assert low is not None
    with pytest.raises(OutOfDate):
        await shelves.receive(shop, sokha, rose, 1000, low.receipt)
    assert (await shelves.look(shop, sokha, 10**17)).items == ()


async def test_who_waits_for_it_is_told_when_it_came(sqlite_shop: Shop) -> None:
    """Sold out, somebody asks to be told; +10 at the counter, and the job that tells finds them."""
    shop = sqlite_shop
    sokha, rose = await _shelf(shop, 1)
    await _buy(shop, rose, 1)
    bopha = await builders.customer(shop, 1002, "Bopha")
    await waiting.ask(shop, bopha, rose)
    await shelves.watch(shop)
    assert await waiting.tell(shop) == 0
    page = await shelves.look(shop, sokha)
    assert page.waits == {rose: 1}
    await shelves.receive(shop, sokha, rose, 10, page.items[0].receipt)
    assert await waiting.tell(shop) == 1
