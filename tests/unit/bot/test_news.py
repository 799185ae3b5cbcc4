"""News to many, in chat: written as they are formatted, looked at, sent; and what readers do with them."""

import asyncio

import pytest

from bot import taps
from bot.broadcasting import Broadcasting
from bot.sandbox.acts.messages import send_files
from bot.sandbox.call import Upload
from bot.taps.news import Field
from core.broadcasts import service as broadcasts
from core.broadcasts.rules import Fate, Goal, Words
from core.i18n import Translator, translator
from core.messages.rules import MessageRef
from core.people import service as people
from core.people.rules import Role, Topic
from core.settings import service as settings
from tests.support import builders
from tests.support.helping import bring, by_bot, picture, send_file
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")


async def _desk(talk: Talk, language: str = "en") -> None:
    """Sokha runs the shop; Dara reads English, Bopha Khmer, both want news."""
    sokha = await builders.worker(talk.shop, Role.ADMIN, SOKHA)
    await people.speak(talk.shop, sokha, language)
    for number, speaks in ((DARA, "en"), (BOPHA, "km")):
        reader = await people.arrive(talk.shop, number, f"Reader {number}")
        await people.speak(talk.shop, reader, speaks)
        await people.hear(talk.shop, reader, Topic.NEWS, on=True)


def _last(talk: Talk, chat: int = SOKHA) -> Json:
    return by_bot(talk, chat)[-1]


async def _press(talk: Talk, words: str, chat: int = SOKHA) -> Json:
    """Press a button of the last message of ours in a chat."""
    message = _last(talk, chat)
    return await talk.tap(chat, message["message_id"], keys(message)[words], chat)


async def _begin(talk: Talk, t: Translator = EN) -> None:
    """Open a new draft and be asked for its English words."""
    await talk.say(SOKHA, "/news")
    await _press(talk, t("button.begin_news"))
    await _press(talk, t("button.news_words_en"))


async def _send(talk: Talk) -> None:
    await Broadcasting(talk.shop, talk.show, "one", lambda: 0.0).send()
    await bring(talk)


async def test_what_is_sent_to_an_empty_draft_is_its_words(sqlite_talk: Talk) -> None:
    """A photo with a Khmer caption, no language tapped: news, and no product; letters of none are asked about."""
    talk = sqlite_talk
    await _desk(talk)
    await talk.say(SOKHA, "/news")
    await _press(talk, EN("button.begin_news"))
    assert EN("news.begin_here") in said(_last(talk))
    await talk.say(SOKHA, "50 %")
    assert said(_last(talk)) == EN("errors.news_which")
    send_file(talk, SOKHA, SOKHA, "photo", picture(), caption="ក្រមាសូត្រ Silk 12$")
    await talk.work()
    draft = said(_last(talk))
    assert ("✓ Khmer: 🖼 ក្រមាសូត្រ Silk 12$" in draft, EN("news.begin_here") in draft) == (True, False)
    assert await people.question(talk.shop, await people.arrive(talk.shop, SOKHA, "Sokha")) is None


async def test_among_admins_too(sqlite_talk: Talk) -> None:
    """In the admins' group a photo with a price goes into the draft that waits for words, too."""
    talk = sqlite_talk
    await _desk(talk)
    await settings.change(talk.shop.db, talk.shop.clock, "admin_chat_id", STAFF_GROUP, None)
    await talk.shop.refresh()
    await talk.say(SOKHA, "/news", STAFF_GROUP)
    await talk.tap(SOKHA, _last(talk, STAFF_GROUP)["message_id"],
                   keys(_last(talk, STAFF_GROUP))[EN("button.begin_news")], STAFF_GROUP)  # fmt: skip
    send_file(talk, SOKHA, STAFF_GROUP, "photo", picture(), caption="Silk 12$")
    await talk.work()
    assert "✓ English: 🖼 Silk 12$" in said(_last(talk, STAFF_GROUP))


