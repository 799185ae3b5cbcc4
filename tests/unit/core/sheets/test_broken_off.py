"""A list between its preview and its end: the process gone, two admins at once, broken off; whole, or not at all."""

import asyncio
import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.config import Config
from core.database.tables import audit, products, variants
from core.errors import OutOfDate
from core.maintenance import store as works_store
from core.maintenance import works
from core.maintenance.rules import Run, State, Work
from core.people import service as people
from core.people.rules import Person, Role
from core.sheets import service
from core.sheets.service import Waiting
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders

LIST = b"sku,price,name\nROSE-30,11.00,\nNEW-1,5,Balm\n"


async def boss(shop: Shop, number: int = 2001) -> Person:
    """Somebody who runs the shop."""
    return await people.grant(shop, number, "Sokha", Role.ADMIN)


async def brought(shop: Shop, person: Person) -> tuple[Waiting, str]:
    """A list that was shown, and what of it was seen."""
    await builders.product(shop)
    found = await service.bring(shop, person, "list.csv", LIST)
    assert found.report is not None
    return found, found.report.stamp


async def prices(shop: Shop) -> list[int]:
    """What the goods cost."""
    return await shop.db.read(lambda tx: list(tx.execute(select(variants.c.price).order_by(variants.c.id)).scalars()))


async def begun(shop: Shop, person: Person, number: int) -> Run:
    """An import as its button begins it, whose process is gone the moment after."""
    now = shop.clock.now()
    asked = {"chat": 2001, "by": person.id, "about": [str(number), "stamp"]}
    run = await shop.db.write(works_store.take, Work.IMPORT, "gone", now, now + works.LEASE, asked)
    assert run is not None
    return run


async def told(shop: Shop) -> Run:
    """What its card says once nobody keeps the work any more."""
    shop.clock.move(timedelta(minutes=2))
    assert await works.sweep(shop) == 1
    run = await shop.db.read(works_store.read, Work.IMPORT)
    assert run is not None
    return run


async def test_shown_by_one_process_taken_in_by_the_next(sqlite_config: Config, open_shop: OpenShop) -> None:
    """Killed between preview and tap: file, row and stamp stand, and the button does what was seen."""
    first = await open_shop(sqlite_config)
    sokha = await boss(first)
    found, stamp = await brought(first, sokha)
    await first.close()
    second = await open_shop(sqlite_config)
    assert (await service.apply(second, sokha, found.number, stamp)).changes == 2
    assert await prices(second) == [1100, 500]


async def test_two_admins_confirm_one_file_at_once(shop: Shop) -> None:
    """One takes it in, the other hears that it is; each row is there once, and one line of the audit."""
    sokha, bopha = await boss(shop), await boss(shop, 2002)
    found, stamp = await brought(shop, sokha)
    done = await asyncio.gather(
        *(service.apply(shop, who, found.number, stamp) for who in (sokha, bopha)), return_exceptions=True
    )
    (late,) = [one for one in done if isinstance(one, OutOfDate)]
    assert late.key in {"errors.sheet_done", "errors.sheet_moved"}
    assert (await prices(shop), await builders.count(shop, products)) == ([1100, 500], 2)
    assert await builders.count(shop, audit, audit.c.action == "sheet.import") == 1


async def test_broken_off_before_its_end_nothing_is_there_and_that_is_said(sqlite_shop: Shop) -> None:
    """Killed while it was written: the database undid it, the card says so, the same button does it after all."""
    sokha = await boss(sqlite_shop)
    found, stamp = await brought(sqlite_shop, sokha)
    await begun(sqlite_shop, sokha, found.number)
    run = await told(sqlite_shop)
    assert (run.state, run.result["error"]) == (State.FAILED, "errors.sheet_broken_off")
    assert await prices(sqlite_shop) == [1200]
    await service.apply(sqlite_shop, sokha, found.number, stamp)
    assert await prices(sqlite_shop) == [1100, 500]


async def test_broken_off_after_its_end_all_is_there_and_that_is_said(sqlite_shop: Shop) -> None:
    """Killed between the commit and its report: the card says what was taken in, not that it has to be done again."""
    sokha = await boss(sqlite_shop)
    found, stamp = await brought(sqlite_shop, sokha)
    await begun(sqlite_shop, sokha, found.number)
    await service.apply(sqlite_shop, sokha, found.number, stamp)
    run = await told(sqlite_shop)
    assert (run.state, run.result["new"], run.result["changed"]) == (State.DONE, 1, 1)


async def test_a_shop_that_closes_carries_a_list_to_its_end(shop: Shop) -> None:
    """Asked to stop as it begins: it is taken in whole, and its card says that."""
    sokha = await boss(shop)
    found, stamp = await brought(shop, sokha)
    run = await works.start(shop, sokha, Work.IMPORT, 2001, str(found.number), stamp)
    (task,) = shop.works
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ended = await shop.db.read(works_store.read, Work.IMPORT)
    assert ended is not None
    assert (ended.state, ended.attempt, await prices(shop)) == (State.DONE, run.attempt, [1100, 500])


async def test_what_a_killed_process_left_half_way_goes(sqlite_shop: Shop) -> None:
    """A file that was never shown is nobody's after a day; one of just now may be somebody's."""
    sokha, folder = await boss(sqlite_shop), sqlite_shop.config.data_dir / "imports"
    folder.mkdir()
    for name, age in ((".old", 90_000), (".new", 10)):
        (folder / name).write_bytes(b"x")
        seconds = (folder / name).stat().st_mtime - age
        os.utime(folder / name, (seconds, seconds))
    await brought(sqlite_shop, sokha)
    assert sorted(path.name for path in folder.iterdir()) == [".new", "1"]
