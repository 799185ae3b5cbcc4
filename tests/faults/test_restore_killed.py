"""Killed at any instant, a restore leaves the old shop or the new one, a backup leaves nothing that looks like one.

Once by the step: a forked restore kills itself at its n-th look at a file. Once by the clock: ``run.py`` is killed
(SIGKILL) after a random while. The seed is logged; ``HAANG_TEST_SEED`` repeats it.
"""

import asyncio
import logging
import os
import random
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.backups import backup, contents, forms, swap
from core.backups.snapshot import Source
from core.changes import Changes
from core.clock import SteppedClock
from core.config import Config
from core.database import SqliteDatabase
from core.privacy import service as privacy
from tests.support import house as houses
from tests.support.patience import PATIENCE
from tests.support.rows import fill

log = logging.getLogger(__name__)

NOW = SteppedClock().now()
FILE = "haang.sqlite3"
OLD, NEW = "since", ""
"""What the orders say in the shop that stands there, and in the backup."""
WATCHED = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect", "shutil.rmtree"}


@dataclass
class Ground:
    """A practice shop's folders, and the backup that is to come back."""

    folder: Path
    config: Config
    kept: Path

    def again(self) -> None:
        """Put the old shop back as it was, with the one backup."""
        for path in self.config.backup_dir.iterdir():
            if path != self.kept:
                shutil.rmtree(path)
        shutil.rmtree(self.folder / "data")
        shutil.copytree(self.folder / "before", self.folder / "data")

    def says(self) -> str:
        """What the shop on the disk says, which must open whole: with a WAL, as the next start does."""
        with closing(sqlite3.connect(self.config.data_dir / FILE)) as file:
            file.execute("PRAGMA journal_mode=WAL")
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert file.execute("PRAGMA foreign_key_check").fetchone() is None
            ((note, count),) = file.execute("SELECT note, count(*) FROM orders GROUP BY note").fetchall()
            assert count == 60
            return str(note)

    def backups(self) -> list[str]:
        """Every backup that can be seen, each read back whole."""
        found = [path for path in self.config.backup_dir.iterdir() if not path.name.startswith(".")]
        for path in found:
            forms.check(path)
        return [path.name for path in found]


@pytest.fixture
def ground(no_settings: None, tmp_path: Path, sqlite_template: Path) -> Ground:
    """A shop with sixty orders, and a backup of it from before something was written to each."""
    data, backups = tmp_path / "data" / "sandbox", tmp_path / "backups" / "sandbox"
    data.mkdir(parents=True)
    shutil.copyfile(sqlite_template, data / FILE)
    config = Config(_env_file=None, data_dir=data, backup_dir=backups, port=0)

    async def shop() -> Path:
        database = await SqliteDatabase.open(data / FILE, Changes())
        await database.write(fill, NOW, 60)
        made = (await asyncio.to_thread(backup.make, Source("sqlite", str(data / FILE)), backups, NOW))[0]
        await database.write(lambda tx: tx.exec_driver_sql(f"UPDATE orders SET note = '{OLD}'") and None)
        await database.close()
        return made

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        kept = runner.run(shop())
    shutil.copytree(tmp_path / "data", tmp_path / "before")
    return Ground(tmp_path, config, kept)


# ── by the step ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _killed_at(ground: Ground, step: int, steps: "Path | None" = None) -> bool:
    """Bring the backup back in a fork that dies at its ``step``-th look at a file; tells whether it died of it."""
    child = os.fork()
    if child == 0:
        _restore_and_die(ground, step, steps)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _restore_and_die(ground: Ground, step: int, steps: "Path | None") -> None:
    looks, own = 0, str(ground.folder)

    def hook(event: str, about: tuple[object, ...]) -> None:
        nonlocal looks
        if event in WATCHED and about and own in str(about[0]):
            looks += 1
            if looks == step:
                os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        found = contents.opened(ground.kept)
        sys.addaudithook(hook)
        asyncio.run(privacy.bring_back(ground.config, found, NOW))
        if steps:
            steps.write_text(str(looks))
        code = 0
    finally:
        os._exit(code)


def _every_step(ground: Ground, chosen: Callable[[int], list[int]]) -> set[str]:
    counted = ground.folder / "steps"
    assert not _killed_at(ground, 0, counted)
    steps, seen = int(counted.read_text()), set[str]()
    for step in chosen(steps):
        ground.again()
        assert _killed_at(ground, step), step
        seen.add(ground.says())
        ground.backups()
        swap.sweep(ground.config.data_dir)
        assert not [path for path in ground.config.data_dir.iterdir() if "restoring" in path.name]
    ground.again()
    assert not _killed_at(ground, 0)
    assert ground.says() == NEW
    return seen


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork is POSIX")
def test_killed_around_the_swap(ground: Ground) -> None:
    """At the last steps, one by one, and at a few before: the old shop stands there whole, or the new one."""
    assert _every_step(ground, lambda steps: [steps // 2, *range(steps - 7, steps + 1, 2)]) == {OLD, NEW}


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_killed_at_every_step(ground: Ground) -> None:
    """The same at each single step."""
    assert _every_step(ground, lambda steps: list(range(1, steps + 1))) == {OLD, NEW}


# ── by the clock ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _interrupted(ground: Ground, after: float, *words: str, wholly: bool) -> None:
    """Start a command and kill it after so many seconds, ``wholly`` with the process that works for it.

    One that was left alone comes to its end first: as long as anybody holds the pipe of the errors, somebody works.
    """
    reads, writes = os.pipe()
    with open(reads, "rb") as ended:  # noqa: PTH123 - a descriptor
        with open(writes, "wb") as errors:  # noqa: PTH123
            process = houses._begin(words, houses.ROOT, houses.environ(ground.folder), errors)
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGSTOP)  # so that it starts nobody meanwhile
            for worker in _children(process.pid) if wholly else ():
                os.kill(worker, signal.SIGKILL)
            process.kill()
        process.communicate(timeout=PATIENCE)
        assert ground.says() in {OLD, NEW}  # also while whoever was left alone goes on
        ended.read()


def _children(pid: int) -> list[int]:
    """Which processes it started that are still there."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in told.read_text("ascii").split()] if told.exists() else []


HALF = 0.5


def _by_the_clock(ground: Ground, times: int) -> None:
    seed = int(os.environ.get("HAANG_TEST_SEED", secrets.randbits(32)))
    log.warning("seed %d", seed)
    chance = random.Random(seed)
    words = ("restore", str(ground.kept), "--yes")
    begun = time.monotonic()
    _interrupted(ground, PATIENCE, *words, wholly=False)  # in peace, begun as those that are killed
    whole = time.monotonic() - begun
    assert ground.says() == NEW
    for _ in range(times):
        ground.again()
        _interrupted(ground, chance.uniform(0, whole), *words, wholly=chance.random() < HALF)
        assert ground.says() in {OLD, NEW}
        _interrupted(ground, chance.uniform(0, whole), "backup", wholly=chance.random() < HALF)
        assert ground.backups()
    ground.again()
    done = houses.run(ground.folder, *words)
    assert (done.returncode, ground.says()) == (0, NEW), done.stderr
    assert ground.backups()


def test_killed_by_the_clock(ground: Ground) -> None:
    """A restore and a backup killed twice each: the shop is old or new, every backup that is seen is whole."""
    _by_the_clock(ground, 2)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_killed_forty_times_by_the_clock(ground: Ground) -> None:
    """The same forty times."""
    _by_the_clock(ground, 40)
