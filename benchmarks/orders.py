"""Orders placed a second by sixteen buyers (three lines, guarded stock), beside plain SQLAlchemy in the same run.

    python benchmarks/orders.py [--engine sqlite|postgres|both] [--rounds 5] [--each 320] [--orders 0]

`haang` is the shop's own checkout (core.checkout.service.place) on a migrated database with ``synchronous=FULL``;
`bare` and `whole` are what ``orders_floor.py`` writes: `one hop` through the same connection, `async` statement by
statement through SQLAlchemy's async engine (aiosqlite behind one lock; asyncpg). Rounds alternate, figures are
medians; only the ratios travel. `--orders 100000` fills the tables first and measures at both sizes.
PostgreSQL is the tests' own, with its settings for speed. Goals (reference: performance.md): SQLite ≥ 0.8 × one hop and
≥ 4 × the async engine, PostgreSQL ≥ 0.9 × Core on asyncpg, p99 of sixteen ≤ 30 × the p50 of one, flat to 100,000.
"""

import argparse
import asyncio
import itertools
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import Connection, event, insert, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from benchmarks import orders_floor as floor
from core import shop as core_shop
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.config import Config
from core.database.tables import addresses, cart_lines, carts, counters, order_lines, orders, people
from core.messages.rules import MessageRef
from core.orders.rules import PaymentMethod
from core.payments.bakong import ManualBank
from core.people.rules import Person
from core.shop import Shop
from tests.support import builders, databases

BUYERS, PRODUCTS, SEVERAL = 16, 48, 500
TOTAL = floor.LINES * floor.PRICE + 150
PHONE = "+85512000001"
Place = Callable[[Person, int, list[int]], Awaitable[object]]


@dataclass
class Contender:
    """One way to place an order; ``rates`` are orders a second of each round, the rest seconds of single orders."""

    name: str
    place: Place
    rates: list[float] = field(default_factory=list)
    crowded: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)


@dataclass
class Stand:
    """A shop with its variants; people and their carts are made as they are wanted."""

    shop: Shop
    variants: list[int]
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def carts(self, many: int) -> list[tuple[Person, int, list[int]]]:
        """Let so many people come in, each with an address and a cart of three lines."""
        wants = [(number, [self.variants[(number * 7 + 5 * i) % PRODUCTS] for i in range(floor.LINES)])
                 for number in itertools.islice(self.numbers, many)]  # fmt: skip
        await self.shop.db.write(_come_in, self.shop, wants)
        return [(Person(n, n, f"Buyer {n}", language="en"), n, sorted(ids)) for n, ids in wants]

    async def fill(self, many: int) -> None:
        """Write orders that were placed long ago."""
        for _ in range(0, many, SEVERAL):
            made = await self.carts(SEVERAL)
            await self.shop.db.write(_past, made)


def _come_in(tx: Connection, shop: Shop, wants: list[tuple[int, list[int]]]) -> None:
    now = shop.clock.now()
    seen = {"created_at": now, "updated_at": now}
    tx.execute(insert(people), [
        {"id": n, "telegram_id": n, "name": f"Buyer {n}", "created_at": now, "seen_at": now} for n, _ in wants
    ])  # fmt: skip
    tx.execute(insert(addresses), [
        {"id": n, "person_id": n, "recipient": "Buyer", "phone": PHONE, "province_code": "12", "street": "1 Street 1",
         "created_at": now, "used_at": now} for n, _ in wants
    ])  # fmt: skip
    tx.execute(insert(carts), [
        {"id": n, "person_id": n, "kind": "buy_now", "state": "open"} | seen for n, _ in wants
    ])  # fmt: skip
    tx.execute(insert(cart_lines), [
        {"cart_id": n, "variant_id": i, "quantity": floor.QUANTITY, "seen_price": floor.PRICE, "added_at": now}
        for n, ids in wants for i in ids
    ])  # fmt: skip


def _past(tx: Connection, made: list[tuple[Person, int, list[int]]]) -> None:
    """Write delivered orders and their lines, with ids of their own."""
    tx.execute(insert(orders), [floor.past(person.id, cart_id) for person, cart_id, _ in made])
    tx.execute(insert(order_lines), [line for _, cart_id, ids in made for line in floor.past_lines(cart_id, ids)])


