"""What is typed to make room: words for people, JSON for programs, exit codes for both."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import run
from core.storage.rules import MB
from tests.support.shelf_files import names, photo, put

Typed = Callable[..., Result]
OLD = timedelta(days=9)


@pytest.fixture
def sandbox(tmp_path: Path, sqlite_template: Path) -> Path:
    """The practice shop's data folder."""
    data = tmp_path / "data" / "sandbox"
    data.mkdir(parents=True)
    (data / "haang.sqlite3").write_bytes(sqlite_template.read_bytes())
    return data


@pytest.fixture
def typed(tmp_path: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    """Type a command after run.py, on the practice shop in this folder."""
    for name in ("data", "backup"):
        monkeypatch.setenv(f"HAANG_{name.upper()}_DIR", str(tmp_path / name))
    monkeypatch.setenv("COLUMNS", "120")
    umask = os.umask(0)
    os.umask(umask)
    yield lambda *words: CliRunner().invoke(run.app, list(words))
    os.umask(umask)


def said(result: Result) -> dict[str, object]:
    """The JSON that a command wrote."""
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_old_qr_pictures(sandbox: Path, typed: Typed):
    """A rehearsal says what would be freed of each kind, then it is; --force takes the young one; then nothing."""
    put(sandbox, "media/qr_codes/qr_MD00001.png", 400_000, age=OLD)
    put(sandbox, "media/qr_codes/tracking_qr_MD00001.png", 200_000, age=OLD)
    put(sandbox, "media/qr_codes/qr_MD00002.png", 100_000)
    rehearsal = typed("cleanup-qr", "--dry-run", "--verbose")
    assert "2 files, would free 586 KB" in rehearsal.stdout
    assert "qr_codes/tracking_qr_MD00001.png" in rehearsal.stdout
    assert len(names(sandbox / "media")) == 3
    done = typed("cleanup-qr", "--json")
    assert (done.exit_code, said(done)["freed"]) == (0, 600_000)
    assert said(done)["kinds"] == {"qr": {"files": 1, "bytes": 400_000}, "tracking_qr": {"files": 1, "bytes": 200_000}}
    assert "1 file, freed 97.7 KB" in typed("cleanup-qr", "--force").stdout
    assert names(sandbox / "media") == []
    assert typed("cleanup-qr", "--days", "-1").exit_code == 2


def test_what_is_set_aside(sandbox: Path, typed: Typed):
    """Listed with the day until which it stays, brought back by its name; a name that is none is refused with 1."""
    put(sandbox, "quarantine/20990101/products/a.webp", 500_000)
    assert said_rows(typed("orphans", "list", "--json")) == [("products/a.webp", "2099-01-08", 500_000)]
    assert "is back in products/" in typed("orphans", "restore", "products/a.webp").stdout
    assert names(sandbox / "media") == ["products/a.webp"]
    assert "Nothing is set aside" in typed("orphans", "list").stdout
    refused = typed("orphans", "restore", "../haang.sqlite3")
    assert (refused.exit_code, "is not set aside" in refused.stderr) == (1, True)


def said_rows(result: Result) -> list[tuple[object, ...]]:
    """What is listed: path, until, bytes."""
    return [(row["path"], row["until"], row["bytes"]) for row in json.loads(result.stdout)]


def test_orphans_are_planned_before_they_go(sandbox: Path, typed: Typed):
    """A young file is none; a leftover is named by plan and removed by apply."""
    put(sandbox, "media/products/young.webp")
    put(sandbox, "media/products/.a.webp.0a1b2c3d.tmp", 700_000, age=OLD)
    planned = typed("orphans", "plan")
    assert "leftover, never finished" in planned.stdout
    assert "young" not in planned.stdout
    assert said(typed("orphans", "apply", "--json"))["freed"] == 700_000
    assert names(sandbox / "media") == ["products/young.webp"]


def test_the_emergency_plan_is_shown_before_it_is_run(sandbox: Path, typed: Typed):
    """Without --run nothing is touched; with it each step says what it freed; large files are named in both."""
    put(sandbox, "quarantine/20261120/a.webp", 2 * MB)
    put(sandbox, "media/hero_slides/videos/long.mp4", 12 * MB)
    shown = typed("emergency")
    assert [word in shown.stdout for word in ("never finished", "2.0 MB", "long.mp4", "--run")] == [True] * 4
    assert names(sandbox / "quarantine") == ["20261120/a.webp"]
    assert said(typed("emergency", "--json"))["bytes"] == 2 * MB
    done = said(typed("emergency", "--run", "--json"))
    assert (done["freed"], done["written"], names(sandbox / "quarantine")) == (2 * MB, True, [])
    assert "12.0 MB" in typed("large-files").stdout
    assert "No file has 13 MB" in typed("large-files", "--at-least", "13").stdout


def test_photos_and_their_exit_code(sandbox: Path, typed: Typed):
    """Nothing to do is 0; the bytes before and after stand in the table, and a photo that cannot be read is 1."""
    idle = typed("optimize-images", "--dry-run", "--json")
    assert (idle.exit_code, said(idle)["made"]) == (0, [])
    (sandbox / "media" / "products").mkdir(parents=True, exist_ok=True)
    (sandbox / "media" / "products" / "a.jpg").write_bytes(photo(1700, 200, quality=92))
    stock(sandbox / "haang.sqlite3", "products/a.jpg", "products/gone.jpg")
    done = typed("optimize-images", "--verbose")
    assert (done.exit_code, "products/gone.jpg: not there" in done.stdout) == (1, True)
    assert "What was there is in quarantine for a week." in done.stdout
    assert names(sandbox / "quarantine")[0].endswith("products/a.jpg")


def stock(file: Path, *photos: str) -> None:
    """Put products with these photos into a database that nobody has open."""
    with sqlite3.connect(file) as database:
        database.execute("INSERT INTO categories (slug, name_en, name_km, emoji) VALUES ('soap', '', '', '')")
        for name in photos:
            database.execute(
                "INSERT INTO products (category_id, slug, name_en, name_km, photo, updated_at)"
                " VALUES (1, ?, '', '', ?, '2026-11-21 03:00:00')",
                (name, name),
            )
    database.close()
