"""Lists by command: told, taken in with ``--apply``, written; what is wrong is one sentence and code 1."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import run

Typed = Callable[..., Result]


@pytest.fixture
def typed(tmp_path: Path, sqlite_template: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    """Type a command after run.py, on an empty practice shop."""
    data = tmp_path / "data" / "sandbox"
    data.mkdir(parents=True)
    (data / "haang.sqlite3").write_bytes(sqlite_template.read_bytes())
    for name in ("data", "backup"):
        monkeypatch.setenv(f"HAANG_{name.upper()}_DIR", str(tmp_path / name))
    umask = os.umask(0)
    os.umask(umask)
    yield lambda *words: CliRunner().invoke(run.app, [str(word) for word in words], env={"COLUMNS": "120"})
    os.umask(umask)


def test_told_taken_in_and_written_again(typed: Typed, tmp_path: Path) -> None:
    """A bad row makes code 1 and is named; the rest comes with ``--apply`` alone; what is written is the same again."""
    listed, out = tmp_path / "list.csv", tmp_path / "out.json"
    listed.write_text("sku,name,price\nA-1,Balm,5\nA-2,Soap,x\n", "utf-8")
    for words, ending in (((), "Nothing was changed."), (("--apply",), "Taken in: 1 changes.")):
        told = typed("import", "products", listed, *words)
        assert (told.exit_code, ending in told.stdout, "line 3 (price)" in told.stdout) == (1, True, True)
    assert typed("export", "products", "--format", "json", "--output", out).exit_code == 0
    assert [one["sku"] for one in json.loads(out.read_text("utf-8"))] == ["A-1"]
    same = typed("import", "products", out, "--json")
    assert (same.exit_code, json.loads(same.stdout)["same"]) == (0, 1)
    wrong = typed("import", "promos", out)
    assert (wrong.exit_code, "One of these is needed: code" in wrong.stderr) == (1, True)
