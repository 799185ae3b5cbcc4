"""A group with topics: every message finds its own, whatever becomes of them; and a group that moves."""

from typing import Any

from bot.sandbox.acts import groups
from bot.sandbox.acts import topics as acts
from core.i18n import translator
from core.orders.rules import Move, Status
from core.topics import store
from core.topics.rules import Topic
from tests.support import builders
from tests.support.helping import ask, bring, by_bot, reply
from tests.support.paying import at_desk, ordered, press
from tests.support.talk import BOPHA, BOT_ID, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")


async def _forum(talk: Talk, language: str = "en") -> Talk:
    """The staff's group, with topics."""
    acts.forum(talk.sandbox.world, talk.sandbox.people, {"chat": STAFF_GROUP})
    return await at_desk(talk, language)


def _names(talk: Talk) -> dict[int, str]:
    """The topics of the group, by thread."""
    return {number: one["name"] for number, one in talk.sandbox.world.state.chats[STAFF_GROUP].topics.items()}


def _where(talk: Talk, message: Json) -> str:
    """In which topic a message stands."""
    return _names(talk).get(message.get("message_thread_id", 0), "General")


def _news(talk: Talk) -> list[Json]:
    """What the bot wrote there, without the grey lines."""
    return [one for one in by_bot(talk) if said(one)]


async def _thread(talk: Talk, topic: Topic) -> int:
    found = await talk.shop.db.read(store.thread, STAFF_GROUP, topic)
    assert found is not None
    return found


async def test_everything_finds_its_topic(sqlite_talk: Talk) -> None:
    """An order in Orders; money that does not fit and a talk in Problems, answered there; each begun once, in Khmer."""
    talk = await _forum(sqlite_talk, "km")
    order, case = await ordered(talk, amount=1000)
    await ask(talk, DARA, "Hello?", "Are you there?")
    await bring(talk)
    orders, problems = KM("topic.orders"), KM("topic.problems")
    places = {said(one).split("\n")[0][:9]: _where(talk, one) for one in _news(talk)}
    assert places.pop("Hello?") == places.pop("Are you t") == problems
    assert _where(talk, case) == problems
    card = next(one for one in _news(talk) if said(one).startswith(order.number))
    assert _where(talk, card) == orders
    copy = next(one for one in _news(talk) if said(one) == "Hello?")
    await reply(talk, SOKHA, STAFF_GROUP, copy, "Yes!")
    assert said(talk.messages(DARA)[-1]).endswith("Yes!")
    await press(talk, SOKHA, case, KM("case.act.approve"))
    asked = by_bot(talk)[-1]
    assert (_where(talk, asked), asked["entities"][-1]["user"]["id"]) == (problems, SOKHA)
    await reply(talk, SOKHA, STAFF_GROUP, asked, "…")
    assert (said(by_bot(talk)[-1]), _where(talk, by_bot(talk)[-1])) == (KM("errors.reference_missing"), problems)
    assert sorted(_names(talk).values()) == sorted([orders, problems])
    assert dict(talk.sandbox.world.findings) == {}


async def test_a_command_is_answered_where_it_is_typed(sqlite_talk: Talk) -> None:
    """Also in a topic of the group's own, and General; and what is opened from there comes there."""
    talk = await _forum(sqlite_talk)
    order = await builders.order(talk.shop, await builders.customer(talk.shop, 5001), await builders.product(talk.shop))
    talk.sandbox.people.set_member(STAFF_GROUP, SOKHA, "administrator")
    begun = acts.begin(talk.sandbox.world, talk.sandbox.people, {"chat": STAFF_GROUP, "person": SOKHA, "name": "Lunch"})
    await bring(talk)
    for thread, name in ((begun["topic"]["message_thread_id"], "Lunch"), (0, "General")):
        for typed in ("/orders", "/order 1"):
            talk.sandbox.people.write(SOKHA, STAFF_GROUP, typed, thread=thread)
            await talk.work()
            await bring(talk)
            assert _where(talk, _news(talk)[-1]) == name, typed
        listed = _news(talk)[-2]
        await press(talk, SOKHA, listed, next(iter(keys(listed))))
        card = _news(talk)[-1]
        assert (said(card)[:7], _where(talk, card)) == (order.number, name)
    assert dict(talk.sandbox.world.findings) == {}


