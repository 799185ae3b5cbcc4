"""Parcels through the bot: given in the group, told and listed in the courier's own chat, delivered from there."""

import pytest

from bot import taps
from core.fulfilment import carrying
from core.i18n import translator
from core.orders.rules import Move, Order, ReturnReason, Status
from core.people import service as people
from core.people.rules import Role
from tests.support import builders
from tests.support.gallery import plain
from tests.support.helping import bring, by_bot, reply
from tests.support.paying import press
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN = translator("en")


async def _shop(talk: Talk, language: str = "en", role: Role = Role.OWNER) -> None:
    """Sokha is a courier, Bopha owns the shop (or is another courier), both in the staff group."""
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP, staff_language=language)
    await talk.shop.refresh()
    for person, what, name in ((SOKHA, Role.COURIER, "Sokha"), (BOPHA, role, "Bopha")):
        await people.speak(talk.shop, await builders.worker(talk.shop, what, person, name), language)


async def _ready(talk: Talk, variant: int | None = None) -> Order:
    """Dara's parcel, ready, its card in the group."""
    staff = await builders.worker(talk.shop, Role.STAFF, 2009, "Vichea")
    buyer = await builders.customer(talk.shop, DARA)
    order = await builders.order(talk.shop, buyer, variant or await builders.product(talk.shop))
    order = await builders.moved(talk.shop, staff, order, Move.PREPARE, Move.READY)
    await bring(talk)
    return order


def _card(talk: Talk, order: Order) -> Json:
    return next(one for one in by_bot(talk, STAFF_GROUP) if said(one).startswith(order.number))


def _html(language: str, key: str, **values: object) -> str:
    return plain(translator(language).html(key, **values))


@pytest.mark.parametrize("language", ["en", "km"])
async def test_from_hand_to_door(sqlite_talk: Talk, language: str) -> None:
    """Given in the group, told in private, listed, opened, out, delivered, back to the list with the cash below."""
    talk, t = sqlite_talk, translator(language)
    await _shop(talk, language)
    order = await _ready(talk)
    card = _card(talk, order)
    await press(talk, BOPHA, card, t("button.more_of_order"))
    await press(talk, BOPHA, card, t("button.give_to"))
    assert list(keys(_card(talk, order))) == ["Sokha", "Bopha", "Vichea", t("button.back")]
    answer = await press(talk, BOPHA, card, "Sokha")
    assert answer["text"] == t("carry.given", name="Sokha")
    assert "🛵 Sokha" in said(_card(talk, order))
    told = talk.messages(SOKHA)[-1]
    to = {"name": "Dara · +855 12 000 001", "amount": "$13.50", "address": "12 Street 100"}
    assert said(told).startswith(_html(language, "carry.yours", number=order.number, **to))
    assert list(keys(told)) == [order.number, t("button.copy_short"), t("button.my_parcels")]
    talk.calls()
    await press(talk, SOKHA, told, t("button.my_parcels"), SOKHA)
    assert sorted(talk.calls()) == ["answerCallbackQuery", "editMessageText"]
    mine = talk.message(SOKHA, told["message_id"])
    assert _html(language, "carry.ready") in said(mine)
    await press(talk, SOKHA, mine, order.number, SOKHA)
    await press(talk, SOKHA, mine, t("move.out"), SOKHA)
    shown = list(keys(talk.message(SOKHA, mine["message_id"])))
    assert shown[:2] == [t("cash.delivered", amount="$13.50"), t("button.other_amount")]
    assert (t("move.return") in shown, shown[-1]) == (True, t("button.my_parcels"))
    await press(talk, SOKHA, mine, t("move.return"), SOKHA)
    assert list(keys(talk.message(SOKHA, mine["message_id"])))[-1] == t("button.my_parcels")
    await press(talk, SOKHA, mine, t("button.back"), SOKHA)
    await press(talk, SOKHA, mine, t("cash.delivered", amount="$13.50"), SOKHA)
    assert (await builders.read(talk.shop, order)).status is Status.DELIVERED
    await press(talk, SOKHA, mine, t("button.my_parcels"), SOKHA)
    mine = talk.message(SOKHA, mine["message_id"])
    assert _html(language, "carry.none") in said(mine)
    assert _html(language, "carry.cash", held="$13.50", today="$13.50") in said(mine)
    assert t("button.my_cash") in keys(mine)
    assert dict(talk.sandbox.world.findings) == {}


