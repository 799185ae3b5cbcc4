"""The doctor on a real shop: what is broken on purpose is found, and the rest is well."""

import base64
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text, update

from core import logs
from core.clock import SteppedClock
from core.config import Config
from core.database.tables import outbox
from core.doctor import looking, service
from core.doctor.rules import Finding, State
from core.i18n import translator
from core.jobs import JOBS
from core.people import service as people
from core.people.rules import Role
from core.scheduler import Scheduler
from core.shop import Shop
from core.storage.alerts import owe_alert

EXPECTED = {"backup", "drill", "engine", "disk"}
"""Not ok in a shop that has just been opened: no backup yet; the rest is this machine's."""


async def ill(shop: Shop, *, deep: bool = True) -> dict[str, Finding]:
    """The lines that are not ok, without what any new shop has."""
    found = await service.examine(shop, deep=deep)
    assert len({one.line for one in found}) == len(found) > 15
    return {one.line: one for one in found if one.state is not State.OK and one.line not in EXPECTED}


async def opened(shop: Shop) -> None:
    """Give the shop an owner and a schedule, as a first start does."""
    await people.grant(shop, 1, "Owner", Role.OWNER)
    await shop.db.write(Scheduler(shop, JOBS)._begin)


async def test_a_new_shop_is_well(shop: Shop) -> None:
    """On either engine a shop that has just been opened has nothing wrong but that there is no backup."""
    await opened(shop)
    assert await ill(shop) == {}
    lines = {one.line for one in await service.examine(shop, deep=False)}
    assert {"integrity", "orphans"} & lines == set()


async def test_before_it_was_ever_opened(sqlite_shop: Shop) -> None:
    """Without an owner, and before the first start, these two lines say so."""
    found = await ill(sqlite_shop)
    assert {line: one.said for line, one in found.items()} == {"owners": "none", "jobs": "new"}


def _drop_index(tx: Connection) -> None:
    tx.execute(text("DROP INDEX ix_outbox_due"))


def _old_schema(tx: Connection) -> None:
    tx.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def _fail(tx: Connection) -> None:
    tx.execute(text("UPDATE job_runs SET state = 'failed' WHERE job = 'backup'"))


def _wrong_clock(tx: Connection) -> None:
    tx.execute(text("UPDATE job_runs SET started_at = '2028-01-01 00:00:00.000000' WHERE job = 'backup'"))


@pytest.mark.parametrize(
    ("break_it", "line", "said"),
    [(_drop_index, "indexes", "missing"), (_old_schema, "migrations", "old"), (_fail, "jobs", "failed"),
     (_wrong_clock, "clock", "back")],
)  # fmt: skip
async def test_what_rows_say(sqlite_shop: Shop, break_it: Callable[[Connection], None], line: str, said: str) -> None:
    """An index that is gone, an old schema, a failed job, a row from the future: each is found, and nothing else."""
    await opened(sqlite_shop)
    await sqlite_shop.db.write(break_it)
    assert {name: one.said for name, one in (await ill(sqlite_shop, deep=False)).items()} == {line: said}


async def test_what_waits(sqlite_shop: Shop, clock) -> None:
    """A message that is owed for over an hour is stuck, and jobs nobody ran are overdue; a minute before, neither."""
    await opened(sqlite_shop)
    await sqlite_shop.db.write(owe_alert, sqlite_shop.policy, "a", {"metric": "job", "level": "critical"}, clock.now())
    await sqlite_shop.db.write(lambda tx: tx.execute(update(outbox).values(due_at=clock.now())) and None)
    assert "messages" not in await ill(sqlite_shop, deep=False)
    clock.move(timedelta(hours=2))
    found = await ill(sqlite_shop, deep=False)
    assert {line: one.said for line, one in found.items()} == {"messages": "stuck", "jobs": "late"}
    assert found["jobs"].state is State.FAILED


