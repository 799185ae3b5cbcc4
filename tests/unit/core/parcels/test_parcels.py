"""Parcels: for which something is printed, who sees what of them by their code, and how a code ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.clock import SteppedClock
from core.database.tables import audit
from core.doors import Door, read
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.messages.rules import MessageKind
from core.orders.rules import WORKED, Destination, Move, Order, Status, new_token
from core.orders.store import events
from core.parcels import rules
from core.parcels import service as parcels
from core.parcels.rules import GUESSES, SILENCE, View
from core.people.rules import Person, Role
from core.shop import Shop
from tests.support import builders


async def _order(shop: Shop) -> Order:
    shop.door = lambda payload: f"https://t.me/haang_bot?start={payload}"
    return await builders.order(shop, await builders.customer(shop), await builders.product(shop))


async def test_what_is_printed(sqlite_shop: Shop) -> None:
    """From confirmed until it arrived there is a parcel; never for an order whose customer is forgotten."""
    order = await _order(sqlite_shop)
    for status in Status:
        wanted = "" if status in WORKED else "parcel_none"
        assert rules.refusal(replace(order, status=status)) == wanted
    gone = replace(order, status=Status.READY, destination=Destination("", "", "12", "", "", "x", "x"))
    assert rules.refusal(gone) == "parcel_forgotten"
    made = rules.batch([replace(order, id=1, status=Status.READY), replace(gone, id=2), replace(order, id=3)], most=2)
    assert ([one.id for one in made.orders], made.left_out, made.after) == (
        [1], ((order.number, "parcel_forgotten"),), 2,
    )  # fmt: skip
    assert rules.batch([replace(gone, id=2)], most=1).after == 0


@pytest.mark.parametrize("role", [None, Role.COURIER, Role.STAFF, Role.ADMIN])
async def test_who_prints(sqlite_shop: Shop, role: Role | None) -> None:
    """Staff and admins, for an order that has a parcel, and all that are ready at once; nobody else, not one's own."""
    order = await _order(sqlite_shop)
    sokha = await builders.worker(sqlite_shop, Role.STAFF)
    who = await builders.worker(sqlite_shop, role, 3001) if role else await builders.customer(sqlite_shop)
    if role in {None, Role.COURIER}:
        for attempt in (parcels.printed(sqlite_shop, who, order.id), parcels.ready(sqlite_shop, who)):
            with pytest.raises(NotAllowed):
                await attempt
        return
    with pytest.raises(Refused, match="parcel_none"):
        await parcels.printed(sqlite_shop, who, order.id)
    await builders.moved(sqlite_shop, sokha, order, Move.PREPARE)
    assert (await parcels.printed(sqlite_shop, who, order.id)).id == order.id
    assert (await parcels.ready(sqlite_shop, who)).orders == ()
    await builders.moved(sqlite_shop, sokha, order, Move.READY)
    assert [one.id for one in (await parcels.ready(sqlite_shop, who)).orders] == [order.id]
    with pytest.raises(NotFound):
        await parcels.printed(sqlite_shop, who, 999)


async def test_what_a_code_shows(sqlite_shop: Shop) -> None:
    """Its customer their own, who works here the counter's card, others where it stands; opening writes nothing."""
    order = await _order(sqlite_shop)
    dara, stranger = await builders.customer(sqlite_shop), await builders.customer(sqlite_shop, 3001, "Chan")
    sokha = await builders.worker(sqlite_shop, Role.COURIER)
    found = read(parcels.link(sqlite_shop, order).partition("start=")[2]).parcel
    lines = await builders.count(sqlite_shop, audit)
    for who, view in ((dara, View.OWN), (sokha, View.COUNTER), (stranger, View.TRACKING)):
        opened = await parcels.opened(sqlite_shop, who, found)
        assert opened == order
        assert rules.view(order, who) is view
    assert rules.view(order, replace(dara, role=Role.OWNER)) is View.OWN
    assert await builders.count(sqlite_shop, audit) == lines
    sqlite_shop.door = lambda _payload: None
    with pytest.raises(Refused, match="parcel_no_link"):
        parcels.link(sqlite_shop, order)


async def _guess(shop: Shop, person: Person, times: int) -> None:
    for _ in range(times):
        with pytest.raises(NotFound, match="parcel_code"):
            await parcels.opened(shop, person, new_token())


async def test_who_guesses_is_not_answered(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Twenty codes of nothing within an hour: an hour's silence, then as before. Slowly, or by staff: never."""
    order, chan = await _order(sqlite_shop), await builders.customer(sqlite_shop, 3001, "Chan")
    courier = await builders.worker(sqlite_shop, Role.COURIER)
    await _guess(sqlite_shop, chan, GUESSES - 1)
    clock.move(SILENCE)
    await _guess(sqlite_shop, chan, GUESSES - 1)
    assert await parcels.opened(sqlite_shop, chan, order.parcel_token) == order
    await _guess(sqlite_shop, chan, 1)
    for token in (new_token(), order.parcel_token, order.tracking_token, "x" * 62):
        assert await parcels.opened(sqlite_shop, chan, token) is None
    lines = await builders.count(sqlite_shop, audit)
    assert await parcels.opened(sqlite_shop, chan, new_token()) is None
    assert await builders.count(sqlite_shop, audit) == lines
    await _guess(sqlite_shop, courier, GUESSES + 1)
    clock.move(SILENCE - timedelta(seconds=1))
    assert await parcels.opened(sqlite_shop, chan, order.parcel_token) is None
    clock.move(timedelta(seconds=1))
    assert await parcels.opened(sqlite_shop, chan, order.parcel_token) == order
    await _guess(sqlite_shop, chan, 1)


async def test_a_new_code(shop: Shop) -> None:
    """By an admin, on the order as it was seen: the old code leads nowhere; event, audit, the card drawn again."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    await shop.refresh()
    order = await _order(shop)
    sokha, bopha = await builders.worker(shop), await builders.worker(shop, Role.ADMIN, 3001, "Bopha")
    with pytest.raises(NotAllowed):
        await parcels.renew(shop, sokha, order.id, order.version)
    after = await parcels.renew(shop, bopha, order.id, order.version)
    assert after.version == order.version + 1
    assert len(after.parcel_token) == 22
    assert after.tracking_token == order.tracking_token
    with pytest.raises(NotFound, match="parcel_code"):
        await parcels.opened(shop, bopha, order.parcel_token)
    assert await parcels.opened(shop, sokha, after.parcel_token) == after
    for who, key in (
        (bopha, "done_already"),
        (await builders.worker(shop, Role.ADMIN, 3002, "Chan"), "somebody_faster"),
    ):
        with pytest.raises(OutOfDate, match=key):
            await parcels.renew(shop, who, order.id, order.version)
    told = [(one.kind, one.actor_name) for one in await shop.db.read(events, order.id)]
    assert told[-1] == ("new_code", "Bopha")
    assert await builders.count(shop, audit, audit.c.action == "order.new_code", audit.c.subject_id == order.id) == 1
    assert await builders.owed(shop, MessageKind.STAFF_CARD) == [(builders.STAFF_CHAT, "staff_card")]


def test_a_payload_says_which_parcel() -> None:
    """Written and read again; a code that was cut is still one, so that it is answered as one that was revoked."""
    token = new_token()
    payload = Door(parcel=token).payload
    assert (payload, read(payload)) == (f"k_{token}", Door(parcel=token))
    assert read("k_short") == Door(parcel="short")
    for forged in ("k_", "k_" + "a" * 63, "k_a b", "K_" + token, f"k_{token}\n"):
        assert read(forged) == Door(known=False)
