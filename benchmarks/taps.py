"""Taps a second and their latency: ``run.py serve`` itself, beside a bare python-telegram-bot handler, in one run.

    python benchmarks/taps.py [--rounds 3] [--seconds 4]

Each server runs in a process of its own on one core and takes updates by webhook; this process, on the other core,
sends them and stands in for the Bot API. A tap is done when its edit and its answer have arrived. Rounds alternate
between the shop and the reference (``taps_floor.py``, the same aiohttp request class); figures are medians. `browse`
taps open a category or a product; of three `database` taps one adds to the cart. Goals: browse 0.6 ×, database 0.8 ×,
p99 under light load 1.5 × (reference: performance.md). Only the ratios travel.
"""

import argparse
import asyncio
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp
from aiohttp import web

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from core import shop as core_shop
from core.catalog.sample import stocking
from core.config import Config
from core.payments.bakong import ManualBank

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = 64
SECRET = "benchmark"  # noqa: S105 - of nothing
TOKEN = "1:benchmark-not-a-secret-000000000000000000"  # noqa: S105 - of nothing
PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Telegram:
    """The Bot API's stand-in: it answers at once, and knows which tap has its edit and which its answer."""

    address: str = ""
    waiting: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    seen: dict[int, set[str]] = field(default_factory=dict)
    edits: int = 0
    answers: int = 0

    async def call(self, request: web.Request) -> web.Response:
        """Answer any method."""
        method = request.match_info["method"].lower()
        form = await request.post()
        result: Any = True
        if method == "getme":
            result = {"id": 1, "is_bot": True, "first_name": "b", "username": "benchmark_bot"}
        elif method.startswith(("edit", "send")):
            chat = int(str(form["chat_id"]))
            self.edits += 1
            self._note(chat, "edit")
            result = {"message_id": 1, "date": 0, "chat": {"id": chat, "type": "private"}, "photo": PHOTO}
        elif method == "answercallbackquery":
            self.answers += 1
            self._note(int(str(form["callback_query_id"])) % 1000, "answer")
        return web.json_response({"ok": True, "result": result})

    def expect(self, person: int, *, edit: bool) -> asyncio.Future[None]:
        """Wait for a person's tap to be answered and, where it shows something else, edited."""
        self.seen[person] = set() if edit else {"edit"}
        self.waiting[person] = asyncio.get_running_loop().create_future()
        return self.waiting[person]

    def _note(self, person: int, what: str) -> None:
        seen = self.seen.get(person)
        if seen is None:
            return
        seen.add(what)
        if len(seen) == 2:
            del self.seen[person]
            self.waiting.pop(person).set_result(None)


@dataclass
class Server:
    """One process under test."""

    name: str
    url: str
    process: subprocess.Popen[str]
    taps: list[str]
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    light: list[float] = field(default_factory=list)
    walks: dict[int, Iterator[str]] = field(default_factory=dict)

    def next_tap(self, person: int) -> str:
        """What a person taps next: everybody walks on from where they were, so that no tap shows what stands there.

        They begin at each kind of tap in turn (7 is prime to the kinds): a stroll meets the same mix on both sides.
        """
        if person not in self.walks:
            self.walks[person] = itertools.islice(itertools.cycle(self.taps), person * 7, None)
        return next(self.walks[person])

    def cpu_seconds(self) -> float:
        """CPU time this process has used."""
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / CLOCK_TICKS


class Driver:
    """Sends taps of many people, one outstanding each."""

    def __init__(self, telegram: Telegram, http: aiohttp.ClientSession) -> None:
        self._telegram, self._http = telegram, http
        self._ids = itertools.count(int(time.time()) * 1000)

    async def tap(self, server: Server, person: int, data: str) -> None:
        """Send one tap and wait for its answer and edit; the shop's "add" shows the same product and edits nothing."""
        done = self._telegram.expect(person, edit=server.name != "haang" or not data.startswith("a:"))
        number = next(self._ids)
        sender = {"id": person, "is_bot": False, "first_name": f"P{person}", "language_code": "en"}
        chat = {"id": person, "type": "private", "first_name": "P"}
        message = {"message_id": 1, "date": 1, "chat": chat, "photo": PHOTO, "caption": "x"}
        query = {
            "id": str(number * 1000 + person),
            "from": sender,
            "chat_instance": "1",
            "message": message,
            "data": data,
        }
        update = json.dumps({"update_id": number, "callback_query": query})
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        async with self._http.post(server.url, data=update, headers=headers) as answer:
            assert answer.status == 200, answer.status
        await asyncio.wait_for(done, 20)

    async def saturate(self, server: Server, seconds: float) -> None:
        """Everybody taps as fast as they are answered; note rate and CPU a tap."""
        count = 0
        end = time.perf_counter() + seconds

        async def one(person: int) -> None:
            nonlocal count
            while time.perf_counter() < end:
                await self.tap(server, person, server.next_tap(person))
                count += 1

        began, cpu = time.perf_counter(), server.cpu_seconds()
        await asyncio.gather(*(one(person) for person in range(1, PEOPLE + 1)))
        server.rates.append(count / (time.perf_counter() - began))
        server.cpu.append((server.cpu_seconds() - cpu) / count * 1000)

    async def stroll(self, servers: list[Server], taps: int) -> None:
        """One tap at a time with pauses between, on one server and then the other; note how long each took.

        By people of their own: a crowd stops when its slowest taps are done, so all of it would be at the quick ones.
        """
        for i in range(taps):
            person = PEOPLE + i % PEOPLE + 1
            for server in servers:
                began = time.perf_counter()
                await self.tap(server, person, server.next_tap(person))
                server.light.append(time.perf_counter() - began)
                await asyncio.sleep(0.004)


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spawn(command: list[str], sign: str, **environment: str) -> subprocess.Popen[str]:
    """Start a process on the last core and wait for its sign."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HAANG_")}
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env={**own, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {max(os.sched_getaffinity(0))}),
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if sign in line:
            return process
    raise RuntimeError(f"{command[0]} did not start")


async def stocked(folder: Path) -> tuple[list[str], list[str]]:
    """Fill a shop's database with the sample shop; returns taps that browse and taps that touch the database."""
    config = Config(_env_file=None, data_dir=folder)
    (folder / "media").mkdir(parents=True)
    shop = await core_shop.open_shop(config, ManualBank())
    await stocking.stock_sample(shop)
    catalogue = await shop.catalogue.now()
    products = [p for p in catalogue.products.values() if p.cheapest.left > 4]
    browse, database = [], []
    for product in products:
        opened = [f"c:{product.category_id}:0", f"p:{product.id}:0"]
        browse += opened
        database += [*opened, f"a:{product.cheapest.id}"]
    await shop.close()
    return browse, database


