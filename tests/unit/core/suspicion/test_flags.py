"""Flags as orders are placed, and what staff say of them: in the database, once, by who was first."""

import asyncio
from datetime import timedelta

import pytest

from core.cards import order_card, with_check
from core.checkout import entering
from core.checkout.service import Wish
from core.database.tables import order_checks
from core.errors import NotAllowed, NotFound, OutOfDate, Refused, ShopError
from core.fulfilment import settle, verdicts
from core.messages.rules import MessageKind
from core.orders import store as order_store
from core.orders.rules import CancelReason, Move, Order, PaymentMethod, PaymentStatus, Status
from core.people import store as people
from core.people.rules import Person, Role
from core.privacy import service as privacy
from core.shop import Shop, reader
from core.suspicion import service as suspicion
from core.suspicion import store
from core.suspicion.rules import Check, Flag, Rule, Verdict
from tests.support import builders
from tests.support.builders import STAFF_CHAT


async def _named(shop: Shop, telegram_id: int, name: str) -> Person:
    """Somebody who orders with the one phone under a name."""
    return await builders.customer(shop, telegram_id, name)


async def _check(shop: Shop, order: Order) -> Check:
    found = await shop.db.read(store.check, order.id)
    assert found is not None
    return found


async def _flagged(shop: Shop) -> tuple[Order, int]:
    """An order from a phone that two other names ordered with; the variant. The shop has a staff group."""
    await builders.with_khqr(shop, staff_chat_id=STAFF_CHAT)
    variant = await builders.product(shop, 50)
    for i, name in enumerate(("Dara", "Bopha")):
        await builders.order(shop, await _named(shop, 1001 + i, name), variant)
    return await builders.order(shop, await _named(shop, 1003, "Sokha"), variant), variant


async def test_flags_are_written_as_the_order_is_placed(sqlite_shop: Shop) -> None:
    """A loyal buyer's many orders have none; a third name has one, from the first moment, and is not blocked."""
    shop, variant = sqlite_shop, await builders.product(sqlite_shop, 50)
    dara = await _named(shop, 1001, "Dara")
    for _ in range(5):
        shop.clock.move(timedelta(hours=2))
        made = await builders.order(shop, dara, variant)
        await builders.moved(shop, await builders.worker(shop), made, Move.CANCEL)
    assert await builders.count(shop, order_checks) == 0
    await builders.order(shop, await _named(shop, 1002, "Bopha"), variant)
    assert await builders.count(shop, order_checks) == 0
    third = await builders.order(shop, await _named(shop, 1003, "Sokha"), variant)
    assert (await _check(shop, third)).flags == (Flag(Rule.OTHER_NAMES, 2),)
    assert third.status is Status.PENDING
    assert [event.kind for event in await shop.db.read(order_store.events, third.id)] == ["placed", "flagged"]


async def test_three_more_within_the_hour(sqlite_shop: Shop) -> None:
    """The fourth order of an hour is flagged, cancelled ones count; later, with two, it is not."""
    shop, variant = sqlite_shop, await builders.product(sqlite_shop, 50)
    dara, staff = await _named(shop, 1001, "Dara"), await builders.worker(shop)
    for _ in range(3):
        made = await builders.order(shop, dara, variant)
        await builders.moved(shop, staff, made, Move.CANCEL)
        shop.clock.move(timedelta(minutes=20) - timedelta(seconds=1))
    fourth = await builders.order(shop, dara, variant)
    assert (await _check(shop, fourth)).flags == (Flag(Rule.MANY, 3),)
    shop.clock.move(timedelta(seconds=3))
    fifth = await builders.order(shop, dara, variant)
    assert (await _check(shop, fifth)).flags == (Flag(Rule.MANY, 3),)
    shop.clock.move(timedelta(minutes=45))
    assert await shop.db.read(store.check, (await builders.order(shop, dara, variant)).id) is None


async def test_a_dear_first_order(sqlite_shop: Shop) -> None:
    """More than a hundred dollars from a stranger is flagged; from who ordered before with another phone it is not."""
    shop = sqlite_shop
    ring, soap = await builders.product(shop, 9, 150_00, "RING"), await builders.product(shop, 9, 300, "SOAP")
    dara, bopha = await _named(shop, 1001, "Dara"), await builders.customer(shop, 1002, "Bopha", province="")
    where = builders.WHERE | {"phone": "+85512000002", "recipient": "Bopha"}
    await shop.db.write(lambda tx: people.save_address(tx, bopha.id, shop.clock.now(), **where))
    assert (await _check(shop, await builders.order(shop, dara, ring))).flags == (Flag(Rule.FIRST),)
    await builders.order(shop, bopha, soap)
    other = where | {"phone": "+85512000003"}
    await shop.db.write(lambda tx: people.save_address(tx, bopha.id, shop.clock.now() + timedelta(hours=1), **other))
    assert await shop.db.read(store.check, (await builders.order(shop, bopha, ring)).id) is None