async def test_another_courier_hears_whose_it_is(sqlite_talk: Talk) -> None:
    """The group's buttons, tapped by who does not carry it: refused by name, for each of the three; nothing moved."""
    talk = sqlite_talk
    await _shop(talk, role=Role.COURIER)
    order = await _ready(talk)
    await press(talk, SOKHA, _card(talk, order), "Out for delivery")
    card = _card(talk, order)
    for words in ("Delivered · $13.50", "Other amount", "Not accepted"):
        answer = await press(talk, BOPHA, card, words)
        assert (answer["text"], answer["show_alert"]) == ("Sokha carries this parcel.", True), words
    answer = await talk.tap(
        BOPHA, card["message_id"], taps.ReturnOrder(order.id, ReturnReason.UNWANTED, 5), STAFF_GROUP
    )
    assert answer["text"] == "Sokha carries this parcel."
    assert (await builders.read(talk.shop, order)).status is Status.OUT
    await press(talk, SOKHA, card, "Delivered · $13.50")
    assert (await builders.read(talk.shop, order)).status is Status.DELIVERED


async def test_given_on_while_somebody_writes(sqlite_talk: Talk) -> None:
    """Sokha is asked for the sum, the parcel goes to Bopha: both are told, the line is late, the list is empty."""
    talk = sqlite_talk
    await _shop(talk)
    order = await _ready(talk)
    card = _card(talk, order)
    await press(talk, SOKHA, card, "Out for delivery")
    await press(talk, SOKHA, card, "Other amount")
    asked = by_bot(talk, STAFF_GROUP)[-1]
    await press(talk, BOPHA, card, "⋯ More")
    await press(talk, BOPHA, card, "Give to…")
    await press(talk, BOPHA, card, "Vichea")
    assert said(talk.messages(SOKHA)[-1]) == _html("en", "carry.not_yours", number=order.number, name="Vichea")
    await reply(talk, SOKHA, STAFF_GROUP, asked, "13 no change")
    assert said(by_bot(talk, STAFF_GROUP)[-1]) == EN("errors.somebody_faster", name="Bopha")
    (mine,) = await talk.say(SOKHA, "/parcels")
    assert EN("carry.none") in said(mine)
    assert (await builders.read(talk.shop, order)).status is Status.OUT


