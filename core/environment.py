"""The environment ``run.py`` needs, made by Python's standard library alone.

Where dependencies are missing it makes ``.venv``, installs the pinned lock file there and runs the same command again
inside. Where they are present (a container, an active environment) it does nothing. No syntax newer than Python 3.6
stands here, so that an old Python can still read the sentence that tells it so.
"""

import contextlib
import errno
import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
INSIDE = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = {"serve": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}


def ready() -> None:
    """Check Python and see to the dependencies of the command that was given."""
    if sys.version_info < (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Haang needs Python 3.11 or newer; this is {found}. Run it with a newer one: python3.11 run.py")
    prepare(LOCKS["test" if sys.argv[1:2] == ["test"] else "serve"])


def prepare(lock: Path) -> None:
    """Return if this Python has everything ``lock`` names; otherwise go on in ``.venv``, made first if need be."""
    if missing(lock):
        if stamped(lock):
            if Path(sys.prefix) == VENV:
                sys.exit(f"{VENV} does not hold what it should. Delete that folder and run this again.")
        else:
            try:
                with alone(ROOT / ".venv.lock"):
                    if not stamped(lock):
                        install(lock)
            except OSError as error:
                sys.exit(f"{ROOT.name}/ cannot be written ({error.strerror}). Haang installs into its own folder.")
        again()


def missing(lock: Path) -> bool:
    """Tell whether a pinned dependency is not there at its version; those for other systems do not count."""
    for line in lock.read_text("utf-8").splitlines():
        pinned = re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)(.*)", line)
        if pinned and ";" not in pinned[3]:
            try:
                if importlib.metadata.version(pinned[1]) != pinned[2]:
                    return True
            except importlib.metadata.PackageNotFoundError:
                return True
    return False


def stamped(lock: Path) -> bool:
    """Tell whether ``.venv`` was finished for exactly this lock file."""
    stamp = VENV / f".{lock.name}"
    return INSIDE.exists() and stamp.exists() and stamp.read_text("ascii") == digest(lock)


def digest(lock: Path) -> str:
    """Name the content of a lock file."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def install(lock: Path) -> None:
    """Make ``.venv`` and install what ``lock`` pins, checking every hash; one plain sentence if it cannot be done."""
    print("First start: installing what Haang needs into .venv (about a minute) …", file=sys.stderr, flush=True)
    if not INSIDE.exists() or subprocess.run([str(INSIDE), "-c", ""], check=False).returncode:
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True, capture_output=True)
        except (subprocess.CalledProcessError, OSError):
            sys.exit(
                "Python's venv cannot make an environment in this folder. On Debian or Ubuntu: "
                "sudo apt install python3-venv. Elsewhere check that the folder can be written. Then run this again."
            )
    for stamp in VENV.glob(".requirements*"):
        stamp.unlink()
    pip = [str(INSIDE), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    done = subprocess.run([*pip, str(lock)], check=False, text=True, stderr=subprocess.PIPE)
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.startswith("ERROR")][-1:]
        sys.exit(
            "The dependencies could not be installed. Is the network there? Run this again when it is; "
            "what was downloaded is kept.\n" + "\n".join(last)
        )
    for other in LOCKS.values():  # the tests' lock holds the shop's as well
        if other == lock or lock == LOCKS["test"]:
            (VENV / f".{other.name}").write_text(digest(other), "ascii")


def again() -> None:
    """Run this same command inside ``.venv``, also from inside: what a newer version pins was installed just now."""
    command = [str(INSIDE), str(ROOT / "run.py"), *sys.argv[1:]]
    sys.stdout.flush()
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


@contextlib.contextmanager
def alone(path: Path, wait: bool = True):  # type: ignore[no-untyped-def]  # noqa: ANN201, FBT001, FBT002 - for any Python
    """Hold ``path`` as a lock: wait for whoever holds it, or raise ``BlockingIOError``. A killed process lets go."""
    with path.open("a+") as file:
        if os.name == "nt":
            import msvcrt

            how = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK  # type: ignore[attr-defined]
            while True:
                try:
                    msvcrt.locking(file.fileno(), how, 1)  # type: ignore[attr-defined]
                    break
                except OSError as error:
                    if not wait:
                        raise BlockingIOError(str(path)) from error
                    if error.errno not in {errno.EACCES, errno.EDEADLK}:
                        raise  # LK_LOCK gives up after 10 seconds with one of these two; a first install takes longer
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file
