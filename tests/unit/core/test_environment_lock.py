"""Waiting for another first start, as Windows does it: its lock is played by a module, for it gives up after 10 s."""

import subprocess
import sys
from pathlib import Path

import pytest

from core import environment

MSVCRT = """
import errno
LK_LOCK, LK_NBLCK = 1, 2
TRIES = []
def locking(descriptor, how, count):
    TRIES.append(how)
    if len(TRIES) < 4:
        raise OSError(REFUSAL, "locked by another")
"""
HOLD = """
import os, pathlib, sys
from core import environment
sys.path.insert(0, sys.argv[3])  # only now: subprocess takes a Python that has it for Windows
import msvcrt
path = pathlib.Path(sys.argv[1])
os.name = "nt"
with environment.alone(path, wait=sys.argv[2] == "wait"):
    print("held after", len(msvcrt.TRIES))
"""


def hold(tmp_path: Path, refusal: str, how: str) -> subprocess.CompletedProcess[str]:
    """Take the lock in a process where ``msvcrt`` refuses it three times with an error number."""
    (tmp_path / "msvcrt.py").write_text(MSVCRT.replace("REFUSAL", refusal))
    words = [sys.executable, "-c", HOLD, str(tmp_path / "lock"), how, str(tmp_path)]
    root = Path(environment.__file__).parents[1]
    return subprocess.run(words, cwd=root, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("refusal", ["errno.EDEADLK", "errno.EACCES"])
def test_who_waits_waits_longer_than_ten_seconds(tmp_path: Path, refusal: str) -> None:
    """The system's patience ends three times: it is asked again until the lock is held."""
    done = hold(tmp_path, refusal, "wait")
    assert (done.returncode, done.stdout) == (0, "held after 4\n"), done.stderr


def test_who_does_not_wait_is_told(tmp_path: Path) -> None:
    """Asked once, refused at once."""
    done = hold(tmp_path, "errno.EACCES", "at once")
    assert done.returncode == 1
    assert "BlockingIOError" in done.stderr


def test_what_is_no_waiting_is_not_repeated_for_ever(tmp_path: Path) -> None:
    """A folder that knows no locks is an error, not a wait."""
    done = hold(tmp_path, "errno.EBADF", "wait")
    assert done.returncode == 1
    assert "locked by another" in done.stderr


def test_a_lock_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    """Something else stands where the lock should: why is said, without a traceback."""
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "environment.py").write_bytes(Path(environment.__file__).read_bytes())
    (tmp_path / "requirements.lock").write_text("no-such-thing==1.0\n")
    (tmp_path / ".venv.lock").mkdir()
    code = "import sys; sys.argv = ['run.py']; from core import environment; environment.ready()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
