"""How much of Telegram's rate news to many use, and how often Telegram refuses a copy.

    python benchmarks/broadcast.py [--people 2000]

The sandbox has Telegram's limits; shop, sandbox and pacing go by a clock that the benchmark moves, so the figures do
not depend on the machine. Counted from the first copy that leaves to the last.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from core import shop as core_shop
from core.clock import SteppedClock
from core.config import Config
from core.payments.bakong import ManualBank
from tests.support.databases import migrated_sqlite
from tests.support.readers import readers

ALLOWED = 30
"""Messages a second that Telegram lets a bot send."""


async def measure(people: int) -> None:
    """Send one broadcast to so many people and print what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        migrated_sqlite(data / "haang.sqlite3")
        config = Config(_env_file=None, data_dir=data, backup_dir=data)
        shop = await core_shop.open_shop(config, ManualBank(), SteppedClock())
        async with readers(shop, people) as there:
            one = await there.begin()
            worker = there.worker("benchmark")
            while await worker.send():
                pass
            rate = (len(there.went) - 1) / (there.went[-1] - there.went[0])
            print(
                f"{rate:.2f} a second, {100 * rate / ALLOWED:.1f} % of what is allowed, refused: {there.pacing.refused}"
            )
            print(", ".join(f"{fate} {count}" for fate, count in (await there.counts(one)).items()))
        await shop.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    asyncio.run(measure(parser.parse_args().people))