@pytest.mark.parametrize("language", ["en", "km"])
async def test_written_looked_at_and_sent(sqlite_talk: Talk, language: str) -> None:
    """Bold stays bold, a photo its caption; the preview is what comes, in the language of each; exact figures."""
    talk, t = sqlite_talk, translator(language)
    await _desk(talk, language)
    await _begin(talk, t)
    talk.sandbox.people.send(SOKHA, SOKHA, {
        "text": "Half <price>\ntoday", "entities": [{"type": "bold", "offset": 0, "length": 4}]
    })  # fmt: skip
    await talk.work()
    await _press(talk, t("button.news_words_km"))
    send_file(talk, SOKHA, SOKHA, "photo", picture(), caption="ពាក់កណ្ដាលតម្លៃ")
    await talk.work()
    draft = _last(talk)
    assert "Half <price> today" in said(draft)
    await _press(talk, t("button.news_goal"))
    await talk.tap(SOKHA, draft["message_id"], keys(_last(talk))[t("news.goals.shop")])
    await _press(talk, t("button.news_preview_en"))
    shown = _last(talk)
    await talk.tap(
        SOKHA, draft["message_id"], keys(talk.message(SOKHA, draft["message_id"]))[t("button.news_send", count=2)]
    )
    await talk.tap(SOKHA, draft["message_id"], keys(talk.message(SOKHA, draft["message_id"]))[t("button.news_really")])
    await _send(talk)
    came = _last(talk, DARA)
    assert (said(came), came["entities"], keys(came)) == (said(shown), shown["entities"], keys(shown))
    assert [one["type"] for one in came["entities"]] == ["bold"]
    assert list(keys(came)) == [EN("button.news_to_shop"), EN("button.stop_news")]
    theirs = _last(talk, BOPHA)
    assert (said(theirs), "photo" in theirs) == ("ពាក់កណ្ដាលតម្លៃ", True)
    card = said(talk.message(SOKHA, draft["message_id"]))
    assert t("news.state.done") in card
    assert t("news.fate.sent", count=2) in card
    assert dict(talk.sandbox.world.findings) == {}


async def test_what_readers_do_with_it(sqlite_talk: Talk) -> None:
    """Its button opens the product below and leaves it; [No more news] holds at once and says so."""
    talk = sqlite_talk
    await _desk(talk)
    await builders.product(talk.shop)
    await _begin(talk)
    await talk.say(SOKHA, "New serum")
    await _press(talk, EN("button.news_goal"))
    await _press(talk, EN("button.news_product"))
    await talk.say(SOKHA, "rose serum")
    assert "Rose Serum" in said(_last(talk))
    assert await people.question(talk.shop, await people.arrive(talk.shop, SOKHA, "Sokha")) is None
    refused = await _press(talk, EN("button.news_send", count=1))
    assert refused["text"] == EN("errors.news_otherwise")
    await _press(talk, EN("button.news_nothing"))
    await _press(talk, EN("button.news_send", count=1))
    await _press(talk, EN("button.news_really"))
    await _send(talk)
    came = _last(talk, DARA)
    assert not any(said(one) == "New serum" for one in by_bot(talk, BOPHA))
    await talk.tap(DARA, came["message_id"], keys(came)[EN("button.news_to_product")])
    assert "Rose Serum" in said(_last(talk, DARA))
    assert said(talk.message(DARA, came["message_id"])) == "New serum"
    answer = await talk.tap(DARA, came["message_id"], keys(came)[EN("button.stop_news")])
    assert answer["text"] == EN("news.stopped")
    dara = await people.known(talk.shop, DARA)
    assert dara is not None
    assert not dara.wants_news


async def test_an_answer_that_comes_too_late(sqlite_talk: Talk) -> None:
    """Thrown away while a line is written for it: said once with what it is now, and no line after it is an answer."""
    talk = sqlite_talk
    await _desk(talk)
    boss = await builders.worker(talk.shop, Role.OWNER, BOPHA, "Bopha")
    await builders.product(talk.shop)
    for number, kind in enumerate((taps.AskNewsProduct(1), taps.AskNewsWords(2, "en")), 1):
        await talk.say(SOKHA, "/news")
        await _press(talk, EN("button.begin_news"))
        await talk.tap(SOKHA, _last(talk)["message_id"], kind)
        one = (await broadcasts.get(talk.shop, boss, number)).broadcast
        await broadcasts.discard(talk.shop, boss, number, one.stamp)
        (late,) = await talk.say(SOKHA, "rose")
        assert said(late).startswith(EN("errors.news_moved_on"))
        assert taps.OpenNews().pack() in keys(late).values()
        assert said((await talk.say(SOKHA, "rose"))[-1]).startswith("🔎 rose")


