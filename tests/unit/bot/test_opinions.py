"""What buyers say, in the chat: stars by one tap, a line typed after it, read three a page, hidden at the counter."""

from datetime import timedelta

import pytest

from bot import taps
from bot.outbox import Outbox
from bot.taps import Tap
from core.i18n import translator
from core.orders.rules import Order
from core.people import service as people
from core.people.rules import Person
from core.reviews import rules, service
from core.shop import Shop
from tests.support import builders, opinions
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

t = translator("en")
KM = translator("km")


async def _dara(shop: Shop, language: str = "en") -> Person:
    return await people.speak(shop, await builders.customer(shop, DARA, "Dara Sok"), language)


async def _card(talk: Talk, order: Order, person: int = DARA) -> Json:
    """The order's card as the person opens it from their list."""
    (listing,) = (await talk.say(person, "/orders"))[-1:]
    await talk.tap(person, listing["message_id"], taps.OpenOrder(order.id))
    return talk.message(person, listing["message_id"])


async def _press(talk: Talk, message: Json, tap: Tap | str, person: int = DARA, chat: int | None = None) -> Json:
    """Press a button by its words or what it carries: one edit and one answer. Returns the message as it is then."""
    talk.calls()
    await talk.tap(person, message["message_id"], keys(message)[tap] if isinstance(tap, str) else tap, chat)
    answered, drawn = sorted(talk.calls())
    assert (answered, drawn[:4]) == ("answerCallbackQuery", "edit")
    return talk.message(chat or person, message["message_id"])


async def _note(talk: Talk) -> Json:
    """The counter's note of what was written, as the outbox sent it."""
    await Outbox(talk.shop, talk.show, "test", lambda _chat: 0.0).send_due()
    return talk.messages(STAFF_GROUP)[-1]


async def _counter(talk: Talk) -> None:
    """A staff group, and Sokha who works there."""
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP)
    await talk.shop.refresh()
    await builders.worker(talk.shop, telegram_id=SOKHA)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_from_the_delivered_card_in_two_taps(talk: Talk, language: str) -> None:
    """Card, stars: saved. A typed line is kept and shown below; other stars, no words; back is the card."""
    say, dara = translator(language), await _dara(talk.shop, language)
    rose = await builders.product(talk.shop)
    made = await opinions.parcel(talk.shop, dara, rose)
    judging = await _press(talk, await _card(talk, made), say("button.review"))
    assert say("reviews.ask") in said(judging)
    answer = await talk.tap(DARA, judging["message_id"], keys(judging)["4★"])
    assert answer["text"] == say("reviews.saved", stars="★★★★☆")
    rated = talk.message(DARA, judging["message_id"])
    assert "★★★★☆" in said(rated)
    assert say("reviews.thanks") in said(rated)
    assert "●4★" in keys(rated)

    (written,) = await talk.say(DARA, "Soft <b>and</b> light")
    assert "Soft <b>and</b> light" in said(written)
    changed = await _press(talk, written, "1★")
    assert "★☆☆☆☆" in said(changed)
    bare = await _press(talk, changed, say("button.drop_words"))
    assert "Soft" not in said(bare)
    (line,) = (await service.of_order(talk.shop, dara, made.id)).lines
    assert (line.stars, line.text) == (1, "")
    back = await _press(talk, bare, say("button.back"))
    assert made.number in said(back)


async def test_of_several_things_one(sqlite_talk: Talk) -> None:
    """Each line is a button with its stars; back leads to the lines, and from there to the card."""
    talk, dara = sqlite_talk, await _dara(sqlite_talk.shop)
    rose, milk = await builders.product(talk.shop), await builders.product(talk.shop, sku="MILK-30")
    made = await opinions.parcel(talk.shop, dara, rose, milk)
    lines = await _press(talk, await _card(talk, made), t("button.review"))
    assert [label[0] for label in list(keys(lines))[:2]] == ["☆", "☆"]
    one = await _press(talk, lines, taps.JudgeLine(made.id, milk))
    rated = await _press(talk, one, "5★")
    lines = await _press(talk, rated, t("button.back"))
    assert [label.partition(" ")[0] for label in list(keys(lines))[:2]] == ["☆", "★★★★★"]
    assert made.number in said(await _press(talk, lines, t("button.back")))


async def test_refused_words_are_asked_for_again(sqlite_talk: Talk) -> None:
    """Nothing but signs, too long: said in the person's language, and the next line is still the answer."""
    talk, dara = sqlite_talk, await _dara(sqlite_talk.shop, "km")
    made = await opinions.parcel(talk.shop, dara, await builders.product(talk.shop))
    judging = await _press(talk, await _card(talk, made), KM("button.review"))
    await _press(talk, judging, "5★")
    for text, why in (("❤️❤️", KM("errors.text_empty")), ("ល" * 501, KM("errors.text_too_long", longest=500))):
        (refused,) = await talk.say(DARA, text)
        assert said(refused) == why
    (written,) = await talk.say(DARA, "ទន់ល្អណាស់")
    assert "«ទន់ល្អណាស់»" in said(written)


