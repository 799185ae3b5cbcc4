"""What staff are reminded of, through the bot: late orders in one message, low stock by one tap, the day at closing."""

from datetime import timedelta

import pytest

from bot import taps
from core.i18n import translator
from core.nudges import service as nudging
from core.nudges import shelves
from core.orders.rules import Move
from core.people import service as people
from core.people.rules import Role
from core.reports import service as reports
from tests.support import builders
from tests.support.helping import bring, by_bot
from tests.support.paying import at_desk, now, press
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN = translator("en")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def _last(talk: Talk, chat: int = STAFF_GROUP) -> Json:
    return by_bot(talk, chat)[-1]


async def test_late_orders_stand_in_one_message(sqlite_talk: Talk) -> None:
    """Three late: one message, each with status, time and holder; a button shows its card below, the message stays."""
    talk = await at_desk(sqlite_talk)
    shop = talk.shop
    dara, rose, sokha = await builders.customer(shop, DARA), await builders.product(shop), await builders.worker(
        shop, telegram_id=SOKHA
    )  # fmt: skip
    made = [await builders.order(shop, dara, rose) for _ in range(3)]
    await builders.moved(shop, sokha, made[0], Move.PREPARE)
    await bring(talk)
    before = len(by_bot(talk))
    shop.clock.move(65 * MINUTE)
    await nudging.nudge(shop)
    await bring(talk)
    assert len(by_bot(talk)) == before + 1
    note = _last(talk)
    assert said(note).splitlines() == [
        "⏰ Waiting too long: 3", "", "MD00001 · Being prepared · 1 h 5 min · Sokha",
        "MD00002 · Waiting for the shop · 1 h 5 min · nobody has it",
        "MD00003 · Waiting for the shop · 1 h 5 min · nobody has it"]  # fmt: skip
    await press(talk, SOKHA, note, "MD00002")
    assert said(_last(talk)).startswith("MD00002 · ")
    assert now(talk, note) == said(note)


async def test_what_went_on_meanwhile_is_not_named(sqlite_talk: Talk) -> None:
    """Owed while Telegram was away, then claimed: nothing is sent; and none is brought at night."""
    talk = await at_desk(sqlite_talk)
    shop = talk.shop
    dara, rose, sokha = await builders.customer(shop, DARA), await builders.product(shop), await builders.worker(
        shop, telegram_id=SOKHA
    )  # fmt: skip
    order = await builders.order(shop, dara, rose)
    await bring(talk)
    shop.clock.move(10 * HOUR + 50 * MINUTE)
    assert await nudging.nudge(shop) == 1
    before = len(by_bot(talk))
    shop.clock.move(20 * MINUTE)
    await bring(talk)
    assert len(by_bot(talk)) == before
    await builders.moved(shop, sokha, order, Move.PREPARE)
    shop.clock.move(11 * HOUR)
    await bring(talk)
    assert len(by_bot(talk)) == before


async def _low(talk: Talk, things: int = 1) -> Json:
    """So many things of which three are left each, and the note that says so."""
    for i in range(things):
        await builders.product(talk.shop, 3, sku=f"LOW-{i}")
    await shelves.watch(talk.shop)
    await bring(talk)
    return _last(talk)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_low_stock_by_one_tap(sqlite_talk: Talk, language: str) -> None:
    """+10 is added once, the thing leaves the note when the next look finds it above; a late tap hears it was done."""
    t = translator(language)
    talk = await at_desk(sqlite_talk, language)
    note = await _low(talk)
    assert t("low.left", left=3) in said(note)
    assert list(keys(note)) == ["1. +10", "1. +50", t("button.hide_low", place=1), t("button.refresh")]
    old = keys(note)["1. +10"]
    answer = await press(talk, SOKHA, note, "1. +10")
    assert answer["text"] == EN("low.received", name="Rose Serum LOW-0 · 30 ml", units=10, left=13)
    assert t("low.left", left=13) in now(talk, note)
    late = await talk.tap(SOKHA, note["message_id"], old, STAFF_GROUP)
    assert (late["text"], late["show_alert"]) == (EN("errors.done_already"), True)
    other = await talk.tap(BOPHA, note["message_id"], old, STAFF_GROUP)
    assert "Sokha" in other["text"]
    assert (await builders.figures(talk.shop, 1))[0] == 13
    await shelves.watch(talk.shop)
    await press(talk, SOKHA, note, t("button.refresh"))
    assert now(talk, note) == t("low.none")
    assert (await talk.tap(DARA, note["message_id"], old, STAFF_GROUP))["text"] == EN("errors.not_allowed")


