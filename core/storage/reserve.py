"""Eight megabytes set aside for the day the disk is full: even to remove something, and to say so, room is needed."""

import asyncio
import logging
import os
import shutil
from enum import StrEnum
from pathlib import Path

from core.files import write_atomically
from core.shop import Shop
from core.storage.rules import MB

log = logging.getLogger(__name__)

NAME = "reserve"
SIZE = 8 * MB
ROOM = 4 * SIZE
"""It is made when so much is free, so that it never fills a disk itself."""
FULL = MB
"""With less than this free the disk counts as full."""


class Deed(StrEnum):
    """What was done with the reserve."""

    KEPT = "kept"
    MADE = "made"
    GIVEN_UP = "given up"
    NONE = "none"


def decide(free: int, held: int) -> Deed:
    """Say what to do, by the bytes that are free on the disk and those that the reserve holds; pure."""
    if held and free < FULL:
        return Deed.GIVEN_UP
    if held >= SIZE:
        return Deed.KEPT
    return Deed.MADE if free + held >= ROOM else Deed.NONE


def tend(folder: Path) -> Deed:
    """Keep, make or give up the reserve of a data folder; a disk that takes nothing is said in the log."""
    try:
        deed = decide(shutil.disk_usage(folder).free, held(folder))
        if deed is Deed.GIVEN_UP:
            give_up(folder)
            log.warning("the disk is full: the reserve of %d MB is given up", SIZE // MB)
        elif deed is Deed.MADE:
            write_atomically(folder / NAME, os.urandom(SIZE))  # zeros would take no room on some disks
    except OSError as error:
        log.warning("the reserve cannot be kept: %s", error.strerror)
        return Deed.NONE
    return deed


def make_way(folder: Path) -> bool:
    """Give the reserve up where the disk is full: before a database is opened there, which takes a little room."""
    full = bool(held(folder)) and shutil.disk_usage(folder).free < FULL
    if full:
        give_up(folder)
    return full


def give_up(folder: Path) -> int:
    """Remove the reserve; returns the bytes that are free again."""
    size = held(folder)
    (folder / NAME).unlink(missing_ok=True)
    return size


def held(folder: Path) -> int:
    """Bytes of the disk that the reserve really holds; 0 without one."""
    try:
        status = (folder / NAME).lstat()
    except FileNotFoundError:
        return 0
    blocks = getattr(status, "st_blocks", None)  # Windows tells no blocks
    return status.st_size if blocks is None else min(status.st_size, blocks * 512)


async def watch(shop: Shop) -> None:
    """Look after the reserve: a job that needs no row, for on a full disk none can be written before it."""
    await asyncio.to_thread(tend, shop.config.data_dir)
