"""People: one row each however they arrive, phones as they are dialled, roles in force at once, questions that last."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core.config import Config
from core.database import Database, tables
from core.errors import NotAllowed, Refused
from core.people import rules, service, store
from core.people.rules import Person, Rank, Role, clean_line, clean_name, normal_phone, shown_phone
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders


@pytest.mark.parametrize(
    "spelling",
    ["012 345 678", "012345678", "12345678", "85512345678", "+85512345678", "+855 12 345 678", "0 12-345-678",
     "(012) 345 678", "+855 012 345 678", " 012\u00a0345\u00a0678 ", "០១២ ៣៤៥ ៦៧៨"],
)  # fmt: skip
def test_one_phone_in_many_spellings(spelling: str) -> None:
    """However it is written, it is the same number in E.164."""
    assert normal_phone(spelling) == "+85512345678"


def test_foreign_and_shown_numbers() -> None:
    """A number with another country's code is kept; phones are shown as people read them."""
    assert normal_phone("+66 81 234 5678") == "+66812345678"
    assert shown_phone("+85512000001") == "+855 12 000 001"
    assert shown_phone("nonsense") == "nonsense"


@pytest.mark.parametrize(
    "nonsense",
    ["", " ", "+", "12345", "hello", "0000000000", "8551234", "012345678901234", "012 345 678 or 011 222 333",
     "012 FLO WER", "call 012345678", "012345678 ext 9", "1e9", "-12345678" * 9, "\x00", "٫", "९" * 400],
)  # fmt: skip
def test_what_cannot_be_dialled_is_refused(nonsense: str) -> None:
    """Too short, too long, two numbers, words, controls: one sentence."""
    with pytest.raises(Refused) as refused:
        normal_phone(nonsense)
    assert refused.value.key == "errors.phone_invalid"


def test_a_typed_line() -> None:
    """Spaces fold, controls and half characters fall out; nothing said and too much are refused."""
    assert clean_line("  12 \n Street\t100 ", 50) == "12 Street 100"
    assert clean_line("a\x00b\ud800c", 5) == "abc"
    assert clean_line("ផ្ទះ ១២", 20) == "ផ្ទះ ១២"
    for text, key in (("…!។", "text_empty"), ("", "text_empty"), ("\x00", "text_empty"), ("x" * 51, "text_too_long")):
        with pytest.raises(Refused) as refused:
            clean_line(text, 50)
        assert refused.value.key == f"errors.{key}"


def test_a_name() -> None:
    """A name is never empty, never too long for its column, and always storable."""
    assert clean_name(" ") == "?"
    assert clean_name("\x00\ud800") == "?"
    assert len(clean_name("ក" * 4000)) == rules.NAME_LENGTH
    assert clean_name("<b>Dara</b>") == "<b>Dara</b>"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reaches_those_below(role: Role) -> None:
    """Owner over admin over staff over courier over customer."""
    person = Person(1, 1, "A", role=role)
    for rank in Rank:
        if rank <= person.rank:
            person.must_be(rank)
        else:
            with pytest.raises(NotAllowed):
                person.must_be(rank)
    assert Person(1, 1, "A").rank is Rank.CUSTOMER


async def test_arriving(shop: Shop) -> None:
    """New, known, renamed: one row, the same id; a name that no database could hold is made storable."""
    first = await service.arrive(shop, 1001, "Dara", "dara")
    assert await service.arrive(shop, 1001, "Dara", "dara") == first
    renamed = await service.arrive(shop, 1001, "Dara\x00 \ud800Sok", "dara")
    assert (renamed.id, renamed.name) == (first.id, "Dara Sok")
    assert await builders.count(shop, tables.people) == 1


async def test_whoever_is_known_costs_no_write(sqlite_shop: Shop) -> None:
    """A known person is remembered: not even a closed database is noticed."""
    await service.arrive(sqlite_shop, 1001, "Dara")
    sqlite_shop.clock.move(sqlite_shop.policy.khqr_hold)
    await service.arrive(sqlite_shop, 1001, "Dara")
    seen = await sqlite_shop.db.read(lambda tx: tx.execute(select(tables.people.c.seen_at)).scalar_one())
    assert seen < sqlite_shop.clock.now()


