"""A talk with the shop when something goes wrong: nothing is lost, doubled or out of order, and staff are told."""

import pytest

from bot.outbox import Outbox
from bot.sandbox.acts.groups import add_group, upgrade
from bot.sandbox.faults import Fault
from core.database.tables import help_messages, outbox, people
from core.help.rules import WITHIN
from core.i18n import translator
from core.people.rules import Role
from core.settings import service as settings
from core.shop import Shop
from tests.support import builders
from tests.support.helping import HOW, ask, bring, by_bot, opened, reply
from tests.support.talk import BOPHA, BOT_ID, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Talk, keys, said
from tests.unit.bot.conftest import Starting


async def test_who_blocked_the_bot(talk: Talk) -> None:
    """Staff hear it below the talk, at each answer; what they wrote comes, in order, when the customer writes again."""
    await opened(talk)
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    copy = by_bot(talk)[-1]
    talk.sandbox.people.block(DARA, blocked=True)
    talk.sandbox.world.updates.drop_all()  # the shop has not heard of it yet
    told = translator("en")("help.told.blocked", name="Dara")
    for words in ("One", "Two"):
        await reply(talk, SOKHA, STAFF_GROUP, copy, words)
        assert said(by_bot(talk)[-1]) == told
    assert by_bot(talk)[-1]["reply_to_message"]["message_id"] == by_bot(talk)[0]["message_id"]
    assert await builders.count(talk.shop, people, people.c.blocked) == 1
    await ask(talk, DARA, "I am back")
    await bring(talk)
    answers = [said(message) for message in talk.messages(DARA) if said(message).startswith("💬 MADAM DA\n")]
    assert answers == ["💬 MADAM DA\nOne", "💬 MADAM DA\nTwo"]


async def test_what_was_deleted_meanwhile_is_said(sqlite_talk: Talk) -> None:
    """A line deleted before it was brought: the staff are told, and the next line comes."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "a secret", "a question")
    secret = next(message for message in talk.messages(DARA) if said(message) == "a secret")
    chat = talk.sandbox.world.state.chats[DARA]
    talk.sandbox.world.remove(chat, [secret["message_id"]])
    await bring(talk)
    lines = [said(message) for message in by_bot(talk)[1:]]
    assert sorted(lines) == sorted(["a question", translator("en")("help.told.lost_question", name="Dara")])


async def test_a_lost_group_leads_to_the_owner(sqlite_talk: Talk) -> None:
    """The staff group is gone: the owner gets card and words in their own chat, and answers there by replying."""
    talk = await opened(sqlite_talk, staff_chat_id=-1009)
    await builders.worker(talk.shop, Role.OWNER, BOPHA, "Bopha")
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    card, copy = talk.messages(BOPHA)[-2:]
    assert said(copy) == "Hello?"
    await reply(talk, BOPHA, BOPHA, copy, "Hello!")
    assert said(talk.messages(DARA)[-1]) == "💬 MADAM DA\nHello!"
    await talk.tap(BOPHA, card["message_id"], keys(card)["✓ បិទ"] if "✓ បិទ" in keys(card) else keys(card)["✓ Close"])
    assert "✓" in said(talk.message(BOPHA, card["message_id"]))


async def test_a_group_that_moved_has_a_card_of_its_own(sqlite_talk: Talk) -> None:
    """Later words of an open talk come to the new group below a card that stands there."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    await settings.change(talk.shop.db, talk.shop.clock, "staff_chat_id", OTHER_GROUP, None)
    await talk.say(DARA, "Are you there?")
    await bring(talk)
    card, copy = by_bot(talk, OTHER_GROUP)
    assert (HOW in said(card), said(copy)) == (True, "Are you there?")
    assert copy["reply_to_message"]["message_id"] == card["message_id"]