async def test_a_deleted_topic_is_begun_anew(sqlite_talk: Talk) -> None:
    """Its cards went with it: the next redraw begins it again and sends the card there; a closed one is passed by."""
    talk = await _forum(sqlite_talk)
    shop = talk.shop
    rose, buyer = await builders.product(shop), await builders.customer(shop, 5001)
    order = await builders.order(shop, buyer, rose)
    await bring(talk)
    first = await _thread(talk, Topic.ORDERS)
    await talk.bot.delete_forum_topic(STAFF_GROUP, first)
    await builders.moved(shop, await builders.worker(shop, telegram_id=SOKHA), order, Move.PREPARE)
    await bring(talk)
    second = await _thread(talk, Topic.ORDERS)
    card = _news(talk)[-1]
    assert (first != second, _where(talk, card), card["message_thread_id"]) == (True, "Orders", second)
    assert list(_names(talk).values()) == ["Orders"]
    closing: dict[str, Any] = {"chat": STAFF_GROUP, "person": SOKHA, "thread": second, "closed": True}
    talk.sandbox.people.set_member(STAFF_GROUP, SOKHA, "administrator")
    chat = talk.sandbox.world.state.chats[STAFF_GROUP]
    acts.change(talk.sandbox.world, talk.sandbox.people, closing)
    chat.topics[second]["creator"] = SOKHA  # as after the bot was set back to a member
    talk.sandbox.people.set_member(STAFF_GROUP, BOT_ID, "member")
    await builders.order(shop, buyer, rose)
    await bring(talk)
    assert _where(talk, _news(talk)[-1]) == "General"


async def test_where_no_topic_may_be_begun(sqlite_talk: Talk) -> None:
    """Everything stands in General, and Telegram is not asked again for every message; later it finds its place."""
    talk = await _forum(sqlite_talk)
    talk.sandbox.people.set_member(STAFF_GROUP, BOT_ID, "member")
    order, case = await ordered(talk, amount=1000)
    assert {_where(talk, one) for one in _news(talk)} == {"General"}
    assert _names(talk) == {}
    assert said(case).startswith(f"💰 {order.number}")


async def test_a_group_without_topics_is_one_chat(sqlite_talk: Talk) -> None:
    """No topic is begun, and no call has a parameter that means nothing there."""
    talk = await at_desk(sqlite_talk)
    await ordered(talk, amount=1000)
    assert "createForumTopic" not in talk.calls()
    assert not [one for one in _news(talk) if "message_thread_id" in one]


async def test_a_group_that_becomes_a_supergroup(sqlite_talk: Talk) -> None:
    """Told by a message, or by the next that is sent there: its cards come into the new one, and work there."""
    talk = sqlite_talk
    world, people, shop = talk.sandbox.world, talk.sandbox.people, talk.shop
    for told in (True, False):
        given = {"title": "Staff", "kind": "group", "members": [BOPHA, SOKHA], "bot": "administrator"}
        old = groups.add_group(world, people, given)["chat"]["id"]
        await talk.arrived()
        await at_desk(talk)
        await builders.with_khqr(shop, staff_chat_id=old)
        buyer = await builders.customer(shop, 5001)
        order = await builders.order(shop, buyer, await builders.product(shop, sku=f"P{told}"))
        await bring(talk)
        assert said(by_bot(talk, old)[-1]).startswith(order.number)
        new = groups.upgrade(world, people, {"chat": old})["chat"]["id"]
        if told:
            await talk.work()
        else:
            await talk.arrived()
            await builders.moved(shop, await builders.worker(shop, telegram_id=SOKHA), order, Move.CONFIRM)
        await bring(talk)
        await shop.refresh()
        assert shop.policy.staff_chat_id == new
        cards = [one for one in by_bot(talk, new) if said(one).startswith(order.number)]
        assert len(cards) == 1
        await press(talk, BOPHA, cards[0], next(iter(keys(cards[0]))), new)
        assert (await builders.read(shop, order)).status is Status.PREPARING
