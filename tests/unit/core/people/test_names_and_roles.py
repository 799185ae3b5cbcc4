"""Names that would turn the words beside them, and roles that are taken away again."""

import asyncio

import pytest
from sqlalchemy import select

from core.config import Config
from core.database.tables import audit, people
from core.errors import NotFound, Refused
from core.people import rules, service
from core.people.rules import Role
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE

TURNED = "\u202eevil\u2066 Dara\u200f\u061c"


async def test_a_name_turns_nothing(shop: Shop) -> None:
    """Override, embedding, isolate and mark are left out when it comes; Khmer's own joiners stay."""
    assert (await service.arrive(shop, 1001, TURNED)).name == "evil Dara"
    assert rules.clean_line(TURNED, 99) == "evil Dara"
    assert rules.clean_name("ក\u200bខ\u200dគ") == "ក\u200bខ\u200dគ"
    assert rules.clean_name("\u202e\u2066") == "?"


async def test_a_name_from_before_turns_nothing(shop: Shop) -> None:
    """One that stands in the database already is shown without them, on the person, their address and their order."""
    dara = await builders.customer(shop, name=TURNED)
    await shop.db.write(lambda tx: tx.execute(people.update().values(name=TURNED)) and None)
    order = await builders.order(shop, dara, await builders.product(shop))
    (address,) = await service.address_book(shop, dara)
    shown = [(await service.arrive(shop, 1001, "evil Dara")).name, address.recipient, order.destination.recipient]
    assert shown == ["evil Dara"] * 3


async def test_a_role_is_taken_away_in_every_process(config: Config, open_shop: OpenShop) -> None:
    """Sokha works in two processes; taken away in one, the other knows her as a customer at once; it is audited."""
    one, two = await open_shop(config), await open_shop(config)
    boss = await builders.worker(one, Role.OWNER, 9001, "Boss")
    await builders.worker(one, Role.STAFF, 2001, "Sokha")
    if config.database_url is None:
        two = one  # one process to a file
    assert (await service.arrive(two, 2001, "Sokha")).role is Role.STAFF
    with two.changes.bell("person", 2001) as heard:
        assert (await service.revoke(one, 2001, boss.id)).role is None
        await asyncio.wait_for(heard.wait(), PATIENCE)
    assert (await service.arrive(two, 2001, "Sokha")).role is None
    written = select(audit).where(audit.c.action == "revoke")
    (row,) = await one.db.read(lambda tx: tx.execute(written).all())
    assert (row.actor_id, row.detail) == (boss.id, {"role": "staff"})
    await service.revoke(one, 2001)
    assert len(await one.db.read(lambda tx: tx.execute(written).all())) == 1


async def test_the_only_owner_stays(shop: Shop) -> None:
    """Of two owners who leave at once one stays; who is not known is not there."""
    for number in (9001, 9002):
        await builders.worker(shop, Role.OWNER, number, f"Owner {number}")
    ended = await asyncio.gather(*(service.revoke(shop, n) for n in (9001, 9002)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["Person", "Refused"]
    with pytest.raises(NotFound):
        await service.revoke(shop, 12345)
    left = next(n for n, one in zip((9001, 9002), ended, strict=True) if isinstance(one, Refused))
    with pytest.raises(Refused, match="last_owner"):
        await service.revoke(shop, left)
