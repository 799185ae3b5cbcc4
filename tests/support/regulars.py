"""People whom a practice shop that serves knows already, and what they ordered: written beside it by its own services.

A chat takes its time and a group twenty messages a minute; what only leads to a story is not told in the chat again.
How somebody becomes known there is told by ``test_first_order`` and ``test_odd_messages``, how staff bring a parcel to
its door by ``test_first_order`` and ``test_restart``.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import Connection

from bot.sandbox import client as sandbox
from bot.sandbox import practice
from bot.sandbox.client import Desk
from core.config import Config
from core.orders.rules import Move
from core.payments.bakong import ManualBank
from core.people import store as people
from core.people.rules import Person
from core.shop import Shop, open_shop
from tests.support import builders
from tests.support.house import House
from tests.support.stories import STREET, together

DISTRICT, VARIANT = "1201", 1
TO_THE_DOOR = (Move.PREPARE, Move.READY, Move.OUT)


@asynccontextmanager
async def beside(house: House) -> AsyncIterator[Shop]:
    """The shop of a practice house that serves, opened here too, as a command does."""
    desk = {"staff_chat_id": practice.STAFF_GROUP, "admin_chat_id": practice.ADMIN}
    shop = await open_shop(Config(_env_file=None, data_dir=house.data, **desk), ManualBank())
    try:
        yield shop
    finally:
        await shop.close()


async def acquaint(
    house: House, desk: Desk, *names: str, language: str = "en", street: str = STREET
) -> list[sandbox.Person]:
    """People who came in before, chose a language, told phone and address: each in a chat that is still empty."""
    came = [int((await desk.act("people", first_name=name, language_code=language))["id"]) for name in names]

    def tell(tx: Connection) -> None:
        now = shop.clock.now()
        for number, name in zip(came, names, strict=True):
            phone = f"+85512{number:06}"
            person = people.arrive(tx, number, name, "", now)
            people.change(tx, number, language=language, phone=phone, phone_confirmed=True)
            where = {"recipient": name, "phone": phone, "street": street, "district_code": DISTRICT}
            people.save_address(tx, person.id, now, **builders.WHERE | where)

    async with beside(house) as shop:
        await shop.db.write(tell)
    await desk.look()
    return [desk.person(number) for number in came]


async def place(house: House, *buyers: sandbox.Person, moves: Sequence[Move] = ()) -> list[str]:
    """Let each order the first product, to be paid at the door, and Sokha make these moves; returns the numbers.

    They open their chat first, for the shop writes to nobody who never did.
    """
    await together(*(buyer.start() for buyer in buyers))
    async with beside(house) as shop:
        courier = await _known(shop, practice.SOKHA)
        parcels = [await builders.order(shop, await _known(shop, buyer.id), VARIANT) for buyer in buyers]
        return [(await builders.moved(shop, courier, parcel, *moves)).number for parcel in parcels]


async def bring(house: House, *buyers: sandbox.Person) -> list[str]:
    """Let each order a parcel, and Sokha bring it to the door; returns the orders' numbers."""
    return await place(house, *buyers, moves=TO_THE_DOOR)


async def _known(shop: Shop, number: int) -> Person:
    person = await shop.db.read(people.by_telegram, number)
    assert person is not None
    return person
