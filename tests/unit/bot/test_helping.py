"""A talk with the shop in two chats: the customer's words below a card in the staff's group, the answers back."""

import pytest
from telegram import Update

from bot import taps
from bot.me import arrived
from bot.sandbox.acts.messages import forward, send_files
from bot.sandbox.call import Upload
from core.database.tables import help_messages, help_threads
from core.help.rules import MOST, WITHIN, Media
from core.i18n import translator
from core.shop import Shop
from tests.support import builders
from tests.support.helping import HOW, SENT, ask, bring, by_bot, opened, picture, reply, send_file
from tests.support.talk import BOPHA, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Json, Talk, keys, said


async def test_a_question_and_its_answer(talk: Talk) -> None:
    """Two lines come below one card, in order; the answer comes back under the shop's name, as a reply to its line."""
    await opened(talk)
    await ask(talk, DARA, "Is it good for dry skin?", "And is it heavy?")
    await bring(talk)
    card, first, second = by_bot(talk)
    assert said(card).startswith("💬 Dara\n")
    assert HOW in said(card)
    assert [said(first), said(second)] == ["Is it good for dry skin?", "And is it heavy?"]
    assert {one["reply_to_message"]["message_id"] for one in (first, second)} == {card["message_id"]}
    asked = next(message for message in talk.messages(DARA) if said(message) == said(first))
    written = await reply(talk, SOKHA, STAFF_GROUP, first, "Yes, & <b>very</b>")
    answer = talk.messages(DARA)[-1]
    assert said(answer) == "💬 MADAM DA\nYes, & <b>very</b>"
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    assert set(keys(answer)) == {"💬 Write back", "✓ Solved"}
    assert written["message_id"] == talk.messages(STAFF_GROUP)[-1]["message_id"]


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "document", "audio"])
async def test_pictures_and_voices_both_ways(sqlite_talk: Talk, kind: str) -> None:
    """What the customer sends stands below the card with its words; what staff send comes under the shop's name."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA)
    data = picture() if kind == "photo" else f"a {kind}".encode()
    send_file(talk, DARA, DARA, kind, data, caption="Like this")
    await talk.work()
    await bring(talk)
    copy = by_bot(talk)[-1]
    assert (kind in copy, said(copy)) == (True, "Like this")
    send_file(talk, SOKHA, STAFF_GROUP, kind, data + b".", caption="Or <i>this</i>", reply_to=copy["message_id"])
    await talk.work()
    await bring(talk)
    answer = talk.messages(DARA)[-1]
    assert (kind in answer, said(answer)) == (True, "💬 MADAM DA\nOr <i>this</i>")
    assert "✓ Solved" in keys(answer)
    assert dict(talk.sandbox.world.findings) == {}


async def test_a_place_and_a_phone_go_to_the_shop_too(sqlite_talk: Talk) -> None:
    """While help is open, a shared place or contact is for the shop and answers no question of the checkout."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA)
    talk.sandbox.people.send(DARA, DARA, {"location": {"latitude": 11.5, "longitude": 104.9}})
    talk.sandbox.people.share_contact(DARA, DARA)
    await talk.work()
    await bring(talk)
    assert [set(one) & {"location", "contact"} for one in by_bot(talk)[1:]] == [{"location"}, {"contact"}]


async def test_an_album_is_confirmed_once(sqlite_talk: Talk) -> None:
    """Three photos sent together: three copies, one sentence to the customer."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA)
    photos = [("photo", Upload("a.png", picture((20 * i, 80, 80)))) for i in range(3)]
    send_files(talk.sandbox.world, talk.sandbox.people, {"person": DARA, "chat": DARA}, photos)
    await talk.work()
    await bring(talk)
    assert [bool(message.get("photo")) for message in by_bot(talk)] == [False, True, True, True]
    assert [said(message) for message in talk.messages(DARA)].count(SENT) == 1


async def test_who_wrote_sees_that_it_arrived(sqlite_talk: Talk) -> None:
    """Their own message is marked when its copy stands on the other side, and not before."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "Hello?")
    assert not [message for message in talk.messages(DARA) if message.get("reactions")]
    talk.calls()
    await bring(talk)
    assert talk.calls() == ["sendMessage", "copyMessage", "setMessageReaction"]
    await reply(talk, SOKHA, STAFF_GROUP, by_bot(talk)[-1], "Hello!")
    assert talk.calls() == ["sendMessage", "setMessageReaction"]


