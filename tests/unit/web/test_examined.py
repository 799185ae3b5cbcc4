"""The doctor's list as the site's health: whoever looks after the shop sees each line, nobody else that it is there."""

from core.doctor import service
from core.jobs import JOBS
from core.people import service as people
from core.people.rules import Role
from core.scheduler import Scheduler
from core.shop import Shop
from tests.unit.web.conftest import OpenSite


async def test_each_line_for_the_operator(sqlite_shop: Shop, open_site: OpenSite) -> None:
    """Without a backup it is 503 and says so; the answer stands a minute; behind a strange proxy it is not there."""
    await people.grant(sqlite_shop, 1, "Owner", Role.OWNER)
    await sqlite_shop.db.write(Scheduler(sqlite_shop, JOBS)._begin)
    visit = await open_site(sqlite_shop)
    async with visit.get("/health/full") as answer:
        told = await answer.json()
        assert (answer.status, told["state"], answer.headers["Cache-Control"]) == (503, "failed", "no-store")
    lines = {line["line"]: line for line in told["lines"]}
    assert lines["backup"] == {
        "line": "backup", "state": "failed", "said": "There is none.", "fix": "Write one now: python run.py backup"
    }  # fmt: skip
    assert lines["database"]["state"] == "ok"
    (sqlite_shop.config.data_dir / "haang.sqlite3").rename(sqlite_shop.config.data_dir / "elsewhere")
    async with visit.get("/health/full") as again:
        assert await again.json() == told
    async with visit.get("/health/full", headers={"X-Forwarded-For": "203.0.113.9"}) as stranger:
        assert stranger.status == 404


async def test_it_is_looked_at_anew(sqlite_shop: Shop) -> None:
    """An examination that is kept no longer looks again: the file that moved away is found."""
    asked = service.Examination(sqlite_shop, kept=0.0)
    assert "moved" not in {one.said for one in await asked.ask()}
    (sqlite_shop.config.data_dir / "haang.sqlite3").rename(sqlite_shop.config.data_dir / "elsewhere")
    assert "moved" in {one.said for one in await asked.ask()}
