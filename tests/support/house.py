"""The house as an operator runs it: ``run.py`` as a process with a data folder of its own, opened, stopped and killed.

Whatever is set on this machine stays out: every ``HAANG_`` setting a test does not give is empty.
"""

import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.support import warm
from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
OPEN = "The shop is open: "
EMPTY = ("HAANG_BOT_TOKEN", "HAANG_DATABASE_URL", "HAANG_WEBHOOK_SECRET", "HAANG_PUBLIC_URL", "HAANG_BAKONG_TOKEN")
SOON = 5.0
"""Seconds that a stop may wait for something."""
PORTS = range(10_000, 30_000, 10)
"""Below those that systems hand out by themselves (32768 on Linux, 49152 elsewhere): what is let go stays free."""


def free_port() -> int:
    """Name a port that nobody listens on, nor at the next few; no other process comes by it without asking for it."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def environ(folder: Path, **settings: str) -> dict[str, str]:
    """Make the environment of a process: data and backups below ``folder``, any free port, ``HAANG_`` settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HAANG_")}
    own = {"data_dir": str(folder / "data"), "backup_dir": str(folder / "backups"), "port": "0"} | settings
    return kept | dict.fromkeys(EMPTY, "") | {f"HAANG_{name.upper()}": value for name, value in own.items()}


def run(folder: Path, *words: str, cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command of ``run.py`` to its end, with a narrow terminal's width and no colours."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        process = _begin(words, cwd, environ(folder, **settings) | {"COLUMNS": "100"}, errors)
        output, _ = process.communicate(timeout=PATIENCE)
        errors.seek(0)
        return subprocess.CompletedProcess(words, process.returncode or 0, output, errors.read())


def _begin(
    words: Sequence[str], cwd: Path, env: dict[str, str], errors: IO[str], *, cold: bool = False
) -> "warm.Child | subprocess.Popen[str]":
    """Start ``run.py``; ``cold`` as a shell does, where starting itself is what matters."""
    if not cold and warm.possible():
        return warm.start(words, cwd=cwd, env=env, errors=errors)
    command = [sys.executable, str(ROOT / "run.py"), *words]
    return subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=errors, text=True)


@dataclass
class House:
    """A serving ``run.py``; ``desk`` is the address it said, in the sandbox the chat page's."""

    folder: Path
    words: tuple[str, ...]
    settings: dict[str, str]
    desk: str = ""
    said: list[str] = field(default_factory=list)
    process: warm.Child | subprocess.Popen[str] | None = None
    cold: bool = False
    """Whether it is started as a shell does: two seconds of imports."""

    @classmethod
    def open(cls, folder: Path, *words: str, **settings: str) -> "House":
        """Start ``run.py`` with these words and wait until it says that the shop is open."""
        house = cls(folder, words or ("sandbox", "--no-browser"), settings)
        house.settings = ({"port": str(free_port())} if "sandbox" in house.words else {}) | house.settings
        house.start()
        return house

    def start(self) -> None:
        """Start, perhaps again: on the same folders, and in the sandbox on the same port."""
        errors = (self.folder / "stderr.txt").open("a")
        with errors:
            env = environ(self.folder, **self.settings)
            self.process = _begin(self.words, self.folder, env, errors, cold=self.cold)
        self.said = []
        while not (self.said and self.said[-1].startswith(OPEN)):
            line = self.process.stdout.readline() if self.process.stdout else ""
            if not line:
                code, last = self.close(), "\n".join(self.stderr.splitlines()[-8:])
                raise AssertionError(f"it ended with {code} before it opened:\n{''.join(self.said)}{last}")
            self.said.append(line)
        self.desk = self.said[-1].removeprefix(OPEN).split()[0]
        self.settings |= {"port": self.desk.rpartition(":")[2]} if "sandbox" in self.words else {}

    def stop(self) -> tuple[int, float]:
        """Ask it to stop as a service manager does; returns its exit code and the seconds in which it only waited.

        What it worked, and waited for a processor meanwhile, says how busy the machine is, and is not counted.
        """
        assert self.process is not None
        begun, busy = time.monotonic(), Busy(self.process.pid)
        self.process.terminate()
        while self.process.poll() is None and time.monotonic() - begun < PATIENCE:
            busy.look()
            time.sleep(0.01)
        waited = time.monotonic() - begun - busy.seconds
        return self.close(), waited

    def stop_soon(self) -> int:
        """Stop it, and hold that it waits for nothing long; returns its exit code."""
        code, waited = self.stop()
        assert waited < SOON
        return code

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.close()

    def close(self) -> int:
        """Wait for its end; returns the exit code."""
        assert self.process is not None
        try:
            rest, _ = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            rest, _ = self.process.communicate()
        self.said += rest.splitlines(keepends=True)
        return self.process.returncode

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def data(self) -> Path:
        """The folder with database, media and logs."""
        return self.folder / "data" / ("sandbox" if "sandbox" in self.words else "")

    @property
    def stderr(self) -> str:
        """What it wrote to the terminal's error stream, over all its lives."""
        return (self.folder / "stderr.txt").read_text("utf-8")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database as it stands on the disk, without being able to change it."""
        with closing(sqlite3.connect(f"file:{self.data / 'haang.sqlite3'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def log(self, name: str) -> str:
        """Read ``app`` or ``security``."""
        return (self.data / "logs" / f"{name}.log").read_text("utf-8")

    def everything_logged(self) -> str:
        """All that the house wrote where somebody who is not the customer could read it."""
        logs = [file.read_text("utf-8") for file in sorted((self.data / "logs").iterdir())]
        return "\n".join([*logs, *self.said, self.stderr])


class Busy:
    """``seconds`` in which a process works or wants to (proc_schedstat, Linux); 0 where the system does not tell."""

    def __init__(self, pid: int) -> None:
        self._threads = Path(f"/proc/{pid}/task")
        self._before = self._now()
        self._last = dict(self._before)

    def look(self) -> None:
        """Read it again; what a thread had when it was last seen stays counted."""
        self._last |= self._now()

    @property
    def seconds(self) -> float:
        """All threads' since this was made, as far as they were looked at."""
        return sum(self._last.values()) - sum(self._before.values())

    def _now(self) -> dict[str, float]:
        found = {}
        with suppress(OSError):
            for thread in self._threads.iterdir():
                runs, queues, _ = (thread / "schedstat").read_text("ascii").split()
                found[thread.name] = (int(runs) + int(queues)) / 1e9
        return found
