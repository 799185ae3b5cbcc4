"""The drill: the newest backup is brought back on trial, and the admins hear whether it could be."""

from datetime import timedelta
from pathlib import Path

import pyrage
import pytest

from core.backups import backup, drill
from core.backups import service as backups
from core.backups.drill import Outcome
from core.backups.snapshot import Source
from core.database.tables import outbox
from core.errors import NotAllowed, Refused
from core.messages.rules import MessageKind
from core.people.rules import Role
from core.shop import Shop
from tests.support import builders
from tests.support.rows import fill

FILE = "haang.sqlite3"


@pytest.fixture
async def newest(sqlite_shop: Shop) -> Path:
    """A shop with an owner and two backups, of which this is the newer; the older one is damaged."""
    shop = sqlite_shop
    await shop.db.write(fill, shop.clock.now(), 5)
    await builders.worker(shop, Role.OWNER)
    old, new = (written(shop, hours) for hours in (-24, 0))
    (old / "data" / "orders.jsonl.zst").write_bytes(b"")
    return new


def written(shop: Shop, hours: int, about: backup.About | None = None) -> Path:
    """Back up as the worker does, some hours from now."""
    at = (shop.clock.now() + timedelta(hours=hours)).astimezone(shop.config.zone)
    return backup.make(Source("sqlite", str(shop.config.data_dir / FILE)), shop.config.backup_dir, at, about)[0]


def order(path: Path, identity: str = "") -> dict[str, str]:
    """What the worker is told."""
    return {
        "do": "drill",
        "path": str(path),
        "identity": identity,
        "folder": "",
        "scratch": str(path.parent / ".drill"),
    }


async def test_the_newest_comes_back_on_trial(sqlite_shop: Shop, newest: Path) -> None:
    """In a process of its own, every row equal: told once, noted for the doctor, and nothing is left over."""
    shop = sqlite_shop
    assert await drill.last_success(shop) is None
    done = await drill.drill(shop)
    assert (done.outcome, done.name) == (Outcome.FINE, newest.name)
    assert done.rows > 40
    assert await builders.count(shop, outbox, outbox.c.kind == MessageKind.ALERT) == 1
    assert await drill.last_success(shop) == shop.clock.now()
    assert not (shop.config.data_dir / drill.SCRATCH).exists()
    assert await backups.last_verified(shop) == shop.clock.now()


async def test_a_damaged_one_is_found(sqlite_shop: Shop, newest: Path) -> None:
    """One byte of the newest is another: the drill failed, says why, and the backup counts as verified no more."""
    file = newest / "data" / "people.jsonl.zst"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    done = await drill.drill(sqlite_shop)
    assert (done.outcome, done.why, done.good) == (Outcome.FAILED, "backup_damaged", False)
    assert await drill.last_success(sqlite_shop) is None
    assert await backups.last_verified(sqlite_shop) != sqlite_shop.clock.now()


async def test_without_a_backup_it_fails(sqlite_shop: Shop) -> None:
    """A shop that has no backup at all hears so; who only sells may not ask."""
    assert (await drill.drill(sqlite_shop)).outcome is Outcome.NONE
    with pytest.raises(NotAllowed):
        await drill.drill(sqlite_shop, by=await builders.worker(sqlite_shop))


def test_an_encrypted_one_needs_its_key(sqlite_shop: Shop) -> None:
    """Without the key it is compared as it lies there; with it, it is brought back; with another, it is refused."""
    key, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    sealed = written(sqlite_shop, 0, backup.About(recipient=str(key.to_public())))
    assert drill.carry_out(order(sealed))["sealed"]
    assert not drill.carry_out(order(sealed, str(key)))["sealed"]
    with pytest.raises(Refused) as refused:
        drill.carry_out(order(sealed, str(other)))
    assert (refused.value.key, refused.value.values) == ("errors.backup_wrong_key", {"name": sealed.name})
    assert not (sealed.parent / ".drill").exists()


async def test_another_key_says_nothing_of_the_backup(sqlite_shop: Shop) -> None:
    """Tried with a key that is not its own, the drill fails, and the backup is as good as it was."""
    key, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    sealed = written(sqlite_shop, 0, backup.About(recipient=str(key.to_public())))
    done = await drill.drill(sqlite_shop, sealed, str(other))
    assert (done.outcome, done.why) == (Outcome.FAILED, "backup_wrong_key")
    assert await backups.last_verified(sqlite_shop) == sqlite_shop.clock.now()
