"""One-time codes: how they are read, how long and where they are good, how often one may be wrong; a way back in."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.clock import SteppedClock
from core.database.tables import audit, outbox
from core.database.tables import settings as table
from core.errors import NotAllowed, Refused
from core.people import service as people
from core.people import store as people_store
from core.people.rules import Person, Role
from core.setup import rules, service
from core.setup.rules import ALPHABET, GUESSES, LENGTH, Goal, Trial
from core.shop import Shop
from tests.support import builders

GROUP, OTHER = -100200300, -100200399


async def _boss(shop: Shop) -> Person:
    return await builders.worker(shop, Role.OWNER, 9001, "Boss")


@pytest.mark.parametrize("typed", ["ABCD2345", "abcd-2345", " ab cd 23 45 ", "ABCD២៣៤៥", "<abcd>2345"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    """Small letters, blanks, strokes and Khmer digits are the same code."""
    assert rules.tidy(typed) == "ABCD2345"


def test_a_code_is_easy_and_never_the_same() -> None:
    """Eight letters of the alphabet, which has none that looks like another."""
    codes = {rules.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)
    assert not set("ILO01") & set(ALPHABET)
    assert rules.tidy(rules.shown("ABCD2345")) == "ABCD2345"


async def test_a_code_links_a_group_once(sqlite_shop: Shop) -> None:
    """Kept as a keyed hash, used once, then the group is in the settings and in the audit; nothing shows the code."""
    shop = sqlite_shop
    boss = await _boss(shop)
    code = await service.make_code(shop, boss, Goal.STAFF)
    kept = str(await shop.db.read(lambda tx: tx.execute(select(table)).all()))
    assert code not in kept
    assert rules.hashed(shop.config.token, code) in kept
    assert (await service.take_code(shop, code, None, GROUP)).goal is Goal.STAFF
    await shop.refresh()
    assert shop.policy.staff_chat_id == GROUP
    assert (await service.take_code(shop, code, None, OTHER)).trial is Trial.WRONG
    lines = await shop.db.read(lambda tx: tx.execute(select(audit.c.action, audit.c.subject, audit.c.detail)).all())
    assert ("setting", "staff_chat_id", {"from": 0, "to": GROUP}) in [tuple(line) for line in lines]
    assert code not in str(lines)


async def test_a_newer_code_takes_the_place_of_an_older(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """One code for each goal; each is over after its time, to the second."""
    shop = sqlite_shop
    boss = await _boss(shop)
    old, new = [await service.make_code(shop, boss, Goal.ADMIN) for _ in range(2)]
    assert (await service.take_code(shop, old, None, GROUP)).trial is Trial.WRONG
    clock.move(rules.VALID)
    assert (await service.take_code(shop, new, None, GROUP)).trial is Trial.WRONG
    last = await service.make_code(shop, boss, Goal.ADMIN)
    clock.move(rules.VALID - timedelta(seconds=1))
    assert (await service.take_code(shop, last, None, GROUP)).goal is Goal.ADMIN


async def test_a_code_goes_with_its_maker(sqlite_shop: Shop) -> None:
    """What an owner made who owns the shop no more links nothing; what the shell made does."""
    shop = sqlite_shop
    boss = await _boss(shop)
    code = await service.make_code(shop, boss, Goal.ADMIN)
    await shop.db.write(people_store.revoke, boss)
    assert (await service.take_code(shop, code, None, GROUP)).trial is Trial.WRONG
    code = await service.make_code(shop, None, Goal.ADMIN)
    assert (await service.take_code(shop, code, None, GROUP)).trial is Trial.LINKED


async def test_five_wrong_codes_silence_a_chat(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Even the right one is not heard there for an hour; another chat is; nobody's Telegram id is written down."""
    shop = sqlite_shop
    boss = await _boss(shop)
    code = await service.make_code(shop, boss, Goal.STAFF)
    for _ in range(GUESSES):
        assert (await service.take_code(shop, "WRNG2345", None, GROUP)).trial is Trial.WRONG
    assert (await service.take_code(shop, code, None, GROUP)).trial is Trial.SILENT
    assert (await service.take_code(shop, code, None, OTHER)).trial is Trial.LINKED
    clock.move(rules.SILENCE)
    again = await service.make_code(shop, boss, Goal.STAFF)
    assert (await service.take_code(shop, again, None, GROUP)).trial is Trial.LINKED
    dara = await people.arrive(shop, 1001, "Dara")
    for _ in range(GUESSES):
        await service.take_code(shop, "WRNG2345", dara, 1001)
    assert (await service.take_code(shop, "WRNG2345", dara, 1001)).trial is Trial.SILENT
    subjects = await shop.db.read(lambda tx: tx.execute(select(audit.c.subject_id)).scalars().all())
    assert 1001 not in subjects


