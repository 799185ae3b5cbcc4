"""The shop is killed (SIGKILL) at random instants of a busy minute, and started again: nothing is lost or doubled.

Telegram and the bank live in the test's own process and survive; the shop is ``run.py serve`` with a bot's token. The
seed is logged; ``HAANG_TEST_SEED`` repeats what people do and how long each life lasts (not the machine's own speed).
"""

import asyncio
import logging
import os
import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot import taps
from bot.sandbox.bank import Bank
from bot.sandbox.client import Message
from bot.sandbox.state import FIRST_UPDATE
from core import shop as core_shop
from core.catalog import store as catalog
from core.config import Config
from core.database.tables import carts, inbox, message_refs, orders, outbox, payment_attempts, people, stock
from core.i18n import translator
from core.messages import store as messages_store
from core.messages.rules import MessageKind
from core.orders import store as orders_store
from core.orders.rules import Order, Status
from core.payments.bakong import ManualBank
from core.people import service as people_service
from core.people.rules import Role
from core.settings import store as settings
from core.shop import Shop
from core.stock import store as stock_store
from tests.support import builders, crowd
from tests.support.house import House, free_port

log = logging.getLogger(__name__)

CUSTOMERS, PRODUCTS = 12, 6
SETTLED = 600.0
"""Seconds for the last life to finish what the others left: on PostgreSQL a dead process's claims end after 45."""
BUSY = 300.0
"""Seconds for a life to answer what is wanted of it."""
EACH = 10
"""Presses for each death at work, so that there is something to lose."""


@dataclass
class Town:
    """Telegram, the bank and the crowd around one shop that is killed again and again."""

    house: House
    people: crowd.Crowd
    config: Config
    rng: random.Random
    units: int
    kills: list[str] = field(default_factory=list)

    async def live_and_die(self, *, last: bool) -> None:
        """Start the shop, and kill it: sometimes while it starts (as a shell does it), mostly, and at last, at work.

        The last death waits for as much as proves something: an order, and presses for each death that saw some.
        """
        self.house.cold = self.rng.random() < 0.2 and not last
        if self.house.cold:
            starting = asyncio.create_task(asyncio.to_thread(self.house.start))
            await asyncio.sleep(self.rng.uniform(1.0, 2.5))
            if not starting.done() and self.house.running:
                self.house.process.kill()
            await asyncio.gather(starting, return_exceptions=True)
            self.kills.append("starting")
        else:
            await asyncio.to_thread(self.house.start)
            self.kills.append("working")
            await self._until_busy(self.rng.randint(3, 40), last=last)
            await asyncio.sleep(self.rng.uniform(0.0, 0.3))
        if self.house.running:
            await asyncio.to_thread(self.house.kill)

    async def _until_busy(self, answers: int, *, last: bool) -> None:
        """Wait until so many more taps were answered, or the customers have had enough."""
        wanted, people = self.people.answers() + answers, self.people
        async with asyncio.timeout(BUSY):
            while not people.served and (people.answers() < wanted or (last and not self._proves())):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    def _proves(self) -> bool:
        """Tell whether somebody was thanked for an order, and enough was pressed."""
        return bool(self.people.thanked()) and len(self.people.presses) >= EACH * self.kills.count("working")

    async def settle(self, shop: Shop) -> None:
        """Wait until no update waits and nothing is owed."""
        left: list[Any] = []
        coming = self.people.sandbox.world.state.updates
        try:
            async with asyncio.timeout(SETTLED):
                while (left := await shop.db.read(_unfinished)) or coming:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(f"never settled: {len(coming)} updates not taken, {left}") from None


def _unfinished(tx: Connection) -> list[Any]:
    waiting = tx.execute(select(inbox.c.update_id, inbox.c.claimed_by).where(inbox.c.state == "new")).all()
    return [*waiting, *tx.execute(select(outbox).where(outbox.c.state.in_(["pending", "sending"]))).all()]


