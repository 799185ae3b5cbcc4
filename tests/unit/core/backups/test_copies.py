"""Copies off the server, in a folder: sent, read back, owed again, let go by rules, brought back to an empty server."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.backups import archive, ledger, names
from core.backups.copies import carrying, staging
from core.backups.copies import service as copies
from core.backups.copies.remote import open_remote
from core.backups.copies.service import Sent, late, pause
from core.backups.ledger import Copy
from core.backups.media import service as media_service
from core.config import Config
from core.database import tables as t
from core.errors import NotAllowed, Refused
from core.people import service as people
from core.people.rules import Role
from core.shop import Shop
from tests.support import builders
from tests.support.standing import put, stored, with_store

DAY = timedelta(days=1)


@pytest.fixture
def store(sqlite_shop: Shop, tmp_path: Path) -> Path:
    """A folder that stands for the other disk, named in the shop's settings."""
    place = tmp_path / "nas"
    place.mkdir()
    with_store(sqlite_shop, place.as_uri())
    return place


async def rows(shop: Shop) -> dict[str, Copy]:
    """Every copy by its backup's name."""
    return {copy.backup: copy for copy in await shop.db.read(ledger.standing)}


async def test_what_stands_is_copied_and_read_back(sqlite_shop, store):
    """Every file is there under the backup's name, the manifest among them; a second run sends nothing again."""
    old, new = put(sqlite_shop, DAY), put(sqlite_shop)
    assert await copies.send_due(sqlite_shop) == Sent((new, old))
    found = await rows(sqlite_shop)
    assert {(copy.state, copy.verified_at) for copy in found.values()} == {("verified", sqlite_shop.clock.now())}
    here = stored(sqlite_shop.config.backup_dir / new)
    there = {key.split("/", 3)[3]: content for key, content in stored(store).items() if f"/{new}/" in key}
    assert there == here
    sizes = {path: path.stat().st_mtime_ns for path in store.rglob("*") if path.is_file()}
    assert await copies.send_due(sqlite_shop) == Sent()
    assert {path: path.stat().st_mtime_ns for path in sizes} == sizes


async def test_a_folder_that_is_not_mounted_is_tried_later_and_told_of(sqlite_shop, store):
    """Nothing is written onto the mount point; the pauses grow, one word is kept; after three days one alert a day."""
    await people.grant(sqlite_shop, 900, "Owner", Role.OWNER)
    name = put(sqlite_shop)
    store.rmdir()
    assert await copies.send_due(sqlite_shop) == Sent((), ((name, "copy_missing"),))
    assert not store.exists()
    row = (await rows(sqlite_shop))[name]
    assert (row.state, row.trouble, row.at - sqlite_shop.clock.now()) == (
        "failed",
        "copy_missing",
        timedelta(minutes=1),
    )
    assert await copies.send_due(sqlite_shop) == Sent()
    sqlite_shop.clock.move(timedelta(minutes=1))
    assert (await copies.send_due(sqlite_shop)).failed
    assert await alerts(sqlite_shop) == []
    sqlite_shop.clock.move(3 * DAY)
    for _ in range(2):
        await copies.send_due(sqlite_shop)
    assert [data["days"] for data in await alerts(sqlite_shop)] == [3]
    store.mkdir()
    assert await copies.waited(sqlite_shop) >= 3 * DAY, "the doctor names it"
    assert (await copies.send(sqlite_shop, now=True)).sent == (name,)
    assert await copies.waited(sqlite_shop) == 0 * DAY


async def alerts(shop: Shop) -> list[dict]:
    """What the admins are owed."""
    chosen = select(t.outbox.c.data).where(t.outbox.c.kind == "alert")
    return [row.data for row in await shop.db.read(lambda tx: tx.execute(chosen).all())]