async def test_staff_alone_read_it(sqlite_shop: Shop) -> None:
    """No courier and no customer is read the flags of an order, and no card of theirs says them."""
    shop = sqlite_shop
    order, _ = await _flagged(shop)
    check = await _check(shop, order)
    staff, courier = await builders.worker(shop), await builders.worker(shop, Role.COURIER, 2002)
    for who, flags in ((staff, 1), (courier, 0), (await builders.customer(shop, 1003, "Sokha"), 0)):
        card = with_check(shop, order_card(shop, order, reader(who, "en")), check, reader(who, "en"))
        assert (len(card.flags), len(card.verdicts)) == (flags, 3 * flags)
        assert (await suspicion.of_order(shop, order, who) is not None) == bool(flags)


async def test_an_entered_order_is_checked_too(sqlite_shop: Shop) -> None:
    """Written down for somebody who phoned: the first order of that phone, and dear, whoever wrote it."""
    shop, clerk = sqlite_shop, await builders.worker(sqlite_shop)
    ring = await builders.product(shop, 9, 150_00, "RING")
    await shop.db.write(lambda tx: people.save_address(tx, clerk.id, shop.clock.now(), **builders.WHERE))
    cart_id = await builders.cart(shop, clerk, (ring, 1), seen=150_00)
    total = (await entering.review(shop, clerk, cart_id)).total
    order = await entering.enter(shop, clerk, Wish(cart_id, PaymentMethod.COD, total.amount))
    assert (await _check(shop, order)).flags == (Flag(Rule.FIRST),)


async def test_two_verdicts_at_once(shop: Shop) -> None:
    """Two of the staff at once: one verdict, one event, one line in the audit; the other hears whose it was."""
    order, _ = await _flagged(shop)
    staff = [await builders.worker(shop, Role.STAFF, 2001 + i, f"Worker {i}") for i in range(2)]
    said = await asyncio.gather(
        *(verdicts.decide(shop, who, order.id, what, "") for who, what in zip(staff, Verdict, strict=False)),
        return_exceptions=True,
    )
    check = await _check(shop, order)
    (lost,) = [one for one in said if isinstance(one, ShopError)]
    assert isinstance(lost, OutOfDate)
    assert lost.values == {"name": check.by}
    events = await shop.db.read(order_store.events, order.id)
    assert [event.detail for event in events if event.kind == "checked"] == [{"verdict": check.verdict}]


async def test_a_verified_name_is_flagged_no_more(sqlite_shop: Shop) -> None:
    """Verified: the same phone and name again, otherwise spelled, is not flagged for its name; a fourth name is."""
    shop = sqlite_shop
    order, variant = await _flagged(shop)
    staff = await builders.worker(shop)
    await verdicts.decide(shop, staff, order.id, Verdict.VERIFIED, "")
    shop.clock.move(timedelta(hours=2))
    again = await builders.order(shop, await _named(shop, 1004, "SOKHA"), variant)
    assert await shop.db.read(store.check, again.id) is None
    fourth = await builders.order(shop, await _named(shop, 1005, "Vanna"), variant)
    assert (await _check(shop, fourth)).flags == (Flag(Rule.OTHER_NAMES, 3),)
    with pytest.raises(OutOfDate) as late:
        await verdicts.decide(shop, await builders.worker(shop, telegram_id=2002), order.id, Verdict.SUSPICIOUS, "")
    assert late.value.values == {"name": "Sokha"}


async def test_suspicious_is_not_the_last_word(sqlite_shop: Shop) -> None:
    """Marked, it can be verified or rejected by who saw that; who saw none is late, and nothing is said twice."""
    shop = sqlite_shop
    order, _ = await _flagged(shop)
    staff, boss = await builders.worker(shop), await builders.worker(shop, Role.ADMIN, 2002, "Boss")
    await verdicts.decide(shop, staff, order.id, Verdict.SUSPICIOUS, "")
    for who, seen, key in ((boss, "", "somebody_faster"), (staff, "", "done_already"),
                           (staff, "suspicious", "done_already")):  # fmt: skip
        with pytest.raises(OutOfDate) as late:
            await verdicts.decide(shop, who, order.id, Verdict.SUSPICIOUS, seen)
        assert late.value.key == f"errors.{key}"
    await verdicts.decide(shop, boss, order.id, Verdict.VERIFIED, "suspicious")
    check = await _check(shop, order)
    assert (check.verdict, check.by, check.open, check.shown) == (Verdict.VERIFIED, "Boss", False, False)
    assert check.flags