@pytest.mark.parametrize("method", ["copymessage", "sendmessage"])
@pytest.mark.parametrize("kind", ["500", "cut_before", "429"])
async def test_what_telegram_did_not_take_keeps_its_place(sqlite_talk: Talk, method: str, kind: str) -> None:
    """The first try of card or copy fails: all comes later, once, in the order it was written, below one card."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "one", "two", "three")
    talk.sandbox.world.faults.add(Fault(method, kind, seconds=1))
    for _ in range(5):
        await bring(talk)
        talk.shop.clock.move(WITHIN)
    assert [said(message) for message in by_bot(talk)[1:]] == ["one", "two", "three"]


# ── killed in between ────────────────────────────────────────────────────────────────────────────────────────────────
async def test_killed_between_the_row_and_the_copy(talk: Talk, start_bot: Starting, shop: Shop) -> None:
    """A process dies when words and answer are rows and nothing is brought: the next brings each once, in order."""
    await opened(talk)
    await ask(talk, DARA, "one", "two")
    after = await start_bot(shop, talk)
    await bring(after)
    copies = by_bot(talk)
    assert [said(message) for message in copies[1:]] == ["one", "two"]
    talk.sandbox.people.write(SOKHA, STAFF_GROUP, "answer", reply_to=copies[1]["message_id"])
    await talk.work()
    third = await start_bot(shop, talk)
    await bring(third)
    await bring(after)
    assert [said(message) for message in talk.messages(DARA)].count("💬 MADAM DA\nanswer") == 1


async def test_an_update_worked_twice_is_one_message(talk: Talk) -> None:
    """A process dies after the commit and before the update is marked: worked again, nothing is doubled either way."""
    await opened(talk)
    await ask(talk, DARA)
    talk.sandbox.people.write(DARA, DARA, "once")
    updates = await talk.arrived()
    for update in updates * 2:
        await talk.dispatch.work(update)
        await bring(talk)
    copy = by_bot(talk)[-1]
    talk.sandbox.people.write(SOKHA, STAFF_GROUP, "answered once", reply_to=copy["message_id"])
    updates = await talk.arrived()
    for update in updates * 2:
        await talk.dispatch.work(update)
        await bring(talk)
    assert [said(message) for message in by_bot(talk)].count("once") == 1
    assert [said(message) for message in talk.messages(DARA)].count("💬 MADAM DA\nanswered once") == 1
    assert await builders.count(talk.shop, help_messages) == 2
    assert await builders.count(talk.shop, outbox, outbox.c.state != "sent") == 0


async def test_a_card_brought_and_the_process_dead(sqlite_talk: Talk, start_bot: Starting) -> None:
    """Killed between card and first copy: the next process finds the card where it stands and sends no second."""
    talk = await opened(sqlite_talk)
    await ask(talk, DARA, "Hello?")
    talk.sandbox.world.faults.add(Fault("copymessage", "cut_before"))
    await Outbox(talk.shop, talk.show, "dead", lambda _chat: 0.0).send_due()
    assert len(by_bot(talk)) == 1
    talk.shop.clock.move(WITHIN)
    await bring(await start_bot(talk.shop, talk))
    assert [HOW in said(message) for message in by_bot(talk)] == [True, False]


async def test_a_group_that_became_a_supergroup_is_followed(sqlite_talk: Talk) -> None:
    """Words and answer that meet the old number go to the new one, below a card there, in their order."""
    world, hands = sqlite_talk.sandbox.world, sqlite_talk.sandbox.people
    made = add_group(world, hands, {"title": "Small", "kind": "group", "members": [SOKHA], "bot": "administrator"})[
        "chat"
    ]
    talk = await opened(sqlite_talk, staff_chat_id=made["id"])
    await ask(talk, DARA, "one", "two")
    new = upgrade(world, hands, {"chat": made["id"], "person": SOKHA})["chat"]["id"]
    await talk.work()
    await bring(talk)
    card, *copies = (one for one in by_bot(talk, new) if "📋" not in said(one) and "pinned_message" not in one)
    assert (HOW in said(card), [said(copy) for copy in copies]) == (True, ["one", "two"])
    await reply(talk, SOKHA, new, copies[-1], "answer")
    assert said(talk.messages(DARA)[-1]) == "💬 MADAM DA\nanswer"


async def test_a_bot_that_only_hears_replies_to_itself(sqlite_talk: Talk) -> None:
    """As a plain member in privacy mode: the way there, the way back and the mark on both work all the same."""
    talk = await opened(sqlite_talk)
    talk.sandbox.people.set_member(STAFF_GROUP, BOT_ID, "member")
    talk.sandbox.world.privacy = True
    await ask(talk, DARA, "Hello?")
    await bring(talk)
    written = await reply(talk, SOKHA, STAFF_GROUP, by_bot(talk)[-1], "Hello!")
    assert said(talk.messages(DARA)[-1]) == "💬 MADAM DA\nHello!"
    before = len(talk.messages(DARA))
    await reply(talk, SOKHA, STAFF_GROUP, written, "Did she hear it?")
    assert len(talk.messages(DARA)) == before