def _furnish(tx: Connection, shop: Shop, units: int) -> list[int]:
    """Six products with so many units each, and an account that takes KHQR; returns the products' ids."""
    now = shop.clock.now()
    settings.save(tx, "khqr_account", crowd.ACCOUNT, now)
    shelf = catalog.add_category(tx, slug="crowd", name_en="Crowd", name_km="ហ្វូង")
    made = []
    for i in range(PRODUCTS):
        product = catalog.add_product(
            tx, now, category_id=shelf, slug=f"thing-{i}", name_en=f"Thing {i}", name_km=f"វត្ថុ {i}"
        )
        variant = catalog.add_variant(tx, product, sku=f"THING-{i}", price=900 + i, name_en="One", name_km="មួយ")
        stock_store.receive(tx, variant, units, now)
        made.append(product)
    return made


@pytest.fixture
def seed() -> int:
    """What repeats a run."""
    chosen = int(os.environ.get("HAANG_TEST_SEED") or secrets.randbits(32))
    log.warning("HAANG_TEST_SEED=%d", chosen)
    return chosen


async def _busy_minute(config: Config, folder: Path, seed: int, *, kills: int, purchases: int, units: int) -> None:
    """Open a town, let it be busy through so many deaths, let the last life settle, and compare everything."""
    rng = random.Random(seed)
    shop = await core_shop.open_shop(config, ManualBank())
    products = await shop.db.write(_furnish, shop, units)
    for number in crowd.STAFF:
        await people_service.grant(shop, number, f"Staff {number}", Role.STAFF)
    for i in range(CUSTOMERS):
        if i % 3:  # two of three were here before
            await builders.customer(shop, crowd.FIRST_CUSTOMER + i, f"Buyer <{i}>")
    await shop.close()
    bank = Bank(tokens={crowd.BANK_TOKEN}, accounts={crowd.ACCOUNT})
    sandbox = crowd.open_telegram(CUSTOMERS, bank)
    address = await sandbox.start()
    house = House(folder, ("serve",), _settings(address, config))
    town = Town(house, crowd.Crowd(sandbox, bank, rng, products), config, rng, units)
    busy = asyncio.create_task(town.people.run(CUSTOMERS, purchases))
    try:
        for death in range(kills):
            await town.live_and_die(last=death == kills - 1)
        town.people.stop.set()
        await busy
        house.cold = False
        await asyncio.to_thread(house.start)
        await _compare(town)
    finally:
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
        if house.running:
            await asyncio.to_thread(house.stop)
        await sandbox.stop()


def _settings(address: str, config: Config) -> dict[str, str]:
    """What the operator set. On PostgreSQL updates come by webhook, on SQLite by long polling."""
    given = {
        "bot_token": crowd.TOKEN, "telegram_api": address, "staff_chat_id": str(crowd.STAFF_GROUP),
        "owner_ids": str(crowd.OWNER), "bakong_url": f"{address}/bakong", "bakong_token": crowd.BANK_TOKEN,
        "data_dir": str(config.data_dir), "backup_dir": str(config.backup_dir),
    }  # fmt: skip
    if config.database_url is None:
        return given
    port = str(free_port())
    by_webhook = {"port": port, "public_url": f"http://127.0.0.1:{port}", "webhook_secret": "made-up-webhook-secret"}
    return given | by_webhook | {"database_url": config.database_url.get_secret_value()}


async def _compare(town: Town) -> None:
    """Let the last life settle, then hold what the shop kept against what people did and were told."""
    shop = await core_shop.open_shop(town.config, ManualBank())
    try:
        await town.settle(shop)
        code, seconds = await asyncio.to_thread(town.house.stop)
        assert (code, seconds < 6) == (0, True)
        await _updates(town, shop)
        await _orders(town, shop)
        await _stock(shop, town.units)
        await _messages(town, shop)
    finally:
        await shop.close()


