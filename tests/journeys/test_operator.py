"""``run.py`` as an operator types it: every command, and every way a start can go wrong, is a plain sentence."""

import hashlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.client import Desk
from tests.support import house as houses
from tests.support.house import House
from tests.support.patience import PATIENCE
from tests.support.regulars import acquaint
from tests.support.stories import come_in, order

COMMANDS = (
    "serve", "sandbox", "test", "setup", "storage", "backup", "check", "list", "prune", "pin", "unpin", "backup-media",
    "restore-media", "check-media", "copies", "restore", "drill", "cleanup-qr", "orphans", "large-files", "emergency",
    "optimize-images", "payments", "doctor", "optimize", "logs", "owner", "import-madamda",
    "import", "export",
)  # fmt: skip
PRACTICE = ("sandbox", "--no-browser")


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Hold that a command ended with code 1 and sentences only; returns them."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "Unclosed" not in done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a practice shop was opened and stopped, to look at and to copy."""
    folder = tmp_path_factory.mktemp("made")
    House.open(folder).stop()
    return folder


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[House]:
    """A serving practice shop."""
    running = House.open(tmp_path)
    yield running
    running.stop()


def test_help_names_every_command_in_one_line(tmp_path: Path) -> None:
    """``--help`` lists each command with a summary that is whole, on a terminal of 80 columns too."""
    done = houses.run(tmp_path, "--help")
    assert done.returncode == 0
    lines = done.stdout.partition("Commands:")[2].strip().splitlines()
    assert tuple(line.split()[0] for line in lines) == COMMANDS
    for line in lines:
        assert len(line.split(maxsplit=1)[1]) > 10
        assert "..." not in line
        assert len(line) <= 80
    assert not (tmp_path / "data").exists()


def test_a_command_explains_itself(tmp_path: Path) -> None:
    """``COMMAND --help`` names its options, and touches nothing."""
    done = houses.run(tmp_path, "cleanup-qr", "--help")
    assert done.returncode == 0
    for option in ("--days", "--dry-run", "--force"):
        assert option in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_command_is_a_sentence(tmp_path: Path) -> None:
    """A typing mistake is named; exit code 2, as shells expect."""
    done = houses.run(tmp_path, "bakcup")
    assert done.returncode == 2
    assert "No such command 'bakcup'" in done.stderr


async def test_a_busy_port_gives_way_to_the_next_free_one(tmp_path: Path) -> None:
    """The port that is taken is said, and the one that is used; there the shop answers."""
    with socket.create_server(("127.0.0.1", houses.free_port())) as other:
        taken = other.getsockname()[1]
        house = House.open(tmp_path, port=str(taken))
        try:
            assert f"Port {taken} is taken; using " in "".join(house.said)
            assert not house.desk.endswith(f":{taken}")
            async with aiohttp.ClientSession() as http, http.get(house.desk) as answer:
                assert answer.status == 200
        finally:
            house.stop()


def test_a_second_process_is_refused_and_the_first_serves_on(open_house: House) -> None:
    """One process per data folder: the second is told, exit code 1, and the first does not notice."""
    said = refused(houses.run(open_house.folder, *PRACTICE))
    assert said == "Another Haang already serves sandbox/. Stop it first.\n"
    assert open_house.running


def test_commands_work_beside_a_serving_shop(open_house: House, tmp_path: Path) -> None:
    """``storage``, with every kind of file, and ``backup`` run while the shop is open, from any working directory."""
    usage = houses.run(tmp_path, "storage", "--json", cwd=tmp_path)
    assert usage.returncode == 0, usage.stderr
    assert json.loads(usage.stdout)["database"]["bytes"] > 0
    shown = houses.run(tmp_path, "storage", cwd=tmp_path)
    for words in ("database", "products", "qr_codes", "logs", "backups", "disk"):
        assert words in shown.stdout
    done = houses.run(tmp_path, "backup", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"Backup \S+: [\d,]+ rows, read back and equal\.", done.stdout)
    assert open_house.running


async def test_what_a_command_changes_is_seen_at_once(open_house: House, tmp_path: Path) -> None:
    """A list taken in beside the open shop: the next look at the chat and at the site has its price, and its goods."""
    listed = tmp_path / "list.csv"
    listed.write_text("sku,name,price,stock\nNEW-1,Balm of the Reef,5.25,3\n", "utf-8")
    async with Desk(open_house.desk, patience=PATIENCE) as desk:
        site = str((await desk.look())["links"]["shop"])
        dara = await come_in(desk, "Dara")
        await dara.send("reef")
        for price in ("", "5.25", "7.75"):
            if price:
                listed.write_text(listed.read_text("utf-8").replace("5.25", price), "utf-8")
                done = houses.run(open_house.folder, "import", "products", str(listed), "--apply")
                assert done.returncode == 0, done.stderr
                await dara.send("reef")
                await dara.expect(f"${price}")
            async with desk.http.get(f"{site}/p/balm-of-the-reef") as answer:
                assert (f"${price}" in await answer.text()) is bool(price)


