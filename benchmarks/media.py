"""Media backups of many small files beside tar.gz and a plain copy of the same files, in the same run.

    python -m benchmarks.media [--files 5000] [--bytes 56000] [--runs 5]

The peers write everything each time, as they would in a cron line; ours is run again with nothing changed, and with
one file in a hundred new. Files are random, as pictures are to a packer.
"""

import argparse
import os
import shutil
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from core.backups.media import backup as media
from core.backups.media import blobs

LONG_AGO = time.time() - 30 * 24 * 3600


def fill(place: Path, count: int, size: int) -> None:
    """Write the files, as old as they would be."""
    for number in range(count):
        folder = place / "products" / f"{number % 50:02}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{number}.jpg"
        path.write_bytes(os.urandom(size))
        os.utime(path, (LONG_AGO, LONG_AGO))


def seconds(work: Callable[[int], object], runs: int) -> float:
    """The median of some runs."""
    took = []
    for run in range(runs):
        began = time.perf_counter()
        work(run)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def tar_gz(here: Path, target: Path) -> None:
    """What a shell script would do."""
    with tarfile.open(target, "w:gz", compresslevel=6) as tar:
        tar.add(here, arcname="media")


def plain_copy(here: Path, target: Path) -> None:
    """A copy of the whole folder, synced as ours is."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(here, target)
    os.sync()


def touch(here: Path, run: int, count: int) -> None:
    """Make one file in a hundred new."""
    for number in range(0, count, 100):
        path = here / "products" / f"{number % 50:02}" / f"{number}.jpg"
        path.write_bytes(os.urandom(path.stat().st_size))
        os.utime(path, (LONG_AGO + run + 1, LONG_AGO + run + 1))


def main() -> None:
    """Measure and print ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--bytes", type=int, default=56_000, help="bytes of each file")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as root:
        here, folder, at = Path(root, "media"), Path(root, "backup"), datetime.now(UTC)
        fill(here, given.files, given.bytes)
        first = seconds(lambda _run: media.make(here, folder, at), 1)
        unchanged = seconds(lambda _run: media.make(here, folder, at), given.runs)

        def some_new(run: int) -> None:
            touch(here, run, given.files)
            media.make(here, folder, at)

        few = seconds(some_new, given.runs)
        packed = seconds(lambda _run: tar_gz(here, Path(root, "media.tar.gz")), 1)
        copied = seconds(lambda _run: plain_copy(here, Path(root, "copy")), 2)
        assert blobs.faults(folder, media.read_manifest(media.manifests(folder)[-1])) == ()
    print(f"{given.files:,} files of {given.bytes:,} bytes")
    for name, took in (("nothing changed", unchanged), ("one in a hundred new", few), ("the first run", first)):
        print(f"{name:22} tar.gz takes {packed / took:6.1f} ×   a plain copy {copied / took:6.1f} ×")


if __name__ == "__main__":
    main()
