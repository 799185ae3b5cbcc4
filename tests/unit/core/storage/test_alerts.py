"""What is owed to whom when something fills up: on real files and databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from core.backups import service as backups
from core.boards import moving
from core.clock import SteppedClock
from core.database.tables import audit, message_refs, outbox, roles, storage_alerts, storage_samples
from core.errors import NotAllowed, OutOfDate
from core.maintenance import watch
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef, Owed
from core.orders import notices
from core.people import service as people
from core.people.rules import Role
from core.scheduler import Every, Job, Scheduler
from core.settings import service as settings
from core.shop import Shop
from core.storage import alerts
from core.storage.rules import MB, Level
from core.storage.watching import Concern
from tests.support import builders
from tests.support.rows import fill

KIB, ADMINS = 1024, -100500
HOUR, FIVE = timedelta(hours=1), timedelta(minutes=5)
WATCH, ALERT = MessageKind.WATCH, MessageKind.ALERT
LOGS = alerts.number(Concern.LOGS)


def _put(folder: Path, size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.log").write_bytes(b"x" * size)


async def _owed(shop: Shop) -> list[tuple[int, str, str]]:
    """What waits to be sent: chat, kind, metric."""
    query = select(outbox).where(outbox.c.state == "pending").order_by(outbox.c.id)
    rows = await shop.db.read(lambda tx: tx.execute(query).all())
    return [(row.chat_id, row.kind, row.data["metric"]) for row in rows]


async def _sent(shop: Shop) -> list[str]:
    """Send what waits, as the outbox does: the kinds; what has nothing to say any more is ended."""
    told, now = [], shop.clock.now()
    for owed in await shop.db.write(messages.claim_owed, "me", now):
        found = await shop.db.write(alerts.card, owed.chat_id, Concern(owed.data["metric"]))
        if owed.kind is WATCH and found is None:
            await shop.db.write(messages.drop, owed, now)
            continue
        ref = MessageRef(owed.chat_id, 7, has_photo=False) if owed.kind.is_card else None
        await shop.db.write(messages.sent, owed, now, ref)
        told.append(str(owed.kind))
    return told


async def _full_logs(shop: Shop, percent: int = 85, chat: int = ADMINS) -> None:
    """Logs so full of their limit of a megabyte, and whom to tell."""
    await settings.change(shop.db, shop.clock, "admin_chat_id", chat, None)
    await settings.change(shop.db, shop.clock, "logs_limit_mb", 1, None)
    _put(shop.config.log_dir, percent * KIB * KIB // 100)


async def test_an_alert_is_owed_once_and_recovery_once(shop: Shop, clock: SteppedClock) -> None:
    """Told at the second look, then only reminded of; gone: its card is edited and one word says so; then silence."""
    await _full_logs(shop)
    told = []
    for _ in range(3):
        await watch.check_storage(shop)
        told.append(await _sent(shop))
        clock.move(HOUR)
    assert told == [[], [WATCH], [WATCH]]
    _put(shop.config.log_dir, 10)
    for _ in range(3):
        await watch.check_storage(shop)
        clock.move(HOUR)
    assert sorted(await _owed(shop)) == [(ADMINS, ALERT, "logs"), (ADMINS, WATCH, "logs")]
    assert sorted(await _sent(shop)) == [ALERT, WATCH]


async def test_over_before_it_was_told_is_not_told(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """The chat was away all the while: the alert that waited has nothing to say, and "recovered" is owed to nobody."""
    shop = sqlite_shop
    await _full_logs(shop, 97)
    await watch.check_storage(shop)
    assert await _owed(shop) == [(ADMINS, WATCH, "logs")]
    _put(shop.config.log_dir, 10)
    for _ in range(3):
        clock.move(HOUR)
        await watch.check_storage(shop)
    assert await _owed(shop) == [(ADMINS, WATCH, "logs")]
    assert await _sent(shop) == []


async def test_what_is_reminded_of_comes_as_a_new_message(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """While nothing new is told the card is edited; a reminder, or a higher level, lets it stand nowhere first."""
    shop = sqlite_shop
    await _full_logs(shop, 97)
    await watch.check_storage(shop)
    await _sent(shop)
    await shop.db.write(alerts.card, ADMINS, Concern.LOGS)
    assert await builders.count(shop, message_refs) == 1
    clock.move(HOUR)
    await watch.check_storage(shop)
    await shop.db.write(alerts.card, ADMINS, Concern.LOGS)
    assert await builders.count(shop, message_refs) == 0


async def test_who_left_hears_no_alert(sqlite_shop: Shop) -> None:
    """Alerts came to a colleague's own chat; their role taken away, the owner hears instead."""
    shop = sqlite_shop
    await people.grant(shop, 3009, "Left", Role.ADMIN)
    await people.grant(shop, 4001, "Owner", Role.OWNER)
    await _full_logs(shop, 97, chat=3009)
    await people.revoke(shop, 3009)
    await watch.check_storage(shop)
    assert await _owed(shop) == [(4001, WATCH, "logs")]


