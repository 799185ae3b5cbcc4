"""My data, in the chat: told in plain words, sent as a file, deleted after asking twice, in both languages."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import taps
from bot.outbox import Outbox
from core.database import tables as t
from core.i18n import translator
from core.orders.rules import Move, Order
from core.people import service as people
from core.shop import Shop
from tests.support import builders, lives
from tests.support.talk import BOPHA, DARA, STAFF_GROUP, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")
ONE_EDIT = ["answerCallbackQuery", "editMessageCaption"]


async def _at_my_data(talk: Talk, person: int = DARA) -> int:
    (shown,) = await talk.say(person, "/mydata")
    talk.calls()
    return int(shown["message_id"])


async def _sent(talk: Talk) -> list[Json]:
    """Let the outbox send; returns Dara's messages."""
    await Outbox(talk.shop, talk.show, "test", lambda _chat: 0.0).send_due()
    return talk.messages(DARA)


async def _delivered(shop: Shop, telegram_id: int, name: str) -> Order:
    """A delivered order of somebody, and their language and username as they are in the sandbox."""
    person, staff = await builders.customer(shop, telegram_id, name), await builders.worker(shop)
    order = await builders.order(shop, person, await builders.product(shop))
    return await builders.moved(shop, staff, order, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)


async def test_a_copy_comes_as_a_file(talk: Talk) -> None:
    """From the settings, two taps: one edit and one answer each; the file comes by itself and is theirs alone."""
    await _delivered(talk.shop, DARA, "Dara")
    (shown,) = await talk.say(DARA, "/settings")
    number = shown["message_id"]
    await talk.tap(DARA, number, keys(shown)[EN("button.my_data")])
    await _sent(talk)
    talk.calls()
    told = talk.message(DARA, number)
    assert "What we keep about you, and why" in said(told)
    answer = await talk.tap(DARA, number, keys(told)["📄 Send me a copy"])
    assert (answer["text"], sorted(talk.calls())) == (EN("privacy.file_comes"), ["answerCallbackQuery"])
    file = (await _sent(talk))[-1]
    assert file["document"]["file_name"] == "my_data_20261121.json"
    content = talk.sandbox.world.file_content(talk.sandbox.world.state.files[file["document"]["file_id"]])
    given = json.loads(content or b"")
    assert (given["person"]["name"], given["orders"][0]["number"]) == ("Dara", "MD00001")
    assert dict(talk.sandbox.world.findings) == {}


async def test_a_second_copy_waits_a_day(sqlite_talk: Talk) -> None:
    """Asked twice: one file, and the second tap says when the next one is to be had."""
    talk = sqlite_talk
    number = await _at_my_data(talk)
    await talk.tap(DARA, number, taps.ExportData())
    answer = await talk.tap(DARA, number, taps.ExportData())
    assert (answer["text"], answer["show_alert"]) == (EN("errors.export_daily"), True)
    files = [message for message in await _sent(talk) if "document" in message]
    assert len(files) == 1


async def test_deleted_in_khmer(talk: Talk) -> None:
    """Bopha is asked twice, with one edit and one answer a tap; then nothing is known of her, and no button is left."""
    shop = talk.shop
    await _delivered(shop, BOPHA, "Bopha")
    await people.speak(shop, await people.arrive(shop, BOPHA, "Bopha"), "km")
    number = await _at_my_data(talk, BOPHA)
    for words, after in (("delete_data", "ask"), ("go_on", "ask_again"), ("delete_all", "deleted")):
        await talk.tap(BOPHA, number, keys(talk.message(BOPHA, number))[KM(f"button.{words}")])
        assert sorted(talk.calls()) == ONE_EDIT
        heading = KM(f"privacy.{after}").partition("</b>")[0].removeprefix("<b>")
        assert said(talk.message(BOPHA, number)).startswith(heading)
    assert keys(talk.message(BOPHA, number)) == {}
    left = await shop.db.read(lives.everything)
    assert [word for word in ("Bopha", str(BOPHA), builders.PHONE, "12 Street 100") if word in left] == []
    assert dict(talk.sandbox.world.findings) == {}


