"""A clock that jumps back for hours: nothing that was due waits longer than a lease, and nothing is done twice."""

from datetime import timedelta

from sqlalchemy import Connection, select

from core.database.tables import inbox, job_runs, outbox
from core.fulfilment import clockwork
from core.fulfilment.polling import poll
from core.inbox import store as updates
from core.inbox.rules import Received
from core.messages import store as messages
from core.messages.rules import FLOOD, LONGEST_WAIT, MessageKind
from core.payments import store as payments
from core.payments.rules import Unknown
from core.scheduler import store as ledger
from core.shop import Shop
from tests.support import builders

BACK, LEASE = -timedelta(hours=6), timedelta(seconds=60)
NOTE = MessageKind.NOTE_OUT


async def _claimed(shop: Shop) -> list[int]:
    return [owed.subject_id for owed in await shop.db.write(messages.claim_owed, "two", shop.clock.now())]


async def _owe(shop: Shop, subject: int, wait: timedelta = timedelta()) -> None:
    now = shop.clock.now()
    await shop.db.write(messages.owe, 1000 + subject, NOTE, subject, now, due_at=now + wait)


async def test_owed_messages_are_sent(shop: Shop) -> None:
    """What was owed before the jump is due at once; it is put off again like any other, not tried in a tight loop."""
    await _owe(shop, 1)
    await _owe(shop, 2, timedelta(minutes=5))
    shop.clock.move(BACK)
    assert await _claimed(shop) == []
    assert await clockwork.set_right(shop) == 2
    now = shop.clock.now()
    owed = await shop.db.write(messages.claim_owed, "two", now)
    assert sorted(one.subject_id for one in owed) == [1, 2]
    for one in owed:
        await shop.db.write(messages.put_off, one, now + timedelta(minutes=2), "TimedOut")
    assert await clockwork.set_right(shop) == 0
    assert await _claimed(shop) == []


async def test_a_put_off_message_waits_its_time(shop: Shop) -> None:
    """Without a jump nothing is hurried: neither a wait of ten minutes nor the longest that Telegram asked for."""
    await _owe(shop, 1, timedelta(minutes=10))
    await _owe(shop, 2, LONGEST_WAIT)
    await shop.db.write(lambda tx: tx.execute(outbox.update().values(error=FLOOD)) and None)
    assert await clockwork.set_right(shop) == 0
    assert await _claimed(shop) == []


async def test_what_is_being_sent_keeps_one_lease(shop: Shop) -> None:
    """A message in hand at the jump is not taken from a living process; from a dead one after its lease."""
    await _owe(shop, 1)
    await shop.db.write(messages.claim_owed, "one", shop.clock.now())
    shop.clock.move(BACK)
    await clockwork.set_right(shop)
    assert await _claimed(shop) == []
    shop.clock.move(timedelta(seconds=46))
    assert await _claimed(shop) == [1]


async def test_updates_of_a_dead_process_are_taken_up(shop: Shop) -> None:
    """Claimed for half a minute at a time that is hours ahead now: taken up a minute later."""
    now = shop.clock.now()
    await shop.db.write(updates.receive, [Received(1, 1001, "{}")], "one", now, now + timedelta(seconds=30))
    shop.clock.move(BACK)
    await clockwork.set_right(shop)
    found = []
    for step in (timedelta(), LEASE + timedelta(seconds=1)):
        shop.clock.move(step)
        now = shop.clock.now()
        found.append(len(await shop.db.write(updates.claim_new, "two", now, now + LEASE)))
    assert found == [0, 1]
    assert await builders.count(shop, inbox) == 1


async def test_a_qr_is_asked_about(shop: Shop) -> None:
    """A QR that is being paid is asked about at once, then at its own pace."""
    bank = await builders.with_khqr(shop)
    bank.otherwise = Unknown("timeout")
    await builders.khqr_order(shop)
    await poll(shop)
    await shop.db.write(lambda tx: tx.execute(outbox.delete()) and None)
    shop.clock.move(-timedelta(minutes=40))
    assert await poll(shop) == 0
    assert await clockwork.set_right(shop) == 1
    assert await poll(shop) == 1
    assert await clockwork.set_right(shop) == 0
    assert len(bank.asked) == 2


async def test_an_old_qr_keeps_its_hour(shop: Shop) -> None:
    """Long over, asked hourly: that hour is no jump; two hours are."""
    await builders.with_khqr(shop)
    await builders.khqr_order(shop)
    shop.clock.move(timedelta(hours=3))
    await poll(shop)
    assert await clockwork.set_right(shop) == 0
    shop.clock.move(-timedelta(hours=1))
    assert await shop.db.write(payments.set_right, shop.clock.now()) == 1


async def test_a_jobs_lease_is_no_longer_than_a_lease(shop: Shop) -> None:
    """A slot whose process died before the jump is free after a lease, not after the hours that lie between."""
    slot = now = shop.clock.now()
    await shop.db.write(ledger.claim, "backup", slot, "one", now, now + LEASE)
    shop.clock.move(BACK)
    now = shop.clock.now()
    assert await shop.db.write(ledger.set_right, now, LEASE) == 1

    def until(tx: Connection) -> object:
        return tx.execute(select(job_runs.c.lease_until)).scalar_one()

    assert await shop.db.read(until) == now + LEASE
    assert await shop.db.write(ledger.claim, "backup", slot, "two", now + 2 * LEASE, now + 3 * LEASE) is not None
