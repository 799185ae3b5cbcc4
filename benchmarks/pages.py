"""Pages a second against a bare aiohttp handler in the same run, and how many live tracking pages a process carries.

    python benchmarks/pages.py [--rounds 3] [--seconds 0.8]

Servers run in processes of their own: `hello`, a bare aiohttp handler, and the shop's site with 60 and with 10,000
products, logging to a file as it does in service. This process sends the requests over kept connections, one target
after the other, round after round; each figure is the median of its rounds. `cold` is the same page drawn anew for
every request. Only the ratios travel between machines (goals: catalog and product 0.5 × hello, tracking 0.3 ×, 10,000
products within 1.5 × of 60, a thousand open tracking pages in 60 MB and told of a change within a second).
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from aiohttp import web
from sqlalchemy import Connection, insert

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from core import changes, logs
from core import shop as core_shop
from core.catalog import store as catalog
from core.config import Config
from core.database import tables
from core.fulfilment import service as fulfilment
from core.orders.rules import Move, Order
from core.payments.bakong import ManualBank
from core.people import service as people
from core.people.rules import Role
from core.shop import Shop
from tests.support import builders
from web.app import build, runner
from web.memory import Memory
from web.site import SITE

CONNECTIONS = 16
WATCHERS = 1_000
SHELVES = 12
FEW, MANY = 60, 10_000
HEAD = "Host: x\r\nAccept-Encoding: gzip\r\nCookie: lang=en\r\n"


# The servers


async def hello() -> None:
    """Serve a bare handler until the terminal is gone."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", answer)
    await _serve(web.AppRunner(app, access_log=None), {"hello": "/"})


