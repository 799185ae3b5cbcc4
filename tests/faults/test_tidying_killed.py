"""Photos are made smaller and killed at random instants: none is lost, no row names what is not there or not whole."""

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from tests.support import house
from tests.support.shelf_files import photo

PHOTOS, KILLS = 24, 20
LONGEST = 2.5
"""Seconds after which a command is killed at the latest; a start takes one."""


@pytest.fixture
def shop(tmp_path: Path, sqlite_template: Path) -> Path:
    """A practice shop with large photos, each named by a product; its data folder."""
    data = tmp_path / "data" / "sandbox"
    (data / "media" / "products").mkdir(parents=True)
    shutil.copyfile(sqlite_template, data / "haang.sqlite3")
    with closing(sqlite3.connect(data / "haang.sqlite3")) as database, database:
        database.execute("INSERT INTO categories (slug, name_en, name_km, emoji) VALUES ('soap', '', '', '')")
        for i in range(PHOTOS):
            (data / "media" / "products" / f"{i}.jpg").write_bytes(photo(1700 + i, 200, quality=92))
            database.execute(
                "INSERT INTO products (category_id, slug, name_en, name_km, photo, updated_at)"
                " VALUES (1, ?, '', '', ?, '2026-11-21 03:00:00')",
                (f"p{i}", f"products/{i}.jpg"),
            )
    return data


def killed(folder: Path, delay: float, *words: str) -> bool:
    """Type a command and kill it with all it started after so many seconds; tells whether it had ended before."""
    command = [sys.executable, str(house.ROOT / "run.py"), *words]
    process = subprocess.Popen(
        command, cwd=house.ROOT, env=house.environ(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(timeout=delay)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    return True


def named(data: Path) -> list[str]:
    """What every product's row names."""
    with closing(sqlite3.connect(data / "haang.sqlite3")) as database:
        return [photo for (photo,) in database.execute("SELECT photo FROM products ORDER BY id")]


def digests(*folders: Path) -> set[str]:
    """What there is, by its contents."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.soak
def test_photos_made_smaller_under_kills(tmp_path: Path, shop: Path) -> None:
    """After each of twenty deaths every row names a whole picture and every original is there; then it is done."""
    originals = digests(shop / "media")

    def check() -> None:
        for name in named(shop):
            with Image.open(shop / "media" / name) as picture:
                picture.load()
        assert originals <= digests(shop / "media", shop / "quarantine")

    chance, ended = random.Random(7), 0
    for _ in range(KILLS):
        ended += killed(tmp_path, chance.uniform(0.4, LONGEST), "optimize-images")
        check()
    assert ended < KILLS
    done = house.run(tmp_path, "optimize-images", "--json")
    assert done.returncode == 0, done.stderr
    assert all(name.endswith(".webp") for name in named(shop))
    check()