def test_ctrl_c_stops_it_cleanly(open_house: House) -> None:
    """SIGINT: the shop closes, exit code 0, no traceback; the folder is free for the next start."""
    assert open_house.process is not None
    open_house.process.send_signal(signal.SIGINT)
    assert open_house.close() == 0
    assert "Traceback" not in open_house.stderr
    open_house.start()


def test_a_file_in_place_of_the_data_folder_is_a_sentence(tmp_path: Path) -> None:
    """Where the data folder cannot be made, the folder is named."""
    (tmp_path / "data").write_text("not a folder")
    for words in (PRACTICE, ("storage",)):
        assert "data" in refused(houses.run(tmp_path, *words))
    assert (tmp_path / "data").read_text() == "not a folder"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps folders by other means")
def test_a_read_only_data_folder_is_a_sentence(tmp_path: Path) -> None:
    """A folder that may not be written is named; for root, who may write elsewhere, one that the kernel keeps."""
    folder = Path("/sys/haang") if os.geteuid() == 0 else tmp_path / "data"
    if os.geteuid() != 0:
        folder.mkdir(mode=0o500)
    said = refused(houses.run(tmp_path, *PRACTICE, data_dir=str(folder)))
    assert said.startswith(str(folder))
    assert "cannot be written" in said


def test_a_newer_database_is_left_as_it_is(made: Path, tmp_path: Path) -> None:
    """A database that a newer Haang wrote: a sentence, and not one byte is changed."""
    copy = tmp_path / "data" / "sandbox" / "haang.sqlite3"
    copy.parent.mkdir(parents=True)
    copy.write_bytes((made / "data" / "sandbox" / "haang.sqlite3").read_bytes())
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999_future'")
    before = hashlib.sha256(copy.read_bytes()).hexdigest()
    for words in (PRACTICE, ("storage",)):
        assert "newer" in refused(houses.run(tmp_path, *words))
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == before


def test_bad_settings_are_named(tmp_path: Path) -> None:
    """Which settings are wrong is said, all at once, and what they should be; never a value, which may be a secret."""
    bad = {"port": "99999", "time_zone": "Mars/Olympus", "owner_ids": "1,somebody", "log_level": "LOUD",
           "trusted_proxies": "everybody", "staff_chat_id": "my group"}  # fmt: skip
    said = refused(houses.run(tmp_path, *PRACTICE, **bad))
    for name, value in bad.items():
        assert f"HAANG_{name.upper()}" in said
        assert value not in said


def test_serve_needs_a_token(tmp_path: Path) -> None:
    """Without a token ``serve`` says what opens without one."""
    assert "python run.py sandbox" in refused(houses.run(tmp_path, "serve"))


def test_cleanup_says_before_it_frees(made: Path) -> None:
    """A dry run names what would go and removes nothing; then it goes; a picture in use stays by its age."""
    folder = made / "data" / "sandbox" / "media" / "qr_codes"
    old, new = folder / "qr_MD99999.png", folder / "qr_MD99998.png"
    for picture in (old, new):
        picture.write_bytes(b"\x89PNG" + b"0" * 10_000)
    os.utime(old, (1_700_000_000, 1_700_000_000))
    dry = houses.run(made, "cleanup-qr", "--dry-run")
    assert (dry.returncode, old.exists()) == (0, True)
    assert "1 file, would free 9.8 KB" in dry.stdout
    done = houses.run(made, "cleanup-qr", "--days", "7")
    assert (done.returncode, old.exists(), new.exists()) == (0, False, True)
    assert "freed" in done.stdout


async def test_a_backup_opens_as_another_shop(tmp_path: Path) -> None:
    """Orders backed up, restored into an empty data folder, and the shop opened from it has the same orders."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    house = House.open(first)
    async with Desk(house.desk, patience=PATIENCE) as desk:
        (dara,) = await acquaint(house, desk, "Dara")
        card = await order(dara)
    house.stop()
    orders = house.rows("SELECT id, number, total, tracking_token FROM orders")
    assert len(orders) == 1
    assert orders[0][1] in str(card)
    assert houses.run(first, "backup").returncode == 0
    (kept,) = [path for path in (first / "backups" / "sandbox").iterdir() if path.is_dir()]

    done = houses.run(second, "restore", str(kept))
    assert done.returncode == 0, done.stderr
    assert re.search(r"[\d,]+ rows restored, read back and equal\.", done.stdout)
    assert re.search(r"\d+ messages and \d+ updates waited in it", done.stdout)
    assert re.search(r"Order numbers go on after \d+\.", done.stdout)
    again = House.open(second)
    assert again.stop()[0] == 0
    assert again.rows("SELECT id, number, total, tracking_token FROM orders") == orders
    refused(houses.run(second, "restore", str(kept)))
    assert again.rows("SELECT count(*) FROM orders") == [(1,)]


def test_a_folder_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    """An empty folder and one with nonsense in it: a sentence, and nothing is loaded."""
    empty = tmp_path / "empty"
    empty.mkdir()
    said = refused(houses.run(tmp_path, "restore", str(empty)))
    assert said
    (empty / "manifest.json").write_text("{")
    refused(houses.run(tmp_path, "restore", str(empty)))
