"""QR cards a second beside bare qrcode and Pillow, and the poller's questions a second beside bare HTTP calls.

    python benchmarks/payments.py [--rounds 5] [--cards 40] [--open 1000]

*Cards*: `haang` draws the whole KHQR card (names shaped, amounts, currency roundel) as PNG; `bare` the same payload
with qrcode as its manual says (it tries all eight masks) and Pillow on a canvas of the same size, as PNG; `one mask`
the same with the mask fixed, as ours. By the processor's clock.

*Polling*: `haang` asks the emulator about 1,000 open attempts and settles what it says (one in ten is paid), as the
job does, on a migrated database with ``synchronous=FULL``; `bare` posts the same questions with aiohttp, twenty at
once, and reads the JSON. Both speak to the same emulator, in a process of its own. Then once with the budget of a shop
(``HAANG_BAKONG_PER_SECOND``, 5): how many a second are asked, and how long 1,000 take.

Rounds alternate, figures are medians; only the ratios travel.
"""

import argparse
import asyncio
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

import aiohttp
import qrcode
from aiohttp import web
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from bot.sandbox.bank import Bank
from core import shop as core_shop
from core.clock import SteppedClock
from core.config import Config
from core.database.tables import payment_attempts
from core.fulfilment.polling import AT_ONCE, poll
from core.payments.bakong import Bakong
from core.payments.rules import Attempt
from core.pictures.khqr_card import khqr_card
from core.shop import Shop
from tests.support import builders, databases

PAYLOAD = (
    "00020101021229150011seller@devb520459995303840540512.505802KH5910Tonle Shop6010Phnom Penh"
    "62290108ORD-10010305Tonle0704TG-1993400131735689600000011340709088000006304DACA"
)
TOKEN = "benchmark"  # noqa: S105 - of nothing
MODULE, PAID_OF = 10, 10
SIZE = Image.open(io.BytesIO(khqr_card(PAYLOAD, "Tonle Shop", "$12.50"))).size


def haang_card(payload: str) -> bytes:
    """Draw the shop's card."""
    return khqr_card(payload, "ហាងទន្លេ គ្រឿងសម្អាង", "$12.50", "51,300៛", note="MD00001 · Scan with any bank")


def bare_card(payload: str, mask: int | None = None) -> bytes:
    """Draw the code as qrcode's manual says, on a white canvas of the card's size."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=MODULE, border=4, mask_pattern=mask)
    code.add_data(payload)
    code.make(fit=True)
    card = Image.new("RGB", SIZE, "white")
    picture = code.make_image().get_image()
    card.paste(picture, ((SIZE[0] - picture.width) // 2, (SIZE[1] - picture.height) // 2))
    out = io.BytesIO()
    card.save(out, "PNG", compress_level=4)
    return out.getvalue()


def race_cards(rounds: int, each: int) -> None:
    """Draw in turn, round by round; every payload is another, so that nothing is remembered."""
    ways: dict[str, Callable[[str], bytes]] = {
        "haang": haang_card, "bare": bare_card, "one mask": lambda payload: bare_card(payload, 2),
    }  # fmt: skip
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, draw in ways.items():
            began = time.process_time()
            for n in range(each):
                draw(PAYLOAD[:-4] + f"{turn * each + n:04X}")
            if turn:  # the first is warm-up
                rates[name].append(each / (time.process_time() - began))
    report("QR cards", {name: median(found) for name, found in rates.items()})


def report(title: str, rates: dict[str, float]) -> None:
    """Print rates, and what the shop's is beside each."""
    print(f"{title:12} {'a second':>9} {'haang is':>9}")
    for name, rate in rates.items():
        print(f"{name:12} {rate:9.1f} {rates['haang'] / rate:9.2f}")
    print()


