"""``run.py setup`` against a Telegram over real HTTP: asked, answered, written down; no secret, nothing halfway."""

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from click.testing import Result
from sqlalchemy import select
from typer.testing import CliRunner

import run
from bot.sandbox import PersonSeed, Sandbox
from core import config as core_config
from core.database.tables import audit
from core.payments.bakong import ManualBank
from core.people import service as people
from core.people.rules import Role
from core.setup import envfile, service
from core.setup.rules import Goal
from core.shop import Shop, open_shop
from tests.support import house as houses

TOKEN = "1000001:made-up-token-of-thirty-and-more"
OTHER = "1000002:another-token-of-thirty-and-more"
ANSWERS = [
    "Asia/Phnom_Penh",
    "Kampot Pepper",
    "4000",
    "$1",
    "2.50",
    "none",
    "07:30",
    "19:00",
    "pepper@bank",
    "Kampot",
    "https://pepper.example/",
    "code",
    "y",
]


@dataclass
class Desk:
    """A folder to set a shop up in, beside a Telegram that knows :data:`TOKEN`."""

    folder: Path
    address: str

    @property
    def env(self) -> Path:
        """The settings' file."""
        return self.folder / ".env"

    async def setup(self, *words: str, lines: list[str] | None = None) -> Result:
        """Run the command with what is typed, a line each."""
        typed = "".join(f"{line}\n" for line in lines) if lines is not None else None
        asked = ["setup", "--env-file", str(self.env), *words]
        return await asyncio.to_thread(CliRunner().invoke, run.app, asked, input=typed)

    async def shop(self) -> Shop:
        """Open the shop as its settings are now."""
        return await open_shop(core_config.read(_env_file=self.env), ManualBank())


