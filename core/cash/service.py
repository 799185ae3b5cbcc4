"""Use cases of cash after it was taken: what a courier holds, handing it in, counting it (PRODUCT S8)."""

from datetime import datetime

from sqlalchemy import Connection

from core.cash import rules, store
from core.cash.rules import Cash, Collection, HandIn, Purse, Till
from core.errors import NotFound, OutOfDate, Refused
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders.notices import REDRAW_AFTER
from core.orders.rules import Order, Status
from core.people import store as people
from core.people.rules import Person, Question, Rank, Role
from core.settings import store as settings
from core.settings.rules import Policy
from core.shop import Shop
from core.storage.alerts import owe_alert


async def taken(shop: Shop, order: Order) -> Collection | None:
    """Read what was taken for a parcel, and by whom; None where none was."""
    if not order.by_cash or order.status is not Status.DELIVERED:
        return None
    return await shop.db.read(store.of_order, order.id)


async def held(shop: Shop, person: Person, courier_id: int) -> Purse:
    """Read what a courier holds, by the shop's own days: their own, or anybody's for an admin.

    Who works here no more sees what they still hold: it is to be handed in.
    """
    if courier_id != person.id:
        person.must_be(Rank.ADMIN)

    def read(tx: Connection) -> Purse:
        courier = people.by_id(tx, courier_id)
        if courier is None:
            raise NotFound
        mine = store.held(tx, courier_id)
        if not mine and courier_id == person.id:
            person.must_be(Rank.COURIER)
        return Purse(
            courier_id, courier.name, rules.together(one.taken for one in mine), rules.by_day(mine, shop.config.zone),
            tuple(store.waiting(tx, courier_id)), tuple(store.differed(tx, courier_id)),
        )  # fmt: skip

    return await shop.db.read(read)


async def till(shop: Shop, person: Person) -> Till:
    """Read who holds what, and what waits to be counted; admins only."""
    person.must_be(Rank.ADMIN)
    return await shop.db.read(lambda tx: Till(tuple(store.holdings(tx)), tuple(store.waiting(tx))))


async def handed(shop: Shop, person: Person, hand_in_id: int) -> HandIn:
    """Read one hand-in: one's own, or anybody's for an admin; ``NotFound`` for any other."""
    found = await shop.db.read(store.handed, hand_in_id)
    if found is None or (found.courier_id != person.id and person.rank < Rank.ADMIN):
        raise NotFound
    return found


def by_id(tx: Connection, hand_in_id: int) -> HandIn | None:
    """One hand-in, for what the outbox brings to those it concerns."""
    return store.handed(tx, hand_in_id)


async def hand_in(shop: Shop, person: Person, seen: Cash) -> HandIn:
    """Hand in all that the person holds, as they saw it; a second tap is the same hand-in.

    ``OutOfDate`` where they hold another sum by now, ``Refused`` where nothing is to be handed in.
    """
    await shop.refresh()

    def write(tx: Connection) -> HandIn:
        people.lock(tx, person.id)
        now, parcels = shop.clock.now(), store.held(tx, person.id)
        if not parcels:  # what a former courier still holds is taken from them
            person.must_be(Rank.COURIER)
        mine = rules.together(one.taken for one in parcels)
        again = next((one for one in reversed(store.waiting(tx, person.id)) if one.brought.sums == seen.sums), None)
        if mine.sums != seen.sums:
            if again is not None:
                return again
            raise OutOfDate("cash_moved_on")
        hand_in_id = store.hand_in(tx, person.id, now)
        if hand_in_id is None:
            raise Refused("cash_none")
        settings.write_audit(tx, now, person.id, "cash.hand_in", "hand_in", hand_in_id, {"amount": str(mine)})
        _tell_admins(tx, shop.policy, hand_in_id, now)
        return _again(tx, hand_in_id)

    return await shop.db.write(write)