@pytest.mark.parametrize("harm", ["other", "short", "gone"])
async def test_a_copy_that_changed_is_found_and_sent_again(sqlite_shop, store, harm):
    """Verifying reads every byte: one that flipped, a file cut short or gone is refused, and the next run mends it."""
    name = put(sqlite_shop)
    await copies.send_due(sqlite_shop)
    (victim,) = store.rglob("orders.jsonl.zst")
    content = victim.read_bytes()
    if harm == "gone":
        victim.unlink()
    else:
        victim.write_bytes(content[:-1] if harm == "short" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(Refused, match="copy_damaged"):
        await copies.verify(sqlite_shop, name)
    assert (await rows(sqlite_shop))[name].state == "failed"
    assert (await copies.send_due(sqlite_shop)).sent == (name,)
    assert victim.read_bytes() == content
    assert await copies.verify(sqlite_shop, name) == sum(map(len, stored(store).values()))


async def test_what_is_there_already_is_read_back_too(sqlite_shop, store):
    """A piece of the right size that an earlier try left is not believed: it is found damaged, then sent again."""
    name = put(sqlite_shop)
    await copies.send_due(sqlite_shop)
    (copy,) = (await rows(sqlite_shop)).values()
    (victim,) = store.rglob("orders.jsonl.zst")
    content = victim.read_bytes()
    victim.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    await sqlite_shop.db.write(ledger.doubt, copy, "copy_unreachable", sqlite_shop.clock.now())
    assert (await copies.send_due(sqlite_shop)).failed == ((name, "copy_damaged"),)
    assert ((await copies.send(sqlite_shop, now=True)).sent, victim.read_bytes()) == ((name,), content)


async def test_what_was_broken_off_goes_on(sqlite_shop, store):
    """A copy of which the manifest and one table are missing is not begun anew: only those are written."""
    put(sqlite_shop)
    await copies.send_due(sqlite_shop)
    (kept,) = store.rglob("people.jsonl.zst")
    for path in (*store.rglob("manifest.json"), *store.rglob("orders.jsonl.zst")):
        path.unlink()
    before = kept.stat().st_ino
    (copy,) = (await rows(sqlite_shop)).values()
    await sqlite_shop.db.write(ledger.doubt, copy, "copy_damaged", sqlite_shop.clock.now())
    assert (await copies.send_due(sqlite_shop)).sent
    assert (kept.stat().st_ino, len(list(store.rglob("manifest.json")))) == (before, 1)


async def test_an_empty_server_gets_its_backup_back(sqlite_shop, store, tmp_path):
    """With nothing but the address the backup is brought back, checked as a whole, and only then has its name."""
    name = put(sqlite_shop)
    await copies.send_due(sqlite_shop)
    here = stored(sqlite_shop.config.backup_dir / name)
    bare = Config(_env_file=None, backup_dir=tmp_path / "new", data_dir=tmp_path / "none", backup_store=store.as_uri())
    path = await copies.fetch(bare, name)
    assert (stored(path), archive.check(path).rows) == (here, 6)
    assert [one.name for one in bare.backup_dir.iterdir()] == [name]
    with pytest.raises(Refused, match="backup_exists"):
        await copies.fetch(bare, name)


@pytest.mark.parametrize("harm", ["manifest.json", "orders.jsonl.zst"])
async def test_a_damaged_copy_is_not_brought_back(sqlite_shop, store, tmp_path, harm):
    """One changed byte, or a manifest that never came: refused, and nothing is left in the backup folder."""
    name = put(sqlite_shop)
    await copies.send_due(sqlite_shop)
    (victim,) = store.rglob(harm)
    if harm == "manifest.json":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    bare = sqlite_shop.config.model_copy(update={"backup_dir": tmp_path / "new"})
    with pytest.raises(Refused):
        await copies.fetch(bare, name)
    assert list(bare.backup_dir.iterdir()) == []
    for other in ("db_backup_20200101_000000", "../../etc", "x", ""):
        with pytest.raises(Refused, match="backup_missing"):
            await copies.fetch(bare, other)


async def test_what_a_killed_fetch_left_is_in_nobodys_way(sqlite_shop, store, tmp_path):
    """Its folder goes when the next one begins; while somebody else is at it, that is said."""
    name = put(sqlite_shop)
    await copies.send_due(sqlite_shop)
    bare = sqlite_shop.config.model_copy(update={"backup_dir": tmp_path / "new"})
    (bare.backup_dir / f".{name}.partial" / "left").mkdir(parents=True)
    with staging.staged(bare.backup_dir, "another"), pytest.raises(Refused, match="copy_taken"):
        await copies.fetch(bare, name)
    await copies.fetch(bare, name)
    assert [path.name for path in bare.backup_dir.iterdir()] == [name]


async def test_the_same_name_from_another_server_does_not_mix(sqlite_shop, store, tmp_path):
    """Two backups of one name and other content stand side by side; the newer one that is whole comes back."""
    name = put(sqlite_shop)
    await copies.send_due(sqlite_shop)
    shutil.rmtree(sqlite_shop.config.backup_dir / name)
    await sqlite_shop.db.write(lambda tx: tx.execute(t.backup_copies.delete()) and None)
    put(sqlite_shop, text="second")
    await copies.send_due(sqlite_shop)
    assert len(list((store / "db" / name).iterdir())) == 2
    bare = sqlite_shop.config.model_copy(update={"backup_dir": tmp_path / "new"})
    fetched = await copies.fetch(bare, name)
    assert stored(fetched) == stored(sqlite_shop.config.backup_dir / name)


async def test_what_no_rule_keeps_goes_there_too_but_never_the_last(sqlite_shop, store):
    """What is gone here goes there when no rule keeps it; what stands here stays; a run that failed removes nothing."""
    names = [put(sqlite_shop, timedelta(hours=hours)) for hours in (1, 2, 3)]
    await copies.send_due(sqlite_shop)
    shutil.rmtree(sqlite_shop.config.backup_dir / names[1])
    broken = put(sqlite_shop)
    in_the_way = store / "db" / broken
    in_the_way.touch()
    run = await copies.send_due(sqlite_shop)
    assert (len(run.failed), run.removed) == (1, ())
    in_the_way.unlink()
    sqlite_shop.clock.move(timedelta(minutes=2))
    assert (await copies.send_due(sqlite_shop)).removed == (names[1],)
    assert set(await rows(sqlite_shop)) == {broken, names[0], names[2]}
    assert not any(names[1] in key for key in stored(store))
    shutil.rmtree(sqlite_shop.config.backup_dir)
    sqlite_shop.config.backup_dir.mkdir()
    sqlite_shop.clock.move(400 * DAY)
    await copies.send_due(sqlite_shop)
    assert broken in await rows(sqlite_shop)
    assert any(f"/{broken}/" in key for key in stored(store))


async def test_contents_that_no_manifest_names_go(sqlite_shop, store):
    """Old contents of pictures go with the last list that names them; with one that cannot be read, nothing goes."""
    photos = sqlite_shop.config.media_dir / "products"
    photos.mkdir(parents=True)
    for name in ("kept", "gone"):
        (photos / name).write_bytes(name.encode())
    await media_service.backup_media(sqlite_shop)
    await copies.send_due(sqlite_shop)
    (photos / "gone").unlink()
    sqlite_shop.clock.move(timedelta(hours=1))
    await media_service.backup_media(sqlite_shop)
    await copies.send_due(sqlite_shop)
    contents = [path for path in store.rglob("*") if len(path.name) == 64]
    for path in contents:
        os.utime(path, (1, 1))
    remote = open_remote(sqlite_shop.config)
    strange = store / "media" / "media_backup_20261121_080000.json"
    strange.write_text("{}")
    with pytest.raises(Refused, match="backup_damaged"):
        await carrying.sweep(remote)
    strange.unlink()
    assert (len(contents), await carrying.sweep(remote)) == (2, 1)
    assert [path.read_bytes() for path in contents if path.exists()] == [b"kept"]


async def test_two_processes_share_the_work(shop, tmp_path):
    """Of two that claim the same copy one gets it; who was overtaken writes nothing into its row any more."""
    now = shop.clock.now()
    await shop.db.write(ledger.owe, "db_backup_20261121_100000", copies.STORE, now)
    (copy,) = await shop.db.read(ledger.standing)
    assert [await shop.db.write(ledger.claim, copy, now) for _ in range(2)] == [True, False]
    assert await shop.db.write(ledger.claim, copy, now, whenever=True) is False, "it saw what stands no more"
    (again,) = await shop.db.read(ledger.standing)
    assert await shop.db.write(ledger.claim, again, now) is False
    shop.clock.move(ledger.LEASE)
    assert await shop.db.write(ledger.claim, again, shop.clock.now()) is True
    assert await shop.db.write(ledger.proved, copy, shop.clock.now()) is False
    assert await shop.db.write(ledger.proved, again, shop.clock.now()) is True


async def test_what_another_run_is_at_is_left_to_it(sqlite_shop, store):
    """Sent by hand, a copy on its way is named and not begun twice; where its process died it goes on after a while."""
    name = put(sqlite_shop)
    await sqlite_shop.db.write(ledger.owe, name, copies.STORE, sqlite_shop.clock.now())
    (copy,) = await sqlite_shop.db.read(ledger.standing)
    assert await sqlite_shop.db.write(ledger.claim, copy, sqlite_shop.clock.now())
    assert await copies.send(sqlite_shop, now=True) == Sent(running=(name,))
    assert await sqlite_shop.db.write(ledger.put_off, copy, "copy_full", sqlite_shop.clock.now() + DAY)
    (copy,) = await sqlite_shop.db.read(ledger.standing)
    assert await sqlite_shop.db.write(ledger.claim, copy, sqlite_shop.clock.now(), whenever=True)
    assert await copies.send(sqlite_shop, now=True) == Sent(running=(name,)), "begun again after a failure"
    sqlite_shop.clock.move(ledger.LEASE)
    assert await copies.send(sqlite_shop, now=True) == Sent((name,))


async def test_only_admins_and_owners(sqlite_shop, store):
    """The services ask who it is, whatever button was there."""
    staff, somebody = await builders.worker(sqlite_shop), await builders.customer(sqlite_shop)
    for person in (staff, somebody):
        for call in (copies.send(sqlite_shop, by=person), copies.listing(sqlite_shop, person)):
            with pytest.raises(NotAllowed):
                await call


async def test_the_list_says_what_the_store_has_that_nobody_here_knows(sqlite_shop, store):
    """An empty database lists what lies in the store, so that somebody can bring it back."""
    name = put(sqlite_shop)
    await copies.send_due(sqlite_shop)
    assert (await copies.listing(sqlite_shop)).there == ()
    await sqlite_shop.db.write(lambda tx: tx.execute(t.backup_copies.delete()) and None)
    assert (await copies.listing(sqlite_shop)).there == (name,)
    store.rename(store.with_name("away"))
    assert (await copies.listing(sqlite_shop)).trouble == "errors.copy_missing"


def test_pauses_grow_to_six_hours():
    """1, 2, 4 … minutes, never more than six hours, however often it failed."""
    assert [pause(tries).total_seconds() / 60 for tries in (0, 1, 2, 8, 9, 10**6)] == [1, 2, 4, 256, 360, 360]


@pytest.mark.parametrize(
    ("copied", "tried", "days"),
    [((), (), 0), ((), (5,), 5), ((5,), (2,), 2), ((1,), (5,), 0), ((9,), (4, 2), 4)],
)
def test_how_late_copies_are(sqlite_config, copied, tried, days):
    """Counted from the oldest backup that is newer than every good copy; an older one that failed is no alarm."""
    zone = sqlite_config.zone
    now = names.made_at("db_backup_20261121_100000", zone)

    def copy(ago: int, state: str) -> Copy:
        name = f"db_backup_{now - ago * DAY:%Y%m%d_%H%M%S}"
        return Copy(ago, name, "store", state, 0, None, 1, "", now, None)

    found = [*(copy(ago, "verified") for ago in copied), *(copy(ago, "failed") for ago in tried)]
    assert late(found, {one.backup for one in found}, now, zone) == days * DAY