async def test_who_goes_on_is_not_asked_any_more(sqlite_talk: Talk) -> None:
    """After stars, another button: the next typed line is a search, and nothing is kept about the line."""
    talk, dara = sqlite_talk, await _dara(sqlite_talk.shop)
    made = await opinions.parcel(talk.shop, dara, await builders.product(talk.shop))
    judging = await _press(talk, await _card(talk, made), t("button.review"))
    await _press(talk, await _press(talk, judging, "5★"), t("button.back"))
    (found,) = await talk.say(DARA, "serum")
    assert "🔎" in said(found)
    assert (await service.of_order(talk.shop, dara, made.id)).lines[0].text == ""


@pytest.mark.parametrize("language", ["en", "km"])
async def test_what_is_typed_after_the_words_is_a_search(sqlite_talk: Talk, language: str) -> None:
    """Rated, a line written: whoever then types what they look for finds it, and says it of nothing in public.

    Other stars ask for no other words either; the button that does lets the next line replace them.
    """
    say, talk, dara = translator(language), sqlite_talk, await _dara(sqlite_talk.shop, language)
    rose = await builders.product(talk.shop)
    made = await opinions.opinion(talk.shop, dara, rose, 5)
    judging = await _press(talk, await _card(talk, made), say("button.review"))
    (written,) = await talk.say(DARA, "Soft")
    assert say("reviews.written") in said(written)
    assert "🔎" in said((await talk.say(DARA, "serum"))[-1])
    await _press(talk, judging, "4★")
    assert "🔎" in said((await talk.say(DARA, "serum"))[-1])
    assert (await service.of_order(talk.shop, dara, made.id)).lines[0].text == "Soft"
    asked = await _press(talk, written, say("button.change_words"))
    assert say("reviews.again") in said(asked)
    await talk.say(DARA, "Softer")
    assert (await service.of_order(talk.shop, dara, made.id)).lines[0].text == "Softer"


async def test_too_late_and_not_theirs(sqlite_talk: Talk) -> None:
    """After thirty days the card offers nothing, an old button shows what was said; of another's it shows nothing."""
    talk, dara = sqlite_talk, await _dara(sqlite_talk.shop)
    rose = await builders.product(talk.shop)
    made = await opinions.opinion(talk.shop, dara, rose, 3, "Fine")
    for forged in (taps.JudgeOrder(made.id), taps.GiveStars(made.id, rose, 1), taps.DropWords(made.id, rose)):
        (front,) = (await talk.say(BOPHA, "/start"))[-1:]
        answer = await talk.tap(BOPHA, front["message_id"], forged)
        assert (answer["text"], talk.message(BOPHA, front["message_id"])) == (KM("errors.not_found"), front)
    card = await _card(talk, made)
    talk.shop.clock.move(rules.OPEN_FOR)
    assert t("button.review") in keys(card)
    assert t("button.review") not in keys(await _card(talk, made))
    answer = await talk.tap(DARA, card["message_id"], taps.GiveStars(made.id, rose, 1))
    assert answer["text"] == t("errors.review_over", days=30)
    old = talk.message(DARA, card["message_id"])
    assert "Fine" in said(old)
    assert set(keys(old)) == {t("button.back")}


async def test_read_three_a_page_by_first_names(talk: Talk) -> None:
    """The product's button has average and count; behind it stars, first names, words; no family name, no phone."""
    shop, rose = talk.shop, await builders.product(talk.shop, 20)
    for i, name in enumerate(("Dara Sok", "012345678", "សុខ ដារ៉ា", "Bopha <i>Chan</i>")):
        await opinions.opinion(shop, await builders.customer(shop, 3000 + i, name), rose, 5 - i % 2, f"Word {i} <b>")
    (front,) = (await talk.say(BOPHA, "/start"))[-1:]
    product = await _press(talk, front, taps.OpenProduct(0, rose), BOPHA)
    listed = await _press(talk, product, "★ 4.5 (4)", BOPHA)
    assert all(words in said(listed) for words in ("Word 3 <b>", "Word 2", "Word 1", "Bopha", "សុខ"))
    assert KM("reviews.somebody") in said(listed)
    assert not any(secret in said(listed) for secret in ("Chan", "ដារ៉ា", "0123", "Word 0", "+855"))
    older = await _press(talk, listed, "›", BOPHA)
    assert "Word 0" in said(older)
    assert "Dara" in said(older)
    assert "Sok" not in said(older)
    assert "★ 4.5 (4)" in keys(await _press(talk, older, KM("button.back"), BOPHA))
    staff = await builders.worker(shop)
    await service.hide(shop, staff, 1, hidden=True)
    assert (await service.about(shop, 1, 0)).pages == 1