def open_shop(folder: Path, api: str, taps: list[str]) -> Server:
    """Start the shop as a shop is started."""
    port = free_port()
    process = spawn(
        ["run.py", "serve"], "open", HAANG_BOT_TOKEN=TOKEN, HAANG_TELEGRAM_API=api, HAANG_PORT=str(port),
        HAANG_PUBLIC_URL=f"http://127.0.0.1:{port}", HAANG_WEBHOOK_SECRET=SECRET, HAANG_DATA_DIR=str(folder),
        HAANG_BACKUP_DIR=str(folder / "backups"),
    )  # fmt: skip
    return Server("haang", f"http://127.0.0.1:{port}/telegram/webhook", process, taps)


def open_floor(mode: str, api: str) -> Server:
    """Start the reference."""
    port = free_port()
    process = spawn(["benchmarks/taps_floor.py", "--port", str(port), "--api", api, "--mode", mode], "ready")
    kinds = ("c:{0}", "p:{1}", "a:{1}") if mode == "database" else ("c:{0}", "p:{1}")
    taps = [kind.format(n % 6, n % 60) for n in range(60) for kind in kinds]
    return Server("reference", f"http://127.0.0.1:{port}/", process, taps)


async def measure(driver: Driver, servers: list[Server], rounds: int, seconds: float) -> None:
    """Warm both up, then alternate."""
    for server in servers:
        for person in range(1, 2 * PEOPLE + 1):
            await driver.tap(server, person, server.next_tap(person))
        for _ in server.taps:
            await driver.tap(server, 1, server.next_tap(1))
    for _ in range(rounds):
        for server in servers:
            await driver.saturate(server, seconds)
        await driver.stroll(servers, 400)


def report(mode: str, ours: Server, floor: Server, telegram: Telegram) -> None:
    """Print the figures and their ratios."""
    print(f"{mode:9} {'taps/s':>8} {'CPU ms':>7} {'p50 ms':>7} {'p99 ms':>7}")
    figures = []
    for server in (ours, floor):
        cuts = quantiles(server.light, n=100)
        row = (median(server.rates), median(server.cpu), cuts[49] * 1000, cuts[98] * 1000)
        figures.append(row)
        print(f"{server.name:9} {row[0]:8.0f} {row[1]:7.2f} {row[2]:7.2f} {row[3]:7.2f}")
    ratios = [a / b for a, b in zip(*figures, strict=True)]
    print(f"{'ratio':9} {ratios[0]:8.2f} {ratios[1]:7.2f} {ratios[2]:7.2f} {ratios[3]:7.2f}")
    print(f"edits and answers a tap: {telegram.edits / telegram.answers:.3f} to 1\n")


@asynccontextmanager
async def standing_in(telegram: Telegram) -> AsyncIterator[None]:
    """Serve the Bot API's stand-in."""
    app = web.Application(client_max_size=1 << 24)
    app.router.add_route("*", "/bot{token}/{method}", telegram.call)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    telegram.address = f"http://127.0.0.1:{port}"
    yield
    await runner.cleanup()


async def run_mode(mode: str, options: argparse.Namespace, make: Callable[[str], Server]) -> None:
    """Measure one kind of taps."""
    telegram = Telegram()
    async with standing_in(telegram), aiohttp.ClientSession() as http:
        loop = asyncio.get_running_loop()
        servers = [await loop.run_in_executor(None, make, telegram.address)]
        servers.append(await loop.run_in_executor(None, open_floor, mode, telegram.address))
        try:
            await measure(Driver(telegram, http), servers, options.rounds, options.seconds)
            report(mode, *servers, telegram)
        finally:
            for server in servers:
                server.process.terminate()
                server.process.wait()


async def main() -> None:
    """Measure both kinds."""
    parser = argparse.ArgumentParser(description="Taps a second beside a bare handler.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))} | {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        for mode in ("browse", "database"):
            own = Path(folder) / mode
            browse, database = await stocked(own)
            taps = database if mode == "database" else browse
            await run_mode(mode, options, lambda api, own=own, taps=taps: open_shop(own, api, taps))


if __name__ == "__main__":
    asyncio.run(main())