@pytest.fixture
async def desk(no_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Folders below the test's own, an address of Telegram in the environment."""
    sandbox = Sandbox(token=TOKEN, people=[PersonSeed(1001, "Dara")], limits=False)
    address = await sandbox.start()
    for name, value in {"TELEGRAM_API": address, "DATA_DIR": tmp_path / "data", "BACKUP_DIR": tmp_path / "b"}.items():
        monkeypatch.setenv(f"HAANG_{name}", str(value))
    was = os.umask(0o022)
    yield Desk(tmp_path, address)
    os.umask(was)
    await sandbox.stop()


@pytest.mark.parametrize("value", ["1:a-B_c", "a b", "it's", 'a"b\\c', "#x", "ស្រី", "a=b", "$HOME", "\\n"])
def test_a_value_is_read_back_as_it_was_written(tmp_path: Path, value: str, no_settings: None) -> None:
    """Quotes, blanks, backslashes, other letters, by the reader that the shop starts with; other lines stay.

    Only its owner reads it; what else the process writes is as open as before.
    """
    file = tmp_path / ".env"
    (tmp_path / "before").touch()
    file.write_text(
        "# mine\nOTHER=1\nexport HAANG_BACKUP_STORE_REGION=old\n\nHAANG_BACKUP_STORE_REGION=older\n", "utf-8"
    )
    envfile.write(file, {"HAANG_BACKUP_STORE_REGION": value, "HAANG_PORT": "81"})
    read = core_config.read(_env_file=file)
    assert (read.backup_store_region, read.port) == (value, 81)
    assert file.read_text("utf-8").startswith("# mine\nOTHER=1\nHAANG_BACKUP_STORE_REGION=")
    assert file.read_text("utf-8").count("BACKUP_STORE_REGION") == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (tmp_path / "after").touch()
    assert (tmp_path / "after").stat().st_mode == (tmp_path / "before").stat().st_mode


@pytest.mark.parametrize("value", ["a\nHAANG_OWNER_IDS=1", "${HOME}", "a\0b"])
def test_what_would_be_read_otherwise_is_not_written(tmp_path: Path, value: str) -> None:
    """A line break, a gap that the reader fills: refused, and the file stays as it was."""
    with pytest.raises(ValueError, match="one line"):
        envfile.write(tmp_path / ".env", {"HAANG_X": value})
    assert list(tmp_path.iterdir()) == []


async def test_a_shop_is_set_up_by_answering(desk: Desk) -> None:
    """Telegram says whose the token is; each answer is in the settings and audited; the code makes an owner."""
    done = await desk.setup(lines=[TOKEN, *ANSWERS])
    assert done.exit_code == 0, done.output
    assert "This is Sandbox bot, @sandbox_bot." in done.output
    assert TOKEN not in done.output
    assert stat.S_IMODE(desk.env.stat().st_mode) == 0o600
    shop = await desk.shop()
    found = shop.policy
    assert (found.shop_name, found.riel_rate, found.fee_capital, found.fee_province) == (
        "Kampot Pepper",
        4000,
        100,
        250,
    )
    assert (found.free_delivery_from, found.opens, found.closes) == (0, "07:30", "19:00")
    assert (found.khqr_account, found.khqr_name, found.khqr_city) == ("pepper@bank", "Kampot Pepper", "Kampot")
    assert "The KHQR names: Kampot Pepper" in done.output.splitlines()
    assert shop.config.public_url == "https://pepper.example"
    changed = await shop.db.read(lambda tx: tx.execute(select(audit.c.subject, audit.c.detail)).all())
    assert ("fee_capital", {"from": 150, "to": 100}) in [tuple(line) for line in changed]
    assert TOKEN not in str(changed)
    code = done.output.partition("/link ")[2].split()[0]
    dara = await people.arrive(shop, 1001, "Dara")
    assert (await service.take_code(shop, code, dara, 1001)).goal is Goal.OWNER
    await shop.close()


async def test_a_broken_answer_is_asked_again_with_the_reason(desk: Desk) -> None:
    """A token of no shape, one Telegram refuses, a zone, a price, an account, an owner: each said, then asked again."""
    zone, name, rate, capital, province, free, opens, closes, account, city, address, _, sure = ANSWERS
    lines = ["nonsense", OTHER, TOKEN, "Asia/Nowhere", zone, name, rate, "much", capital, province, free, opens, opens,
             closes, "no account", account, "A city of more than 15", city, "pepper", address, "me", "1001",
             sure]  # fmt: skip
    done = await desk.setup(lines=lines)
    assert done.exit_code == 0, done.output
    for reason in ("no bot's token", "refuses the bot's token", "  This is no time zone.", "Telegram id (digits)",
                   "  This is no web address.", "  That is when it opens."):  # fmt: skip
        assert reason in done.output
    assert done.output.count("  I could not read that.") == 2  # a price, an account
    assert "  Write up to 15 letters, like Phnom Penh." in done.output
    assert "HAANG_OWNER_IDS=1001" in desk.env.read_text("utf-8")
    assert OTHER not in done.output


@pytest.mark.parametrize("typed", [0, 6, len(ANSWERS)])
async def test_breaking_off_changes_nothing(desk: Desk, typed: int) -> None:
    """The input ends at any question, or the last is answered no: no file, no database."""
    lines = [TOKEN, *ANSWERS][:typed] if typed < len(ANSWERS) else [TOKEN, *ANSWERS[:-1], "n"]
    done = await desk.setup(lines=lines)
    assert done.exit_code == 1
    assert [path.name for path in desk.folder.iterdir()] == []


async def test_run_again_it_keeps_what_is_not_said(desk: Desk) -> None:
    """By flags alone, from a file with the token; the second time with one flag: only that is another."""
    token = desk.folder / "token"
    token.write_text(f"{TOKEN}\n", "utf-8")
    first = await desk.setup("--yes", "--token-file", str(token), "--owner", "1001", "--shop-name", "Kampot Pepper")
    assert first.exit_code == 0, first.output
    desk.env.write_text(desk.env.read_text("utf-8") + "HAANG_LOG_LEVEL=ERROR\n# kept\n", "utf-8")
    again = await desk.setup("--yes", "--owner", "2001", "--fee-capital", "$2")
    assert again.exit_code == 0, again.output
    assert "Changed in the shop: fee_capital." in again.output
    written = desk.env.read_text("utf-8")
    assert f"HAANG_BOT_TOKEN={TOKEN}" in written
    assert "HAANG_OWNER_IDS=1001,2001" in written
    assert written.endswith("HAANG_LOG_LEVEL=ERROR\n# kept\n")
    shop = await desk.shop()
    assert (shop.policy.shop_name, shop.policy.fee_capital) == ("Kampot Pepper", 200)
    await shop.close()


@pytest.mark.parametrize("flag", [("--opens", "25:00"), ("--fee-capital", "-1"), ("--khqr-account", "x"),
                                  ("--zone", "Mars"), ("--owner", "boss"), ("--closes", "08:00")])  # fmt: skip
async def test_a_flag_that_does_not_fit_ends_it(desk: Desk, flag: tuple[str, str]) -> None:
    """Exit code 1, a reason, and no file: nothing is asked of a script."""
    token = desk.folder / "token"
    token.write_text(TOKEN, "utf-8")
    done = await desk.setup("--yes", "--token-file", str(token), *flag)
    assert done.exit_code == 1
    assert not desk.env.exists()
    assert "Aborted" not in done.output  # nothing was asked
    assert done.output.strip().count("\n") <= 3


async def test_as_a_process(desk: Desk) -> None:
    """``python run.py setup`` as a shell runs it: what was given is there, and no secret was said."""
    token = desk.folder / "token"
    token.write_text(TOKEN, "utf-8")
    words = ("--yes", "--token-file", str(token), "--env-file", str(desk.env), "--opens", "09:00", "--owner", "1001")
    done = await asyncio.to_thread(houses.run, desk.folder, "setup", *words, telegram_api=desk.address)
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stdout + done.stderr
    shop = await desk.shop()
    opens = shop.policy.opens
    await shop.close()  # first: an open database's thread would keep a failed run alive
    assert opens == "09:00"


async def test_an_owner_from_the_shell(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """``owner add`` by an id or with a code to be typed; one of the two, and a person's id."""
    monkeypatch.setenv("HAANG_BOT_TOKEN", TOKEN)
    for words, code, said in (
        (["1001"], 0, "own the shop now"), (["1001"], 0, "already"), (["--code"], 0, "/link "), ([], 1, "--code"),
        (["1", "--code"], 1, "--code"), (["0"], 1, "above 0"),
    ):  # fmt: skip
        done = await asyncio.to_thread(CliRunner().invoke, run.app, ["owner", "add", *words])
        assert (done.exit_code, said in done.output) == (code, True), done.output
    shop = await desk.shop()
    found = await people.known(shop, 1001)
    await shop.close()
    assert found is not None
    assert found.role is Role.OWNER


# ── --check ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_check_without_a_token_touches_nothing(desk: Desk) -> None:
    """One finding says what to type, the settings are judged as they are; exit code 1, and no folder is made."""
    done = await desk.setup("--check", "--json")
    lines = {line["line"]: line for line in json.loads(done.stdout)["lines"]}
    assert (done.exit_code, lines["bot"]["state"], lines["bot"]["said"]) == (1, "failed", "No token is set.")
    assert lines["bot"]["fix"].endswith("python run.py setup")
    assert list(desk.folder.iterdir()) == []


async def test_check_says_what_helps_and_changes_nothing(desk: Desk) -> None:
    """After the wizard: a table with what to do, the same lines for machines; neither the token nor a setting moved."""
    token = desk.folder / "token"
    token.write_text(TOKEN, "utf-8")
    await desk.setup("--yes", "--token-file", str(token), "--owner", "1001")
    async with aiohttp.ClientSession() as http:
        await http.post(f"{desk.address}/bot{TOKEN}/setWebhook", json={"url": "https://evil.example/x"})
    before = desk.env.read_text("utf-8")
    desk.env.chmod(0o644)
    shown = await desk.setup("--check")
    found = json.loads((await desk.setup("--check", "--json")).stdout)
    states = {line["line"]: line["state"] for line in found["lines"]}
    wrong = [states[line] for line in ("bot", "hook", "staff_group", "admin_chat", "owners", "secrets", "disk")]
    assert wrong == ["ok", "failed", "failed", "warning", "warning", "failed", states["disk"]]
    assert (found["state"], shown.exit_code) == ("failed", 1)
    assert "evil.example" in shown.stdout
    assert "→" in shown.stdout
    assert TOKEN not in shown.output + str(found)
    assert desk.env.read_text("utf-8") == before


@pytest.mark.parametrize("line", ["HAANG_PORT=many", "HAANG_BOT_TOKEN=no token", "HAANG_BOT_TOKEN=2:" + "x" * 35])
async def test_check_with_settings_that_do_not_fit(desk: Desk, line: str) -> None:
    """A setting that cannot be read, a token that is none, one that Telegram refuses: said, never a traceback."""
    desk.env.write_text(f"{line}\n", "utf-8")
    done = await desk.setup("--check", "--json")
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert ("refuses the token" in done.stdout) is ("TOKEN" in line)
    assert ("HAANG_PORT" in done.stderr) is ("PORT" in line)
