"""How many bytes of database an order takes for good, beside the 5 KB that it may.

    python benchmarks/growth.py [--orders 400]

Orders are placed and delivered on SQLite by the shop's own services; then a hundred days pass, and what goes by age is
gone. Pages in use are counted, without VACUUM. The figures do not depend on the machine.
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
from tests.support.growth import measure

DATABASE, FILES = 5 * 1024, 100 * 1024


async def main(orders: int) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        data, clock = Path(folder), SteppedClock()
        migrated_sqlite(data / "haang.sqlite3")
        shop = await core_shop.open_shop(Config(_env_file=None, data_dir=data, backup_dir=data), ManualBank(), clock)
        try:
            found = await measure(shop, clock, orders, before=orders // 4)
        finally:
            await shop.close()
    print(f"{orders:,} orders of two lines, delivered, of as many new customers")
    print(f"  database  {found.database / 1024:6.1f} KB an order  ({found.database / DATABASE:4.0%} of 5 KB)")
    print(
        f"  files     {found.files / 1024:6.1f} KB a QR        ({found.files / FILES:4.0%} of 100 KB; gone in a week)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--orders", type=int, default=400)
    asyncio.run(main(parser.parse_args().orders))
