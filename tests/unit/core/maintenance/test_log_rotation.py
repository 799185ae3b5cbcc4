"""Rotated logs: nothing lost or torn whoever writes, packed, a month in one file, three months and so many bytes."""

import gzip
import logging
import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core import environment, logs
from core.config import ROOT
from core.errors import Refused
from core.maintenance.logs import BIGGEST, listing, rotate_folder

ZONE = ZoneInfo("Asia/Phnom_Penh")
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MOST = 50 * 1024 * 1024
WRITER = """
import logging, sys
from pathlib import Path
from core import logs
logs.open_logs(Path(sys.argv[1]), "INFO")
for number in range(int(sys.argv[3])):
    if number and number % int(sys.argv[4]) == 0:
        sys.stdin.readline()  # once the log was rotated again
    filling = "x" * (9000 if number % 50 == 0 else 40)
    logging.getLogger("core").info("writer %s line %s %s", sys.argv[2], number, filling)
"""
KILLED = """
import logging, os, random, signal, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo
from core import logs
from core.maintenance.logs import rotate_folder
folder, kills, chance = Path(sys.argv[1]), int(sys.argv[2]), random.Random(7)
logs.open_logs(folder, "INFO")
number = 0
for kill in range(kills):
    if not (rotator := os.fork()):
        while True:  # two months of three are over, so that files are joined, too
            rotate_folder(folder, datetime.now(UTC) + timedelta(days=31 * (kill % 3)), ZoneInfo("UTC"), 10**9, now=True)
    end = time.monotonic() + chance.uniform(0.005, 0.03)
    while time.monotonic() < end:
        logging.getLogger("core").info("line %s %s", number, "x" * 200)
        number += 1
    os.kill(rotator, signal.SIGKILL)
    os.waitpid(rotator, 0)
print(number)
"""


def write(folder: Path, name: str, at: datetime, text: str = "a line\n") -> Path:
    """A log's file whose first line was written at ``at``, by the machine's clock."""
    folder.mkdir(exist_ok=True)
    line = f"{at.astimezone():%Y-%m-%d %H:%M:%S},000 INFO core: {text}"
    path = folder / name
    path.write_bytes(gzip.compress(line.encode()) if name.endswith(".gz") else line.encode())
    return path


