"""The reference beside the taps benchmark: a bare python-telegram-bot bot with the shop's own HTTP class.

    python benchmarks/taps_floor.py --port 8100 --api http://127.0.0.1:8200 --mode database

serves `POST /` (one update each, acknowledged once queued, as python-telegram-bot's own webhook does), answers each
tap with one edit and one `answerCallbackQuery` sent together to the Bot API at `--api`, prints `ready` when it listens
and ends on SIGTERM. Taps are `c:<category>`, `p:<product>` and `a:<product>` (add to the cart). In mode `browse` the
catalogue and the carts are in memory; in mode `database` each tap reads or writes SQLite through SQLAlchemy's async
engine on aiosqlite, with the shop's own durability (WAL, `synchronous=FULL`). No inbox, no outbox, no roles, no
translation: what any shop pays on top of this is its own.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from bot.request import AiohttpRequest

CATEGORIES, PRODUCTS, PAGE = 6, 60, 8
TABLES = sa.MetaData()
PRODUCT = sa.Table(
    "product",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("category", sa.Integer, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("price", sa.Integer, nullable=False),
    sa.Column("stock", sa.Integer, nullable=False),
)
CART_LINE = sa.Table(
    "cart_line",
    TABLES,
    sa.Column("person", sa.Integer, primary_key=True),
    sa.Column("product", sa.Integer, primary_key=True),
    sa.Column("quantity", sa.Integer, nullable=False),
)
ROWS: list[dict[str, Any]] = [
    {"id": n, "category": n % CATEGORIES, "name": f"Product {n}", "price": 500 + n, "stock": 9} for n in range(PRODUCTS)
]
AnyApplication = Application[Any, Any, Any, Any, Any, Any]
Screen = tuple[str, InlineKeyboardMarkup]
Answer = Callable[[str, int, int], Awaitable[Screen]]


def category_screen(products: list[tuple[int, str, int]]) -> Screen:
    """List products as buttons."""
    rows = [[InlineKeyboardButton(f"{name} ${price / 100:.2f}", callback_data=f"p:{n}")] for n, name, price in products]
    return "Choose a product", InlineKeyboardMarkup(rows)


def product_screen(n: int, name: str, price: int) -> Screen:
    """Show a product."""
    add, back = InlineKeyboardButton("Add", callback_data=f"a:{n}"), InlineKeyboardButton("Back", callback_data="c:0")
    return f"<b>{name}</b>\n${price / 100:.2f}", InlineKeyboardMarkup([[add], [back]])


def cart_screen(n: int, quantity: int) -> Screen:
    """Say that a product is in the cart, and how many."""
    add, back = (
        InlineKeyboardButton("One more", callback_data=f"a:{n}"),
        InlineKeyboardButton("Back", callback_data="c:0"),
    )
    return f"In your cart: {quantity}", InlineKeyboardMarkup([[add], [back]])


def in_memory() -> Answer:
    """Answer taps from memory."""
    carts: Counter[tuple[int, int]] = Counter()

    async def answer(kind: str, n: int, person: int) -> Screen:
        if kind == "c":
            return category_screen([(p["id"], p["name"], p["price"]) for p in ROWS if p["category"] == n][:PAGE])
        if kind == "p":
            return product_screen(n, ROWS[n]["name"], ROWS[n]["price"])
        carts[person, n] += 1
        return cart_screen(n, carts[person, n])

    return answer


def in_database(engine: AsyncEngine) -> Answer:
    """Answer taps from SQLite: one read for a category or a product, one upsert for the cart."""
    writing = asyncio.Lock()  # one writer at a time: waiting here costs far less than waiting on SQLite's lock

    async def answer(kind: str, n: int, person: int) -> Screen:
        product = sa.select(PRODUCT.c.id, PRODUCT.c.name, PRODUCT.c.price)
        if kind == "c":
            async with engine.connect() as reader:
                page = await reader.execute(product.where(PRODUCT.c.category == n).limit(PAGE))
                return category_screen([(row.id, row.name, row.price) for row in page])
        if kind == "p":
            async with engine.connect() as reader:
                row = (await reader.execute(product.where(PRODUCT.c.id == n))).one()
                return product_screen(row.id, row.name, row.price)
        line = insert(CART_LINE).values(person=person, product=n, quantity=1)
        more = line.on_conflict_do_update(
            index_elements=["person", "product"], set_={"quantity": CART_LINE.c.quantity + 1}
        )
        async with writing, engine.begin() as writer:
            quantity = (await writer.execute(more.returning(CART_LINE.c.quantity))).scalar_one()
        return cart_screen(n, quantity)

    return answer


async def open_database(folder: str) -> AsyncEngine:
    """Make the tables and the catalogue in a new file."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/floor.db")

    @sa.event.listens_for(engine.sync_engine, "connect")
    def durable(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    async with engine.begin() as writer:
        await writer.run_sync(TABLES.create_all)
        await writer.execute(sa.insert(PRODUCT), ROWS)
    return engine


def build(api: str, answer: Answer) -> AnyApplication:
    """Make the bot: no updater, one handler, 256 taps at once (what the library means by "concurrent")."""

    async def tap(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        assert query is not None
        assert query.data is not None
        kind, _, n = query.data.partition(":")
        text, keyboard = await answer(kind, int(n), query.from_user.id)
        await asyncio.gather(query.edit_message_text(text, parse_mode="HTML", reply_markup=keyboard), query.answer())

    builder = Application.builder().token("1:floor").base_url(f"{api}/bot").updater(None).concurrent_updates(256)
    application = builder.request(AiohttpRequest()).build()
    application.add_handler(CallbackQueryHandler(tap))
    return application


async def serve(port: int, application: AnyApplication) -> None:
    """Take updates until told to stop."""

    async def take(request: web.Request) -> web.Response:
        await application.update_queue.put(Update.de_json(await request.json(), application.bot))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with application:
        await application.start()
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        print("ready", flush=True)
        await stop.wait()
        await runner.cleanup()
        await application.stop()


async def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="A bare bot to measure the shop against.")
    parser.add_argument("--port", type=int, required=True, help="where updates are posted")
    parser.add_argument("--api", required=True, help="the Bot API's address, such as http://127.0.0.1:8200")
    parser.add_argument("--mode", choices=["browse", "database"], default="browse")
    options = parser.parse_args()
    if options.mode == "browse":
        await serve(options.port, build(options.api, in_memory()))
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = await open_database(folder)
        await serve(options.port, build(options.api, in_database(engine)))
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