async def _updates(town: Town, shop: Shop) -> None:
    """Every update that was acknowledged is a row, and every row is done."""
    state = town.people.sandbox.world.state
    kept = {row.update_id: row.state for row in await shop.db.read(lambda tx: tx.execute(select(inbox)).all())}
    acknowledged = set(range(FIRST_UPDATE, state.last_update + 1)) - set(state.updates)
    assert acknowledged - set(kept) == set(), "acknowledged, and not kept"
    assert Counter(kept.values()) == {"done": len(kept)}, town.house.log("app")[-4000:]


async def _orders(town: Town, shop: Shop) -> None:
    """One order a cart, numbers once, money once; whoever was thanked has the order."""
    rows = await shop.db.read(lambda tx: tx.execute(select(orders)).all())
    assert len({row.cart_id for row in rows}) == len({row.number for row in rows}) == len(rows)
    closed = await shop.db.read(
        lambda tx: tx.execute(select(carts.c.id).where(carts.c.state == "ordered")).scalars().all()
    )
    assert sorted(closed) == sorted(row.cart_id for row in rows)
    who = await shop.db.read(lambda tx: dict(tx.execute(select(people.c.telegram_id, people.c.id)).all()))
    made = {(row.person_id, row.cart_id) for row in rows}
    assert {(who[person], cart) for person, cart in town.people.thanked()} - made == set(), "thanked without an order"
    states = await shop.db.read(lambda tx: Counter(tx.execute(select(payment_attempts.c.state)).scalars()))
    assert set(states) <= {"new", "pending", "paid", "closed", "superseded"}, states
    assert len(town.people.bank.ledger.transactions) >= states["paid"]


async def _stock(shop: Shop, units: int) -> None:
    """Every unit is on the shelf, promised to one order, or in a parcel."""
    await builders.sound(shop)
    figures = await shop.db.read(lambda tx: tx.execute(select(stock)).all())
    left = {row.variant_id: [row.held, row.allocated, units - row.on_hand] for row in figures}
    by_status = {Status.PENDING: 0, Status.CONFIRMED: 1, Status.PREPARING: 1, Status.READY: 1, Status.OUT: 2,
                 Status.DELIVERED: 2}  # fmt: skip
    sold: dict[int, list[int]] = {variant: [0, 0, 0] for variant in left}
    for order in await _all_orders(shop):
        for line in order.lines:
            if order.status in by_status:
                sold[line.variant_id][by_status[order.status]] += line.quantity
    assert left == sold


async def _all_orders(shop: Shop) -> list[Order]:
    ids = await shop.db.read(lambda tx: list(tx.execute(select(orders.c.id).order_by(orders.c.id)).scalars()))
    found = [await shop.db.read(orders_store.by_id, number) for number in ids]
    return [order for order in found if order is not None]


async def _messages(town: Town, shop: Shop) -> None:
    """Everything owed was sent; each card stands once where the shop believes it to, and shows how it ended."""
    states = await shop.db.read(lambda tx: Counter(tx.execute(select(outbox.c.state)).scalars()))
    assert set(states) <= {"sent", "failed"}
    failed = await shop.db.read(
        lambda tx: tx.execute(select(outbox.c.error).where(outbox.c.state == "failed")).scalars().all()
    )
    assert set(failed) <= {"a newer message says it"}
    placed = await _all_orders(shop)
    doubles = 0
    for order in placed:
        await _notes(town, shop, order)
        await _card(town, shop, order, MessageKind.ORDER_CARD)
        if order.payment_method == "cod" or order.payment_status == "paid":
            doubles += await _card(town, shop, order, MessageKind.STAFF_CARD)
    done = Counter(str(order.status) for order in placed)
    log.warning("%d orders %s, %d taps, %s", len(placed), dict(done), len(town.people.presses), Counter(town.kills))
    log.warning("%d staff cards sent twice: killed between sending and writing it down", doubles)
    assert doubles <= len(town.kills)
    assert placed, "too quiet to prove anything"
    working = town.kills.count("working")  # who dies while it starts has answered nobody
    assert len(town.people.presses) >= EACH * max(1, working), "too quiet to prove anything"


