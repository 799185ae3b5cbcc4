"""Roles given and taken, doors for one, and what goes with a role: the services, on the database."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import doors
from core.clock import SteppedClock
from core.database.tables import audit, invitations, questions, roles
from core.errors import NotAllowed, NotFound, OutOfDate, Refused, ShopError
from core.messages.rules import MessageKind
from core.orders.rules import Move
from core.people import service as people
from core.people.rules import Person, Role
from core.shop import Shop
from core.team import rules
from core.team import service as team
from tests.support import builders

BOSS, ADMIN, SOKHA, DARA = 9001, 3001, 2001, 1001


async def _house(shop: Shop) -> tuple[Person, Person, Person]:
    """An owner, an admin, and Sokha of the staff."""
    boss = await builders.worker(shop, Role.OWNER, BOSS, "Boss")
    admin = await builders.worker(shop, Role.ADMIN, ADMIN, "Admin")
    return boss, admin, await builders.worker(shop, Role.STAFF, SOKHA, "Sokha")


async def _role(shop: Shop, telegram_id: int) -> Role | None:
    return (await people.arrive(shop, telegram_id, "Somebody")).role


async def _code(shop: Shop, by: Person, role: Role = Role.COURIER) -> str:
    return doors.read((await team.invite(shop, by, role))[1]).invitation


async def _lines(shop: Shop) -> list[tuple[int | None, str, int | None]]:
    query = select(audit.c.actor_id, audit.c.action, audit.c.subject_id).order_by(audit.c.id)
    return [tuple(row) for row in await shop.db.read(lambda tx: tx.execute(query).all())]  # type: ignore[misc]


async def test_who_works_here(sqlite_shop: Shop) -> None:
    """The highest first, since when and by whom; nobody below an admin reads it, nor any other but themselves."""
    boss, admin, sokha = await _house(sqlite_shop)
    await team.add(sqlite_shop, admin, DARA, "Dara", Role.COURIER)
    found = await team.team(sqlite_shop, admin)
    assert [(one.name, one.role, one.by) for one in found.members] == [
        ("Boss", Role.OWNER, ""), ("Admin", Role.ADMIN, ""), ("Sokha", Role.STAFF, ""), ("Dara", Role.COURIER, "Admin"),
    ]  # fmt: skip
    assert found.gives == (Role.STAFF, Role.COURIER)
    assert (await team.member(sqlite_shop, sokha, sokha.id)).since == sqlite_shop.clock.now()
    with pytest.raises(NotAllowed):
        await team.team(sqlite_shop, sokha)
    with pytest.raises(NotAllowed):
        await team.member(sqlite_shop, sokha, boss.id)
    with pytest.raises(NotFound):
        await team.member(sqlite_shop, admin, 999)


async def test_somebody_new_is_told_and_written_down(sqlite_shop: Shop) -> None:
    """Known to the shop or not; a second time nothing happens; nobody is let in above the actor's own rank."""
    _, admin, sokha = await _house(sqlite_shop)
    for _ in range(2):
        await team.add(sqlite_shop, admin, DARA, " Dara\u202e ", Role.STAFF)
    dara = await people.arrive(sqlite_shop, DARA, "Dara")
    assert (dara.role, (await _lines(sqlite_shop))[-1]) == (Role.STAFF, (admin.id, "grant", dara.id))
    assert await builders.owed(sqlite_shop, MessageKind.TEAM) == [(DARA, "team")]
    for by, role in ((admin, Role.OWNER), (admin, Role.ADMIN), (sokha, Role.COURIER)):
        with pytest.raises(NotAllowed):
            await team.add(sqlite_shop, by, 4001, "New", role)
    with pytest.raises(NotAllowed):  # who is above is not brought down by picking them once more
        await team.add(sqlite_shop, admin, BOSS, "Boss", Role.STAFF)
    with pytest.raises(Refused, match="team_own"):
        await team.add(sqlite_shop, admin, ADMIN, "Admin", Role.STAFF)
    assert await sqlite_shop.db.read(lambda tx: tx.execute(select(roles.c.person_id).where(roles.c.role == "staff"))
                                     .scalars().all()) == [sokha.id, dara.id]  # fmt: skip


