"""What somebody wants to hear of, in the chat: the switches, ``/stop``, the offer of news, the one reminder."""

from datetime import timedelta

import pytest

from bot import taps
from bot.outbox import Outbox
from bot.sandbox.faults import Fault
from core.carts import service as carts
from core.database.tables import outbox
from core.i18n import translator
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders.rules import Move
from core.people import service as people
from core.people.rules import Person, Topic
from core.reminders import service as reminders
from core.shop import Shop
from tests.support import builders
from tests.support.talk import BOPHA, DARA, SOKHA, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")
WAY = (Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)


async def _wants(shop: Shop, telegram_id: int) -> tuple[bool, bool]:
    person = await people.arrive(shop, telegram_id, "Somebody")
    return person.wants_news, person.wants_reminders


async def test_switches(talk: Talk) -> None:
    """From the front: each tap switches one thing and redraws; twice the same tap is once; the database has it."""
    shop = talk.shop
    await talk.say(DARA, "/language")
    (front,) = await talk.say(DARA, "/start")
    await talk.tap(DARA, front["message_id"], taps.Speak("en", 0))
    number = front["message_id"]
    await talk.tap(DARA, number, keys(talk.message(DARA, number))["⚙️ Settings"])
    shown = talk.message(DARA, number)
    assert ["🔔 Cart reminders: on" in keys(shown), "🔕 News: off" in keys(shown)] == [True, True]
    assert await _wants(shop, DARA) == (False, True)
    for _ in range(2):
        await talk.tap(DARA, number, keys(shown)["🔕 News: off"])
    assert await _wants(shop, DARA) == (True, True)
    shown = talk.message(DARA, number)
    talk.calls()
    await talk.tap(DARA, number, keys(shown)["🔔 Cart reminders: on"])
    assert sorted(talk.calls()) == ["answerCallbackQuery", "editMessageCaption"]
    assert {"🔔 News: on", "🔕 Cart reminders: off"} <= set(keys(talk.message(DARA, number)))
    await talk.tap(DARA, number, keys(talk.message(DARA, number))["🔔 News: on"])
    assert await _wants(shop, DARA) == (False, False)


async def test_the_language_is_changed_from_there_too(sqlite_talk: Talk) -> None:
    """Settings, language, Khmer: from then on everything is Khmer, the settings too; ``/language`` works as before."""
    talk = sqlite_talk
    (shown,) = await talk.say(DARA, "/settings")
    number = shown["message_id"]
    await talk.tap(DARA, number, keys(shown)[EN("button.language")])
    await talk.tap(DARA, number, keys(talk.message(DARA, number))["ភាសាខ្មែរ"])
    await talk.tap(DARA, number, keys(talk.message(DARA, number))[KM("button.settings")])
    assert KM("settings.reminders_on") in keys(talk.message(DARA, number))
    (again,) = await talk.say(DARA, "/language")
    assert "English" in keys(again)


async def test_stop_ends_both(talk: Talk) -> None:
    """``/stop``: no news, no reminders, one sentence in the reader's language, and the way to switch them on again."""
    person = await builders.customer(talk.shop, BOPHA)
    await people.hear(talk.shop, person, Topic.NEWS, on=True)
    (answer,) = await talk.say(BOPHA, "/stop")
    assert said(answer) == KM("settings.stopped")
    assert await _wants(talk.shop, BOPHA) == (False, False)
    await talk.tap(BOPHA, answer["message_id"], keys(answer)[KM("button.settings")])
    assert KM("settings.news_off") in keys(talk.message(BOPHA, answer["message_id"]))


# ── the offer of news ────────────────────────────────────────────────────────────────────────────────────────────────
async def _send(talk: Talk) -> None:
    await Outbox(talk.shop, talk.show, "test", lambda _chat: 0.0).send_due()


async def _delivered(talk: Talk, dara: Person, variant: int) -> Json:
    """One more order of hers is delivered; returns the note of it."""
    order = await builders.order(talk.shop, dara, variant)
    await builders.moved(talk.shop, await builders.worker(talk.shop, telegram_id=SOKHA), order, *WAY)
    for _ in range(3):
        await _send(talk)
    return next(one for one in reversed(talk.messages(DARA)) if said(one).startswith("🎁"))


async def test_news_are_offered_once(talk: Talk) -> None:
    """Below the first delivered order's note, by one button; never below the second's, taken or not."""
    dara, rose = await builders.customer(talk.shop, DARA), await builders.product(talk.shop)
    first = await _delivered(talk, dara, rose)
    assert EN("settings.offer") in said(first)
    talk.shop.clock.move(timedelta(minutes=1))
    second = await _delivered(talk, dara, rose)
    assert EN("settings.offer") not in said(second)
    assert EN("button.take_news") not in keys(second)
    answer = await talk.tap(DARA, first["message_id"], keys(first)[EN("button.take_news")])
    assert answer["text"] == EN("settings.news_taken")
    assert await _wants(talk.shop, DARA) == (True, True)
    shown = talk.message(DARA, first["message_id"])
    assert (EN("settings.offer") in said(shown), "MD00001" in said(shown)) == (False, True)


async def test_who_has_them_is_not_asked(sqlite_talk: Talk) -> None:
    """Whoever switched the news on before their first parcel reads a plain note."""
    dara, rose = await builders.customer(sqlite_talk.shop, DARA), await builders.product(sqlite_talk.shop)
    dara = await people.hear(sqlite_talk.shop, dara, Topic.NEWS, on=True)
    assert EN("settings.offer") not in said(await _delivered(sqlite_talk, dara, rose))