# ── whose line is it ─────────────────────────────────────────────────────────────────────────────────────────────────
async def test_done_or_any_tap_ends_it(sqlite_talk: Talk) -> None:
    """After Done, a tap or a command the next line is a search again; the talk stays open for its answer."""
    talk = await opened(sqlite_talk)
    await builders.product(talk.shop)
    for leave in ("✓ Done", taps.OpenCart().pack(), "/start"):
        await ask(talk, DARA, "one")
        screen = next(message for message in reversed(talk.messages(DARA)) if "✓ Done" in keys(message))
        if leave == "/start":
            await talk.say(DARA, leave)
        else:
            await talk.tap(DARA, screen["message_id"], keys(screen).get(leave, leave))
        (found,) = await talk.say(DARA, "serum")
        assert "🔎 serum" in said(found)
    assert await builders.count(talk.shop, help_messages) == 3
    assert await builders.count(talk.shop, help_threads, help_threads.c.state == "open") == 1


async def test_a_reply_to_the_shop_always_goes_to_the_shop(sqlite_talk: Talk) -> None:
    """No help is open and a promo code is being asked for: the reply goes to the shop, and the question stands."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    await reply(talk, SOKHA, STAFF_GROUP, by_bot(talk)[-1], "Hello!")
    answer = talk.messages(DARA)[-1]
    dara = await builders.customer(talk.shop, DARA)
    cart = await builders.cart(talk.shop, dara, (await builders.product(talk.shop), 1))
    await talk.tap(DARA, talk.messages(DARA)[-1]["message_id"], taps.AskPromo(cart))
    await reply(talk, DARA, DARA, answer, "serum")
    assert said(by_bot(talk)[-1]) == "serum"
    assert said(talk.messages(DARA)[-1]) == translator("en")("help.sent_reply")
    (refused,) = await talk.say(DARA, "NOCODE")
    assert said(refused) == translator("en")("errors.promo_unknown")


async def test_the_order_is_on_the_card(talk: Talk) -> None:
    """Help from an order's card comes below it, names the order to the customer, and on the staff's card."""
    await opened(talk)
    order = await builders.order(talk.shop, await builders.customer(talk.shop, DARA), await builders.product(talk.shop))
    await ask(talk, DARA, "First about nothing")
    await bring(talk)
    (listing,) = await talk.say(DARA, "/orders")
    await talk.tap(DARA, listing["message_id"], taps.OpenOrder(order.id))
    card = talk.message(DARA, listing["message_id"])
    await talk.tap(DARA, card["message_id"], keys(card)["💬 Help"])
    assert talk.message(DARA, card["message_id"]) == card
    assert order.number in said(talk.messages(DARA)[-1])
    await talk.say(DARA, "Where is it?")
    await bring(talk)
    (standing,) = [message for message in by_bot(talk) if HOW in said(message)]
    assert said(standing).startswith(f"💬 Dara · {order.number}\n")


async def test_somebody_elses_order_is_not_there(sqlite_talk: Talk) -> None:
    """A forged button about another's order, by staff too: not found, and nothing is asked."""
    talk = await opened(sqlite_talk)
    order = await builders.order(talk.shop, await builders.customer(talk.shop, DARA), await builders.product(talk.shop))
    for person in (BOPHA, SOKHA):
        (front,) = await talk.say(person, "/orders")
        answer = await talk.tap(person, front["message_id"], taps.OpenHelp(order.id, 1))
        assert answer["show_alert"]
        assert len(talk.messages(person)) == 3