def names(folder: Path) -> list[str]:
    """What stands there, but for the lock."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".rotating")


def text(folder: Path) -> str:
    """All that the logs of a folder say, the oldest first."""
    parts = [path for path in folder.iterdir() if path.name.startswith("app")]
    read = {path: gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in parts}
    return b"".join(read[path] for path in sorted(parts)).decode()


@pytest.mark.parametrize("lines", [2_000, pytest.param(40_000, marks=pytest.mark.soak)])
def test_four_processes_write_while_it_is_rotated(tmp_path: Path, lines: int) -> None:
    """Four real processes write as fast as they can, one rotates again and again: each line is there once and whole.

    Each writes its lines in as many parts as the log is rotated at least, no later part before the next rotation.
    """
    turned, parts = 0, 5
    command, about = [sys.executable, "-c", WRITER, str(tmp_path)], [str(lines), str(lines // parts)]
    with ExitStack() as running:
        started = (subprocess.Popen([*command, str(n), *about], cwd=ROOT, stdin=subprocess.PIPE) for n in range(4))
        writers = [running.enter_context(one) for one in started]
        while any(writer.poll() is None for writer in writers):
            done = rotate_folder(tmp_path, NOW, ZONE, 10**9, now=True)
            if done and done.turned:
                turned += 1
                for writer in writers if turned < parts else ():
                    writer.stdin.write(b"\n")
                    writer.stdin.flush()
    assert [writer.returncode for writer in writers] == [0] * 4
    rotate_folder(tmp_path, NOW, ZONE, 10**9, now=True)
    said = [line.partition(" INFO core: writer ")[2].split() for line in text(tmp_path).splitlines()]
    assert sorted((int(who), int(number)) for who, _, number, _ in said) == [
        (who, number) for who in range(4) for number in range(lines)
    ]
    assert all(len(rest) in {40, 9000} for *_, rest in said)
    assert turned >= parts - 1
    assert all(name.endswith(".gz") for name in names(tmp_path) if name.startswith("app-"))


@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=pytest.mark.soak)])
def test_who_rotates_is_killed(tmp_path: Path, kills: int) -> None:
    """Killed at random instants while the shop writes on: each line is there once, and no half file is left."""
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(kills)]
    written = int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    later = datetime.now(UTC) + timedelta(days=62)  # who joined a month and was killed left that for the next to see
    rotate_folder(tmp_path, later, ZONE, 10**9, now=True)
    said = sorted(int(line.partition("core: line ")[2].split()[0]) for line in text(tmp_path).splitlines())
    assert said == list(range(written))
    assert [name for name in names(tmp_path) if "partial" in name] == []
    assert written > kills


def test_a_line_on_its_way_holds_the_packing_back(tmp_path: Path) -> None:
    """A log that was renamed while somebody was about to write to it is not packed before that line stands in it."""
    shared = logs.Shared(tmp_path / "app.log")
    shared.write("first\n")
    descriptor = shared._hold()
    done = rotate_folder(tmp_path, NOW, ZONE, MOST, now=True)
    assert done is not None
    assert (len(done.turned), done.packed) == (1, ())
    os.write(descriptor, b"on its way\n")
    logs._lock(descriptor, logs._FREE)
    shared.write("after\n")
    rotate_folder(tmp_path, NOW, ZONE, MOST, now=True)
    assert sorted(text(tmp_path).splitlines()) == ["after", "first", "on its way"]


def test_what_a_killed_run_packed_is_joined_when_its_lines_are_gone(tmp_path: Path) -> None:
    """Killed between packing and removing, and then held back: a month's file does not get those lines twice."""
    turned = write(tmp_path, "app-20261101_100000.log", NOW - timedelta(days=20))
    turned.with_name(f"{turned.name}.gz").write_bytes(gzip.compress(turned.read_bytes()))
    later = NOW + timedelta(days=31)
    with turned.open() as held:
        logs._lock(held.fileno(), logs._SHARED)
        rotate_folder(tmp_path, later, ZONE, MOST)
        assert names(tmp_path) == [turned.name, f"{turned.name}.gz"]
    rotate_folder(tmp_path, later, ZONE, MOST)
    assert names(tmp_path) == ["app-2026-11.log.gz"]
    assert len(text(tmp_path).splitlines()) == 1


@pytest.mark.parametrize(
    ("begins", "size", "turned"),
    [
        (NOW - timedelta(hours=1), 100, False),
        (NOW - timedelta(hours=1), BIGGEST + 1, True),
        (NOW - timedelta(hours=11), 100, True),  # 23:00 the day before, in Phnom Penh
        (NOW - timedelta(hours=9), 100, False),
        (NOW + timedelta(days=400), 100, True),  # of a clock that was wrong
    ],
)
def test_when_it_is_due(tmp_path: Path, begins: datetime, size: int, turned: bool) -> None:  # noqa: FBT001
    """A log is rotated when it is of another day of the shop's, or big; and not again the next minute."""
    write(tmp_path, "app.log", begins, "x" * size)
    (tmp_path / "security.log").touch()
    done = rotate_folder(tmp_path, NOW, ZONE, MOST)
    again = rotate_folder(tmp_path, NOW + timedelta(minutes=5), ZONE, MOST)
    assert done is not None
    assert again is not None
    assert (bool(done.turned), bool(done.packed), again.turned) == (turned, turned, ())


def test_a_month_that_is_over_is_one_file(tmp_path: Path) -> None:
    """October's packed files become one that reads like any gzip; November's stay; a killed run adds nothing twice."""
    days = [datetime(2026, 10, day, 5, tzinfo=UTC) for day in (1, 2, 31)] + [datetime(2026, 11, 2, 5, tzinfo=UTC)]
    for day in days:
        write(tmp_path, f"app-{day:%Y%m%d_%H%M%S}.log.gz", day, f"on {day:%d %b}\n")
    kept = (tmp_path / "app-20261002_050000.log.gz").read_bytes()
    rotate_folder(tmp_path, NOW, ZONE, MOST)
    (tmp_path / "app-20261002_050000.log.gz").write_bytes(kept)  # as a kill between joining and removing leaves it
    write(tmp_path, ".app-2026-10.log.gz.partial", NOW)
    rotate_folder(tmp_path, NOW, ZONE, MOST)
    assert names(tmp_path) == ["app-2026-10.log.gz", "app-20261102_050000.log.gz"]
    said = [line.partition("core: ")[2] for line in text(tmp_path).splitlines()]
    assert said == ["on 01 Oct", "on 02 Oct", "on 31 Oct", "on 02 Nov"]