async def test_who_comes_back_is_asked_for_the_language(sqlite_talk: Talk) -> None:
    """After that ``/start`` is a first visit: no phone, no order, no points."""
    talk = sqlite_talk
    await _delivered(talk.shop, DARA, "Dara")
    number = await _at_my_data(talk)
    await talk.tap(DARA, number, taps.DeleteMe(int(talk.shop.clock.now().timestamp())))
    (first,) = await talk.say(DARA, "/start")
    assert "Which language do you read?" in said(first)
    (orders,) = await talk.say(DARA, "/orders")
    assert EN("order.none") in said(orders)
    people_now = await talk.shop.db.read(lambda tx: tx.execute(select(t.people.c.telegram_id)).scalars().all())
    assert sorted(people_now, key=str) == [DARA, 2001, None]


async def test_an_open_order_stands_in_the_way(sqlite_talk: Talk) -> None:
    """Said at the first question, with a button to the order; a forged last tap is refused and says the same."""
    talk = sqlite_talk
    shop = talk.shop
    await builders.order(shop, await builders.customer(shop, DARA), await builders.product(shop))
    number = await _at_my_data(talk)
    await talk.tap(DARA, number, keys(talk.message(DARA, number))["🗑 Delete my data"])
    told = talk.message(DARA, number)
    assert "MD00001: it is still to be brought to you, or cancelled" in said(told)
    answer = await talk.tap(DARA, number, taps.DeleteMe(int(shop.clock.now().timestamp())))
    assert (answer["text"], answer["show_alert"]) == (EN("errors.delete_waits", number="MD00001"), True)
    assert talk.message(DARA, number) == told
    await talk.tap(DARA, number, keys(told)["MD00001"])
    assert "MD00001 · Waiting" in said(talk.message(DARA, number))


async def test_an_old_last_button(sqlite_talk: Talk) -> None:
    """Pressed the next day it deletes nothing: what goes and what stays is shown once more."""
    talk = sqlite_talk
    number = await _at_my_data(talk)
    await talk.tap(DARA, number, taps.AskDelete(2))
    last = keys(talk.message(DARA, number))["Yes, delete everything"]
    talk.shop.clock.move(timedelta(days=1))
    answer = await talk.tap(DARA, number, last)
    assert answer["text"] == EN("errors.delete_ask_again")
    assert said(talk.message(DARA, number)).startswith("Delete my data?")
    assert await builders.count(talk.shop, t.tombstones) == 0


@pytest.mark.parametrize("step", [-1, 1, 2, 10**17])
async def test_the_only_owner_hears_why_not(sqlite_talk: Talk, step: int) -> None:
    """Whatever step a button names, the last owner is told to name another first; the screen stays what it was."""
    talk = sqlite_talk
    await builders.worker(talk.shop, builders.Role.OWNER, DARA, "Dara")
    number = await _at_my_data(talk)
    answer = await talk.tap(DARA, number, taps.AskDelete(step))
    assert answer["text"] == EN("errors.last_owner")
    assert "What we keep about you" in said(talk.message(DARA, number))


async def test_the_staffs_card_is_drawn_again(sqlite_talk: Talk) -> None:
    """The card in the group that showed name, phone and street says "Deleted customer", with no phone to copy."""
    talk = sqlite_talk
    shop = talk.shop
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
    await shop.refresh()
    await _delivered(shop, DARA, "Dara")
    await _sent(talk)
    (card,) = talk.messages(STAFF_GROUP)
    assert "12 Street 100" in said(card)
    number = await _at_my_data(talk)
    await talk.tap(DARA, number, taps.DeleteMe(int(shop.clock.now().timestamp())))
    await _sent(talk)
    (card,) = talk.messages(STAFF_GROUP)
    assert "📍 Deleted customer\nPhnom Penh" in said(card)
    assert [word for word in ("Dara", "12 Street", "+855") if word in json.dumps(card)] == []
