"""What a person gets: all that is theirs, nothing of anybody else's, readable by eye, once a day."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table

from core.database.tables import metadata
from core.errors import Refused
from core.messages.rules import MessageKind
from core.orders.rules import Move
from core.people import service as people
from core.people.rules import AUDIT, CHANGE, FOUND, Role
from core.privacy import rules
from core.privacy import service as privacy
from core.shop import Shop
from tests.support import builders, lives

OF_PEOPLE = {"person", "chat_id", "actor_id", "person_id", "telegram_id", "person_hash", "author_id", "subscribed_at"}
"""How columns are called that say whose a row is, where no foreign key does."""


def _leads_to_people(table: Table, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a row of a table is somebody's: by a column, or because what it belongs to is."""
    parents = {key.column.table for key in table.foreign_keys} - {table}
    if table.name == "people" or OF_PEOPLE & set(table.columns.keys()):
        return True
    return any(_leads_to_people(one, seen | {table.name}) for one in parents if one.name not in seen)


def test_every_table_with_people_in_it_is_given_or_named() -> None:
    """A new table that leads to people is exported, or stands in ``KEPT_BACK`` with its reason; no other does."""
    of_people = {name for name, table in metadata.tables.items() if _leads_to_people(table)}
    assert of_people == rules.EXPORTED | rules.KEPT_BACK.keys()
    assert rules.EXPORTED & rules.KEPT_BACK.keys() == set()
    assert all(len(reason) > 20 for reason in rules.KEPT_BACK.values())


async def _given(shop: Shop) -> tuple[str, dict[str, Any]]:
    person, _ = await lives.somebody(shop)
    name, content = await privacy.export(shop, person)
    assert name == "my_data_20261121.json"
    return content.decode(), json.loads(content)


async def test_everything_that_is_theirs(shop: Shop) -> None:
    """Each secret, each kind of thing that they have, every order with its lines, events and payments."""
    text, given = await _given(shop)
    assert lives.found(text) == [one for one in lives.SECRETS if one not in lives.SHOPS_OWN]
    kinds = ("addresses", "cart", "orders", "points", "promo_codes", "favourites", "waiting_for", "reviews", "help",
             "question_being_asked")  # fmt: skip
    assert {kind: bool(given[kind]) for kind in kinds} == dict.fromkeys(kinds, True)
    (order,) = given["orders"]
    assert [line["sku"] for line in order["lines"]] == ["ROSE-30"]
    assert [event["by"] for event in order["events"]] == ["you", *["the shop"] * (len(order["events"]) - 1)]
    assert [(one["carrier"], one["tracking_number"]) for one in order["shipments"]] == [("jt", "ZYX-9-PARCEL")]
    assert given["settings"] == {"language": "km", "wants_news": False, "wants_reminders": True}
    assert given["referrals"] == {
        "invitation_code": "zyx_invite", "came_by_an_invitation": False, "friends_who_had_a_parcel": 0,
    }  # fmt: skip
    assert [one["text"] for one in given["help"]] == ["Zyxhelp 1", "Zyxhelp 2"]


async def test_who_works_here_gets_nothing_of_a_customer(sqlite_shop: Shop) -> None:
    """A half-done change, a search, and who carried and entered one's own order stay at the counter."""
    shop = sqlite_shop
    person, order = await lives.somebody(shop)
    sokha = await builders.worker(shop, Role.ADMIN)
    for kind, data in ((CHANGE, {"chat_id": -5, "where": {"street": lives.STREET}}), (AUDIT, {"words": lives.NAME}),
                       (FOUND, {"chat_id": 5, "text": lives.PHONE})):  # fmt: skip
        await people.ask(shop, sokha, kind, **data)
        given = json.loads((await privacy.export(shop, sokha))[1])
        assert given["question_being_asked"] == [], kind
    (own,) = json.loads((await privacy.export(shop, person))[1])["orders"]
    assert {"courier_id", "entered_by", "held_at", "holder_id"} & own.keys() == set()
    assert (own["number"], own["prepaid"]) == (order.number, "0.00 USD")


async def test_an_address_can_be_read(sqlite_shop: Shop) -> None:
    """Beside the codes of a place stands the place, in both languages."""
    _, given = await _given(sqlite_shop)
    assert [("Phnom Penh" in one["written_en"], "ភ្នំពេញ" in one["written_km"]) for one in given["addresses"]
            if one["province_code"] == "12"] == [(True, True)]  # fmt: skip


async def test_nothing_of_anybody_else(shop: Shop) -> None:
    """Not Sokha of the staff, not the friend who came by the invitation, not a stranger's order."""
    person, _ = await lives.somebody(shop)
    stranger = await builders.customer(shop, 9001, "Strangerzyx")
    await builders.order(shop, stranger, await builders.product(shop, sku="OTHER-1"))
    text = (await privacy.export(shop, person))[1].decode()
    assert [word for word in ("Sokha", "Friend", "Strangerzyx", "OTHER-1", "9001", "2001") if word in text] == []
    assert len(json.loads(text)["orders"]) == 1


async def test_a_friends_parcel_is_not_named(shop: Shop) -> None:
    """The points that a friend's first parcel brought say how many and when, not by which order."""
    person, own = await lives.somebody(shop)
    friend = await builders.customer(shop, 700_100_201, "Friend Other")
    order = await builders.order(shop, friend, await builders.product(shop, sku="ROSE-33"))
    staff = await builders.worker(shop)
    await builders.moved(shop, staff, order, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    given = json.loads((await privacy.export(shop, person))[1])
    thanks = [entry for entry in given["points"] if entry["kind"] == "referral"]
    assert [(entry["points"], entry["order"]) for entry in thanks] == [(100, None)]
    assert own.number in {entry["order"] for entry in given["points"]}
    assert given["referrals"]["friends_who_had_a_parcel"] == 1


async def test_readable_by_eye(sqlite_shop: Shop) -> None:
    """Indented, Khmer as it is, every moment in the shop's zone, every amount with its currency, no bare numbers."""
    text, given = await _given(sqlite_shop)
    assert '\n  "person": {\n    "telegram_id": 700100200' in text
    assert "ចាន់ធូ" in text
    assert "\\u" not in text
    assert given["made_at"] == "2026-11-21T10:00:00+07:00"
    assert (given["orders"][0]["total"], given["orders"][0]["lines"][0]["unit_price"]) == ("23.10 USD", "12.00 USD")
    moments = re.findall(r'"[a-z_]*(?:_at|\bat)": "([^"]+)"', text)
    assert len(moments) > 20
    assert {moment[-6:] for moment in moments} == {"+07:00"}


async def test_once_a_day(shop: Shop) -> None:
    """The file is owed once; asked again before a day is over it is refused, after that it is written again."""
    person, _ = await lives.somebody(shop)
    await privacy.ask_export(shop, person)
    assert await builders.owed(shop, MessageKind.MY_DATA) == [(lives.ID, MessageKind.MY_DATA)]
    shop.clock.move(timedelta(hours=23, minutes=59))
    with pytest.raises(Refused, match="export_daily"):
        await privacy.ask_export(shop, person)
    shop.clock.move(timedelta(minutes=1))
    await privacy.ask_export(shop, person)


async def test_after_a_clock_that_jumped_back(sqlite_shop: Shop) -> None:
    """What was asked "tomorrow" bars nobody today."""
    person, _ = await lives.somebody(sqlite_shop)
    await privacy.ask_export(sqlite_shop, person)
    sqlite_shop.clock.move(-timedelta(days=2))
    await privacy.ask_export(sqlite_shop, person)