async def test_an_album_is_no_news(sqlite_talk: Talk) -> None:
    """One photo is a broadcast's: an album is refused with the reason, and its other photos become no product."""
    talk = sqlite_talk
    await _desk(talk)
    await _begin(talk)
    parts = [("photo", Upload(f"{i}.png", picture())) for i in range(2)]
    sent = send_files(
        talk.sandbox.world, talk.sandbox.people, {"person": SOKHA, "chat": SOKHA, "caption": "News"}, parts
    )
    await talk.work()
    last = sent["messages"][-1]["message_id"]
    answers = [said(one) for one in by_bot(talk, SOKHA) if one["message_id"] > last]
    assert answers == [EN("errors.news_media")] * 2


async def test_two_admins_at_one_draft(sqlite_talk: Talk) -> None:
    """What a colleague changed is not sent by an older button: it says so and shows the draft as it is; forged too."""
    talk = sqlite_talk
    await _desk(talk)
    await builders.worker(talk.shop, Role.OWNER, BOPHA, "Bopha")
    await _begin(talk)
    await talk.say(SOKHA, "First")
    await _press(talk, EN("button.news_other"))
    await _press(talk, EN("button.news_send", count=2))
    sure = _last(talk)
    old = keys(sure)[EN("button.news_really")]
    await talk.say(BOPHA, "/news")
    opened = _last(talk, BOPHA)
    stamp = old.rpartition(":")[2]
    await talk.tap(BOPHA, opened["message_id"], taps.NarrowNews(1, int(stamp), Field.LANGUAGE, "km"))
    answer = await talk.tap(SOKHA, sure["message_id"], old)
    assert answer["text"] == EN("errors.news_moved_on")
    assert EN("news.language.km") in said(talk.message(SOKHA, sure["message_id"]))
    for forged in (taps.NarrowNews(1, 1, Field.DAYS, "x"), taps.PreviewNews(1, "fr"), taps.OpenBroadcast(99),
                   taps.PointNews(1, 1, Goal.PRODUCT, 99)):  # fmt: skip
        answer = await talk.tap(SOKHA, sure["message_id"], forged)
        assert answer["show_alert"] is True


@pytest.mark.parametrize("language", ["en", "km"])
async def test_it_stops_by_itself_and_is_mended(sqlite_talk: Talk, language: str) -> None:
    """A picture that Telegram lost: a new message says why; written anew and let go on, both readers get theirs."""
    talk, t = sqlite_talk, translator(language)
    await _desk(talk, language)
    await _begin(talk, t)
    send_file(talk, SOKHA, SOKHA, "photo", picture(), caption="New <serum>")
    await talk.work()
    await _press(talk, t("button.news_other"))
    await _press(talk, t("button.news_send", count=2))
    await _press(talk, t("button.news_really"))
    card = _last(talk)
    talk.sandbox.world.state.files.clear()
    await _send(talk)
    told = _last(talk)
    assert told["message_id"] > card["message_id"]
    assert said(told).splitlines()[-3] == t("news.trouble.stopped", count=2).replace("<b>", "").replace("</b>", "")
    assert "Wrong remote file identifier" in said(told)
    await _press(talk, t("button.news_words_en"))
    await talk.say(SOKHA, "New serum")
    await talk.tap(SOKHA, card["message_id"], taps.OpenBroadcast(1))
    assert t("news.state.paused") in said(talk.message(SOKHA, card["message_id"]))
    await _press(talk, t("button.news_resume"))
    await _send(talk)
    assert [said(_last(talk, reader)) for reader in (DARA, BOPHA)] == ["New serum", "New serum"]
    assert all(sum(said(one) == "New serum" for one in by_bot(talk, reader)) == 1 for reader in (DARA, BOPHA))


