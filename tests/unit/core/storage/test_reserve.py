"""The reserve: kept while there is room, given up on a full disk, made again when there is room."""

import logging

import pytest

from core.storage import reserve
from core.storage.reserve import FULL, ROOM, SIZE, Deed


@pytest.mark.parametrize(
    ("free", "held", "deed"),
    [
        (ROOM, 0, Deed.MADE),
        (ROOM - 1, 0, Deed.NONE),
        (10 * ROOM, SIZE, Deed.KEPT),
        (FULL, SIZE, Deed.KEPT),
        (FULL - 1, SIZE, Deed.GIVEN_UP),
        (0, 1, Deed.GIVEN_UP),
        (0, 0, Deed.NONE),
        (SIZE + FULL, 0, Deed.NONE),  # a minute after it was given up: it is not taken away again at once
        (10 * ROOM, SIZE - 1, Deed.MADE),
    ],
)
def test_when_it_is_kept_made_and_given_up(free: int, held: int, deed: Deed):
    """By what is free and what it holds."""
    assert reserve.decide(free, held) is deed


def test_it_takes_room_for_real(tmp_path):
    """Eight megabytes of real blocks, whoever writes sparse files; twice looked after, once written."""
    assert reserve.tend(tmp_path) is Deed.MADE
    status = (tmp_path / "reserve").stat()
    assert (status.st_size, status.st_blocks * 512 >= SIZE) == (SIZE, True)
    assert reserve.tend(tmp_path) is Deed.KEPT
    assert (tmp_path / "reserve").stat().st_ino == status.st_ino
    assert (reserve.give_up(tmp_path), reserve.give_up(tmp_path), list(tmp_path.iterdir())) == (SIZE, 0, [])


def test_a_hole_of_eight_megabytes_is_no_reserve(tmp_path):
    """A sparse file of that length holds nothing, and is made anew."""
    with (tmp_path / "reserve").open("wb") as file:
        file.truncate(SIZE)
    assert reserve.held(tmp_path) == 0
    assert reserve.tend(tmp_path) is Deed.MADE
    assert reserve.held(tmp_path) == SIZE


def test_where_it_cannot_be_kept_the_log_says_so(tmp_path, caplog):
    """A folder in its place: no error, a warning, and the job goes on."""
    (tmp_path / "reserve").mkdir()
    with caplog.at_level(logging.WARNING):
        assert reserve.tend(tmp_path) is Deed.NONE
    assert "reserve cannot be kept" in caplog.text


async def test_the_shops_own_minute_keeps_it(sqlite_shop):
    """The job makes it in the data folder, and no orphan is ever made of it."""
    await reserve.watch(sqlite_shop)
    assert reserve.held(sqlite_shop.config.data_dir) == SIZE