async def test_rejected_cancels_and_restocks(sqlite_shop: Shop) -> None:
    """Cancelled for a reason of its own, stock back, customer and counter told; a second tap hears who did it."""
    shop = sqlite_shop
    order, variant = await _flagged(shop)
    staff = await builders.worker(shop, name="Vichea")
    held = (await builders.figures(shop, variant))[1]
    done = await verdicts.reject(shop, staff, order.id, order.version, "")
    assert (done.status, done.cancel_reason) == (Status.CANCELLED, CancelReason.REJECTED)
    assert (await builders.figures(shop, variant))[1] == held - 1
    assert (1003, "note_closed") in await builders.owed(shop, MessageKind.NOTE_CLOSED)
    for who in (staff, await builders.worker(shop, telegram_id=2002, name="Late")):
        with pytest.raises(OutOfDate):
            await verdicts.reject(shop, who, order.id, order.version, "")
    await builders.sound(shop)


async def test_who_can_reject(sqlite_shop: Shop) -> None:
    """Packed: admins only; on its way: nobody, and each hears why. A verdict that cannot cancel is not written."""
    shop = sqlite_shop
    order, _ = await _flagged(shop)
    staff, boss = await builders.worker(shop), await builders.worker(shop, Role.ADMIN, 2002, "Boss")
    courier = await builders.worker(shop, Role.COURIER, 2003, "Courier")
    with pytest.raises(NotAllowed):
        await verdicts.decide(shop, courier, order.id, Verdict.VERIFIED, "")
    order = await builders.moved(shop, staff, order, Move.PREPARE, Move.READY)
    with pytest.raises(NotAllowed) as packed:
        await verdicts.reject(shop, staff, order.id, order.version, "")
    assert packed.value.key == "errors.reject_admin"
    order = await builders.moved(shop, staff, order, Move.OUT)
    with pytest.raises(Refused) as out:
        await verdicts.reject(shop, boss, order.id, order.version, "")
    assert out.value.key == "errors.reject_out"
    with pytest.raises(OutOfDate):
        await verdicts.decide(shop, boss, order.id, Verdict.REJECTED, "")
    assert (await _check(shop, order)).verdict is None
    order = await builders.moved(shop, staff, order, Move.RETURN)
    with pytest.raises(OutOfDate):
        await verdicts.reject(shop, boss, order.id, order.version - 1, "")
    await verdicts.reject(shop, boss, order.id, order.version, "")
    assert (await _check(shop, order)).verdict is Verdict.REJECTED


async def test_not_ones_own_and_not_without_a_flag(sqlite_shop: Shop) -> None:
    """Who works here does not clear their own order, an owner does; an order without a flag has nothing to decide."""
    shop = sqlite_shop
    order, variant = await _flagged(shop)
    own = await builders.worker(shop, Role.ADMIN, 1003, "Sokha")
    with pytest.raises(Refused) as refused:
        await verdicts.decide(shop, own, order.id, Verdict.VERIFIED, "")
    assert refused.value.key == "errors.check_own"
    await verdicts.decide(shop, await builders.worker(shop, Role.OWNER, 1003, "Sokha"), order.id, Verdict.VERIFIED, "")
    plain = await builders.order(shop, await builders.customer(shop, 1003, "Sokha"), variant)
    await shop.db.write(lambda tx: tx.execute(order_checks.delete().where(order_checks.c.order_id == plain.id)))
    with pytest.raises(NotFound):
        await verdicts.decide(shop, await builders.worker(shop), plain.id, Verdict.VERIFIED, "")


async def test_a_paid_order_that_is_rejected_is_refunded(sqlite_shop: Shop) -> None:
    """KHQR: what was paid is due back, as after any cancel."""
    shop = sqlite_shop
    _, variant = await _flagged(shop)
    bank = await builders.with_khqr(shop, staff_chat_id=STAFF_CHAT)
    person = await _named(shop, 1006, "Vanna")
    paid = await builders.order(shop, person, variant, method=PaymentMethod.KHQR)
    (attempt,) = await builders.attempts(shop, paid)
    bank.answers[attempt.md5] = builders.money(attempt, shop.clock.now())
    paid = await settle.ask(shop, attempt)
    assert paid.payment_status is PaymentStatus.PAID
    done = await verdicts.reject(shop, await builders.worker(shop), paid.id, paid.version, "")
    assert (done.status, done.payment_status) == (Status.CANCELLED, PaymentStatus.REFUND_DUE)
    await builders.sound(shop)


async def test_nothing_of_the_forgotten_stays(sqlite_shop: Shop) -> None:
    """Their file does not tell of flags and verdicts; forgotten, their flags are empty."""
    shop = sqlite_shop
    order, _ = await _flagged(shop)
    staff, sokha = await builders.worker(shop), await builders.customer(shop, 1003, "Sokha")
    await verdicts.reject(shop, staff, order.id, order.version, "")
    _, told = await privacy.export(shop, sokha)
    assert b"flagged" not in told
    assert b"checked" not in told
    await privacy.forget_me(shop, sokha, int(shop.clock.now().timestamp()))
    assert (await _check(shop, order)).flags == ()
    assert (await _check(shop, order)).shown is False
