"""What is typed about the house: doctor, optimize, logs. Words for people, JSON for machines, an exit code."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import run
from core.commands import running
from core.errors import Refused

Typed = Callable[..., Result]


@pytest.fixture
def typed(no_settings: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Typed]:
    """Type a command to a practice shop of its own."""
    monkeypatch.setenv("HAANG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HAANG_BACKUP_DIR", str(tmp_path / "backups"))
    before = os.umask(0o077)
    yield lambda *words: CliRunner().invoke(run.app, words, env={"COLUMNS": "120"})
    os.umask(before)


def test_the_doctor_fails_until_there_is_a_backup(typed: Typed) -> None:
    """Without a backup it is exit code 1 and says what to type; once it was tidied, after a backup, that is well."""
    shown = typed("doctor", "--quick")
    assert (shown.exit_code, "→ Write one now: python run.py backup" in shown.stdout) == (1, True)
    tidied = json.loads(typed("optimize", "--full", "--json").stdout)
    assert (tidied["full"], tidied["backup"][:10]) == (True, "db_backup_")
    found = typed("doctor", "--json")
    lines = {line["line"]: line["state"] for line in json.loads(found.stdout)["lines"]}
    assert (lines["backup"], lines["owners"], found.exit_code) == ("ok", "failed", 1)
    assert {"integrity", "orphans"} <= set(lines)
    assert {"bank", "address", "copies"} & set(lines) == set()  # nothing that a practice shop has


def test_logs_are_listed_and_rotated(typed: Typed, tmp_path: Path) -> None:
    """What there is, begun anew at once, packed; a stranger's file is not named, and nothing is no empty table."""
    assert typed("logs", "list").stdout == "There are no logs yet.\n"
    folder = tmp_path / "data" / "sandbox" / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).astimezone()
    (folder / "app.log").write_text(f"{now:%Y-%m-%d %H:%M:%S},000 INFO core: said\n")
    (folder / "mine.log").write_text("mine")
    assert [one["kind"] for one in json.loads(typed("logs", "list", "--json").stdout)] == ["live"]
    done = typed("logs", "rotate")
    assert (done.exit_code, done.stdout[:28]) == (0, "1 begun anew, 1 packed, 0 pu")
    assert [one["kind"] for one in json.loads(typed("logs", "list", "--json").stdout)] == ["packed"]
    assert "packed" in typed("logs", "list").stdout
    assert typed("logs", "shred").exit_code == 2


def test_a_command_on_a_full_disk_says_what_helps(capsys: pytest.CaptureFixture[str]) -> None:
    """In a chat it says that the owner knows; a command tells nobody, and says what to type."""

    async def work() -> None:
        raise Refused("storage_full", folder="data")

    before = os.umask(0o077)
    with pytest.raises(SystemExit):
        running.run(work())
    os.umask(before)
    said = capsys.readouterr().err
    assert "python run.py emergency" in said
    assert "owner" not in said
