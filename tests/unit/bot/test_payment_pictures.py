"""Pictures of payments: for an order that ended meanwhile, several at once, one more, and what nobody asked for."""

from datetime import timedelta

import pytest

from bot import taps
from bot.sandbox.acts.messages import send_files
from bot.sandbox.call import Upload
from core.fulfilment import cases, pictures
from core.fulfilment import service as fulfilment
from core.help import service as talks
from core.help.rules import Media, Written
from core.i18n import translator
from core.orders.rules import CancelReason, Move, Order, PaymentMethod
from core.people import store as people
from core.settlements.rules import CaseState
from tests.support import builders
from tests.support.helping import bring, by_bot, picture, send_file
from tests.support.paying import case_card, cases_of, now, press, send_picture, to_pay
from tests.support.talk import DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN = translator("en")
HAND = "\N{OK HAND SIGN}"
LANGUAGES = pytest.mark.parametrize("language", ["en", "km"])


def another(shade: int) -> bytes:
    """A picture of its own."""
    return picture((shade, 80, 80))


async def album(talk: Talk, *files: bytes) -> tuple[list[Json], list[Json]]:
    """Dara sends pictures together; what is owed is brought. Returns them, and what came back."""
    parts = [("photo", Upload("a.png", data)) for data in files]
    given = {"person": DARA, "chat": DARA}
    sent = send_files(talk.sandbox.world, talk.sandbox.people, given, parts)["messages"]
    await talk.work()
    await bring(talk)
    return sent, [one for one in talk.messages(DARA) if one["message_id"] > sent[-1]["message_id"]]


async def asked(talk: Talk, language: str = "en") -> Order:
    """Dara's order, for whose payment she was asked for a picture."""
    own = await to_pay(talk)
    await talk.shop.db.write(people.change, DARA, language=language)
    (order,) = await awaited(talk)
    await talk.tap(DARA, own["message_id"], taps.IHavePaid(order.id))
    return order


async def awaited(talk: Talk) -> list[Order]:
    """Whose payments a picture of Dara's may be of."""
    return [one.order for one in await pictures.awaited(talk.shop, await builders.customer(talk.shop))]


async def cancelled(talk: Talk, order: Order) -> None:
    """Sokha cancels it; everybody is told."""
    sokha, order = await builders.worker(talk.shop, telegram_id=SOKHA), await builders.read(talk.shop, order)
    why = CancelReason.UNREACHABLE
    await fulfilment.move(talk.shop, sokha, order.id, Move.CANCEL, order.version, reason=why)
    await bring(talk)


def photos(talk: Talk) -> list[Json]:
    """The pictures in the staff's group."""
    return [one for one in by_bot(talk) if "photo" in one]


def mark(talk: Talk, message: Json) -> list[str]:
    """How the shop marked a message of Dara's."""
    found = talk.sandbox.world.state.chats[DARA].reactions.get(message["message_id"], {})
    return [one["emoji"] for given in found.values() for one in given]


@LANGUAGES
async def test_an_order_that_was_cancelled_meanwhile(talk: Talk, language: str) -> None:
    """Asked for, cancelled, sent: staff have it in a talk about the order, the customer its card and a word."""
    t, order = translator(language), await asked(talk, language)
    await cancelled(talk, order)
    (answer,) = await send_picture(talk)
    assert said(answer).startswith(t("money.cancelled_meanwhile") + f"\n\n{order.number}")
    assert keys(answer)[t("button.help")] == taps.OpenHelp(order.id, 1).pack()
    (copy,) = photos(talk)
    assert order.number in said(talk.message(STAFF_GROUP, copy["reply_to_message"]["message_id"]))
    assert await send_picture(talk, data=another(10)) == []
    assert await talk.say(DARA, "I paid at noon") == []
    await bring(talk)
    assert (len(photos(talk)), said(by_bot(talk)[-1])) == (2, "I paid at noon")
    assert await cases_of(talk, order) == []
    assert dict(talk.sandbox.world.findings) == {}
    await builders.sound(talk.shop)


async def test_killed_before_the_talk_was_opened(sqlite_talk: Talk) -> None:
    """The picture is with the staff when its update is worked again: not a second time; and a third says it came."""
    talk, order = sqlite_talk, await asked(sqlite_talk)
    await cancelled(talk, order)
    sent = send_file(talk, DARA, DARA, "photo", picture())
    written = Written(DARA, sent["message_id"], Media.PHOTO, mark="p")
    await talks.say(talk.shop, await builders.customer(talk.shop), written, order.id)
    (update,) = await talk.arrived()
    for sentence in (EN("money.cancelled_meanwhile"), EN("ask.heard")):
        await talk.dispatch.work(update)
        await bring(talk)
        assert said(talk.messages(DARA)[-1]).startswith(sentence)
    assert len(photos(talk)) == 1


async def test_an_album(talk: Talk) -> None:
    """Three screenshots at once: one thanks, all three below the one case, each marked as soon as staff have it."""
    order = await asked(talk)
    sent, answers = await album(talk, *map(another, (1, 2, 3)))
    assert [said(one) for one in answers if EN("errors.not_understood") in said(one)] == []
    assert [one for one in map(said, answers) if one.startswith("Thank you!")] == [said(answers[0])]
    (case,) = await cases_of(talk, order)
    card = case_card(talk, order)["message_id"]
    assert [one["reply_to_message"]["message_id"] for one in photos(talk)] == [card] * 3
    assert [mark(talk, one) for one in sent] == [[HAND]] * 3
    assert (case.state, case.version) == (CaseState.OPEN, 3)
    assert dict(talk.sandbox.world.findings) == {}
    await builders.sound(talk.shop)


