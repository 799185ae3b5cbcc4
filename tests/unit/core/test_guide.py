"""The guide's own command names do what the shop's commands do, with the options that the guide teaches."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

import run
from core.commands.guide import NAMES
from core.config import ROOT

COMMANDS = typer.main.get_command(run.app).commands
TAUGHT = {
    "storage_info": ("storage", set()),
    "cleanup_expired_qr_codes": ("cleanup-qr", {"--days", "--dry-run", "--force"}),
    "backup_database": ("backup", {"--output", "--compress"}),
    "loaddata": ("restore", set()),
}


@pytest.fixture
def typed(no_settings: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CliRunner]:
    """A terminal on a practice shop of its own."""
    monkeypatch.setenv("HAANG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HAANG_BACKUP_DIR", str(tmp_path / "backups"))
    before = os.umask(0o077)
    yield CliRunner()
    os.umask(before)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_same_command(name: str) -> None:
    """The same function with the same parameters, among them the guide's options; not in the help, but in the docs."""
    ours, taught = TAUGHT[name]
    command, own = COMMANDS[name], COMMANDS[ours]
    options = {option for parameter in command.params for option in parameter.opts}
    assert [parameter.name for parameter in command.params] == [parameter.name for parameter in own.params]
    assert command.callback.__wrapped__ is own.callback.__wrapped__
    assert taught <= options
    assert command.hidden
    assert f"run.py {name}" in (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_it_runs(typed: CliRunner, tmp_path: Path) -> None:
    """Typed as in the guide: a dry run of the cleaning, and a packed backup where it was asked for, brought back."""
    cleaned = typed.invoke(run.app, ["cleanup_expired_qr_codes", "--days", "7", "--dry-run", "--force"])
    assert (cleaned.exit_code, cleaned.exception) == (0, None)
    made = typed.invoke(run.app, ["backup_database", "--output", str(tmp_path / "mine"), "--compress"])
    assert (made.exit_code, len(list((tmp_path / "mine").glob("db_backup_*")))) == (0, 1)
    wrong = typed.invoke(run.app, ["loaddata", str(tmp_path / "nothing.json")])
    assert wrong.exit_code == 2