@contextmanager
def emulator() -> Iterator[str]:
    """Run the bank in a process of its own; give its address."""
    command = [sys.executable, __file__, "--serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


async def serve() -> None:
    """Serve the bank for ever; say where."""
    bank = Bank(tokens={TOKEN}, clock=lambda: SteppedClock().now().timestamp())
    runner = web.AppRunner(bank.app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


async def ask_bare(url: str, attempts: list[Attempt]) -> None:
    """Post the same questions, twenty at once."""
    waiting = iter(attempts)
    headers = {"Authorization": f"Bearer {TOKEN}"}

    async def asker(http: aiohttp.ClientSession) -> None:
        for attempt in waiting:
            body = {"md5": attempt.md5}
            async with http.post(f"{url}/v1/check_transaction_by_md5", json=body, headers=headers) as response:
                json.loads(await response.read())

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(asker(http) for _ in range(AT_ONCE)))


async def timed(work: Awaitable[object], many: int) -> float:
    """Return how many a second were done."""
    began = time.perf_counter()
    await work
    return many / (time.perf_counter() - began)


async def opened(folder: Path, url: str, many: int, per_second: float) -> tuple[Shop, list[Attempt]]:
    """Open a shop with so many open attempts, one in ten of them paid."""
    databases.migrated_sqlite(folder / "haang.sqlite3")
    config = Config(_env_file=None, data_dir=folder, backup_dir=folder, bakong_per_second=per_second)
    shop = await core_shop.open_shop(config, Bakong(url, TOKEN), SteppedClock())
    bank = shop.bank
    await builders.with_khqr(shop)
    shop.bank = bank
    _, attempts = await builders.many_khqr_orders(shop, many)
    async with aiohttp.ClientSession() as http:
        for attempt in attempts[::PAID_OF]:
            await http.post(f"{url}/control/pay", json={"payload": attempt.payload})
    return shop, attempts


async def race_polls(rounds: int, many: int) -> None:
    """Ask about all of them in turn with the shop and without, each round on a fresh shop; then within the budget."""
    rates: dict[str, list[float]] = {"haang": [], "bare": []}
    for _ in range(rounds):
        with emulator() as url, tempfile.TemporaryDirectory() as folder:
            shop, attempts = await opened(Path(folder), url, many, many)
            await ask_bare(url, attempts[:50])  # warm
            rates["bare"].append(await timed(ask_bare(url, attempts), many))
            rates["haang"].append(await timed(poll(shop), many))
            await check(shop, many)
            await shop.close()
            await shop.bank.close()
    report("polling", {name: median(found) for name, found in rates.items()})


async def check(shop: Shop, many: int) -> None:
    """Refuse to measure a poller that did not ask, or did not see the money."""
    asked = await builders.count(shop, payment_attempts, payment_attempts.c.checks == 1)
    paid = await builders.count(shop, payment_attempts, payment_attempts.c.state == "paid")
    assert (asked, paid) == (many, len(range(0, many, PAID_OF)))


async def within_budget(many: int, per_second: float) -> None:
    """Let the job run once a second of the shop's clock until all were asked about; count."""
    with emulator() as url, tempfile.TemporaryDirectory() as folder:
        shop, _ = await opened(Path(folder), url, many, per_second)
        counts, busy = [], 0.0
        while not counts or await builders.count(shop, payment_attempts, payment_attempts.c.checks == 0):
            began = time.perf_counter()
            counts.append(await poll(shop))
            busy += time.perf_counter() - began
            shop.clock.move(timedelta(seconds=1))
        print(f"budget {per_second:g} a second: {many} attempts in {len(counts)} s, {max(counts)} a second at most, "
              f"{busy / len(counts) * 1000:.1f} ms of each second spent")  # fmt: skip
        await shop.close()
        await shop.bank.close()


def main() -> None:
    """Read the command line; measure."""
    parser = argparse.ArgumentParser(description="QR cards and polling, beside bare libraries.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cards", type=int, default=40, help="cards a round")
    parser.add_argument("--open", type=int, default=1000, help="open attempts")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("HAANG_")]:
        del os.environ[name]
    if options.serve:
        asyncio.run(serve())
        return
    race_cards(options.rounds, options.cards)
    asyncio.run(race_polls(options.rounds, options.open))
    asyncio.run(within_budget(options.open, 5))


if __name__ == "__main__":
    main()