async def site(products: int, *, cold: bool) -> None:
    """Serve the shop's own site; each line on standard input moves its order one step on."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(_env_file=None, data_dir=Path(folder), database_url=None, bot_token=None)
        logs.open_logs(config.log_dir, config.log_level)
        shop = await core_shop.open_shop(config, ManualBank())
        await shop.db.write(_fill, shop, products)
        variant = await builders.product(shop)
        order = await builders.order(shop, await builders.customer(shop), variant, 2)
        app = build(shop, lambda payload: f"https://t.me/made_up_bot?start={payload}")
        if cold:
            app[SITE].pages = Memory(largest=0)
        paths = {"home": "/", "category": "/c/shelf-1", "product": "/p/product-7"}
        await _serve(runner(app), paths | {"tracking": f"/t/{order.tracking_token}"}, shop, order)
        await shop.close()
        logs.close_logs()


def _fill(tx: Connection, shop: Shop, count: int) -> None:
    """Write ``count`` products with two variants each, in bulk."""
    now = shop.clock.now()
    shelves = [catalog.add_category(tx, slug=f"shelf-{i}", name_en=f"Shelf {i}", name_km="ធ្នើ") for i in range(SHELVES)]
    badges = ("new", "best_seller", "sale", None, None)
    words = {"description_en": "Soft, light and kind to the skin. " * 4, "updated_at": now}
    tx.execute(insert(tables.products), [
        words | {"id": i, "category_id": shelves[i % 3 if count <= FEW else i % SHELVES], "slug": f"product-{i}",
                 "name_en": f"Rose Serum {i}", "badge": badges[i % 5], "position": i}
        for i in range(1, count + 1)
    ])  # fmt: skip
    made = [{"id": 2 * i + j, "product_id": i, "sku": f"S{i}-{j}", "price": 900 + i, "name_en": f"Size {j}"}
            for i in range(1, count + 1) for j in (0, 1)]  # fmt: skip
    tx.execute(insert(tables.variants), made)
    tx.execute(insert(tables.stock), [{"variant_id": one["id"], "on_hand": 9} for one in made])
    changes.note(tx, "product")


async def _serve(serving: web.AppRunner, paths: dict[str, str], shop: Shop | None = None, order: Any = None) -> None:
    await serving.setup()
    await web.TCPSite(serving, "127.0.0.1", 0).start()
    print(json.dumps({"port": serving.addresses[0][1], "paths": paths}), flush=True)
    moves = iter((Move.CONFIRM, Move.PREPARE, Move.READY))
    while await asyncio.to_thread(sys.stdin.readline):
        if shop is not None:
            order = await _move(shop, order, next(moves))
            print(json.dumps({"moved": order.version}), flush=True)
    await serving.cleanup()


async def _move(shop: Shop, order: Order, move: Move) -> Order:
    staff = await people.grant(shop, 2001, "Sokha", Role.STAFF)
    return await fulfilment.move(shop, staff, order.id, move, order.version)


@dataclass
class Server:
    """A running server: its process, where it listens, and the page of each name."""

    process: "subprocess.Popen[str]"
    port: int
    paths: dict[str, str]

    def memory(self) -> float:
        """Resident megabytes (Linux's own figure)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextmanager
def running(*arguments: str) -> Iterator[Server]:
    """Start a server and end it."""
    command = [sys.executable, __file__, "--serve", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield Server(process, **json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(timeout=20)


# The load


@dataclass
class Load(asyncio.Protocol):
    """One kept connection: the next request leaves when the answer before it is whole."""

    request: bytes
    until: float = 0.0
    answers: int = 0
    missing: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, transport: Any) -> None:
        """Send the first request."""
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Count an answer and send the next; `missing` is what is still to come of this one."""
        if not self.missing:
            head, _, body = data.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head[:60]
            self.missing = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]) - len(body)
        else:
            self.missing -= len(data)
        if self.missing:
            return
        self.answers += 1
        if time.perf_counter() < self.until:
            self.transport.write(self.request)
        else:
            self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """End, whether all was answered or not."""
        self.done.set()


async def rate(server: Server, name: str, seconds: float) -> float:
    """Pages a second of one page, over sixteen connections, after a first look that warms it."""
    request = f"GET {server.paths[name]} HTTP/1.1\r\n{HEAD}\r\n".encode()
    loads = [Load(request) for _ in range(CONNECTIONS + 1)]
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: loads[-1], "127.0.0.1", server.port)
    await loads[-1].done.wait()
    assert loads[-1].answers, f"{name} is not answered"
    begun = time.perf_counter()
    for load in loads[:-1]:
        load.until = begun + seconds
        await loop.create_connection(lambda load=load: load, "127.0.0.1", server.port)
    await asyncio.gather(*(load.done.wait() for load in loads[:-1]))
    return sum(load.answers for load in loads[:-1]) / (time.perf_counter() - begun)


async def watch(server: Server) -> dict[str, float]:
    """Open a thousand live pages of one order, move it, and see how long it takes until all of them know."""
    before = server.memory()
    request = f"GET {server.paths['tracking']}/live?v=1 HTTP/1.1\r\n{HEAD}\r\n".encode()
    streams = []
    for _ in range(WATCHERS):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request)
        streams.append((reader, writer))
    await asyncio.gather(*(reader.readuntil(b"\r\n\r\n") for reader, _ in streams))
    grown = server.memory() - before
    process = server.process
    assert process.stdin
    begun = time.perf_counter()
    process.stdin.write("move\n")
    process.stdin.flush()
    await asyncio.gather(*(reader.readuntil(b"</article>") for reader, _ in streams))
    told = time.perf_counter() - begun
    for _, writer in streams:
        writer.close()
    return {"megabytes": grown, "seconds": told}


async def measure(rounds: int, seconds: float) -> None:
    """Run everything and print it."""
    with (
        running("hello") as bare, running("site", str(FEW)) as few, running("site", str(MANY)) as many,
        running("cold", str(FEW)) as cold_few, running("cold", str(MANY)) as cold_many,
    ):  # fmt: skip
        targets = {"hello": (bare, "hello")}
        for label, server in (
            (f"{FEW}", few),
            (f"{MANY}", many),
            (f"{FEW} cold", cold_few),
            (f"{MANY} cold", cold_many),
        ):
            targets |= {f"{name}, {label}": (server, name) for name in server.paths}
        found: dict[str, list[float]] = {name: [] for name in targets}
        for _ in range(rounds):
            for name, (server, page) in targets.items():
                found[name].append(await rate(server, page, seconds))
        live = await watch(few)
    _print({name: median(rates) for name, rates in found.items()}, live)


def _print(rates: dict[str, float], live: dict[str, float]) -> None:
    print(f"{'page, products':<24}{'a second':>10}{'× hello':>9}{'× ' + str(FEW):>8}")
    for name, figure in rates.items():
        few = rates.get(name.replace(str(MANY), str(FEW)), figure)
        print(f"{name:<24}{figure:>10,.0f}{figure / rates['hello']:>9.2f}{figure / few:>8.2f}")
    print(f"{WATCHERS:,} open tracking pages: {live['megabytes']:.0f} MB more; all told in {live['seconds']:.2f} s")


def main() -> None:
    """Serve, or measure."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--serve", nargs="+", metavar=("WHAT", "PRODUCTS"), help=argparse.SUPPRESS)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--seconds", type=float, default=0.8, help="of each round, for each page")
    asked = words.parse_args()
    if not asked.serve:
        asyncio.run(measure(asked.rounds, asked.seconds))
    elif asked.serve[0] == "hello":
        asyncio.run(hello())
    else:
        asyncio.run(site(int(asked.serve[1]), cold=asked.serve[0] == "cold"))


if __name__ == "__main__":
    main()
