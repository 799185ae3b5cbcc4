"""What is sold out, in the chat: asked to be told, told once when it is back, with how many there are then."""

from bot import taps
from bot.outbox import Outbox
from core.database.tables import outbox, waitlist
from core.i18n import translator
from core.orders.rules import Move
from core.people import service as people
from core.shop import Shop
from core.stock import store as stock
from core.waiting import service as waiting
from tests.support import builders
from tests.support.talk import BOPHA, DARA, SOKHA, Json, Talk, keys, said

T, KM = translator("en"), translator("km")


async def _sold_out(talk: Talk, person: int = DARA, variant: int = 0) -> tuple[int, Json]:
    """A serum of which none is left, open before somebody."""
    rose = variant or await builders.product(talk.shop, 0)
    (front,) = (await talk.say(person, "/start"))[-1:]
    await talk.tap(person, front["message_id"], taps.OpenProduct(0, rose))
    talk.calls()
    return rose, talk.message(person, front["message_id"])


async def _receive(shop: Shop, variant: int, units: int) -> None:
    await shop.db.write(stock.receive, variant, units, shop.clock.now())


async def _news(talk: Talk) -> None:
    """Run the job, then send what is owed."""
    await waiting.tell(talk.shop)
    await Outbox(talk.shop, talk.show, "test", lambda _chat: 0.0).send_due()


def _last(talk: Talk, chat: int) -> Json:
    return [message for message in talk.messages(chat) if message["from"]["is_bot"]][-1]


async def test_asked_once_and_left(talk: Talk) -> None:
    """One tap is on the list, a second says so, the way off is below; off it the first button stands again."""
    _, card = await _sold_out(talk)
    number, tell = card["message_id"], keys(card)[T("button.tell_me")]
    assert T("button.buy_now") not in keys(card)
    assert (await talk.tap(DARA, number, tell))["text"] == T("waiting.on")
    assert sorted(talk.calls()) == ["answerCallbackQuery", "editMessageCaption"]
    assert (await talk.tap(DARA, number, tell))["text"] == T("waiting.already")
    stop = keys(talk.message(DARA, number))[T("button.stop_waiting")]
    for _ in range(2):
        assert (await talk.tap(DARA, number, stop))["text"] == T("waiting.off")
    assert T("button.tell_me") in keys(talk.message(DARA, number))
    assert await builders.count(talk.shop, waitlist) == 0


async def test_an_old_button_of_what_is_there(sqlite_talk: Talk) -> None:
    """It came back meanwhile: no place on the list, but the product as it stands, to be bought."""
    talk = sqlite_talk
    rose, card = await _sold_out(talk)
    await _receive(talk.shop, rose, 2)
    answer = await talk.tap(DARA, card["message_id"], keys(card)[T("button.tell_me")])
    assert (answer["text"], answer["show_alert"]) == (T("errors.back_already"), True)
    assert T("button.buy_now") in keys(talk.message(DARA, card["message_id"]))


async def test_told_when_a_cancel_brings_it_back(talk: Talk) -> None:
    """One is cancelled: both who asked are told once, each in their language, with how many there are; one tap buys."""
    shop = talk.shop
    rose = await builders.product(shop, 1)
    buyer = await builders.customer(shop, SOKHA, "Sokha")
    order = await builders.order(shop, buyer, rose)
    await builders.customer(shop, DARA)
    await people.speak(shop, await builders.customer(shop, BOPHA, "Bopha"), "km")
    for person, t in ((DARA, T), (BOPHA, KM)):
        _, card = await _sold_out(talk, person, rose)
        await talk.tap(person, card["message_id"], keys(card)[t("button.tell_me")])
    await builders.moved(shop, buyer, order, Move.CANCEL)
    await _receive(shop, rose, 2)
    for _ in range(2):
        await _news(talk)
    note = _last(talk, DARA)
    assert said(note).startswith("🔔 Rose Serum ROSE-30 · 30 ml is back: only 3 left.")
    assert "$12.00 / 49,200៛" in said(note)
    assert KM("stock.few", left=3) in said(_last(talk, BOPHA))
    assert len(await builders.owed(shop, waiting.MessageKind.BACK_IN_STOCK)) == 2
    await talk.tap(DARA, note["message_id"], keys(note)[T("button.buy_now")])
    assert "$13.50" in said(talk.message(DARA, note["message_id"]))


async def test_sold_out_again_is_not_told(talk: Talk) -> None:
    """Sold out before the note was sent: nothing is sent, they stay on the list, and are told the next time, once."""
    shop = talk.shop
    rose, card = await _sold_out(talk)
    await talk.tap(DARA, card["message_id"], keys(card)[T("button.tell_me")])
    await _receive(shop, rose, 1)
    assert await waiting.tell(shop) == 1
    await _receive(shop, rose, -1)
    talk.calls()
    await _news(talk)
    assert talk.calls() == []
    assert await builders.count(shop, outbox, outbox.c.state == "sent") == 1
    await talk.tap(DARA, card["message_id"], taps.OpenProduct(0, rose))
    assert T("button.stop_waiting") in keys(talk.message(DARA, card["message_id"]))
    await _receive(shop, rose, 4)
    for _ in range(2):
        await _news(talk)
    assert "only 4 left" in said(_last(talk, DARA))
    assert await builders.count(shop, waitlist, waitlist.c.told_at.is_(None)) == 0


async def test_who_blocked_the_bot_costs_the_others_nothing(sqlite_talk: Talk) -> None:
    """The first on the list blocked the bot unseen: remembered at the first note, the second is told all the same."""
    talk, shop = sqlite_talk, sqlite_talk.shop
    rose = await builders.product(shop, 0)
    await people.speak(shop, await builders.customer(shop, BOPHA, "Bopha"), "km")
    for person, t in ((DARA, T), (BOPHA, KM)):
        _, card = await _sold_out(talk, person, rose)
        await talk.tap(person, card["message_id"], keys(card)[t("button.tell_me")])
    talk.sandbox.people.block(DARA, blocked=True)
    talk.sandbox.world.updates.drop_all()
    await _receive(shop, rose, 1)
    await _news(talk)
    assert KM("stock.few", left=1) in said(_last(talk, BOPHA))
    states = await shop.db.read(lambda tx: tx.execute(outbox.select().order_by(outbox.c.id)).all())
    assert [row.state for row in states] == ["failed", "sent"]


async def test_two_workers_and_a_job_each(talk: Talk) -> None:
    """Two processes run job and worker at once: one note in the chat."""
    rose, card = await _sold_out(talk)
    await talk.tap(DARA, card["message_id"], keys(card)[T("button.tell_me")])
    before = len(talk.messages(DARA))
    await _receive(talk.shop, rose, 1)
    workers = [Outbox(talk.shop, talk.show, name, lambda _chat: 0.0) for name in ("one", "two")]
    for _ in range(2):
        await builders.asyncio.gather(*(waiting.tell(talk.shop) for _ in workers))
        await builders.asyncio.gather(*(worker.send_due() for worker in workers))
    assert len(talk.messages(DARA)) == before + 1


async def test_forged_taps(sqlite_talk: Talk) -> None:
    """What never was sold has no list: the shop's sentence, and nothing is written."""
    talk = sqlite_talk
    _, card = await _sold_out(talk)
    for variant in (0, -1, 999, 10**17):
        answer = await talk.tap(DARA, card["message_id"], taps.TellMe(variant, 1))
        assert answer["text"] == T("errors.product_gone")
    assert await builders.count(talk.shop, waitlist) == 0