async def _notes(town: Town, shop: Shop, order: Order) -> None:
    """Hold that every note which was marked as sent stands in the customer's chat, the card not counted."""
    sent = (outbox.c.subject_id == order.id, outbox.c.kind.like("note_%"), outbox.c.state == "sent")
    chats = await shop.db.read(lambda tx: tx.execute(select(outbox.c.chat_id).where(*sent)).scalars().all())
    for chat in chats:
        card = await shop.db.read(messages_store.ref, chat, MessageKind.ORDER_CARD, order.id)
        cards = {card.message_id} if card else set()
        told = [m for m in town.people.messages(chat) if m["from"]["is_bot"] and order.number in m.text]
        notes = [m for m in told if m["message_id"] not in cards]
        assert len(notes) >= len(chats), f"{order.number} owed {len(chats)} notes"


async def _card(town: Town, shop: Shop, order: Order, kind: MessageKind) -> int:
    """Hold an order's card to show the order's end; returns how many older copies of it stand in the chat."""
    query = select(message_refs).where(message_refs.c.kind == kind, message_refs.c.subject_id == order.id)
    ref = await shop.db.read(lambda tx: tx.execute(query).one_or_none())
    if ref is None and kind is MessageKind.ORDER_CARD:  # their next order's card took its message
        newest = (await shop.db.read(orders_store.of_person, order.person_id))[0]
        assert newest.id > order.id, f"{order.number} has no card"
        return 0
    assert ref is not None, f"{order.number} has no {kind}"
    cards = [m for m in town.people.messages(ref.chat_id) if m["from"]["is_bot"] and order.number in m.text]
    card = Message(town.people.sandbox.world.state.chats[ref.chat_id].messages[ref.message_id])
    if kind is MessageKind.ORDER_CARD and card not in cards and _went_on(town, order, ref.chat_id, ref.message_id):
        return 0
    assert card in cards, (order.number, order.status, ref, card.text)
    says = {translator(language)(f"status.{order.standing}") for language in ("en", "km")}
    to_pay = kind is MessageKind.ORDER_CARD and order.payment_status == "unpaid"
    assert to_pay or any(word in card.text for word in says), (order.status, card.text)
    if kind is MessageKind.ORDER_CARD:
        return 0
    assert card["message_id"] == max(m["message_id"] for m in cards), "the newest copy is the true one"
    return len(cards) - 1


def _went_on(town: Town, order: Order, chat: int, message: int) -> bool:
    """Tell whether the customer last pressed, in their card's message, what is not of this order: that stands there."""
    queries, last = town.people.sandbox.world.state.queries, ""
    for press in town.people.presses:
        asked = queries[press.query]
        last = press.data if (asked.chat, asked.message) == (chat, message) else last
    tap = taps.unpack(last) if last else None
    placed = isinstance(tap, taps.PlaceOrder) and tap.cart_id == order.cart_id
    return tap is not None and not placed and getattr(tap, "order_id", None) != order.id


@pytest.mark.timeout(1200)
async def test_killed_in_a_busy_minute(config: Config, tmp_path: Path, seed: int) -> None:
    """Three deaths: each acknowledged update worked, each order once, each unit explained, each message delivered.

    So few orders that the counter's group has room for them all; what a full one adds is left to the long run.
    """
    await _busy_minute(config, tmp_path, seed, kills=3, purchases=2, units=3)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("kills", "purchases", "units"), [(4, 3, 5), (40, 12, 20)])
async def test_killed_again_and_again(
    config: Config, tmp_path: Path, seed: int, kills: int, purchases: int, units: int
) -> None:
    """The same through four and through forty deaths, with more orders than a group takes messages in a minute."""
    await _busy_minute(config, tmp_path, seed, kills=kills, purchases=purchases, units=units)