@LANGUAGES
async def test_one_more(sqlite_talk: Talk, language: str) -> None:
    """A second screenshot, after a minute or a day, with words or without: thanked for, and with the case."""
    talk, t, order = sqlite_talk, translator(language), await asked(sqlite_talk, language)
    await send_picture(talk)
    plain = t("money.thanks_picture", number=order.number).replace("<b>", "").replace("</b>", "")
    for shade, later in enumerate((timedelta(minutes=1), timedelta(days=1))):
        talk.shop.clock.move(later)  # type: ignore[attr-defined]
        assert plain in [said(one) for one in await send_picture(talk, data=another(shade))]
    assert len(await cases_of(talk, order)) == 1
    assert len(photos(talk)) == 3


async def test_worked_again_after_a_kill(sqlite_talk: Talk) -> None:
    """One more picture whose update is worked twice is one: no version, and no copy, comes of the second time."""
    talk, order = sqlite_talk, await asked(sqlite_talk)
    await send_picture(talk)
    send_file(talk, DARA, DARA, "photo", another(1))
    (update,) = await talk.arrived()
    for _ in range(2):
        await talk.dispatch.work(update)
        await bring(talk)
    assert len(photos(talk)) == 2
    assert (await cases_of(talk, order))[0].version == 2


@LANGUAGES
async def test_enough_pictures(sqlite_talk: Talk, language: str) -> None:
    """The counter's group is not flooded: after ten more the customer reads that the shop has them, and how to add."""
    talk, t, order = sqlite_talk, translator(language), await asked(sqlite_talk, language)
    await send_picture(talk)
    _, answers = await album(talk, *map(another, range(10)))
    assert t("errors.pictures_enough") not in map(said, answers)
    (told,) = await send_picture(talk, data=another(99))
    assert said(told) == t("errors.pictures_enough")
    assert (len(photos(talk)), (await cases_of(talk, order))[0].version) == (11, 11)


async def test_an_album_after_a_word(sqlite_talk: Talk) -> None:
    """The word alone, then two at once: the first is thanked for, and the case has both."""
    talk, order = sqlite_talk, await asked(sqlite_talk)
    await cases.claim(talk.shop, await builders.customer(talk.shop), order.id)
    await talk.say(DARA, "/cart")
    _, answers = await album(talk, another(1), another(2))
    assert len([one for one in answers if said(one).startswith("Thank you!")]) == 1
    assert EN("case.picture") in said(case_card(talk, order))
    assert len(photos(talk)) == 2


@LANGUAGES
async def test_nobody_asked_for_it(sqlite_talk: Talk, language: str) -> None:
    """An order waits to be paid: which payment it is of; the order's button asks for the picture, which is taken."""
    talk, t = sqlite_talk, translator(language)
    await to_pay(talk)
    await talk.shop.db.write(people.change, DARA, language=language)
    (order,) = await awaited(talk)
    (question,) = await send_picture(talk)
    assert said(question) == t("money.which_payment")
    assert await cases_of(talk, order) == []
    await press(talk, DARA, question, f"{order.number} · $13.50", DARA)
    assert t("button.no_picture") in keys(talk.message(DARA, question["message_id"]))
    await send_picture(talk)
    assert len(await cases_of(talk, order)) == 1


async def test_of_two_orders(sqlite_talk: Talk) -> None:
    """One is claimed, another waits: at once it joins the claim and names it; later the customer says which."""
    talk, first = sqlite_talk, await asked(sqlite_talk)
    await send_picture(talk)
    dara = await builders.customer(talk.shop)
    second = await builders.order(talk.shop, dara, first.lines[0].variant_id, 1, PaymentMethod.KHQR)
    (thanked,) = [one for one in await send_picture(talk, data=another(1)) if "Thank you!" in said(one)]
    assert first.number in said(thanked)
    talk.shop.clock.move(pictures.SOON)  # type: ignore[attr-defined]
    (question,) = await send_picture(talk, data=another(2))
    assert said(question) == EN("money.which_payment")
    assert [one for one in keys(question) if "$" in one] == [f"{two.number} · $13.50" for two in (second, first)]


async def test_an_order_that_ended_lately(sqlite_talk: Talk) -> None:
    """Cancelled before she said that she paid: its button opens a talk about it; a day later it is not asked for."""
    talk = sqlite_talk
    await to_pay(talk)
    (order,) = await awaited(talk)
    await cancelled(talk, order)
    (question,) = await send_picture(talk)
    await press(talk, DARA, question, f"{order.number} · $13.50", DARA)
    assert order.number in now(talk, question, DARA)
    await send_picture(talk)
    assert len(photos(talk)) == 1
    await talk.say(DARA, "/cart")
    talk.shop.clock.move(pictures.LATELY)  # type: ignore[attr-defined]
    (lost,) = await send_picture(talk)
    assert said(lost) == EN("errors.not_understood")


async def test_nothing_to_pay(sqlite_talk: Talk) -> None:
    """An order that is paid at the door waits for no picture: it is not understood, and nobody hears of it."""
    talk = sqlite_talk
    dara = await builders.customer(talk.shop)
    await builders.order(talk.shop, dara, await builders.product(talk.shop))
    answers = await send_picture(talk)
    assert EN("errors.not_understood") in map(said, answers)
