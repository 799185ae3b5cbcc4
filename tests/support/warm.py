"""Starts ``run.py`` from a process that has imported it before: forking takes milliseconds, importing two seconds.

Only for tests of what happens afterwards; what is about starting itself starts cold. The fork's parent dies at once, so
that the test's own process inherits the child (prctl(2), PR_SET_CHILD_SUBREAPER): its exit code and its end are the
test's to wait for. Elsewhere than on Linux every start is a cold one.
"""

import atexit
import ctypes
import json
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
SUBREAPER = 36
STREAMS = 2


class Child:
    """A process of ``run.py``, as far as tests know a ``Popen``."""

    def __init__(self, pid: int, output: IO[str]) -> None:
        self.pid, self.stdout, self.returncode = pid, output, None
        self._end = os.pidfd_open(pid)

    returncode: int | None

    def poll(self) -> int | None:
        """Return its exit code, None while it runs; a signal's number below zero."""
        if self.returncode is None and select.select([self._end], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        if self.returncode is None:
            if not select.select([self._end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("run.py", timeout or 0)
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._end)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """Wait for its end; returns what it still wrote."""
        self.wait(timeout)
        with self.stdout:
            return self.stdout.read(), None

    def send_signal(self, number: int) -> None:
        """Send a signal while it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def start(words: Sequence[str], *, cwd: Path, env: dict[str, str], errors: IO[Any]) -> Child:
    """Start ``run.py`` with these words: its output is piped, its errors go to a file."""
    asking = _ready()
    reads, writes = os.pipe()
    with os.fdopen(writes, "wb"):
        order = json.dumps({"words": list(words), "cwd": str(cwd), "env": env}).encode()
        socket.send_fds(asking, [order], [writes, errors.fileno()])
        pid = int(asking.recv(64))
    return Child(pid, os.fdopen(reads, "r", encoding="utf-8"))


def possible() -> bool:
    """Tell whether this system can."""
    return sys.platform == "linux"


@cache
def _ready() -> socket.socket:
    """Start the process that forks, once; it ends with this one."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        env = {name: value for name, value in os.environ.items() if not name.startswith("HAANG_")}
        command = [sys.executable, "-m", __name__, str(theirs.fileno())]
        forking = subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[theirs.fileno()])

    def close() -> None:
        ours.close()
        forking.wait()

    atexit.register(close)
    return ours


def _fork_for_ever(number: int) -> None:
    sys.path.insert(0, str(ROOT))
    import run  # noqa: F401, PLC0415 - everything it needs, before anybody waits for it
    from core.shipping import rules  # noqa: PLC0415

    for language in ("en", "km"):
        rules.provinces(language)  # half a second's list of places, which the first price of each child would read

    with socket.socket(fileno=number) as asked:
        while True:
            order, streams, _, _ = socket.recv_fds(asked, 1 << 17, STREAMS)
            if not order:
                return
            if os.fork() == 0:
                break
            for stream in streams:
                os.close(stream)
            os.wait()
        pid = os.fork()
        if pid:
            asked.send(str(pid).encode())
            os._exit(0)
    _become(json.loads(order), streams)


def _become(order: dict[str, Any], streams: Sequence[int]) -> None:
    """Be ``run.py`` as a shell would have started it."""
    for stream, place in zip(streams, (1, 2), strict=True):
        os.dup2(stream, place)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    random.seed()
    sys.argv = [str(ROOT / "run.py"), *order["words"]]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    _fork_for_ever(int(sys.argv[1]))
