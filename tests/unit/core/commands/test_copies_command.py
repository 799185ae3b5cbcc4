"""``copies`` and the media commands as they are typed: what is said, in JSON too, and the exit codes."""

import json
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.clock import SystemClock
from core.commands import copies
from core.config import Config
from tests.support.standing import put, stored


class Standing:
    """As much of a shop as :func:`put` needs."""

    def __init__(self, config: Config) -> None:
        self.config, self.clock = config, SystemClock()


@pytest.fixture
def place(no_settings: None, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop's folders with one picture and one backup, and a folder to copy to, as the environment names them."""
    for name in ("data", "nas"):
        (tmp_path / name).mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "haang.sqlite3")
    photo = tmp_path / "data" / "media" / "products" / "rose.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"rose")
    given = {"BOT_TOKEN": "1000001:made-up", "DATA_DIR": tmp_path / "data", "BACKUP_DIR": tmp_path / "backups",
             "BACKUP_STORE": (tmp_path / "nas").as_uri()}  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"HAANG_{name}", str(value))
    put(Standing(Config(_env_file=None)))
    return tmp_path


def typed(*words: str) -> Result:
    """What a command answers to a wide terminal that shows no colours."""
    return CliRunner().invoke(copies.app, words, env={"COLUMNS": "200"})


def test_without_a_store_one_sentence_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no store is named that is all that is said, without an empty line before it."""
    monkeypatch.delenv("HAANG_BACKUP_STORE")
    done = typed("copies", "send")
    assert (done.exit_code, done.output.count("\n"), "HAANG_BACKUP_STORE" in done.output) == (1, 1, True)


def test_a_copy_on_its_way_is_named(place: Path) -> None:
    """While another run is at it, that is said, with exit code 1, and nothing is begun."""
    listed = typed("copies", "send", "--json")
    (name,) = json.loads(listed.stdout)["sent"]
    with sqlite3.connect(place / "data" / "haang.sqlite3") as database:
        later = (SystemClock().now() + timedelta(minutes=5)).isoformat(sep=" ").removesuffix("+00:00")
        database.execute("UPDATE backup_copies SET state = 'waiting', at = ?", (later,))
    database.close()
    done = typed("copies", "send")
    assert (done.exit_code, done.stdout) == (1, f"Somebody else is at {name} already.\n")


def test_copies_and_back(place: Path) -> None:
    """Listed as owed with exit code 1 until sent; then fetched by a server without data; all of it as JSON too."""
    sent = typed("copies", "send", "--json")
    (name,) = json.loads(sent.stdout)["sent"]
    assert sent.exit_code == 0
    assert "read back and equal" in typed("copies", "verify", name).stdout
    listed = typed("copies", "list", "--json")
    assert [one["state"] for one in json.loads(listed.stdout)["copies"]] == ["verified"]
    here = stored(place / "backups" / name)
    shutil.rmtree(place / "backups")
    shutil.rmtree(place / "data")
    assert typed("copies", "fetch", name).exit_code == 0
    assert stored(place / "backups" / name) == here
    refused = typed("copies", "fetch", "db_backup_20200101_000000")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)


def test_trouble_is_exit_code_1_and_a_sentence(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is gone: sending and listing say so; without a store there is a sentence, too."""
    (place / "nas").rmdir()
    sent = typed("copies", "send")
    assert (sent.exit_code, "is not there" in sent.stdout) == (1, True)
    listed = typed("copies", "list")
    assert (listed.exit_code, "failed" in listed.stdout) == (1, True)
    monkeypatch.delenv("HAANG_BACKUP_STORE")
    assert typed("copies", "send").exit_code == 1
    assert typed("copies", "chat", "on").exit_code == 1
    assert typed("copies", "chat", "perhaps").exit_code == 2


def test_pictures(place: Path) -> None:
    """Backed up, checked, put back; damage is exit code 1."""
    made = json.loads(typed("backup-media", "--json").stdout)
    assert (made["files"], made["bytes"], made["copied"]) == (1, 4, 1)
    assert typed("check-media").exit_code == 0
    photo = place / "data" / "media" / "products" / "rose.jpg"
    photo.unlink()
    assert "1 files put back" in typed("restore-media", made["name"]).stdout
    assert photo.read_bytes() == b"rose"
    (blob,) = (path for path in (place / "backups" / "media").rglob("*") if len(path.name) == 64)
    blob.write_bytes(b"rosE")
    checked = typed("check-media", made["name"])
    assert (checked.exit_code, "products/rose.jpg" in checked.stdout) == (1, True)
    assert typed("restore-media", "--to", str(place / "new")).exit_code == 1
    assert json.loads(typed("backup-media", "--json").stdout)["copied"] == 1, "what was damaged is copied anew"
    assert typed("check-media").exit_code == 0
