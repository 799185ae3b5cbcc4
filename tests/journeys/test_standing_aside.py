"""A shop that serves makes room for a restore: it says so, loses nothing that is written meanwhile, opens again."""

from pathlib import Path

import aiohttp

from bot.sandbox.client import Desk
from core.config import Config
from core.database import aside
from core.i18n import translator
from tests.support import house as houses
from tests.support.house import House
from tests.support.patience import PATIENCE


def closed(what: str) -> str:
    """What a shop that stands aside says in Khmer."""
    return translator("km")(f"closed.{what}")


async def test_the_shop_stands_aside_and_opens_again(tmp_path: Path) -> None:
    """Site and chat say "one moment" in the reader's language; what was written then is answered after it opened."""
    house = House.open(tmp_path)
    try:
        async with Desk(house.desk, patience=PATIENCE) as desk, aiohttp.ClientSession() as web:
            bopha = await desk.newcomer("Bopha", "km")
            site = (await desk.look())["links"]["shop"]
            async with aside.alone(Config(_env_file=None, data_dir=house.data)):
                newest = await bopha.newest()
                await bopha.start()
                await bopha.expect(closed("chat"), after=newest)
                async with web.get(site, headers={"Accept-Language": "km"}) as page:
                    assert (page.status, page.headers["Retry-After"]) == (503, "15")
                    assert closed("page") in await page.text()
                refused = houses.run(tmp_path, "storage")
                assert (refused.returncode, "Try again in a minute" in refused.stderr) == (1, True)
            await bopha.expect("ខ្មែរ", after=newest + 2)
            assert [said.text for said in await bopha.messages()].count(closed("chat")) == 1
            async with web.get(site) as page:
                assert page.status == 200
        restored_while_it_serves(house)
    finally:
        assert house.stop()[0] == 0
    assert "".join(house.said).count("Standing aside") == 2
    assert house.rows("SELECT count(*) FROM people WHERE name = 'Bopha'") == [(1,)]


def restored_while_it_serves(house: House) -> None:
    """Without a word of assent nothing happens; with it the shop stands aside by itself and opens from the backup."""
    assert houses.run(house.folder, "backup").returncode == 0
    (kept,) = [path for path in (house.folder / "backups" / "sandbox").iterdir() if path.is_dir()]
    asked = houses.run(house.folder, "restore", str(kept))
    assert (asked.returncode, "--yes" in asked.stderr) == (1, True)
    done = houses.run(house.folder, "restore", str(kept), "--yes")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    assert "What was here before is kept: db_backup_" in done.stdout
    assert house.running
