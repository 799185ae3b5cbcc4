"""Pictures of a payment: one claim holds them all, the same one changes nothing, and whose a picture may be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import Refused
from core.fulfilment import cases, pictures
from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.fulfilment.pictures import LATELY, SOON, Awaited
from core.fulfilment.polling import poll
from core.messages.rules import MessageKind
from core.orders.rules import CancelReason, Move, Order, PaymentMethod, Status
from core.people.rules import Person
from core.settlements.rules import CaseState
from core.shop import Shop
from tests.support import builders


async def _to_pay(shop: Shop) -> tuple[Person, Order]:
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    await shop.refresh()
    order, _ = await builders.khqr_order(shop)
    return await builders.customer(shop), order


async def _proofs(shop: Shop) -> int:
    return len(await builders.owed(shop, MessageKind.PAYMENT_PROOF))


async def test_one_claim_holds_all(shop: Shop) -> None:
    """Each picture is a new version and a copy for the staff; the same once more is neither."""
    dara, order = await _to_pay(shop)
    first = await cases.claim(shop, dara, order.id, "a", 11)
    second = await cases.claim(shop, dara, order.id, "b", 12)
    again = await cases.claim(shop, dara, order.id, "b", 12)
    assert (first.id, first.version, second.version) == (again.id, 1, 2)
    assert (again, again.state, again.proof, await _proofs(shop)) == (second, CaseState.OPEN, "b", 2)
    await builders.sound(shop)


async def test_enough(shop: Shop) -> None:
    """Ten more are taken; what comes then is refused, and nothing of it stays."""
    dara, order = await _to_pay(shop)
    for number in range(cases.PICTURES + 1):
        last = await cases.claim(shop, dara, order.id, f"p{number}", number + 1)
    with pytest.raises(Refused, match="pictures_enough"):
        await cases.claim(shop, dara, order.id, "one more", 99)
    assert (last.version, await _proofs(shop)) == (cases.PICTURES + 1, cases.PICTURES + 1)
    assert (await cases.claim(shop, dara, order.id)).version == last.version  # the word alone is said again


async def test_what_came_with_another_order_stays_noted(shop: Shop) -> None:
    """A known picture, then a new one: the case still names the order that the known one came with."""
    dara, first = await _to_pay(shop)
    await cases.claim(shop, dara, first.id, "known", 1)
    second = await builders.order(shop, dara, first.lines[0].variant_id, 1, PaymentMethod.KHQR)
    assert (await cases.claim(shop, dara, second.id, "known", 2)).note == first.number
    assert (await cases.claim(shop, dara, second.id, "new", 3)).note == first.number
    third = await builders.order(shop, dara, first.lines[0].variant_id, 1, PaymentMethod.KHQR)
    await cases.claim(shop, dara, third.id, "of the third", 4)
    assert (await cases.claim(shop, dara, second.id, "of the third", 5)).note == f"{first.number} {third.number}"


async def test_whose_payments_are_awaited(shop: Shop) -> None:
    """Of orders by KHQR that wait, with their claim, or ended unpaid within a day; nobody else's, none at a door."""
    dara, order = await _to_pay(shop)
    cash = await builders.order(shop, dara, order.lines[0].variant_id)
    bopha, sokha = await builders.customer(shop, 1002, "Bopha"), await builders.worker(shop)
    assert [(one.order.id, one.claim) for one in await pictures.awaited(shop, dara)] == [(order.id, None)]
    assert await pictures.awaited(shop, bopha) == []
    claim = await cases.claim(shop, dara, order.id)
    assert [one.claim for one in await pictures.awaited(shop, dara)] == [claim]
    for one in (cash, await builders.read(shop, order)):
        await fulfilment.move(shop, sokha, one.id, Move.CANCEL, one.version, reason=CancelReason.UNREACHABLE)
    (left,) = await pictures.awaited(shop, dara)
    assert (left.order.id, left.order.status, left.claim) == (order.id, Status.CANCELLED, None)
    shop.clock.move(LATELY)  # type: ignore[attr-defined]
    assert await pictures.awaited(shop, dara) == []


async def test_an_order_that_expired(shop: Shop) -> None:
    """A picture may be of its payment for a day, and for as long as a claim of it is looked at."""
    dara, order = await _to_pay(shop)
    for minutes in (5, 10):
        shop.clock.move(timedelta(minutes=minutes))  # type: ignore[attr-defined]
        await poll(shop)
    await expire_orders(shop)
    assert [one.order.status for one in await pictures.awaited(shop, dara)] == [Status.EXPIRED]
    claim = await cases.claim(shop, dara, order.id, "late")
    shop.clock.move(LATELY)  # type: ignore[attr-defined]
    assert [one.claim for one in await pictures.awaited(shop, dara)] == [claim]
    await cases.reject(shop, await builders.worker(shop), claim.id, claim.version)
    shop.clock.move(LATELY)  # type: ignore[attr-defined]
    assert await pictures.awaited(shop, dara) == []


async def test_which_claim_a_picture_joins(sqlite_shop: Shop) -> None:
    """The only one that waits, at any time; beside another order that waits, the newest of the last ten minutes."""
    dara, order = await _to_pay(sqlite_shop)
    claim = await cases.claim(sqlite_shop, dara, order.id)
    alone, other = Awaited(order, claim), Awaited(order, None)
    newer = Awaited(order, replace(claim, id=2, opened_at=claim.opened_at + timedelta(minutes=1)))
    at_once, late = claim.opened_at + SOON - timedelta(seconds=1), claim.opened_at + SOON
    assert pictures.joins([alone], late + LATELY) is alone
    assert pictures.joins([other, alone], at_once) is alone
    assert pictures.joins([alone, newer], at_once) is newer
    assert pictures.joins([alone, newer], late) is newer
    assert pictures.joins([other, alone], late) is None
    assert pictures.joins([other], at_once) is None
