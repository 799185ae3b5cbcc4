"""The pages on deployment: each command on them that can be run here is run; the files they name fit the code."""

import configparser
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.app import STOPPING
from core.commands import guide
from core.config import Config
from run import app
from tests.support import house
from web.app import GOODBYE
from web.routes import ROUTES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs/deploy").glob("*.md"))
DEPLOY = ROOT / "deploy"
BLOCK = re.compile(r"^```(\w*)( run)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
ELSEWHERE = {
    "sudo": "changes the machine, or is the way back, tried below", "systemctl": "needs systemd as the first process",
    "journalctl": "the same", "docker": "needs a daemon and a registry, tried by hand", "cd": "of those",
    "install": "of the container's folder",
}  # fmt: skip
"""What stands on the pages and is not run here, each with its reason."""
FINDS_TROUBLE = {"doctor", "setup"}
"""Commands that end with 1 on a new folder: it has no backup yet, and no token to look at."""


def _blocks(page: Path, *, run: bool) -> list[str]:
    found = [(run_, text) for kind, run_, text in BLOCK.findall(page.read_text("utf-8")) if kind == "sh"]
    return [line for run_, text in found if bool(run_) == run for line in text.splitlines() if line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_is_run_or_has_its_reason(page: Path) -> None:
    """A line that is not run begins with a program of the list; what it asks of the shop is one of its commands."""
    lines = _blocks(page, run=False)
    assert [line for line in lines if shlex.split(line)[0] not in ELSEWHERE] == []
    asked = {found[1] for line in lines if (found := re.search(r"run\.py ([\w-]+)", line))}
    assert asked <= {"--help", *_commands()}
    assert all(line.startswith("python run.py ") for line in _blocks(page, run=True))


def test_what_can_be_run_is_run(tmp_path: Path) -> None:
    """Every line of every page, each once, on one new folder: it ends as it should and says no traceback."""
    lines = list(dict.fromkeys(line for page in PAGES for line in _blocks(page, run=True)))
    assert len(lines) > 8
    for line in lines:
        words = shlex.split(line)[2:]
        done = house.run(tmp_path, *words)
        assert done.returncode in ({0, 1} if words[0] in FINDS_TROUBLE else {0}), (line, done.stderr)
        assert "Traceback" not in done.stderr, line


def test_the_way_back(tmp_path: Path) -> None:
    """The newer database is moved away, the backup of before is brought back into the empty place."""
    house.run(tmp_path, "backup")
    data = tmp_path / "data/sandbox"
    (made,) = (tmp_path / "backups/sandbox").glob("db_backup_*")
    (data / "newer").mkdir()
    for file in data.glob("haang.sqlite3*"):
        file.rename(data / "newer" / file.name)
    done = house.run(tmp_path, "restore", str(made))
    assert (done.returncode, (data / "haang.sqlite3").exists()) == (0, True), done.stderr


def test_the_service_runs_what_there_is() -> None:
    """It serves, writes where the shop writes and nowhere else, and cannot come by more rights."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "haang.service", "utf-8")
    service = unit["Service"]
    assert service["ExecStart"].endswith("python run.py serve")
    folders = {Config.model_fields[name].default.name for name in ("data_dir", "backup_dir")}
    assert {Path(folder).name for folder in service["ReadWritePaths"].split()} == folders
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == (
        "strict",
        "yes",
        "",
    )
    assert service["User"] not in {"root", ""}


def test_the_image_has_what_the_shop_needs() -> None:
    """What is copied is there and is all that is imported; not root; the health check asks an address that answers."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = [word for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for word in line.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {"run.py", "core", "bot", "web", "requirements.lock"} <= set(copied)
    assert "--require-hashes" in text
    assert re.search(r"^USER [1-9]\d+$", text, re.MULTILINE), "by number: some hosts take no name for not being root"
    served = {route.path for route in ROUTES}
    assert re.search(r"127\.0\.0\.1:8080(/\w+)", text)[1] in served
    assert _unknown(text) == set()
    given = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert (given[0], {line.removeprefix("!") for line in given if line.startswith("!")}) == ("*", set(copied))


def test_compose_fits_the_settings() -> None:
    """Each setting it passes on is one; the site is published to the machine alone; volumes are declared.

    What ends the shop waits longer than the shop may take; the service of a machine does too.
    """
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    told = yaml.safe_load(text)
    shop = told["services"]["shop"]
    assert _unknown(text) == set()
    grace = [shop["stop_grace_period"], re.search(r"^TimeoutStopSec=(\d+)$", _unit(), re.MULTILINE)[1]]  # type: ignore[index]
    assert min(int(given.removesuffix("s")) for given in grace) > 2 * (2 * STOPPING + GOODBYE)
    assert (shop["env_file"], shop["read_only"], shop["cap_drop"]) == (".env", True, ["ALL"])
    assert all(port.startswith("127.0.0.1:") for port in shop["ports"])
    volumes = {one.split(":")[0] for service in told["services"].values() for one in service["volumes"]}
    assert volumes == set(told["volumes"])
    assert set(shop["depends_on"]) <= set(told["services"])
    assert (ROOT / "deploy" / shop["build"]["context"] / shop["build"]["dockerfile"]).exists()


def _commands() -> set[str]:
    """What can be typed after ``run.py``."""
    groups = [group.typer_instance for group in app.registered_groups]
    found = [command for one in (app, *groups) for command in one.registered_commands]
    return {command.name or command.callback.__name__ for command in found}


def _unit() -> str:
    return (DEPLOY / "haang.service").read_text("utf-8")


def _unknown(text: str) -> set[str]:
    return {name for name in re.findall(r"HAANG_([A-Z_]+)", text) if name.lower() not in Config.model_fields}


NAMED = ("start_haang", "check_storage", "cleanup_expired_qr_codes", "backup_database")


@pytest.mark.parametrize("name", NAMED)
def test_a_batch_file_calls_a_command(name: str) -> None:
    """Its command is one of the shop's, with all words; it hands over to the one file that finds Python."""
    *_, last = _lines(DEPLOY / "windows" / f"{name}.bat")
    assert (called := re.fullmatch(r'"%~dp0haang\.bat" ([\w-]+) %\*', last)), last
    assert called[1] in _commands()
    assert {"cleanup_expired_qr_codes", "backup_database"} <= set(guide.NAMES)


def test_the_one_that_finds_python() -> None:
    """From the shop's own folder, each Python that may be there in turn; one that is not there is a sentence.

    Each run's exit code is what the file ends with; nothing that changes it stands between. ``.gitattributes`` keeps
    its line ends.
    """
    lines = _lines(DEPLOY / "windows/haang.bat")
    assert lines.index('cd /d "%~dp0..\\.."') < lines.index("if not exist run.py goto ended")
    tried = [at for at, line in enumerate(lines) if line.endswith(" run.py %*")]
    assert [lines[at].removesuffix(" run.py %*") for at in tried] == [
        r'".venv\Scripts\python.exe"', "py -3", "call python",
    ]  # fmt: skip
    assert {tuple(lines[at + 1 : at + 3]) for at in tried} == {('set "DONE=%ERRORLEVEL%"', "goto ended")}
    assert (lines[-1], sum("python.org" in line for line in lines)) == ("exit /b %DONE%", 1)
    assert {file.stem for file in (DEPLOY / "windows").iterdir()} == {*NAMED, "haang"}
    assert "* -text" in (ROOT / ".gitattributes").read_text("utf-8").splitlines()


def _lines(file: Path) -> list[str]:
    """Read a batch file: plain letters, for no code page is known; each line ends as Windows wants."""
    raw = file.read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n")
    return raw.decode("ascii").splitlines()


def test_a_procfile_host_starts_it() -> None:
    """One process of the name that such hosts give the address to, at the port that they say as it starts."""
    name, _, line = (ROOT / "Procfile").read_text("utf-8").partition(": ")
    command, host = ["/bin/sh", "-c", line.replace("python run.py serve", "env")], os.environ | {"PORT": "51234"}
    told = subprocess.run(command, env=host, capture_output=True, text=True, check=True).stdout.splitlines()
    assert (name, line.split()[-3:]) == ("web", ["python", "run.py", "serve"])
    assert {"HAANG_HOST=0.0.0.0", "HAANG_PORT=51234"} <= set(told)


def test_every_page_is_found() -> None:
    """The README leads to each of them."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [page.name for page in PAGES if f"docs/deploy/{page.name}" not in readme] == []