@pytest.mark.usefixtures("as_before")
async def test_what_the_machine_says(sqlite_shop: Shop) -> None:
    """A folder that takes nothing, an error in today's log (yesterday's not), an orphaned file: each is found."""
    await opened(sqlite_shop)
    config = sqlite_shop.config
    (config.media_dir / "products").mkdir(parents=True)
    (config.media_dir / "qr_codes").write_text("in the way")
    config.log_dir.mkdir()
    (config.log_dir / "app.log").write_text("2020-01-01 10:00:00,000 ERROR core.old: long ago\n")
    logs.open_logs(config.log_dir, "INFO")
    logging.getLogger("core.payments").error("the bank said %s", "+855 12 000 001")
    found = await ill(sqlite_shop, deep=False)
    t = translator("en")
    assert {line: one.sentence(t) for line, one in found.items()} == {
        "folders": "Take no file: qr_codes.", "errors": "1, the last by core.payments."
    }  # fmt: skip
    assert found["errors"].do == str(config.log_dir / "app.log")


def test_where_the_log_is(monkeypatch: pytest.MonkeyPatch, sqlite_config: Config, tmp_path: Path) -> None:
    """Below the working folder it is named from there; elsewhere, as in a container, from the root."""
    log = sqlite_config.log_dir / "app.log"
    monkeypatch.chdir(tmp_path)
    assert looking.log_file(sqlite_config) == str(log.relative_to(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    for folder in ("/", tmp_path / "elsewhere"):
        monkeypatch.chdir(folder)
        assert looking.log_file(sqlite_config) == str(log)


async def test_a_database_that_is_gone(sqlite_shop: Shop) -> None:
    """The file was moved away: that is what is found, what only rows could tell is left out, and nothing is raised."""
    await opened(sqlite_shop)
    file = sqlite_shop.config.data_dir / "haang.sqlite3"
    file.rename(file.with_name("elsewhere"))
    found = await service.examine(sqlite_shop)
    assert {one.line for one in found if one.state is State.FAILED} == {"database", "file"}
    assert "jobs" not in {one.line for one in found}


def _token(body: object) -> str:
    return f"eyJh.{base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip('=')}.sig"


@pytest.mark.parametrize(
    ("token", "ends"),
    [
        (_token({"exp": 1795000000}), datetime.fromtimestamp(1795000000, UTC)),
        (_token({"exp": "soon"}), None),
        (_token({"exp": 10**30}), None),
        (_token([1]), None),
        ("eyJh", None),
        ("a.ខ្មែរ.c", None),
        ("", None),
    ],
)
def test_when_a_token_ends(token: str, ends: datetime | None) -> None:
    """The bank's token says itself when it ends; one that does not is no error."""
    assert looking.token_ends(token) == ends


def test_who_may_read_the_settings(tmp_path: Path) -> None:
    """A file's mode is what it is, one that is not there has none."""
    file = tmp_path / ".env"
    assert looking.mode(file) is None
    file.touch(0o640)
    file.chmod(0o640)
    assert looking.mode(file) == 0o640


def test_what_pages_ask_for_is_named() -> None:
    """The style sheet and every script of a template are among what is looked for."""
    assert {"site.css", "tracking.js", "desk.js"} <= set(looking.static_files())


async def test_secrets_do_not_stand_in_it(sqlite_config: Config, open_shop: Callable) -> None:
    """A shop of its own settings: none of its secrets is in what the doctor says, in either language."""
    given = {"bot_token": "123456789:" + "A" * 35, "bakong_token": _token({"exp": 1}), "webhook_secret": "hush" * 5,
             "public_url": "http://shop.example", "backup_store": "s3://bucket/prefix"}  # fmt: skip
    config = Config(_env_file=None, data_dir=sqlite_config.data_dir, backup_dir=sqlite_config.backup_dir, **given)
    shop = await open_shop(config)
    found = await service.examine(shop, deep=False)
    failed = {one.line for one in found if one.state is State.FAILED}
    assert {"updates", "bank", "copies"} <= failed
    said = "".join(
        one.sentence(translator(tongue)) + one.fix(translator(tongue)) for one in found for tongue in ("en", "km")
    )
    assert [secret for secret in (*given.values(),) if secret in said] == []


async def test_what_was_told_once_stands_for_a_day(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Another program that fetched is among the alarms; a day after it was last met it is not."""
    told = {"metric": "polled_elsewhere"}
    shop, hour = sqlite_shop, timedelta(hours=1)
    await shop.db.write(owe_alert, shop.policy, told["metric"], told, clock.now(), apart=hour)
    states = []
    for passed in (timedelta(hours=23), timedelta(hours=3)):
        clock.move(passed)
        found = await service.examine(shop, deep=False)
        states += [one.said for one in found if one.line == "alerts"]
    assert states == ["standing", "ok"]