async def test_language_phone_and_role_are_in_force_at_once(config: Config, open_shop: OpenShop) -> None:
    """What changes is read anew by the next arrival, in the process that changed it."""
    shop = await open_shop(config)
    dara = await service.arrive(shop, 1001, "Dara")
    await service.speak(shop, dara, "km")
    await service.say_phone(shop, dara, "012 000 001")
    await service.grant(shop, 1001, "Dara", Role.STAFF)
    now = await service.arrive(shop, 1001, "Dara")
    assert (now.language, now.phone, now.role) == ("km", "+85512000001", Role.STAFF)


class _SlowReads:
    """The shop's database over a slow line: what a read found arrives when ``gate`` opens."""

    def __init__(self, db: Database) -> None:
        self.db, self.dialect, self.found, self.gate = db, db.dialect, asyncio.Event(), asyncio.Event()
        self.write, self.close, self.overhear = db.write, db.close, db.overhear

    async def read(self, *work: Any) -> Any:
        """Read now, tell later."""
        found = await self.db.read(*work)
        self.found.set()
        await self.gate.wait()
        return found


async def test_a_role_changed_while_somebody_arrives(shop: Shop) -> None:
    """An arrival that read the old role, and hears of it after the change, does not keep it in memory."""
    await service.arrive(shop, 1001, "Dara")
    shop.seen.clear()
    slow = shop.db = _SlowReads(shop.db)
    arriving = asyncio.ensure_future(service.arrive(shop, 1001, "Dara"))
    await slow.found.wait()
    await service.grant(shop, 1001, "Dara", Role.STAFF)
    slow.gate.set()
    assert (await arriving).role is None
    assert (await service.arrive(shop, 1001, "Dara")).role is Role.STAFF


async def test_a_role_is_given_once_and_audited(shop: Shop) -> None:
    """Granting the same role again writes nothing; a new one takes the place of the old."""
    boss = await builders.worker(shop, Role.OWNER, 3001, "Boss")
    for role in (Role.STAFF, Role.STAFF, Role.ADMIN):
        person = await service.grant(shop, 2001, "Sokha", role, boss.id)
    assert person.role is Role.ADMIN
    rows = await shop.db.read(
        lambda tx: tx.execute(select(tables.audit).where(tables.audit.c.actor_id == boss.id)).all()
    )
    assert [(row.action, row.subject_id, row.detail) for row in rows] == [
        ("grant", person.id, {"role": "staff"}), ("grant", person.id, {"role": "admin"}),
    ]  # fmt: skip
    assert await builders.count(shop, tables.roles) == 2


async def test_questions_survive_a_restart(config: Config, open_shop: OpenShop) -> None:
    """What was asked last stands, with what belongs to it, for the next process too; answered, it is gone."""
    one, two = await open_shop(config), await open_shop(config)
    dara = await builders.customer(one)
    await service.ask(one, dara, "street", cart=7)
    await service.ask(one, dara, "phone", cart=8)
    asked = await service.question(two, dara)
    assert asked is not None
    assert (asked.kind, asked.data, asked.asked_at) == ("phone", {"cart": 8}, one.clock.now())
    await service.say_phone(two, dara, "012 000 002", replace(asked, kind="street"))
    assert await service.question(one, dara) == asked
    await service.say_phone(two, dara, "012 000 002", asked)
    assert await service.question(one, dara) is None


async def test_the_address_book(shop: Shop) -> None:
    """The last used first, ten at most (one more is refused), nobody else's, none that was put away."""
    dara, bopha = await builders.customer(shop, province=""), await builders.customer(shop, 1002, "Bopha")
    ids = []
    for i in range(10):
        shop.clock.move(shop.policy.khqr_hold)
        values = builders.WHERE | {"street": f"{i} Street"}
        ids.append(await shop.db.write(lambda tx, v=values: store.save_address(tx, dara.id, shop.clock.now(), **v)))
    assert [found.id for found in await service.address_book(shop, dara)] == ids[::-1]
    with pytest.raises(Refused) as refused:
        await shop.db.write(lambda tx: store.save_address(tx, dara.id, shop.clock.now(), **builders.WHERE))
    assert refused.value.key == "errors.book_full"
    gone = tables.addresses.c.id == ids[-1]
    await shop.db.write(lambda tx: tx.execute(tables.addresses.update().where(gone).values(active=False)))
    assert ids[-1] not in [found.id for found in await service.address_book(shop, dara)]
    assert len(await service.address_book(shop, bopha)) == 1