async def test_what_goes_with_a_role(sqlite_shop: Shop) -> None:
    """Taken out: the open question, the open doors and the access go at once; their orders are named; they are told."""
    boss, admin, sokha = await _house(sqlite_shop)
    order = await builders.order(sqlite_shop, await builders.customer(sqlite_shop), await builders.product(sqlite_shop))
    await builders.moved(sqlite_shop, admin, order, Move.PREPARE)
    code = await _code(sqlite_shop, admin)
    await people.ask(sqlite_shop, admin, "reference", chat_id=-100, case_id=1)
    done = await team.change(sqlite_shop, boss, admin.id, Role.ADMIN, None)
    assert (done.held, done.role) == ({order.id: order.number}, None)
    assert await builders.count(sqlite_shop, questions) == 0
    assert await _role(sqlite_shop, ADMIN) is None
    assert (ADMIN, "team") in await builders.owed(sqlite_shop)
    with pytest.raises(NotAllowed, match="invite_revoked"):
        await team.join(sqlite_shop, await people.arrive(sqlite_shop, DARA, "Dara"), code)
    with pytest.raises(NotAllowed):  # who was read a moment before they were taken out
        await team.change(sqlite_shop, admin, sokha.id, Role.STAFF, None)
    assert await _role(sqlite_shop, SOKHA) is Role.STAFF
    assert (boss.id, "revoke", admin.id) in await _lines(sqlite_shop)


async def test_another_role_drops_what_was_asked_but_not_a_customers_own_question(sqlite_shop: Shop) -> None:
    """Sokha is asked at the counter: dropped with her rank; asked for a street as a customer: it stands."""
    boss, _, sokha = await _house(sqlite_shop)
    await people.ask(sqlite_shop, sokha, "cash_taken", chat_id=SOKHA, order_id=1)
    await team.change(sqlite_shop, boss, sokha.id, Role.STAFF, Role.COURIER)
    assert await people.question(sqlite_shop, sokha) is None
    await people.ask(sqlite_shop, sokha, "street", code="12", cart_id=1)
    await team.change(sqlite_shop, boss, sokha.id, Role.COURIER, None)
    assert await people.question(sqlite_shop, sokha) is not None


async def test_leaving(sqlite_shop: Shop) -> None:
    """Sokha leaves: the admins hear it, with what is in her hands; the only owner, and one by the settings, stay."""
    boss, _, sokha = await _house(sqlite_shop)
    await team.change(sqlite_shop, sokha, sokha.id, Role.STAFF, None)
    assert await builders.owed(sqlite_shop) == [(BOSS, "alert")]
    assert await _role(sqlite_shop, SOKHA) is None
    with pytest.raises(Refused, match="last_owner"):
        await team.change(sqlite_shop, boss, boss.id, Role.OWNER, None)
    second = await builders.worker(sqlite_shop, Role.OWNER, DARA, "Dara")
    sqlite_shop.config = sqlite_shop.config.model_copy(update={"owner_ids": (BOSS,)})
    with pytest.raises(Refused, match="team_by_settings"):
        await team.change(sqlite_shop, second, boss.id, Role.OWNER, Role.STAFF)
    with pytest.raises(Refused, match="team_by_settings"):
        await team.add(sqlite_shop, second, BOSS, "Boss", Role.STAFF)
    await team.change(sqlite_shop, second, second.id, Role.OWNER, None)
    assert (await _role(sqlite_shop, BOSS), await _role(sqlite_shop, DARA)) == (Role.OWNER, None)


async def test_two_change_one_person_at_once(shop: Shop) -> None:
    """One wins and is named to the other; two who take each other out at once do not both succeed."""
    boss, admin, sokha = await _house(shop)
    ended = await asyncio.gather(
        team.change(shop, boss, sokha.id, Role.STAFF, Role.COURIER),
        team.change(shop, admin, sokha.id, Role.STAFF, None), return_exceptions=True,
    )  # fmt: skip
    won = 0 if not isinstance(ended[0], BaseException) else 1
    late = ended[1 - won]
    assert isinstance(late, OutOfDate)
    assert late.values == {"name": ("Boss", "Admin")[won]}
    assert await _role(shop, SOKHA) is (Role.COURIER, None)[won]
    with pytest.raises(OutOfDate, match="done_already"):
        await team.change(shop, (boss, admin)[won], sokha.id, Role.STAFF, None)
    other = await builders.worker(shop, Role.OWNER, DARA, "Dara")
    ended = await asyncio.gather(
        team.change(shop, boss, other.id, Role.OWNER, None), team.change(shop, other, boss.id, Role.OWNER, None),
        return_exceptions=True,
    )  # fmt: skip
    assert sorted(type(one).__name__ for one in ended) == ["Changed", "NotAllowed"]


