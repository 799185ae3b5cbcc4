"""The entry itself: where the site listens, and whose data a command works on."""

import asyncio
import gc
import json
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

import run
from core.commands import running
from core.config import Config
from core.errors import StartRefused
from tests.support import house as houses


def _speaks_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


HOSTS = [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")]  # noqa: S104 - what is proved
HOSTS += [("::1", "::1"), ("::", "::1"), ("::", "127.0.0.1")] if _speaks_ipv6() else []


@pytest.mark.parametrize(("host", "reached"), HOSTS)
def test_the_site_listens_where_it_is_told(host: str, reached: str) -> None:
    """An address of either family, or a name: whoever connects there is answered; "::" is everywhere."""
    listening = run.listening(host, 0)
    with listening, socket.create_connection((reached, listening.getsockname()[1]), timeout=5):
        pass


def test_a_taken_port_is_said() -> None:
    """Only a port that somebody else listens on is called taken."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartRefused, match=rf"Port {port} is taken .* HAANG_PORT"):
            run.listening("127.0.0.1", port)


@pytest.mark.usefixtures("no_settings")
async def test_a_shop_that_is_started_twice_touches_nothing(tmp_path: Path) -> None:
    """The port is taken: said before the database is opened or Telegram asked, so that the first is left in peace."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        config = Config(_env_file=None, bot_token="1:a", port=other.getsockname()[1], data_dir=tmp_path / "data",
                        telegram_api="http://127.0.0.1:9")  # fmt: skip
        with pytest.raises(StartRefused, match="is taken by another program"):
            async with AsyncExitStack() as stack:
                await run.open_house(stack, config, None, str)
    assert not await asyncio.to_thread((tmp_path / "data").exists)


@pytest.mark.parametrize("host", ["198.51.100.7", "::1%nowhere", "x" * 70, "a..b"])
def test_an_address_that_is_not_ours_is_said(host: str) -> None:
    """Another machine's address, a card that is not there, what is no name: the setting is named, not the port."""
    with pytest.raises(StartRefused, match="HAANG_HOST") as refused:
        run.listening(host, 0)
    assert "taken" not in str(refused.value)


async def test_what_stands_is_given_back_to_the_collector() -> None:
    """What an open house stands on is not walked through; closed, it is: one opened anew piles nothing up."""
    async with AsyncExitStack() as house:
        gc.unfreeze()
        run.keep_standing(house)
        assert gc.get_freeze_count() > 10_000
    assert gc.get_freeze_count() == 0
    gc.freeze()  # as the tests keep it


@pytest.mark.usefixtures("no_settings")
def test_a_misspelt_setting_is_pointed_out_at_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the terminal, before anything opens, once; the shop opens all the same."""
    monkeypatch.setenv("HAANG_PUBLC_URL", "https://hunter2.example")
    assert running.configured(_env_file=None).public_url is None
    said = [line for line in capsys.readouterr().err.splitlines() if "PUBLC" in line]
    assert said == ["HAANG_PUBLC_URL is no setting of the shop. Did you mean HAANG_PUBLIC_URL?"]


def test_a_command_says_that_it_works_on_the_practice_shop(tmp_path: Path) -> None:
    """Without a token: said beside the answer, which stays JSON for who wants JSON."""
    for words in (("storage", "--json"), ("backup",)):
        done = houses.run(tmp_path, *words)
        assert done.returncode == 0, done.stderr
        assert "practice shop" in done.stderr
        if "--json" in words:
            assert json.loads(done.stdout)["database"]["bytes"] > 0
    assert list((tmp_path / "backups" / "sandbox").glob("db_backup_*"))


def test_a_named_database_without_a_token_is_nobodys(tmp_path: Path) -> None:
    """A command does not quietly take the practice shop where a real database is named: nothing is touched."""
    url = "postgresql://shop:hunter2@127.0.0.1:1/haang"
    for words in (("storage",), ("restore", str(tmp_path))):
        done = houses.run(tmp_path, *words, database_url=url)
        assert done.returncode == 1
        assert "HAANG_BOT_TOKEN" in done.stderr
        assert "Traceback" not in done.stderr
        assert "hunter2" not in done.stderr
    assert list(tmp_path.iterdir()) == []
