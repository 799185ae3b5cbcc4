"""The counter's lists, looking for an order, the board's counts: from real orders."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from core.boards import service as boards
from core.boards.rules import Listing
from core.database.tables import help_threads, orders, outbox
from core.errors import NotAllowed, NotFound, OutOfDate
from core.fulfilment import settle
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders.rules import Move, Order
from core.people.rules import Role
from core.privacy import service as privacy
from core.shop import Shop
from tests.support import builders

GROUP = builders.STAFF_CHAT


async def _orders(shop: Shop, size: int, **values: Any) -> list[Order]:
    """So many cash orders, a minute apart."""
    rose, buyer = await builders.product(shop, 99), await builders.customer(shop)
    made = []
    for _ in range(size):
        made.append(await builders.order(shop, buyer, rose))
        shop.clock.move(timedelta(minutes=1))  # type: ignore[attr-defined]
    if values:
        await _write(shop, made, **values)
    return made


async def _write(shop: Shop, made: list[Order], **values: Any) -> None:
    ids = [one.id for one in made]
    await shop.db.write(lambda tx: tx.execute(update(orders).where(orders.c.id.in_(ids)).values(**values)))


async def test_a_list_page_by_page(sqlite_shop: Shop) -> None:
    """The oldest first, ten at a time, from an order and not from a place: what ends meanwhile skips nothing."""
    shop = sqlite_shop
    sokha, made = await builders.worker(shop), await _orders(shop, 13)
    first = await boards.page(shop, sokha, Listing.OPEN)
    assert [one.number for one in first.orders] == [one.number for one in made[:10]]
    assert (first.more, first.orders[0].name, first.orders[0].holder) == (True, "Dara", "")
    await builders.moved(shop, sokha, made[0], Move.CANCEL)
    await builders.moved(shop, sokha, made[11], Move.PREPARE)
    second = await boards.page(shop, sokha, Listing.OPEN, first.orders[-1].id)
    assert [(one.number, one.holder) for one in second.orders] == [
        (made[10].number, ""), (made[11].number, "Sokha"), (made[12].number, ""),
    ]  # fmt: skip
    assert not second.more
    (alone,) = (await boards.page(shop, sokha, Listing.PREPARING)).orders
    assert alone.id == made[11].id


async def test_whose_eyes(sqlite_shop: Shop) -> None:
    """A QR that nobody paid is on no list; a courier finds what is ready or out and is shown nothing else."""
    shop = sqlite_shop
    sokha, vuthy = await builders.worker(shop), await builders.worker(shop, Role.COURIER, 2002, "Vuthy")
    await builders.with_khqr(shop)
    unpaid, attempt = await builders.khqr_order(shop)
    assert (await boards.page(shop, sokha, Listing.OPEN)).orders == ()
    assert (await boards.find(shop, sokha, unpaid.number)).orders[0].id == unpaid.id
    now = shop.clock.now()
    await shop.db.write(settle.settle, shop.policy, unpaid.id, attempt.id, builders.money(attempt, now), now)
    assert [one.id for one in (await boards.page(shop, sokha, Listing.NEW)).orders] == [unpaid.id]
    for refused in (boards.page(shop, vuthy, Listing.NEW), boards.find(shop, await builders.customer(shop), "1")):
        with pytest.raises(NotAllowed):
            await refused
    assert (await boards.find(shop, vuthy, "Dara")).orders == ()
    for opening in (boards.may_open(shop, vuthy, unpaid.id), boards.bring(shop, vuthy, unpaid.id, GROUP, 0)):
        with pytest.raises(NotFound):
            await opening
    await builders.moved(shop, sokha, unpaid, Move.PREPARE, Move.READY)
    assert [one.id for one in (await boards.page(shop, vuthy, Listing.OPEN)).orders] == [unpaid.id]
    assert (await boards.find(shop, vuthy, "Dara")).orders[0].id == unpaid.id
    await boards.may_open(shop, vuthy, unpaid.id)


HITS: dict[str, list[int]] = {
    "dara": [5, 1, 0], "DARA": [5, 1, 0], "sok": [0], "ដារ៉ា": [3, 2], "ដា\u200bរ៉ា": [3, 2], "élodie": [4], "%a": [],
    "100%": [5], "a_": [5], "Nobody": [],
}  # fmt: skip
NAMES = ["Dara Sok", "DARARITH", "ស្រី ដារ៉ា", "ដា\u200bរ៉ា", "ÉLODIE", "100% Dara_", "Bopha"]


async def test_a_name(shop: Shop) -> None:
    """Any part in any case, Khmer with its invisible spaces or without, the newest first; signs are only signs."""
    sokha, made = await builders.worker(shop), await _orders(shop, len(NAMES))
    for order, name in zip(made, NAMES, strict=True):
        await _write(shop, [order], recipient=name)
    for typed, hits in HITS.items():
        found = [one.id for one in (await boards.find(shop, sokha, typed)).orders]
        assert found == [made[i].id for i in hits], typed


async def test_a_number_and_a_phone(sqlite_shop: Shop) -> None:
    """A number finds its one order; a phone in any spelling all of its orders, ten a page, whatever ended."""
    shop = sqlite_shop
    sokha, made = await builders.worker(shop), await _orders(shop, 12)
    await builders.moved(shop, sokha, made[3], Move.CANCEL)
    for typed in ("4", "MD00004", "md4"):
        assert [one.id for one in (await boards.find(shop, sokha, typed)).orders] == [made[3].id]
    first = await boards.find(shop, sokha, "012 000 001")
    assert ([one.id for one in first.orders], first.more) == ([one.id for one in made[:1:-1]], True)
    rest = await boards.find(shop, sokha, "+855 12000001", first.orders[-1].id)
    assert ([one.id for one in rest.orders], rest.more) == ([made[1].id, made[0].id], False)
    assert (await boards.find(shop, sokha, "012 000 002")).orders == ()


async def test_what_was_looked_for_is_kept(sqlite_shop: Shop) -> None:
    """It outlives a restart, belongs to one person, one chat and one moment, and asks nothing."""
    shop = sqlite_shop
    sokha, bopha = await builders.worker(shop), await builders.worker(shop, telegram_id=2002)
    stamp = await boards.keep(shop, sokha, "012 345 678", GROUP)
    assert await boards.kept(shop, sokha, stamp, GROUP) == "012 345 678"
    for person, asked, chat in ((bopha, stamp, GROUP), (sokha, stamp + 1, GROUP), (sokha, stamp, 2001)):
        with pytest.raises(OutOfDate):
            await boards.kept(shop, person, asked, chat)
    again = await builders.worker(shop)
    assert not again.asked


async def test_a_card_is_brought_below(sqlite_shop: Shop) -> None:
    """The one that lives is the next; a card that waited to be sent already goes where it was asked for."""
    shop = sqlite_shop
    sokha, (order,) = await builders.worker(shop), await _orders(shop, 1)
    old = MessageRef(GROUP, 5, has_photo=False)
    await shop.db.write(messages.remember, MessageKind.STAFF_CARD, order.id, old, shop.clock.now())
    await shop.db.write(messages.owe, GROUP, MessageKind.STAFF_CARD, order.id, shop.clock.now())
    assert await boards.bring(shop, sokha, order.id, GROUP, 77) == order.number
    assert await shop.db.read(messages.ref, GROUP, MessageKind.STAFF_CARD, order.id) is None
    mine = (outbox.c.chat_id == GROUP, outbox.c.kind == MessageKind.STAFF_CARD)
    (data,) = await shop.db.read(lambda tx: tx.execute(select(outbox.c.data).where(*mine)).scalars().all())
    assert data["thread"] == 77


async def test_counts(shop: Shop) -> None:
    """By list, who has nobody and since when, cases and talks; right also where nothing but a talk waits."""
    empty = await boards.counts(shop)
    assert (set(empty.waiting.values()), empty.unclaimed, empty.oldest, empty.talks) == ({0}, 0, None, 0)
    buyer, now = await builders.customer(shop), shop.clock.now()
    talk = {"person_id": buyer.id, "state": "open", "opened_at": now, "updated_at": now}
    await shop.db.write(lambda tx: tx.execute(help_threads.insert().values(**talk)))
    assert (await boards.counts(shop)).talks == 1
    sokha, made = await builders.worker(shop), await _orders(shop, 4)
    await builders.moved(shop, sokha, made[0], Move.PREPARE, Move.READY)
    await builders.moved(shop, sokha, made[1], Move.CANCEL)
    found = await boards.counts(shop)
    assert {one: count for one, count in found.waiting.items() if count} == {Listing.NEW: 2, Listing.READY: 1}
    assert (found.unclaimed, found.oldest, found.cases) == (2, made[2].placed_at, 0)


async def _owed(shop: Shop) -> int:
    def count(tx: Connection) -> int:
        return len(tx.execute(select(outbox.c.id).where(outbox.c.kind == MessageKind.BOARD)).all())

    return await shop.db.read(count)


async def test_the_board_is_owed_when_it_changes(sqlite_shop: Shop) -> None:
    """In a group alone, once for each change, at most every fifteen seconds, and again in another group."""
    shop = sqlite_shop
    await builders.with_khqr(shop, staff_chat_id=0)
    await boards.show_board(shop)
    await builders.with_khqr(shop, staff_chat_id=2001)
    await boards.show_board(shop)
    assert await _owed(shop) == 0
    await builders.with_khqr(shop, staff_chat_id=GROUP)
    await boards.show_board(shop)
    assert await _owed(shop) == 1
    await shop.db.write(lambda tx: tx.execute(outbox.update().values(state="sent", sent_at=shop.clock.now())))
    rose, buyer = await builders.product(shop), await builders.customer(shop)
    await builders.order(shop, buyer, rose)
    shop.clock.move(timedelta(seconds=10))  # type: ignore[attr-defined]
    await boards.show_board(shop)
    assert await _owed(shop) == 1
    shop.clock.move(timedelta(seconds=5))  # type: ignore[attr-defined]
    await boards.show_board(shop)
    assert await _owed(shop) == 2
    await shop.db.write(lambda tx: tx.execute(outbox.update().values(state="sent", sent_at=shop.clock.now())))
    shop.clock.move(timedelta(minutes=5))  # type: ignore[attr-defined]
    await boards.show_board(shop)
    assert await _owed(shop) == 2
    await builders.with_khqr(shop, staff_chat_id=-5)
    await boards.show_board(shop)
    assert await _owed(shop) == 3


async def test_who_is_forgotten_is_looked_for_no_more(sqlite_shop: Shop) -> None:
    """What staff looked for last may be their phone: it goes with them."""
    shop = sqlite_shop
    sokha, buyer = await builders.worker(shop), await builders.customer(shop)
    stamp = await boards.keep(shop, sokha, builders.PHONE, GROUP)
    await privacy.forget_me(shop, buyer, int(shop.clock.now().timestamp()))
    with pytest.raises(OutOfDate):
        await boards.kept(shop, sokha, stamp, GROUP)