async def test_hidden_from_the_note_and_shown_again(sqlite_talk: Talk) -> None:
    """Staff may not, an admin may: off the shelf, back by the same row; each other row stays as it is."""
    talk = await at_desk(sqlite_talk)
    bopha = await builders.worker(talk.shop, Role.ADMIN, BOPHA, "Bopha")
    await people.speak(talk.shop, bopha, "en")
    note = await _low(talk, 2)
    refused = await press(talk, SOKHA, note, "2. Hide")
    assert refused["text"] == EN("errors.not_allowed")
    answer = await press(talk, BOPHA, note, "2. Hide")
    assert answer["text"] == EN("low.is_hidden", name="Rose Serum LOW-1 · 30 ml")
    assert "hidden" in now(talk, note)
    assert (await talk.shop.catalogue.now()).variant(2) is None
    shown = list(keys(talk.message(STAFF_GROUP, note["message_id"])))
    assert shown == ["1. +10", "1. +50", "1. Hide", "2. Show again", "↻ Refresh"]
    await press(talk, BOPHA, note, "2. Show again")
    assert (await talk.shop.catalogue.now()).variant(2) is not None
    assert now(talk, note) == said(note)


async def test_many_low_things_are_turned(sqlite_talk: Talk) -> None:
    """Eight stand in one note, six on a page; a tap on the second page stays there; /low shows all of it."""
    talk = await at_desk(sqlite_talk)
    note = await _low(talk, 8)
    assert said(note).count("3 left") == 6
    await press(talk, SOKHA, note, "More ›")
    assert now(talk, note).count("3 left") == 2
    await press(talk, SOKHA, note, "2. +50")
    assert ("53 left" in now(talk, note), now(talk, note).count(" left")) == (True, 2)
    await press(talk, SOKHA, note, "‹‹ First")
    assert now(talk, note) == said(note)
    (board,) = await talk.say(SOKHA, "/low")
    assert not [words for words in keys(board) if "Hide" in words]  # only admins may, so that staff are not offered it
    assert said(board).startswith("📦 All that is running low")
    assert (await talk.say(DARA, "/low"))[-1].get("text", "") != said(board)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_the_day_comes_at_closing_time(sqlite_talk: Talk, language: str) -> None:
    """A picture with its few lines in the group, once; the days beside it are a tap away, the next not before it is."""
    t = translator(language)
    talk = await at_desk(sqlite_talk, language)
    shop = talk.shop
    await reports.tell(shop)
    dara, rose = await builders.customer(shop, DARA), await builders.product(shop)
    sokha = await builders.worker(shop, telegram_id=SOKHA)
    order = await builders.order(shop, dara, rose)
    await builders.moved(shop, sokha, order, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    await bring(talk)
    before = len(by_bot(talk))
    shop.clock.move(10 * HOUR)
    await reports.tell(shop)
    await reports.tell(shop)
    await bring(talk)
    assert len(by_bot(talk)) == before + 1
    sheet = _last(talk)
    assert sheet["photo"]
    lines = said(sheet).splitlines()
    assert lines[1:4] == [
        "💰 $13.50 / 55,400៛", t("day.line_orders", count=1, unsold=0), t("day.line_held", amount="$13.50", count=1),
    ]  # fmt: skip
    assert list(keys(sheet)) == ["‹ 20.11", t("button.refresh")]
    await press(talk, SOKHA, sheet, "‹ 20.11")
    assert t("day.line_revenue", amount="$0.00 / 0៛") in now(talk, sheet)
    assert list(keys(talk.message(STAFF_GROUP, sheet["message_id"]))) == ["‹ 19.11", t("button.refresh"), "21.11 ›"]
    await press(talk, SOKHA, sheet, "21.11 ›")
    assert now(talk, sheet) == said(sheet)
    assert dict(talk.sandbox.world.findings) == {}


async def test_today_is_for_staff(sqlite_talk: Talk) -> None:
    """/today in their own chat shows the same; a courier may not, a stranger's command is none."""
    talk = await at_desk(sqlite_talk)
    (sheet,) = await talk.say(SOKHA, "/today")
    assert (bool(sheet["photo"]), said(sheet).splitlines()[1]) == (True, "💰 $0.00 / 0៛")
    assert taps.unpack(keys(sheet)["↻ Refresh"]) == taps.OpenDay(reports.date(2026, 11, 21).toordinal())
    assert (await talk.say(DARA, "/today"))[-1].get("text", "") != said(sheet)
    await builders.worker(talk.shop, Role.COURIER, SOKHA)
    assert said((await talk.say(SOKHA, "/today"))[-1]) == EN("errors.not_allowed")