async def test_a_door_lets_one_in_once(shop: Shop) -> None:
    """Two open one link at the same moment: one works here, in the role frozen in it; the other hears it was used."""
    boss, admin, _ = await _house(shop)
    code = await _code(shop, admin)
    both = [await people.arrive(shop, number, name) for number, name in ((DARA, "Dara"), (1002, "Bopha"))]
    ended = await asyncio.gather(*(team.join(shop, one, code) for one in both), return_exceptions=True)
    assert sorted(str(one) if isinstance(one, ShopError) else one.role for one in ended) == ["courier", "invite_used"]
    assert await builders.count(shop, roles) == 4
    (row,) = await shop.db.read(lambda tx: tx.execute(select(invitations)).all())
    assert (row.code_hash, row.role) == (rules.hashed(code), "courier")
    assert code not in str(row)
    assert [action for _, action, _ in await _lines(shop)].count("join") == 1
    assert (await team.team(shop, boss)).invitations == ()


async def test_a_door_that_is_shut(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Over after a day, taken back, made by who may not any more, one's own: nobody comes in, and it is not used up."""
    boss, admin, sokha = await _house(sqlite_shop)
    dara = await people.arrive(sqlite_shop, DARA, "Dara")
    late, gone, own, theirs = [await _code(sqlite_shop, admin) for _ in range(4)]
    with pytest.raises(NotAllowed, match="invite_own"):
        await team.join(sqlite_shop, admin, own)
    with pytest.raises(Refused, match="invite_have"):
        await team.join(sqlite_shop, sokha, own)
    with pytest.raises(NotAllowed, match="invite_unknown"):
        await team.join(sqlite_shop, dara, "a" * 22)
    (_, second, *_) = (await team.team(sqlite_shop, admin)).invitations
    await team.shut(sqlite_shop, boss, second.id)
    with pytest.raises(OutOfDate, match="invite_shut"):
        await team.shut(sqlite_shop, admin, second.id)
    with pytest.raises(NotAllowed, match="invite_revoked"):
        await team.join(sqlite_shop, dara, gone)
    await team.change(sqlite_shop, boss, admin.id, Role.ADMIN, Role.STAFF)
    with pytest.raises(NotAllowed, match="invite_revoked"):
        await team.join(sqlite_shop, dara, theirs)
    last = await _code(sqlite_shop, boss, Role.ADMIN)
    clock.move(timedelta(hours=24))
    for code, key in ((last, "invite_expired"), (late, "invite_revoked")):
        with pytest.raises(NotAllowed, match=key):
            await team.join(sqlite_shop, dara, code)
    assert await _role(sqlite_shop, DARA) is None


async def test_who_may_make_a_door(sqlite_shop: Shop) -> None:
    """An admin makes none for an admin and shuts none of theirs; staff make none; there are never too many."""
    boss, admin, sokha = await _house(sqlite_shop)
    made, _ = await team.invite(sqlite_shop, boss, Role.ADMIN)
    for by, role in ((admin, Role.ADMIN), (admin, Role.OWNER), (sokha, Role.COURIER)):
        with pytest.raises(NotAllowed):
            await team.invite(sqlite_shop, by, role)
    for by in (admin, sokha):
        with pytest.raises(NotAllowed):
            await team.shut(sqlite_shop, by, made.id)
    for _ in range(rules.MOST_OPEN - 1):
        await team.invite(sqlite_shop, admin, Role.COURIER)
    with pytest.raises(Refused, match="invite_many"):
        await team.invite(sqlite_shop, admin, Role.COURIER)