async def test_the_preview_in_the_admins_chat(sqlite_talk: Talk) -> None:
    """Below the preview in a group both buttons say what they are; whoever taps there goes on getting news."""
    talk = sqlite_talk
    await _desk(talk)
    await settings.change(talk.shop.db, talk.shop.clock, "admin_chat_id", STAFF_GROUP, None)
    await talk.shop.refresh()
    bopha = await builders.worker(talk.shop, Role.ADMIN, BOPHA, "Bopha")
    made = await broadcasts.draft(talk.shop, bopha)
    made = await broadcasts.say(talk.shop, bopha, made.id, "km", Words("New"))
    await broadcasts.point(talk.shop, bopha, made.id, made.stamp, Goal.SHOP, 0)
    await talk.say(BOPHA, "/news", STAFF_GROUP)
    await talk.tap(BOPHA, _last(talk, STAFF_GROUP)["message_id"], taps.PreviewNews(made.id, "km"), STAFF_GROUP)
    shown = _last(talk, STAFF_GROUP)
    for words in (KM("button.news_to_shop"), KM("button.stop_news")):
        answer = await talk.tap(BOPHA, shown["message_id"], keys(shown)[words], STAFF_GROUP)
        assert (answer["text"], answer["show_alert"]) == (KM("news.preview"), True)
    found = await people.known(talk.shop, BOPHA)
    assert found is not None
    assert found.wants_news
    assert _last(talk, STAFF_GROUP) == shown


async def _leave(talk: Talk, way: str, came: Json) -> None:
    """Bopha wants no more of it, in one of the ways there are."""
    if way == "button":
        answer = await talk.tap(BOPHA, came["message_id"], keys(came)[KM("button.stop_news")])
        assert answer["text"] == KM("news.stopped")
    elif way == "stop":
        assert KM("settings.stopped") in [said(one) for one in await talk.say(BOPHA, "/stop")]
    elif way == "settings":
        (shown,) = await talk.say(BOPHA, "/settings")
        await talk.tap(BOPHA, shown["message_id"], keys(shown)[KM("settings.news_on")])
        assert KM("settings.news_off") in keys(talk.message(BOPHA, shown["message_id"]))
    else:
        talk.sandbox.people.block(BOPHA, blocked=True)
        await talk.work()


@pytest.mark.parametrize("way", ["button", "stop", "settings", "blocked"])
async def test_who_leaves_while_it_is_sent_gets_none(sqlite_talk: Talk, way: str) -> None:
    """Claimed already, and then no more wanted, in Khmer: by the button below older news, /stop, settings, a block."""
    talk, sent, now = sqlite_talk, [], [0.0]
    await _desk(talk)
    boss = await builders.worker(talk.shop, Role.ADMIN, SOKHA)

    async def wait(seconds: float) -> None:
        """Between Dara's copy and Bopha's: a clock that moves here alone keeps the order on a slow machine."""
        if sent == ["New 1"]:
            sent.append("New 2")
            await _leave(talk, way, _last(talk, BOPHA))
        now[0] += seconds
        await asyncio.sleep(0)

    for words in ("New 1", "New 2"):
        made = await broadcasts.draft(talk.shop, boss)
        for language in ("en", "km"):
            made = await broadcasts.say(talk.shop, boss, made.id, language, Words(words))
        await broadcasts.start(talk.shop, boss, made.id, made.stamp, MessageRef(SOKHA, 0, has_photo=False))
        await Broadcasting(talk.shop, talk.show, "one", lambda: 0.0, clock=lambda: now[0], sleep=wait).send()
        sent += [words] if not sent else []
    assert sent == ["New 1", "New 2"]
    assert [said(one) for one in by_bot(talk, DARA)] == ["New 1", "New 2"]
    assert "New 2" not in [said(one) for one in by_bot(talk, BOPHA)]
    found = await broadcasts.get(talk.shop, boss, made.id)
    left = Fate.BLOCKED if way == "blocked" else Fate.LEFT
    assert {fate: count for fate, count in found.counts.items() if count} == {Fate.SENT: 1, left: 1}


async def test_ending_takes_two_taps(sqlite_talk: Talk) -> None:
    """What goes out can be paused and no more by one tap; only what is paused can be ended, for good."""
    talk = sqlite_talk
    await _desk(talk)
    await _begin(talk)
    await talk.say(SOKHA, "Half price")
    await _press(talk, EN("button.news_nothing"))
    await _press(talk, EN("button.news_send", count=1))
    await _press(talk, EN("button.news_really"))
    await bring(talk)
    end, going = EN("button.news_cancel"), keys(_last(talk))
    await _press(talk, EN("button.news_pause"))
    paused = keys(_last(talk))
    await _press(talk, end)
    assert (end in going, end in paused, end in keys(_last(talk))) == (False, True, False)