async def test_without_an_admin_chat_the_owners_hear(
    sqlite_shop: Shop, clock: SteppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """With neither chat nor owner the log says so, and whoever owns the shop an hour later hears what stands still."""
    shop = sqlite_shop
    await _full_logs(shop, 97, chat=0)
    await shop.db.write(fill, clock.now())
    await shop.db.write(lambda tx: tx.execute(roles.delete()))
    await watch.check_storage(shop)
    assert await _owed(shop) == []
    assert "nobody is there to be told: logs is emergency" in caplog.text
    owner = insert(roles).values(person_id=2, role="owner", granted_at=clock.now())
    await shop.db.write(lambda tx: tx.execute(owner) and None)
    clock.move(HOUR)
    await watch.check_storage(shop)
    assert (5_000_000_002, WATCH, "logs") in await _owed(shop)


async def _given_up(shop: Shop, chat: int) -> None:
    """A chat that takes nothing, with what it is owed."""
    (owed,) = [one for one in await _claimed(shop) if one.chat_id == chat]
    await shop.db.write(notices.give_up, shop.policy, owed, "Forbidden", shop.clock.now())


async def _claimed(shop: Shop) -> list[Owed]:
    again = update(outbox).where(outbox.c.state == "sending").values(state="pending", due_at=shop.clock.now())
    await shop.db.write(lambda tx: tx.execute(again) and None)
    return await shop.db.write(messages.claim_owed, "me", shop.clock.now())


async def test_an_alert_that_reaches_nobody_is_kept(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Admin chat, both owners, then an admin in private; after the last it waits an hour, and begins at the top again.

    Where one of two owners got it, nobody else is woken.
    """
    shop = sqlite_shop
    for number, role in ((4001, Role.OWNER), (4002, Role.OWNER), (4003, Role.ADMIN)):
        await people.grant(shop, number, f"W{number}", role)
    await _full_logs(shop, 97)
    await watch.check_storage(shop)
    waiting = []
    for chat in (ADMINS, 4001, 4002, 4003):
        await _given_up(shop, chat)
        waiting.append([row for row, _, _ in await _owed(shop)])
    assert waiting == [[4001, 4002], [], [4003], [ADMINS]]
    due = await shop.db.read(lambda tx: tx.execute(select(outbox.c.due_at).where(outbox.c.state == "pending")).all())
    assert [row.due_at - clock.now() for row in due] == [HOUR]
    clock.move(HOUR)
    assert await _sent(shop) == [WATCH]


async def test_one_owner_who_heard_is_enough(sqlite_shop: Shop) -> None:
    """Of two owners one blocked the bot, the other got the alert: no admin is told in their place, nothing waits."""
    shop = sqlite_shop
    for number, role in ((4001, Role.OWNER), (4002, Role.OWNER), (4003, Role.ADMIN)):
        await people.grant(shop, number, f"W{number}", role)
    await _full_logs(shop, 97, chat=0)
    await watch.check_storage(shop)
    one, two = await _claimed(shop)
    await shop.db.write(messages.sent, one, shop.clock.now(), None)
    await shop.db.write(notices.give_up, shop.policy, two, "Forbidden", shop.clock.now())
    assert await _owed(shop) == []


async def test_seen_and_put_off(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """An admin's to say, written down; staff may not; reminders stop, the rows say until when; what is over is over."""
    shop = sqlite_shop
    admin, staff = await builders.worker(shop, Role.ADMIN, 3001), await builders.worker(shop)
    await _full_logs(shop, 97)
    await watch.check_storage(shop)
    await _sent(shop)
    for use in (alerts.acknowledge, alerts.seen):
        with pytest.raises(NotAllowed):
            await use(shop, staff, Concern.LOGS)
    seen = await alerts.acknowledge(shop, admin, Concern.LOGS)
    assert (seen.muted_by, seen.muted_until) == (admin.id, clock.now() + 24 * HOUR)
    for _ in range(23):
        clock.move(HOUR)
        await watch.check_storage(shop)
    assert await _owed(shop) == [(ADMINS, WATCH, "logs")]  # its card, drawn with who looks after it
    later = await alerts.snooze(shop, admin, Concern.LOGS, 1)
    assert (later.muted_by, later.muted_until) == (None, clock.now() + HOUR)
    with pytest.raises(OutOfDate):
        await alerts.acknowledge(shop, admin, Concern.DATABASE_FILE)
    did = await shop.db.read(lambda tx: tx.execute(select(audit.c.action, audit.c.actor_id)).all())
    assert [tuple(row) for row in did if row.action.startswith("alert.")] == [
        ("alert.acknowledge", admin.id), ("alert.snooze", admin.id)]  # fmt: skip


async def test_a_filling_disk_is_looked_at_every_five_minutes(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Two quick looks raise what fills within minutes; a shop without a backup has 26 hours, then hears."""
    shop = sqlite_shop
    await builders.worker(shop, Role.OWNER, 4001)
    for rule, value in (("database_limit_mb", 1), ("warn_percent", 50)):  # the shop's own percent count
        await settings.change(shop.db, clock, rule, value, None)
    for expected in ([], [(4001, WATCH, "database")]):
        await watch.look(shop)
        assert await _owed(shop) == expected
        clock.move(FIVE)
    clock.move(26 * HOUR)
    for _ in range(2):
        await watch.look(shop)
        clock.move(FIVE)
    assert (4001, WATCH, "backup_age") in await _owed(shop)
    await _sent(shop)
    await backups.backup(shop)
    await watch.look(shop)
    assert (await alerts.now(shop, Concern.BACKUP_AGE)).level is Level.OK
    assert (4001, ALERT, "backup_age") in await _owed(shop)


async def _fill_up(shop: Shop) -> None:
    """Write until the database takes no more."""
    for number in range(50):
        data = {"metric": "x" * 90_000}
        await shop.db.write(messages.owe, 1, ALERT, number, shop.clock.now(), data=data)


async def _look_again_and_again(shop: Shop) -> None:
    """Look, as if for the first time, until not even that can be written."""
    for _ in range(50):
        await watch.check_storage(shop)
        await shop.db.write(lambda tx: tx.execute(storage_alerts.delete()) and None)
        shop.clock.move(HOUR)


async def _fails(_shop: Shop) -> None:
    raise OSError


async def test_a_database_that_takes_nothing_loses_no_alert(
    sqlite_shop: Shop, clock: SteppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The database is full: the look fails, the log says what is wrong; once there is room the next look tells it."""
    shop = sqlite_shop
    await _full_logs(shop, 97)
    await watch.check_storage(shop)
    await shop.db.write(lambda tx: tx.execute(storage_alerts.delete()) and tx.execute(outbox.delete()) and None)
    await shop.db.write(lambda tx: tx.execute(text("PRAGMA max_page_count=1")).scalar_one())
    with pytest.raises(DBAPIError):
        await _fill_up(shop)
    with pytest.raises(DBAPIError):
        await _look_again_and_again(shop)
    assert "logs is emergency (97%), and the database takes nothing" in caplog.text
    for number in range(60):  # their alerts cannot be written either, and nothing breaks off for that
        await Scheduler(shop, ()).run(Job(f"job {number}", Every(FIVE), _fails))
    assert "nobody can be told that job 59 failed" in caplog.text
    await shop.db.write(lambda tx: tx.execute(text("PRAGMA max_page_count=1000000")).scalar_one())
    await watch.check_storage(shop)
    assert (ADMINS, WATCH, "logs") in await _owed(shop)


async def test_what_fills_up_within_a_week_is_told_once(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Media grew by 100 MB every six hours: told at the second look, with the days; not again while it goes on."""
    shop = sqlite_shop
    await builders.worker(shop, Role.OWNER, 4001)
    rows = [{"at": clock.now() - (9 - i) * 6 * HOUR, "metric": "media", "bytes": i * 100 * MB} for i in range(8)]
    await shop.db.write(lambda tx: tx.execute(insert(storage_samples), rows) and None)
    for expected in ([], [WATCH], [], []):
        await watch.check_storage(shop)
        assert await _sent(shop) == expected
        clock.move(timedelta(minutes=30))
    found = await alerts.now(shop, Concern.MEDIA_FORECAST)
    assert (found.level, found.percent) == (Level.WARNING, 1)  # its percent are days


async def test_alerts_go_along_with_a_group(sqlite_shop: Shop) -> None:
    """The admin chat becomes a supergroup, whose messages are numbered anew: what stands still is told there."""
    shop = sqlite_shop
    await _full_logs(shop, 97)
    await watch.check_storage(shop)
    await _sent(shop)
    await shop.refresh()
    await moving.follow(shop, ADMINS, -1007)
    assert await _owed(shop) == [(-1007, WATCH, "logs")]
