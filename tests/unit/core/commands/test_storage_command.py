"""``storage`` as it is typed: figures for people, and the JSON that docs/operations.md promises."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.commands import storage
from core.config import ROOT
from core.storage.figures import Forecast, Growth, Report, Watched, readable
from core.storage.rules import MB, Disk, Kind, Level, Metric, Usage

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def practice(no_settings: None, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A practice shop's data folder with a video, as the environment names it."""
    data = tmp_path / "data" / "sandbox"
    video = data / "media" / "hero_slides" / "videos" / "a.mp4"
    video.parent.mkdir(parents=True)
    video.write_bytes(b"x" * 2 * MB)
    shutil.copyfile(sqlite_template, data / "haang.sqlite3")
    monkeypatch.setenv("HAANG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HAANG_BACKUP_DIR", str(tmp_path / "backups"))
    return data


def typed(*words: str) -> str:
    """What a command says to a wide terminal that shows no colours; it must have gone well."""
    done = CliRunner().invoke(storage.app, words, env={"COLUMNS": "120"})
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_json_is_as_documented(practice: Path) -> None:
    """Each name at the top and below a limit stands in the document, and none there that is not said."""
    said = json.loads(typed("--json", "--large", "1"))
    documented = re.search(r"## What `storage --json` says\n(.*?)\n## ", _document() + "\n## ", re.DOTALL)
    assert documented is not None
    rows = re.findall(r"^\| `([a-z_.*]+)` \|", documented[1], re.MULTILINE)
    below = {f"limits.*.{name}" for one in said["limits"].values() for name in one}
    assert set(rows) == {*said, *below}
    assert said["kinds"]["videos"] == {"bytes": 2 * MB, "files": 1}
    assert (said["media"], said["large"]) == (2 * MB, [{"path": "media/hero_slides/videos/a.mp4", "bytes": 2 * MB}])
    assert said["limits"]["media"] == {
        "bytes": 2 * MB, "limit": 500 * MB, "percent": 0.4, "level": "ok", "per_day": None, "full": "unknown",
        "days": None,
    }  # fmt: skip
    assert said["total"] >= said["media"] + said["database"]["bytes"]


def _document() -> str:
    return (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_people_read_sizes_and_levels(practice: Path) -> None:
    """Each kind and limit on a line with its size; no large file without asking, a sentence where there is none."""
    said = typed()
    for line in (r"videos +2\.0 MB +1 files", r"media +░+ +2\.0 MB +500 MB +0 +ok +\? +unknown", r"disk .* free"):
        assert re.search(line, said), line
    assert "Large" not in said
    assert "No file is that large" in typed("--large", "3")
    assert re.search(r"2\.0 MB +media/hero_slides/videos/a\.mp4", typed("--large", "2"))


@pytest.mark.parametrize(
    ("forecast", "a_day", "full_in"),
    [(Forecast(), "?", "unknown"), (Forecast(-5.0, float("inf")), "-5 B", "never"),
     (Forecast(1, 0.0), "+1", "full"), (Forecast(3 * MB, 33.4), "+3.0 MB", "33 days"),
     (Forecast(1.0, 9e9), "+1 B", "> 10 years")],
)  # fmt: skip
def test_a_limit_says_when_it_is_full(forecast: Forecast, a_day: str, full_in: str) -> None:
    """What grows, shrinks, stands still or is not known, each in its words; the JSON has no infinity."""
    usage = Usage(NOW, (Kind("products", 450 * MB, 3),), MB, (("orders", 3),), Disk(10 * MB, MB))
    one = Watched(Metric("media", 450 * MB, 500 * MB), Level.CRITICAL, forecast)
    report = Report(usage, (one,), (Growth("products", 450 * MB, 500 * MB, NOW),))
    row = [next(iter(column.cells)) for column in storage._limits(report).columns]
    assert (str(row[1]), row[4], str(row[5])) == ("█" * 11 + "░", "90", "critical")
    assert row[6].startswith(a_day)
    assert row[7] == full_in
    assert "Infinity" not in json.dumps(storage.as_data(report))
    assert "-50.0 MB since 21 Nov 2026" in list(storage._kinds(report).columns[3].cells)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (1024, "1.0 KB"), (100 * 1024, "100 KB"), (MB, "1.0 MB"),
     (999 * MB, "999 MB"), (1024 * MB, "1.0 GB"), (5000 * 1024 * MB, "5,000 GB"), (-MB, "-1.0 MB")],
)  # fmt: skip
def test_bytes_for_people(size: int, words: str) -> None:
    """Three digits at the most, as the limits are counted."""
    assert readable(size) == words
