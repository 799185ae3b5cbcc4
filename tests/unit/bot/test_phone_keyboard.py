"""The keyboard that shares a phone: whoever goes on without it is left with none, and is told in their language."""

import pytest

from bot import taps
from core.doors import Goal
from core.i18n import Translator, translator
from core.people import service as people
from core.people import store
from tests.support import builders
from tests.support.talk import BOPHA, DARA, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")


async def _asked(talk: Talk, person: int, language: str) -> int:
    """Somebody new comes by a link that buys and is asked for the phone; returns the message that offers languages."""
    rose = await builders.product(talk.shop)
    (offered,) = await talk.say(person, f"/start b_{rose}")
    await talk.tap(person, offered["message_id"], keys(offered)[{"en": "English", "km": "ភាសាខ្មែរ"}[language]])
    assert _keyboard(talk, person)
    talk.calls()
    return int(offered["message_id"])


def _keyboard(talk: Talk, person: int) -> Json | None:
    return talk.sandbox.world.state.chats[person].keyboard


async def _stands(talk: Talk, person: int) -> bool:
    who = await people.known(talk.shop, person)
    assert who is not None
    return await talk.shop.db.read(store.question, who.id) is not None


@pytest.mark.parametrize("command", ["/start", "/orders", "/nothing", "/admin"])
async def test_a_command_instead_of_the_phone(talk: Talk, command: str) -> None:
    """One line takes the keyboard away, then what was wanted comes; the next time nothing more is said of it."""
    await _asked(talk, BOPHA, "km")
    away, wanted = await talk.say(BOPHA, command)
    assert said(away) == KM("ask.phone_later")
    assert keys(wanted)
    assert _keyboard(talk, BOPHA) is None
    assert not await _stands(talk, BOPHA)
    assert len(await talk.say(BOPHA, command)) == 1


@pytest.mark.parametrize("tap", [taps.Home(), taps.ChooseProvince(1, "12", 0), taps.OpenOrder(99), taps.DropNote(99)])
async def test_a_tap_instead_of_the_phone(talk: Talk, tap: taps.Tap) -> None:
    """Whatever the tap does, or whatever refuses it: one answer, at most one edit, and the line."""
    offered = await _asked(talk, DARA, "en")
    assert await talk.tap(DARA, offered, tap) is not None
    calls = [name for name in talk.calls() if name != "getFile"]
    assert _keyboard(talk, DARA) is None
    assert said(talk.messages(DARA)[-1]) == EN("ask.phone_later")
    assert calls.count("answerCallbackQuery") == calls.count("sendMessage") == 1
    assert sum(name.startswith("edit") for name in calls) <= 1


async def test_who_asks_to_buy_again_keeps_the_keyboard(talk: Talk) -> None:
    """The question comes anew with its keyboard: nothing is taken away, nothing is said."""
    offered = await _asked(talk, DARA, "en")
    rose = next(iter((await talk.shop.catalogue.now()).by_variant))
    await talk.tap(DARA, offered, taps.BuyNow(rose))
    assert _keyboard(talk, DARA)
    assert talk.calls().count("sendMessage") == 1
    assert said(talk.messages(DARA)[-1]) == EN("ask.phone")


async def test_the_line_is_in_the_language_just_chosen(talk: Talk) -> None:
    """Asked in English, then Khmer is chosen for the front."""
    offered = await _asked(talk, DARA, "en")
    await talk.tap(DARA, offered, taps.Speak("km", 0, Goal.FRONT))
    assert said(talk.messages(DARA)[-1]) == KM("ask.phone_later")


@pytest.mark.parametrize(("person", "t"), [(DARA, EN), (BOPHA, KM)])
async def test_a_phone_nobody_asked_for(talk: Talk, person: int, t: Translator) -> None:
    """It is kept, and that is said, above the front; a keyboard that was left over goes with it."""
    await _asked(talk, person, "en" if t is EN else "km")
    who = await people.known(talk.shop, person)
    assert who is not None
    await people.forget_question(talk.shop, who)
    sent = talk.sandbox.people.share_contact(person, person, "85512000001")["message_id"]
    await talk.work()
    thanks, front = [one for one in talk.messages(person) if one["message_id"] > sent]
    assert said(thanks) == t("ask.phone_noted")
    assert keys(front)
    assert _keyboard(talk, person) is None
    kept = await people.known(talk.shop, person)
    assert kept is not None
    assert kept.phone == "+85512000001"