def test_killed_between_packing_and_removing(tmp_path: Path) -> None:
    """A packed file whose plain one still stands is packed again, and its lines are there once."""
    plain = write(tmp_path, "app-20261102_050000.log", NOW, "said once\n")
    write(tmp_path, "app-20261102_050000.log.gz", NOW, "said once\n")
    rotate_folder(tmp_path, NOW, ZONE, MOST)
    assert not plain.exists()
    assert text(tmp_path).count("said once") == 1


def test_three_months_are_kept(tmp_path: Path) -> None:
    """In November August's file is kept and July's goes; a file that is not the logs' is left alone."""
    for name in ("app-2026-07.log.gz", "app-2026-08.log.gz", "security-2026-07.log.gz", "mine-2025-01.log.gz"):
        write(tmp_path, name, NOW)
    done = rotate_folder(tmp_path, NOW, ZONE, MOST)
    assert done is not None
    assert sorted(done.removed) == ["app-2026-07.log.gz", "security-2026-07.log.gz"]
    assert names(tmp_path) == ["app-2026-08.log.gz", "mine-2025-01.log.gz"]


def test_the_oldest_go_until_all_fit(tmp_path: Path) -> None:
    """Over the limit the oldest files go first, of whichever log; what is being written stays."""
    for name in ("app-2026-09.log.gz", "security-2026-10.log.gz", "app-20261120_100000.log.gz"):
        write(tmp_path, name, NOW).write_bytes(b"x" * 400)
    write(tmp_path, "app.log", NOW, "y" * 400)
    done = rotate_folder(tmp_path, NOW, ZONE, 1_000)
    assert done is not None
    assert done.removed == ("app-2026-09.log.gz", "security-2026-10.log.gz")
    assert done.bytes <= 1_000


def test_one_rotates_at_a_time(tmp_path: Path) -> None:
    """While another process rotates, nothing is touched."""
    write(tmp_path, "app.log", NOW - timedelta(days=2))
    with environment.alone(tmp_path / ".rotating"):
        assert rotate_folder(tmp_path, NOW, ZONE, MOST) is None
    assert names(tmp_path) == ["app.log"]


def test_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    """Where packing fails it is a sentence: the log is whole under its new name, old ones go, the next run packs."""
    write(tmp_path, "app-20261101_000000.log", NOW)
    write(tmp_path, "app-2026-01.log.gz", NOW)
    in_the_way = tmp_path / "app-20261101_000000.log.gz"
    in_the_way.mkdir()
    (in_the_way / "thing").touch()
    with pytest.raises(Refused):
        rotate_folder(tmp_path, NOW, ZONE, MOST)
    assert names(tmp_path) == ["app-20261101_000000.log", in_the_way.name]
    (in_the_way / "thing").unlink()
    in_the_way.rmdir()
    rotate_folder(tmp_path, NOW, ZONE, MOST)
    assert [name for name in names(tmp_path) if "partial" in name] == []
    assert [one.kind for one in listing(tmp_path, ZONE)] == ["packed"]


@pytest.mark.usefixtures("as_before")
def test_no_secret_in_a_rotated_file(tmp_path: Path) -> None:
    """What is redacted in a log is so in the packed one too; the shop writes on in a new file, its user's only."""
    logs.open_logs(tmp_path, "INFO")
    token = "123456789:" + "A" * 35
    logging.getLogger("core").info("sent by %s to %s", token, "+855 12 000 001")
    logging.getLogger("haang.security").warning("%s knocked", "012 345 678")
    done = rotate_folder(tmp_path, NOW, ZONE, MOST, now=True)
    logging.getLogger("core").info("after")
    assert done is not None
    assert len(done.packed) == 2
    packed = b"".join(gzip.decompress((tmp_path / name).read_bytes()) for name in done.packed).decode()
    assert "[token]" in packed
    assert packed.count("[phone]") == 3  # security's stands in both
    assert [secret for secret in (token, "12 000 001", "345 678") if secret in packed] == []
    assert "after" in (tmp_path / "app.log").read_text("utf-8")
    assert (tmp_path / "app.log").stat().st_mode & 0o077 == 0