async def test_strangers_silence_nobody_who_is_known(sqlite_shop: Shop) -> None:
    """Five wrong codes of strangers in a group: the owner's good one is still taken there."""
    shop = sqlite_shop
    boss = await _boss(shop)
    for _ in range(GUESSES):
        await service.take_code(shop, "WRNG2345", None, GROUP)
    code = await service.make_code(shop, boss, Goal.STAFF)
    assert (await service.take_code(shop, code, boss, GROUP)).trial is Trial.LINKED


async def test_each_code_in_its_place(sqlite_shop: Shop) -> None:
    """The staff's in no private chat, the admins' in an admin's own: both stay good; an owner's in a group is spent."""
    shop = sqlite_shop
    boss, dara = await _boss(shop), await people.arrive(shop, 1001, "Dara")
    staff, admin = await service.make_code(shop, boss, Goal.STAFF), await service.make_code(shop, boss, Goal.ADMIN)
    owner = await service.make_code(shop, None, Goal.OWNER)
    for code, who, chat in ((staff, boss, 9001), (admin, dara, 1001), (owner, dara, GROUP)):
        with pytest.raises(Refused):
            await service.take_code(shop, code, who, chat)
    assert (await service.take_code(shop, owner, dara, 1001)).trial is Trial.WRONG
    assert (await service.take_code(shop, admin, boss, 9001)).goal is Goal.ADMIN
    assert (await service.take_code(shop, staff, boss, GROUP)).goal is Goal.STAFF


async def test_who_makes_codes(sqlite_shop: Shop) -> None:
    """Owners, and no admin; one that makes an owner is made by the shell alone; one who was an owner makes none."""
    shop = sqlite_shop
    boss, sokha = await _boss(shop), await builders.worker(shop, Role.ADMIN, 2001)
    for who, goal in ((sokha, Goal.STAFF), (boss, Goal.OWNER)):
        with pytest.raises(NotAllowed):
            await service.make_code(shop, who, goal)
    await people.grant(shop, 2001, "Sokha", Role.OWNER)
    await people.revoke(shop, 9001)
    with pytest.raises(NotAllowed):
        await service.make_code(shop, boss, Goal.STAFF)


async def test_a_way_back_in_from_the_shell(sqlite_shop: Shop) -> None:
    """A code typed in one's own chat makes an owner, or their id does at once; the other owners hear of every step."""
    shop = sqlite_shop
    await _boss(shop)
    dara = await people.arrive(shop, 1001, "Dara")
    code = await service.make_code(shop, None, Goal.OWNER)
    assert (await service.take_code(shop, code, dara, 1001)).goal is Goal.OWNER
    found = await people.known(shop, 1001)
    assert found is not None
    assert found.role is Role.OWNER
    assert [await service.add_owner(shop, 2001), await service.add_owner(shop, 2001)] == [True, False]
    owed = await shop.db.read(lambda tx: tx.execute(select(outbox.c.chat_id, outbox.c.data)).all())
    heard = [(chat, data["metric"]) for chat, data in owed if data and "metric" in data]
    assert heard == [(9001, "owner_door"), (9001, "owner_new"), (9001, "owner_new"), (1001, "owner_new")]
