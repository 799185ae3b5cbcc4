"""A PostgreSQL that is away, wherever it was: known as that, and one line of the log however often it is met."""

import asyncio
import errno
import logging
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.config import Config
from core.database import REFUSALS, is_away
from core.database.postgres import NO_WAY, Unreached, reach
from core.people import store
from core.scheduler import At, Job, Scheduler
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support.wire import Wire


@pytest.fixture
async def wire(postgres_config: Config) -> AsyncIterator[Wire]:
    """The way to a server on this machine's own socket."""
    with tempfile.TemporaryDirectory() as folder:
        async with Wire(postgres_config, Path(folder)) as found:
            yield found


async def _ask(shop: Shop) -> None:
    await shop.db.read(store.by_id, 1)


async def test_a_socket_that_is_gone(wire: Wire, open_shop: OpenShop) -> None:
    """The server stops and takes its socket along: away, for who reads and who writes; back, it is asked again."""
    shop = await open_shop(wire.config)
    await _ask(shop)
    wire.cut()
    for meeting in (shop.db.read, shop.db.write):
        with pytest.raises(REFUSALS) as met:
            await meeting(store.by_id, 1)
        assert is_away(met.value)
    await wire.mend()
    await _ask(shop)


async def test_jobs_that_meet_it_each_second(wire: Wire, open_shop: OpenShop, caplog: pytest.LogCaptureFixture) -> None:
    """Thirty runs of two jobs: a line for each without a traceback, and none that nobody could be told."""
    shop = await open_shop(wire.config)
    scheduler = Scheduler(shop, ())
    wire.cut()
    with pytest.raises(REFUSALS):
        await _ask(shop)  # whoever held a connection as it broke has been told
    for _ in range(30):
        await scheduler.run(Job("one", At(), _ask))
        await scheduler.run(Job("two", At(), _ask))
    told = [one for one in caplog.records if "listening" not in one.name and one.levelno >= logging.WARNING]
    assert [one.message for one in told] == ["job one failed: Unreached", "job two failed: Unreached"]
    assert not any(one.exc_info for one in told)


@pytest.mark.skipif(sys.platform != "linux", reason="where Linux knows no way for a connection, others may try one")
async def test_a_host_to_which_no_way_leads() -> None:
    """The system says so at once: an address that is nobody's own."""
    with pytest.raises(Unreached) as met:
        await reach(host="255.255.255.255", user="shop", database="shop", password="", timeout=5)
    assert met.value.errno == errno.ENETUNREACH
    assert is_away(met.value)
    assert errno.EHOSTUNREACH in NO_WAY


async def test_a_file_of_ours_that_is_missing(tmp_path: Path) -> None:
    """A job's file, or the certificate that the address names: nothing that comes back by itself."""
    with pytest.raises(FileNotFoundError) as met:
        await asyncio.to_thread((tmp_path / "list.csv").read_text)
    assert not is_away(met.value)
    with pytest.raises(FileNotFoundError) as met:
        await reach(dsn=f"postgresql://shop@127.0.0.1:1/shop?sslmode=verify-full&sslrootcert={tmp_path / 'ca.pem'}")
    assert not is_away(met.value)
