"""How long a new order is unseen in a busy group: the shop, beside a bare bot that sends one message an order.

    python benchmarks/counter.py [--orders 300] [--seconds 600]

Both meet the same sandbox with Telegram's limits and use the same pacing, on a clock that the benchmark moves: the
figures do not depend on the machine. Staff tap in the shop's group all the while, which costs messages too; the bare
bot has its group for itself. Seen is an order whose number stands in the group. Only the ratios travel.
"""

import argparse
import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median

from telegram.ext import ExtBot

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from bot.request import AiohttpRequest
from core import shop as core_shop
from core.clock import SteppedClock
from core.config import Config
from core.payments.bakong import ManualBank
from tests.support.databases import migrated_sqlite
from tests.support.rush import GROUP, Rush, Watched, rush, telegram
from tests.support.talk import TOKEN

TURN = 2.0
"""Seconds of the moved clock between two looks."""


async def shop_(orders: int, seconds: float) -> tuple[list[float], int, int]:
    """Run the shop; returns seconds until each order was seen, refusals, and cards that stood when orders ended."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        migrated_sqlite(data / "haang.sqlite3")
        config = Config(_env_file=None, data_dir=data, backup_dir=data)
        shop = await core_shop.open_shop(config, ManualBank(), SteppedClock())
        async with rush(shop, seed=1) as found:
            await found.open(orders)
            await _day(found, orders, seconds)
            cards = len(await found.cards())
            await found.settle(orders, fully=False)
            waits = [(found.seen[number] - at).total_seconds() for number, at in found.placed.items()]
            refused = found.pacing.refused
        await shop.close()
    return waits, refused, cards


async def _day(found: Rush, orders: int, seconds: float) -> None:
    """Let orders come evenly, and five people tap, each every ten seconds."""
    for turn in range(int(seconds / TURN)):
        while len(found.placed) < orders * (turn + 1) * TURN / seconds:
            await found.order()
        found.press()
        await found.go_on(TURN)


async def bare(orders: int, seconds: float) -> tuple[list[float], int]:
    """Run the bare bot: the oldest order's message goes as soon as the pacing lets it."""
    clock, waits = SteppedClock(), list[float]()
    begun = clock.now()

    def now() -> float:
        return clock.now().timestamp()

    async def wait(some: float) -> None:
        clock.move(timedelta(seconds=some))

    sandbox, pacing = telegram(now), Watched(clock=now, sleep=wait)
    address = await sandbox.start()
    async with AiohttpRequest() as request:
        bot: ExtBot[str] = ExtBot(TOKEN, base_url=f"{address}/bot", request=request, rate_limiter=pacing)
        for number in range(orders):
            placed = begun + timedelta(seconds=number * seconds / orders)
            clock.move(max(placed - clock.now(), timedelta()))
            await bot.send_message(GROUP, f"MD{number:05d}")
            waits.append((clock.now() - placed).total_seconds())
    await sandbox.stop()
    return waits, pacing.refused


def _say(name: str, waits: list[float], refused: int) -> None:
    print(f"{name:>6}: median {median(waits):6.1f} s, slowest {max(waits):6.1f} s, refused {refused}")


async def main() -> None:
    """Print both and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=600)
    wanted = parser.parse_args()
    ours, refused, cards = await shop_(wanted.orders, wanted.seconds)
    theirs, their_refused = await bare(wanted.orders, wanted.seconds)
    _say("shop", ours, refused)
    _say("bare", theirs, their_refused)
    slowest, half = max(ours) / max(theirs), median(ours) / median(theirs)
    print(f"unseen: the slowest {slowest:.2f} of the bare bot's, the median {half:.2f}")
    print(f"cards that stood when the orders ended: {cards} of {wanted.orders}")


if __name__ == "__main__":
    asyncio.run(main())
