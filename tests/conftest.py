"""What every test can ask for: a shop on each database, a clock to move, more processes' worth of the same shop.

``shop`` and ``database`` run a test of core on SQLite and on PostgreSQL; ``sqlite_shop`` where one engine proves it.
Each test has its own database, data folder and backup folder.
"""

import gc
import logging
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from core import logs
from core import shop as core_shop
from core.clock import Clock, SteppedClock
from core.config import Config
from core.database import Database
from core.payments.bakong import ManualBank
from core.shop import Shop
from tests.support import databases
from tests.support import gate as gates
from tests.support.databases import Cluster
from tests.support.wire import Wire

ENGINES = ("sqlite", "postgres")
OpenShop = Callable[..., Awaitable[Shop]]
STRICT = os.environ.get("HAANG_TEST_STRICT") == "1"

hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")  # how long an example takes says how busy the machine is, and nothing else

EVERYTHING = os.environ.get("HAANG_TEST_ENGINES") == "all"
FACES = ("bot", "web")
CLAIMED = {"test_inbox", "test_outbox"}
"""Files of a face that stand on rows which several processes share out."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what PostgreSQL would only say again, so that the whole run stays under ten minutes.

    In core every test runs on both engines, of a table of cases the first; a face does on SQLite what it does on any
    database. ``HAANG_TEST_ENGINES=all`` leaves nothing out.
    """
    seen: set[tuple[Path, str]] = set()
    kept, left_out = [], []
    for item in items:
        case = (item.path, getattr(item, "originalname", item.name))
        again = case in seen or (item.path.parent.name in FACES and item.path.stem not in CLAIMED)
        left = not EVERYTHING and again and _engine(item) == "postgres"
        (left_out if left else kept).append(item)
        if _engine(item) == "postgres":
            seen.add(case)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish() -> None:
    """Let the collector pass by what was imported: it stays, and was walked through every few tests."""
    gc.collect()
    gc.freeze()


def _engine(item: pytest.Item) -> str | None:
    """Tell on which engine a test's own shop stands."""
    called = getattr(item, "callspec", None)
    return called.params.get("config") if called else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skipped test a failed one with HAANG_TEST_STRICT=1: there nothing may be left out unseen."""
    report = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One PostgreSQL a run (with xdist: one a worker), started by the first test that wants it."""
    with databases.cluster() as running:
        yield running


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    return databases.migrated_sqlite(tmp_path_factory.mktemp("template") / "haang.sqlite3")


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own HAANG_ settings out of the test."""
    for name in [name for name in os.environ if name.startswith("HAANG_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def as_before() -> Iterator[None]:
    """Leave every logger as it was found, for a test that opens the logs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logs.close_logs()
    root.handlers[:] = handlers
    for name in (*logs.OURS, *logs.QUIET):
        logging.getLogger(name).setLevel(logging.NOTSET)
    root.setLevel(level)


@pytest.fixture(scope="session")
def plain_config() -> Config:
    """Settings of which none is set but the port; made once, for pydantic takes milliseconds to look for them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HAANG_")]:
            patch.delenv(name)
        return Config(_env_file=None, port=0)


@pytest.fixture
def sqlite_config(no_settings: None, tmp_path: Path, sqlite_template: Path, plain_config: Config) -> Config:
    """Settings of a shop on a fresh SQLite file."""
    config = plain_config.model_copy(update={"data_dir": tmp_path / "data", "backup_dir": tmp_path / "backups"})
    config.data_dir.mkdir()
    shutil.copyfile(sqlite_template, config.data_dir / "haang.sqlite3")
    return config


@pytest.fixture
def postgres_config(no_settings: None, tmp_path: Path, postgres: Cluster) -> Iterator[Config]:
    """Settings of a shop on a fresh PostgreSQL database."""
    url = postgres.create()
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    yield Config(_env_file=None, database_url=url, data_dir=data_dir, backup_dir=tmp_path / "backups", port=0)
    postgres.drop(url)


@pytest.fixture
async def wire(postgres_config: Config) -> AsyncIterator[Wire]:
    """The way to the database, which can be cut and mended."""
    async with Wire(postgres_config) as found:
        yield found


@pytest.fixture(params=ENGINES)
def config(request: pytest.FixtureRequest) -> Config:
    """Settings of a shop, on each engine in turn."""
    chosen: Config = request.getfixturevalue(f"{request.param}_config")
    return chosen


@pytest.fixture
def clock() -> SteppedClock:
    """A clock that stands until moved: Saturday 21 November 2026, 10:00 in Phnom Penh."""
    return SteppedClock()


@pytest.fixture
async def open_shop(clock: SteppedClock) -> AsyncIterator[OpenShop]:
    """A way to open a shop, again for each process that shares its database: all are closed at the end."""
    opened: list[Shop] = []

    async def open_one(config: Config, clock: Clock = clock) -> Shop:
        opened.append(await core_shop.open_shop(config, ManualBank(), clock))
        return opened[-1]

    yield open_one
    for shop in opened:
        await shop.close()


@pytest.fixture
async def shop(config: Config, open_shop: OpenShop) -> Shop:
    """An open shop, on each engine in turn; the bank is staff approving by hand."""
    return await open_shop(config)


@pytest.fixture
async def sqlite_shop(sqlite_config: Config, open_shop: OpenShop) -> Shop:
    """An open shop on SQLite, for what does not depend on the engine."""
    return await open_shop(sqlite_config)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[gates.Gate]:
    """Where the process that writes a backup waits until it is let go on."""
    with gates.standing(tmp_path) as standing:
        yield standing


@pytest.fixture
def database(shop: Shop) -> Database:
    """The open database of a shop, on each engine in turn."""
    return shop.db