async def take_over(shop: Shop, person: Person, courier_id: int, seen: Cash) -> HandIn:
    """Hand in, in a courier's name and without them, all that they hold as it was seen; then it is counted as any.

    For one who left, or whose Telegram is gone: admins only, and never one's own. The audit says whose hand it was.
    """
    person.must_be(Rank.ADMIN)
    if courier_id == person.id:
        raise Refused("cash_own")
    await shop.refresh()

    def write(tx: Connection) -> HandIn:
        people.lock(tx, courier_id)
        now, mine = shop.clock.now(), rules.together(one.taken for one in store.held(tx, courier_id))
        again = next((one for one in reversed(store.waiting(tx, courier_id)) if one.brought.sums == seen.sums), None)
        if mine.sums != seen.sums and again is not None:
            return again
        hand_in_id = store.hand_in(tx, courier_id, now) if mine.sums == seen.sums else None
        if hand_in_id is None:
            raise OutOfDate("cash_moved_on")
        detail = {"courier": courier_id, "amount": str(mine)}
        settings.write_audit(tx, now, person.id, "cash.take_over", "hand_in", hand_in_id, detail)
        _tell_admins(tx, shop.policy, hand_in_id, now)
        return _again(tx, hand_in_id)

    return await shop.db.write(write)


async def confirm(
    shop: Shop, person: Person, hand_in_id: int, counted: Cash | None = None, *, shown_in: int = 0,
    question: Question | None = None,
) -> HandIn:  # fmt: skip
    """Say what a hand-in was counted to be, None for the very sums; other sums need a note. Admins only.

    The customer paid: what is missing is between the shop and the courier, and stays on the hand-in. Nobody but an
    owner counts their own: ``Refused``. ``OutOfDate`` names who counted first. The ``question`` that was answered by
    it is closed in the same transaction.
    """
    person.must_be(Rank.ADMIN)
    await shop.refresh()

    def write(tx: Connection) -> HandIn:
        now, found = shop.clock.now(), _again(tx, hand_in_id)
        if found.courier_id == person.id and person.role is not Role.OWNER:
            raise Refused("cash_own")
        if not store.confirm(tx, hand_in_id, person.id, rules.counted_as(found.brought, counted), now):
            raise _counted_before(_again(tx, hand_in_id), person)
        done = _again(tx, hand_in_id)
        settings.write_audit(tx, now, person.id, "cash.confirm", "hand_in", hand_in_id, _detail(done))
        _tell_admins(tx, shop.policy, hand_in_id, now, shown_in)
        courier = people.by_id(tx, done.courier_id)
        if courier is not None and courier.id != person.id and courier.telegram_id and not courier.blocked:
            messages.owe(tx, courier.telegram_id, MessageKind.CASH_COUNTED, hand_in_id, now)
        if done.difference:
            words = " ".join(map(str, done.difference))
            data = {"metric": "cash", "level": "warning", "name": done.courier, "amount": words}
            owe_alert(tx, shop.policy, f"cash {hand_in_id}", data, now)
        people.close_question(tx, person.id, question)
        return done

    return await shop.db.write(write)


def _detail(done: HandIn) -> dict[str, str]:
    """What was counted, and what that is more or less than was brought."""
    differs = {"difference": " ".join(map(str, done.difference))} if done.difference else {}
    return {"amount": str(done.counted or done.brought)} | differs


def _counted_before(found: HandIn, person: Person) -> OutOfDate:
    if found.confirmed_by_id == person.id:
        return OutOfDate("done_already")
    return OutOfDate("somebody_faster", name=found.confirmed_by)


def _again(tx: Connection, hand_in_id: int) -> HandIn:
    found = store.handed(tx, hand_in_id)
    if found is None:
        raise NotFound
    return found


def _tell_admins(tx: Connection, policy: Policy, hand_in_id: int, now: datetime, shown_in: int = 0) -> None:
    """Owe the admins the hand-in's card, edited where it stands: in their chat or, where none is set, to each owner."""
    for chat in people.admin_chats(tx, policy.admin_chat_id):
        due = now + REDRAW_AFTER if chat == shown_in else now
        messages.owe(tx, chat, MessageKind.CASH_HAND_IN, hand_in_id, now, due_at=due)