async def test_hidden_and_shown_at_the_counter(talk: Talk) -> None:
    """Stars alone are no note; words are one, with the whole name; hide and show redraw it where it stands."""
    await _counter(talk)
    dara, rose = await _dara(talk.shop), await builders.product(talk.shop)
    made = await opinions.opinion(talk.shop, dara, rose, 1)
    assert "<i>Rude</i>" not in said(await _note(talk))
    await opinions.say(talk.shop, dara, made.id, rose, "<i>Rude</i>")
    note = await _note(talk)
    assert all(words in said(note) for words in ("<i>Rude</i>", "Dara Sok", made.number, "★☆☆☆☆"))
    answer = await talk.tap(SOKHA, note["message_id"], keys(note)["Hide"], STAFF_GROUP)
    hidden = talk.message(STAFF_GROUP, note["message_id"])
    assert (answer["text"], list(keys(hidden))) == ("Hidden", ["Show"])
    assert t("reviews.hidden") in said(hidden)
    found = (await talk.shop.catalogue.now()).variant(rose)
    assert found is not None
    assert found[0].rating.count == 0
    shown = await _press(talk, hidden, "Show", SOKHA, STAFF_GROUP)
    assert shown["text"] == note["text"]


async def test_nobody_else_hides(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """A stranger in the group, its author, a forged button: refused and logged; what was hidden is shown to nobody."""
    talk = sqlite_talk
    await _counter(talk)
    dara, rose = await _dara(talk.shop), await builders.product(talk.shop)
    await opinions.opinion(talk.shop, dara, rose, 1, "Rude")
    note = await _note(talk)
    answer = await talk.tap(BOPHA, note["message_id"], taps.HideOpinion(1, 1), STAFF_GROUP)
    assert (answer["text"], talk.message(STAFF_GROUP, note["message_id"])) == (KM("errors.not_allowed"), note)
    await talk.tap(SOKHA, note["message_id"], taps.HideOpinion(1, 1), STAFF_GROUP)
    for forger in (DARA, BOPHA):
        (front,) = (await talk.say(forger, "/start"))[-1:]
        await talk.tap(forger, front["message_id"], taps.HideOpinion(1, 0))
        assert talk.message(forger, front["message_id"]) == front
    found = await service.at_counter(talk.shop, await builders.worker(talk.shop, telegram_id=SOKHA), 1)
    assert found.hidden
    refused = {record.getMessage() for record in caplog.records if record.name == "haang.security"}
    assert refused == {f"person {person} may not HideOpinion" for person in (2, 3)}


async def test_words_taken_back_are_no_note(sqlite_talk: Talk) -> None:
    """Taken back before the note was sent: nothing is sent; written twice more it is one note, with the last words."""
    talk = sqlite_talk
    await _counter(talk)
    dara, rose = await _dara(talk.shop), await builders.product(talk.shop)
    made = await opinions.opinion(talk.shop, dara, rose, 1, "Rude")
    await service.unsay(talk.shop, dara, made.id, rose)
    await _note(talk)
    assert not any("Rude" in said(message) for message in talk.messages(STAFF_GROUP))
    talk.shop.clock.move(timedelta(minutes=1))
    for words in ("First", "Second"):
        await opinions.say(talk.shop, dara, made.id, rose, words)
    await _note(talk)
    notes = [said(message) for message in talk.messages(STAFF_GROUP) if "★" in said(message)]
    assert len(notes) == 1
    assert "Second" in notes[0]


@pytest.mark.parametrize("language", ["en", "km"])
async def test_the_longest_opinions_fit(sqlite_talk: Talk, language: str, caplog: pytest.LogCaptureFixture) -> None:
    """Three of 500 characters below a picture: each begins to be read, none is cut by Telegram's limit."""
    talk = sqlite_talk
    rose = await builders.product(talk.shop, 20, name_en="W" * 200, name_km="ខ" * 200)
    for i in range(3):
        person = await builders.customer(talk.shop, 3000 + i, "ណ" * 60)
        await opinions.opinion(talk.shop, person, rose, 5, f"{i} " + "<ល& " * 120)
    await _dara(talk.shop, language)
    (front,) = (await talk.say(DARA, "/start"))[-1:]
    listed = await _press(talk, front, taps.OpenOpinions(1, rose, 0))
    assert all(f"{i} <ល& " in said(listed) for i in range(3))
    assert len(said(listed)) <= 1024
    assert "was cut" not in caplog.text