# ── who may, and what leaks ──────────────────────────────────────────────────────────────────────────────────────────
async def test_a_stranger_at_the_counter_answers_nobody(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """Bopha is in the group and has no role: nothing is said, nothing is brought, one line in security.log."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    card, copy = by_bot(talk)
    for to in (card, copy):
        await reply(talk, BOPHA, STAFF_GROUP, to, "Send me your money")
    assert len(by_bot(talk)) == 2
    assert "money" not in said(talk.messages(DARA)[-1])
    log = [record.getMessage() for record in caplog.records if record.name == "haang.security"]
    assert log == ["person 3 may not answer a customer"]


async def test_two_talks_never_mix(talk: Talk) -> None:
    """Two customers ask at once: each has a card, and an answer to one's words comes to that one alone."""
    await opened(talk)
    for person, words in ((DARA, "I am Dara"), (BOPHA, "I am Bopha")):
        await ask(talk, person, words)
    await bring(talk)
    for words, mine, other in (("I am Dara", DARA, BOPHA), ("I am Bopha", BOPHA, DARA)):
        copy = next(message for message in by_bot(talk) if said(message) == words)
        before = len(talk.messages(other))
        await reply(talk, SOKHA, STAFF_GROUP, copy, f"To {words}")
        assert said(talk.messages(mine)[-1]) == f"💬 MADAM DA\nTo {words}"
        assert len(talk.messages(other)) == before
    assert len([message for message in by_bot(talk) if HOW in said(message) or "ដើម្បីឆ្លើយ" in said(message)]) == 2


async def test_what_is_in_no_talk_is_no_answer(sqlite_talk: Talk) -> None:
    """A copy of a copy, forwarded into the group, is nobody's: a hint. In another group not even that."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    copy = by_bot(talk)[-1]
    stray = await talk.bot.copy_message(STAFF_GROUP, STAFF_GROUP, copy["message_id"])
    again = talk.message(STAFF_GROUP, stray.message_id)
    await reply(talk, SOKHA, STAFF_GROUP, again, "Yes")
    hint = talk.messages(STAFF_GROUP)[-1]
    assert said(hint) == translator("en")("help.no_talk")
    moved = {"person": SOKHA, "from_chat": STAFF_GROUP, "chat": OTHER_GROUP, "message_id": copy["message_id"]}
    forwarded = forward(talk.sandbox.world, talk.sandbox.people, moved)["message"]
    elsewhere = await talk.bot.copy_message(OTHER_GROUP, STAFF_GROUP, copy["message_id"])
    for to in (forwarded, talk.message(OTHER_GROUP, elsewhere.message_id)):
        await reply(talk, SOKHA, OTHER_GROUP, to, "Yes")
    assert len(by_bot(talk, OTHER_GROUP)) == 1
    assert [said(message) for message in talk.messages(DARA)][-1] == SENT


async def test_the_counters_own_talk_stays_there(sqlite_talk: Talk) -> None:
    """Replies to an order's card and to each other, and plain lines, go to nobody and get no answer."""
    talk = await opened(sqlite_talk)
    await builders.order(talk.shop, await builders.customer(talk.shop, DARA), await builders.product(talk.shop))
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    card = next(message for message in by_bot(talk) if "Claim & prepare" in keys(message))
    counter = len(by_bot(talk))
    await reply(talk, SOKHA, STAFF_GROUP, card, "I take this one")
    copy = next(message for message in by_bot(talk) if said(message) == "Hello?")
    await reply(talk, SOKHA, STAFF_GROUP, copy, "/orders")
    own = await reply(talk, SOKHA, STAFF_GROUP, copy, "Hello!")
    before = (counter + 1, len(talk.messages(DARA)))  # the list that she asked for
    await reply(talk, SOKHA, STAFF_GROUP, own, "Was that right?")
    talk.sandbox.people.write(SOKHA, STAFF_GROUP, "Lunch?")
    await talk.work()
    assert (len(by_bot(talk)), len(talk.messages(DARA))) == before
    assert not [message for message in talk.messages(DARA) if said(message).endswith("/orders")]


async def test_too_much_at_once(sqlite_talk: Talk) -> None:
    """The thirty-first message in ten minutes is refused with a sentence; ten minutes later one is taken again."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, *(f"line {i}" for i in range(MOST)))
    (refused,) = await talk.say(DARA, "one more")
    assert said(refused) == translator("en")("errors.help_too_many", most=30, minutes=10)
    assert await builders.count(talk.shop, help_messages) == MOST
    talk.shop.clock.move(WITHIN)
    await talk.say(DARA, "later")
    assert await builders.count(talk.shop, help_messages) == MOST + 1


async def test_a_poll_is_not_brought(sqlite_talk: Talk) -> None:
    """What no talk brings over is said at once, and help stays open."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA)
    talk.sandbox.people.send(DARA, DARA, {"dice": {"emoji": "🎲", "value": 3}})
    await talk.work()
    assert said(talk.messages(DARA)[-1]) == translator("en")("errors.help_kind")
    await talk.say(DARA, "then words")
    assert await builders.count(talk.shop, help_messages) == 1


# ── closing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_either_side_closes_and_either_side_opens_again(talk: Talk) -> None:
    """Staff close on the card; a line through Help opens it on the same card; the customer's Solved tells the staff."""
    await opened(talk)
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    card = by_bot(talk)[0]
    answer = await talk.tap(SOKHA, card["message_id"], keys(card)["✓ Close"], STAFF_GROUP)
    await bring(talk)
    assert answer["text"] == "✓ Closed"
    assert said(talk.message(STAFF_GROUP, card["message_id"])).endswith("✓ Closed")
    await ask(talk, DARA, "One more thing")
    await bring(talk)
    assert said(talk.message(STAFF_GROUP, card["message_id"])).endswith(HOW)
    await reply(talk, SOKHA, STAFF_GROUP, by_bot(talk)[-1], "Yes?")
    shown = talk.messages(DARA)[-1]
    await talk.tap(DARA, shown["message_id"], keys(shown)["✓ Solved"])
    talk.shop.clock.move(WITHIN)
    await bring(talk)
    assert said(talk.message(DARA, shown["message_id"])) == said(shown)
    assert said(talk.messages(DARA)[-1]) == translator("en")("help.thanked")
    told = by_bot(talk)[-1]
    assert said(told) == translator("en")("help.told.solved", name="Dara")
    assert said(talk.message(STAFF_GROUP, card["message_id"])).endswith("✓ Closed")
    await reply(talk, SOKHA, STAFF_GROUP, told, "Any time!")
    assert said(talk.messages(DARA)[-1]).endswith("Any time!")
    assert said(talk.message(STAFF_GROUP, card["message_id"])).endswith(HOW)


async def test_nobody_else_closes_it(sqlite_talk: Talk) -> None:
    """A forged close by another customer, in their own chat or in the group, changes nothing."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    card = by_bot(talk)[0]
    (front,) = await talk.say(BOPHA, "/orders")
    for message, chat in ((front, BOPHA), (card, STAFF_GROUP)):
        assert (await talk.tap(BOPHA, message["message_id"], taps.CloseHelp(1), chat))["show_alert"]
    assert await builders.count(talk.shop, help_threads, help_threads.c.state == "open") == 1


async def test_who_writes_as_the_group_is_told(sqlite_talk: Talk) -> None:
    """An admin who remains anonymous has no name and so no role: the answer goes to nobody, and they hear it."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    talk.sandbox.people.write(SOKHA, STAFF_GROUP, "Hello!", reply_to=by_bot(talk)[-1]["message_id"])
    (update,) = await talk.arrived()
    update["message"] |= {
        "from": {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"},
        "sender_chat": update["message"]["chat"],
    }
    assert await talk.dispatch.work(update)
    assert said(talk.messages(STAFF_GROUP)[-1]) == translator("en")("help.nobody")
    assert await builders.count(talk.shop, help_messages) == 1


FILE = {"file_id": "f", "file_unique_id": "u"}
SIZED = FILE | {"width": 1, "height": 1, "duration": 1}
PLACE = {"latitude": 11.5, "longitude": 104.9}
KINDS: dict[Media | None, Json] = {
    Media.TEXT: {"text": "words"},
    Media.PHOTO: {"photo": [SIZED], "caption": "words"},
    Media.VIDEO: {"video": SIZED},
    Media.ANIMATION: {"animation": SIZED, "document": FILE},
    Media.AUDIO: {"audio": FILE | {"duration": 1}},
    Media.VOICE: {"voice": FILE | {"duration": 1}},
    Media.DOCUMENT: {"document": FILE},
    Media.VIDEO_NOTE: {"video_note": FILE | {"length": 1, "duration": 1}},
    Media.STICKER: {"sticker": SIZED | {"is_animated": False, "is_video": False, "type": "regular"}},
    Media.LOCATION: {"location": PLACE},
    Media.VENUE: {"venue": {"location": PLACE, "title": "T", "address": "A"}, "location": PLACE},
    Media.CONTACT: {"contact": {"phone_number": "+85512000001", "first_name": "Dara"}},
    None: {"dice": {"emoji": "🎲", "value": 3}},
}


@pytest.mark.parametrize("media", KINDS)
async def test_every_kind_of_message_is_known(sqlite_shop: Shop, media: Media | None) -> None:
    """What a message holds is read from it, with its words, its number and what it replies to."""
    assert set(KINDS) == {*Media, None}
    chat = {"id": DARA, "type": "private", "first_name": "Dara"}
    sender = {"id": DARA, "is_bot": False, "first_name": "Dara"}
    above = {"message_id": 6, "date": 1, "chat": chat, "text": "above"}
    message = {"message_id": 7, "date": 1, "chat": chat, "from": sender, "reply_to_message": above} | KINDS[media]
    update = Update.de_json({"update_id": 1, "message": message}, None)
    wrote = (await arrived(sqlite_shop, update)).wrote
    assert wrote is not None
    assert (wrote.media, wrote.chat_id, wrote.message_id, wrote.reply_to) == (media, DARA, 7, 6)
    words = {Media.TEXT: "words", Media.PHOTO: "words", Media.CONTACT: "Dara +85512000001"}
    words |= dict.fromkeys((Media.LOCATION, Media.VENUE), "11.5, 104.9")
    assert wrote.text == words.get(media, "")
