"""The logs: what a library would say of people at DEBUG stays out, what we say is redacted."""

import logging
import shutil
from pathlib import Path

import pytest
from telegram import Bot
from telegram.error import NetworkError

from bot.request import AiohttpRequest
from core import logs

TOKEN = "123456789:" + "A" * 35
STREET = "12 Street 271, Toul Kork"


@pytest.mark.usefixtures("as_before")
async def test_at_debug_no_message_reaches_the_log(tmp_path: Path) -> None:
    """The bot's library says every call with its whole text at DEBUG: neither that nor the token is written."""
    logs.open_logs(tmp_path, "DEBUG")
    logging.getLogger("core.sentinel").debug("ours at debug")
    async with AiohttpRequest() as request:
        bot = Bot(TOKEN, base_url="http://127.0.0.1:1/bot", request=request)
        with pytest.raises(NetworkError):
            await bot.send_message(5, STREET)
    for name in ("sqlalchemy.engine", "aiosqlite", "asyncio", "telegram.ext", "a.library"):
        logging.getLogger(name).debug("theirs: %s", STREET)
    logs.close_logs()
    written = (tmp_path / "app.log").read_text("utf-8")
    assert "ours at debug" in written
    assert STREET not in written
    assert TOKEN not in written


@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize(("level", "said"), [("INFO", ["info", "error"]), ("ERROR", ["error"])])
def test_the_level_is_what_was_set(tmp_path: Path, level: str, said: list[str]) -> None:
    """Ours and theirs are written from the level on that the operator chose."""
    logs.open_logs(tmp_path, level)
    for name in ("core.sentinel", "a.library"):
        for word in ("debug", "info", "error"):
            logging.getLogger(name).log(logging.getLevelNamesMapping()[word.upper()], "%s", word)
    logs.close_logs()
    words = [line.split()[-1] for line in (tmp_path / "app.log").read_text("utf-8").splitlines()]
    assert words == said * 2


@pytest.mark.usefixtures("as_before")
def test_secrets_and_phones_are_taken_out(tmp_path: Path) -> None:
    """Whoever logs, traceback and all: token, phone, tracking link and database password do not stand there."""
    logs.open_logs(tmp_path, "INFO")
    secrets = [TOKEN, "+855 12 000 001", "/t/" + "x" * 22, "postgresql://shop:hunter2@db/haang"]
    try:
        {}[" ".join(secrets)]
    except KeyError:
        logging.getLogger("a.library").exception("it failed for %s", secrets[1])
    logs.close_logs()
    written = (tmp_path / "app.log").read_text("utf-8")
    assert "KeyError" in written
    assert [secret for secret in (*secrets[:3], "hunter2") if secret in written] == []


def test_a_log_folder_taken_away_costs_no_work(tmp_path: Path, as_before: None) -> None:
    """The folder of a serving shop is deleted: logging goes on in a new one, and nothing is raised."""
    folder = tmp_path / "logs"
    logs.open_logs(folder, "INFO")
    try:
        shutil.rmtree(folder)
        logging.getLogger("core").info("still here")
        assert "still here" in (folder / "app.log").read_text("utf-8")
    finally:
        logs.close_logs()