async def test_the_offer_is_its_customers(sqlite_talk: Talk) -> None:
    """A forged tap for somebody else's order switches nothing on and shows nothing of it."""
    talk = sqlite_talk
    dara, rose = await builders.customer(talk.shop, DARA), await builders.product(talk.shop)
    await _delivered(talk, dara, rose)
    (front,) = (await talk.say(BOPHA, "/start"))[-1:]
    answer = await talk.tap(BOPHA, front["message_id"], taps.HearNews(1))
    assert answer["text"] == KM("errors.not_found")
    assert await _wants(talk.shop, BOPHA) == (False, True)


# ── the reminder ─────────────────────────────────────────────────────────────────────────────────────────────────────
async def _left(talk: Talk, units: int = 10) -> Person:
    """Dara's basket of five things was left three hours ago, and its reminder is owed."""
    dara = await builders.customer(talk.shop, DARA)
    for number in range(5):
        variant = await builders.product(talk.shop, units, sku=f"R-{number}", name_en=f"Rose {number}")
        await carts.add(talk.shop, dara, variant)
    talk.shop.clock.move(timedelta(hours=3))
    assert await reminders.remind(talk.shop) == 1
    return dara


def _reminders(talk: Talk) -> list[Json]:
    return [one for one in talk.messages(DARA) if said(one).startswith("🛒")]


async def test_what_it_says_and_where_it_leads(talk: Talk) -> None:
    """The first lines that can be bought, two buttons: one opens the basket, the other ends reminders for good."""
    dara = await _left(talk)
    bopha = await builders.customer(talk.shop, BOPHA)
    await builders.order(talk.shop, bopha, 1, 10)  # the first of the five is gone now
    await _send(talk)
    (shown,) = _reminders(talk)
    assert [f"Rose {n}" in said(shown) for n in range(5)] == [False, True, True, True, False]
    assert "… and 1 more" in said(shown)
    assert list(keys(shown)) == ["🛒 Open cart", "Stop reminders"]
    await talk.tap(DARA, shown["message_id"], keys(shown)["🛒 Open cart"])
    assert "Your cart" in said(talk.message(DARA, shown["message_id"]))
    await talk.tap(DARA, shown["message_id"], taps.StopReminders())
    assert said(talk.message(DARA, shown["message_id"])) == EN("settings.reminders_stopped")
    assert await _wants(talk.shop, DARA) == (False, False)
    basket = await carts.basket(talk.shop, dara)
    assert basket is not None
    await carts.change(talk.shop, dara, basket.id, 1, 0)
    await builders.place(talk.shop, dara, basket.id)
    await carts.add(talk.shop, dara, 5)
    talk.shop.clock.move(timedelta(hours=3))
    assert await reminders.remind(talk.shop) == 0


async def test_ordered_before_it_was_sent(talk: Talk) -> None:
    """Owed, then they order: nothing is sent, and the row is done with."""
    dara = await _left(talk)
    await builders.order(talk.shop, dara, 1)
    await _send(talk)
    assert _reminders(talk) == []
    assert await _state(talk.shop) == "sent"


async def _state(shop: Shop) -> str:
    query = outbox.select().where(outbox.c.kind == MessageKind.CART_REMINDER)
    return str((await shop.db.read(lambda tx: tx.execute(query).one())).state)


async def test_held_up_until_the_night_it_waits_for_the_morning(talk: Talk) -> None:
    """Owed at one, the bot was away until two in the night: it comes at eight, while an order's note comes at once."""
    await _left(talk)
    talk.shop.clock.move(timedelta(hours=13))
    for _ in range(5):
        await _send(talk)
        assert _reminders(talk) == []
        talk.shop.clock.move(timedelta(hours=1, seconds=1))
    talk.shop.clock.move(timedelta(hours=1))
    await _send(talk)
    assert len(_reminders(talk)) == 1


@pytest.mark.parametrize(("fault", "stands"), [("cut_after", 1), ("cut_before", 0)])
async def test_one_that_may_have_come_is_not_sent_again(sqlite_talk: Talk, fault: str, stands: int) -> None:
    """The line breaks while it is sent, before or after the effect: whatever happened, no second one ever comes."""
    talk = sqlite_talk
    await _left(talk)
    talk.sandbox.world.faults.add(Fault("sendmessage", fault, times=1))
    for _ in range(4):
        await _send(talk)
        talk.shop.clock.move(timedelta(minutes=1))
    assert len(_reminders(talk)) == stands
    assert await _state(talk.shop) == "failed"


async def test_killed_while_it_was_sent(talk: Talk) -> None:
    """A process took it and died: nobody knows whether it came, so it is given up."""
    await _left(talk)
    await talk.shop.db.write(messages.claim_owed, "dead:1", talk.shop.clock.now())
    talk.shop.clock.move(timedelta(minutes=1))
    await _send(talk)
    assert (_reminders(talk), await _state(talk.shop)) == ([], "failed")


async def test_one_that_surely_did_not_come_is_sent(sqlite_talk: Talk) -> None:
    """Telegram says "too many requests": it waits as long as it is told, then it comes, once."""
    talk = sqlite_talk
    await _left(talk)
    talk.sandbox.world.faults.add(Fault("sendmessage", "429", seconds=1))
    for _ in range(3):
        await _send(talk)
        talk.shop.clock.move(timedelta(seconds=5))
    assert len(_reminders(talk)) == 1