def contenders(stand: Stand, engine: AsyncEngine) -> list[Contender]:
    """Name the shop and its references on one database."""
    shop, dialect, lock = stand.shop, stand.shop.db.dialect, asyncio.Lock()

    async def haang(person: Person, cart_id: int, _ids: list[int]) -> object:
        card = MessageRef(floor.CHAT, next(floor.MESSAGES), has_photo=True)
        return await checkout.place(shop, person, Wish(cart_id, PaymentMethod.COD, TOTAL, card))

    def hop(steps: Callable[..., floor.Steps]) -> Place:
        async def place(person: Person, cart_id: int, ids: list[int]) -> object:
            return await shop.db.write(lambda tx: floor.in_one_hop(tx, steps(dialect, person.id, cart_id, ids)))

        return place

    def apart(steps: Callable[..., floor.Steps]) -> Place:
        async def place(person: Person, cart_id: int, ids: list[int]) -> object:
            if dialect == "postgresql":
                async with engine.begin() as tx:
                    return await floor.one_by_one(tx, steps(dialect, person.id, cart_id, ids))
            async with lock, engine.begin() as tx:
                return await floor.one_by_one(tx, steps(dialect, person.id, cart_id, ids))

        return place

    ways = [Contender("haang", haang)]
    for name, steps in (("bare", floor.bare), ("whole", floor.whole)):
        ways += [Contender(f"{name}, one hop", hop(steps)), Contender(f"{name}, async", apart(steps))]
    return ways


async def race(stand: Stand, one: Contender, each: int) -> None:
    """Place orders by sixteen buyers at once, and a few by one alone."""
    waiting = iter(await stand.carts(each))
    lonely = await stand.carts(max(20, each // 10))

    async def timed(cart: tuple[Person, int, list[int]], into: list[float]) -> None:
        began = time.perf_counter()
        await one.place(*cart)
        into.append(time.perf_counter() - began)

    async def buyer() -> None:
        for cart in waiting:
            await timed(cart, one.crowded)

    began = time.perf_counter()
    await asyncio.gather(*(buyer() for _ in range(BUYERS)))
    one.rates.append(each / (time.perf_counter() - began))
    for cart in lonely:
        await timed(cart, one.alone)


def report(title: str, ways: list[Contender]) -> None:
    """Print rates, latencies and what the shop's are beside each reference's."""
    print(f"{title:24} {'orders/s':>9} {'p99 ms':>8} {'alone p50':>10} {'p99/p50':>8} {'haang is':>9}")
    ours = median(ways[0].rates)
    for one in ways:
        p99, p50 = quantiles(one.crowded, n=100)[98] * 1000, median(one.alone) * 1000
        rate = median(one.rates)
        print(f"{one.name:24} {rate:9.0f} {p99:8.1f} {p50:10.2f} {p99 / p50:8.1f} {ours / rate:9.2f}")
    print()


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Stand]:
    """Open a shop with products that never run out, in the middle of a busy year."""
    shop = await core_shop.open_shop(config, ManualBank())
    try:
        await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT, free_delivery_from=0)
        stalls = [await builders.product(shop, 10**8, floor.PRICE, f"S-{i}") for i in range(PRODUCTS)]
        await shop.db.write(lambda tx: tx.execute(insert(counters).values(name="order", value=0)))
        yield Stand(shop, stalls)
    finally:
        await shop.close()


def engine_for(config: Config) -> AsyncEngine:
    """Make SQLAlchemy's own async engine on the same database, as durable as the shop's."""
    if config.database_url is not None:
        url = make_url(config.database_url.get_secret_value()).set(drivername="postgresql+asyncpg")
        return create_async_engine(url, pool_size=8, max_overflow=4)
    engine = create_async_engine(f"sqlite+aiosqlite:///{config.data_dir}/haang.sqlite3", connect_args={"timeout": 30})

    @event.listens_for(engine.sync_engine, "connect")
    def durable(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in ("synchronous=FULL", "foreign_keys=1", "cache_size=-16000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


async def measure(config: Config, options: argparse.Namespace) -> None:
    """Race all contenders in turn, round by round; with ``--orders``, again on full tables."""
    async with opened(config) as stand:
        engine = engine_for(config)
        for many in (0, options.orders) if options.orders else (0,):
            await stand.fill(many)
            ways = contenders(stand, engine)
            for one in ways:
                await race(stand, one, BUYERS * 2)  # warm
                one.rates.clear(), one.crowded.clear(), one.alone.clear()
            for _ in range(options.rounds):
                for one in ways:
                    await race(stand, one, options.each)
            report(f"{stand.shop.db.dialect}, {many or 'no'} orders before", ways)
        await engine.dispose()


def main() -> None:
    """Read the command line; measure on each engine."""
    parser = argparse.ArgumentParser(description="Orders a second beside plain SQLAlchemy.")
    parser.add_argument("--engine", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=320, help="orders a round")
    parser.add_argument("--orders", type=int, default=0, help="fill the tables with so many orders, and measure again")
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("HAANG_")]:
        del os.environ[name]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if options.engine != "postgres":
            databases.migrated_sqlite(folder / "haang.sqlite3")
            asyncio.run(measure(Config(_env_file=None, data_dir=folder, backup_dir=folder), options))
        if options.engine != "sqlite":
            url = stack.enter_context(databases.cluster()).create()
            config = Config(_env_file=None, data_dir=folder, backup_dir=folder, database_url=url)
            asyncio.run(measure(config, options))


if __name__ == "__main__":
    main()