async def test_who_has_a_list(sqlite_talk: Talk) -> None:
    """A courier has the button at home and the command; a customer neither; in the group it is asked for in private."""
    talk = sqlite_talk
    await _shop(talk)
    order = await _ready(talk)
    await press(talk, BOPHA, _card(talk, order), "⋯ More")
    await press(talk, BOPHA, _card(talk, order), "Give to…")
    await press(talk, BOPHA, _card(talk, order), "Sokha")
    home = (await talk.say(SOKHA, "/start"))[-1]
    assert next(iter(keys(home))) == "🛵 My parcels"
    (mine,) = await talk.say(SOKHA, "/parcels")
    assert order.number in said(mine)
    await press(talk, SOKHA, mine, order.number, SOKHA)
    await press(talk, SOKHA, mine, "⋯ More", SOKHA)
    assert "History" not in keys(talk.message(SOKHA, mine["message_id"]))
    await press(talk, SOKHA, mine, "🛵 My parcels", SOKHA)
    await press(talk, SOKHA, mine, "📦 Ready", SOKHA)
    listed = keys(talk.message(SOKHA, mine["message_id"]))
    assert next(iter(listed)).startswith(f"📦 {order.number}")
    assert {EN("button.all_labels"), EN("button.all_slips")} & listed.keys() == set()
    (answer,) = await talk.say(SOKHA, "/parcels", STAFF_GROUP)
    assert said(answer) == EN("errors.parcels_private")
    await people.speak(talk.shop, await builders.customer(talk.shop, DARA), "en")
    home = (await talk.say(DARA, "/start"))[-1]
    assert "🛵 My parcels" not in keys(home)
    (answer,) = await talk.say(DARA, "/parcels")
    assert order.number not in said(answer)
    where = talk.messages(DARA)[-1]["message_id"]
    for tap in (taps.MyParcels(0), taps.AskGive(order.id, 0), taps.GiveParcel(order.id, 1, order.version + 1),
                taps.TakeOverCash(1, 0, 0)):  # fmt: skip
        answer = await talk.tap(DARA, where, tap)
        assert answer["text"] == EN("errors.not_allowed"), tap
    answer = await talk.tap(SOKHA, mine["message_id"], taps.AskGive(order.id, 0))
    assert answer["text"] == EN("errors.not_allowed")
    other = await _ready(talk, order.lines[0].variant_id)
    sokha, boss = (
        await builders.worker(talk.shop, Role.COURIER, SOKHA),
        await builders.worker(talk.shop, Role.OWNER, BOPHA),
    )
    await carrying.give(talk.shop, boss, other.id, sokha.id, other.version)
    await people.revoke(talk.shop, SOKHA)
    before = talk.messages(SOKHA)
    await bring(talk)
    assert talk.messages(SOKHA) == before
    answer = await talk.tap(SOKHA, mine["message_id"], taps.MyParcels(0))
    assert answer["text"] == EN("errors.not_allowed")


@pytest.mark.parametrize("language", ["en", "km"])
async def test_it_came_back(sqlite_talk: Talk, language: str) -> None:
    """Not accepted: the customer's card says plainly that it came back and that we write; not why."""
    talk, t = sqlite_talk, translator(language)
    await _shop(talk, language)
    order = await _ready(talk)
    await people.speak(talk.shop, await builders.customer(talk.shop, DARA), language)
    await press(talk, SOKHA, _card(talk, order), t("move.out"))
    await press(talk, SOKHA, _card(talk, order), t("move.return"))
    await press(talk, SOKHA, _card(talk, order), t("return_reason.no_money"))
    own = next(one for one in by_bot(talk, DARA) if said(one).startswith(order.number))
    assert t("outcome.returned") in said(own)
    assert t("return_reason.no_money") not in said(own)
    assert t("return_reason.no_money") in said(_card(talk, order))
    assert t("outcome.returned") not in said(_card(talk, order))


@pytest.mark.parametrize("language", ["en", "km"])
async def test_cash_counted_without_them(sqlite_talk: Talk, language: str) -> None:
    """A courier left with cash: the owner opens what they hold, takes it over by one tap, counts it by another."""
    talk, t = sqlite_talk, translator(language)
    await _shop(talk, language)
    order = await _ready(talk)
    await press(talk, SOKHA, _card(talk, order), t("move.out"))
    await press(talk, SOKHA, _card(talk, order), t("cash.delivered", amount="$13.50"))
    await people.revoke(talk.shop, SOKHA)
    (till,) = await talk.say(BOPHA, "/cash")
    await press(talk, BOPHA, till, t("cash.holding", name="Sokha", amount="$13.50"), BOPHA)
    answer = await press(talk, BOPHA, till, t("cash.take_over", amount="$13.50"), BOPHA)
    assert answer["text"] == t("cash.taken_over", name="Sokha")
    await press(talk, BOPHA, till, t("button.confirm_cash", amount="$13.50"), BOPHA)
    done = said(talk.message(BOPHA, till["message_id"]))
    assert _html(language, "cash.card", name="Sokha", amount="$13.50", when="").strip() in done
    assert "Bopha" in done
    late = await talk.tap(BOPHA, till["message_id"], taps.TakeOverCash(1, 1350, 0))
    assert late["text"] == t("errors.cash_moved_on")
    await builders.sound(talk.shop)
