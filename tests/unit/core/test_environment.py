"""How ``run.py`` gets what it needs: real environments made in copies of the house, with wheels from a folder."""

import ast
import base64
import hashlib
import os
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from core import environment

NO_NETWORK = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_TIMEOUT": "1", "PIP_NO_INPUT": "1"}
ENDING = 300.0
"""Seconds for a first start that makes an environment; a quiet machine takes ten."""
RUN = """
from core import environment
if __name__ == "__main__":
    environment.ready()
import sys
import tinyshop
print("open", tinyshop.WORD, *sys.argv[1:], sys.prefix)
"""
HOLD = """
import pathlib, sys
from core import environment
with environment.alone(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A house with nothing but its environment, one dependency that no index has, and a ``run.py`` that needs it."""
    root = tmp_path / "house"
    (root / "core").mkdir(parents=True)
    (root / "core" / "__init__.py").touch()
    (root / "core" / "environment.py").write_bytes(Path(environment.__file__).read_bytes())
    (root / "run.py").write_text(RUN)
    wheel = tiny_wheel(tmp_path / "wheels")
    pinned = f"tinyshop==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    for name in ("requirements.lock", "requirements-test.lock"):
        (root / name).write_text(pinned)
    return root


def tiny_wheel(folder: Path) -> Path:
    """Write a wheel by hand (PEP 427): one module, its metadata, its record."""
    folder.mkdir()
    files = {
        "tinyshop.py": b"WORD = 'shop'\n",
        "tinyshop-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tinyshop\nVersion: 1.0\n",
        "tinyshop-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n"
        for name, data in files.items()
    )
    wheel = folder / "tinyshop-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr("tinyshop-1.0.dist-info/RECORD", record + "tinyshop-1.0.dist-info/RECORD,,\n")
    return wheel


def begin(copy: Path, *words: str, python: str = sys.executable, **settings: str) -> subprocess.Popen[str]:
    """Start ``run.py`` of the copy from another working directory, with pip kept off every network."""
    wheels = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(copy.parent / "wheels"), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.Popen(
        [python, str(copy / "run.py"), *words], cwd=copy.parent, env=os.environ | wheels | settings, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for exit code, output and errors; one that never ends is ended here, and no later test's matter."""
    with process:
        try:
            out, err = process.communicate(timeout=ENDING)
        finally:
            process.kill()
    return process.returncode, out, err


def snippet(copy: Path, code: str) -> tuple[int, str]:
    """Run a line of Python in the copy's folder; returns exit code and errors."""
    done = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_first_start_installs_once_and_goes_on_inside(copy: Path) -> None:
    """Two first starts at once make one environment; both go on in it; the next start installs nothing.

    Its own Python, as a service or a batch file starts it, installs what a newer version pins and goes on.
    """
    both = [end(process) for process in [begin(copy, "a", "b c"), begin(copy, "a", "b c")]]
    for code, out, err in both:
        assert code == 0, err
        assert out == f"open shop a b c {copy / '.venv'}\n"
    assert "".join(err for _, _, err in both).count("First start") == 1
    code, out, err = end(begin(copy, **NO_NETWORK))
    assert (code, out.split()[:2], err) == (0, ["open", "shop"], "")
    with (copy / "requirements.lock").open("a") as lock:
        lock.write("# a newer version's\n")
    for part in (copy / ".venv").glob("[Ll]ib/**/tinyshop*"):
        part.rename(copy.parent / part.name)
    code, out, err = end(begin(copy, python=str(copy / ".venv" / environment.INSIDE.relative_to(environment.VENV))))
    assert (code, out.split()[:2], "First start" in err) == (0, ["open", "shop"], True), err
    (copy / "requirements.lock").write_text("tinyshop==2.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    code, out, err = end(begin(copy))
    assert (code, out) == (1, "")
    assert "could not be installed" in err


def test_without_a_network_it_is_a_sentence(copy: Path) -> None:
    """An index that cannot be reached: what to do, no traceback, nothing half-finished is believed."""
    code, out, err = end(begin(copy, **NO_NETWORK | {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": ""}))
    assert (code, out) == (1, "")
    assert "Is the network there? Run this again when it is" in err
    assert "Traceback" not in err
    assert not list((copy / ".venv").glob(".requirements*"))


def test_without_the_venv_module_it_is_a_sentence(copy: Path) -> None:
    """A Python without ``venv``, as Debian ships it: the package to install is named."""
    (copy / "venv.py").write_text("raise ImportError('no venv here')")
    code, err = snippet(copy, "import sys; sys.argv = ['run.py']; from core import environment; environment.ready()")
    assert code == 1
    assert "sudo apt install python3-venv" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 0), (3, 10, 14)])
def test_an_old_python_is_told(copy: Path, version: tuple[int, int, int]) -> None:
    """A Python that is too old reads one sentence with both versions."""
    code, err = snippet(
        copy, f"import sys; sys.version_info = {version}; from core import environment; environment.ready()"
    )
    assert code == 1
    assert "needs Python 3.11 or newer" in err
    assert ".".join(map(str, version)) in err


def test_an_old_python_can_read_the_file() -> None:
    """The file is written in Python 3.6's grammar, or its sentence would be a syntax error."""
    source = Path(environment.__file__).read_text("utf-8")
    ast.parse(source, feature_version=(3, 6))


def test_where_everything_is_there_nothing_happens(tmp_path: Path) -> None:
    """Names are compared with what is installed, whatever their spelling; other systems' lines do not count."""
    lock = tmp_path / "requirements.lock"
    lines = [
        f"pytest=={metadata.version('pytest')} \\\n    --hash=sha256:00\n",
        f"PyTest-AsyncIO=={metadata.version('pytest-asyncio')}\n",
        "# no-such-thing==1.0\n",
        "no-such-thing==1.0 ; sys_platform == 'plan9' \\\n    --hash=sha256:00\n",
    ]
    lock.write_text("".join(lines))
    assert not environment.missing(lock)
    environment.prepare(lock)
    lock.write_text("pytest==0.0.1\n")
    assert environment.missing(lock)
    lock.write_text("no-such-thing==1.0\n")
    assert environment.missing(lock)


def test_an_environment_that_lost_something_is_named(copy: Path) -> None:
    """Inside ``.venv`` with a dependency gone, it does not run itself for ever: the folder to delete is named."""
    venv.create(copy / ".venv", with_pip=False, symlinks=os.name != "nt")
    stamp = copy / ".venv" / ".requirements.lock"
    stamp.write_text(hashlib.sha256((copy / "requirements.lock").read_bytes()).hexdigest())
    code, out, err = end(begin(copy))
    assert (code, out) == (1, "")
    assert "Delete that folder and run this again" in err


def test_one_at_a_time(tmp_path: Path) -> None:
    """Who holds the lock keeps others out until it lets go; a killed holder lets go too."""
    path = tmp_path / "lock"
    with environment.alone(path), pytest.raises(BlockingIOError), environment.alone(path, wait=False):
        pass
    root = Path(environment.__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(BlockingIOError), environment.alone(path, wait=False):
            pass
        holder.kill()
        holder.wait()
    with environment.alone(path, wait=False):
        pass
