"""The team through the bot: let in by picking or by a link, changed, taken out; what was done; the bot's own place."""

import pytest

from bot import taps
from bot.sandbox.acts.sharing import share_users
from core.boards.rules import Listing
from core.i18n import translator
from core.orders.rules import Move
from core.people import service as people
from core.people.rules import Person, Role
from core.settings import service as settings
from core.settings import words as rule_words
from core.settings.known import Rule
from core.team import service as team
from core.team.rules import Fate
from tests.support import builders
from tests.support.gallery import plain
from tests.support.helping import bring, by_bot, reply
from tests.support.paying import at_desk, ordered, press
from tests.support.talk import BOPHA, BOT_ID, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")
NAMES = {DARA: "Dara", SOKHA: "Sokha"}


async def _shop(talk: Talk, language: str = "en", boss: Role = Role.OWNER) -> Person:
    """Bopha runs the shop; all read ``language``; orders come to the staff's group."""
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP, staff_language=language)
    await talk.shop.refresh()
    bopha = await builders.worker(talk.shop, boss, BOPHA, "Bopha")
    for number, name in NAMES.items():
        await people.speak(talk.shop, await people.arrive(talk.shop, number, name), language)
    return await people.speak(talk.shop, bopha, language)


async def _role(talk: Talk, number: int) -> Role | None:
    found = await people.known(talk.shop, number)
    return found.role if found else None


async def _link(talk: Talk, role: Role = Role.STAFF) -> tuple[Json, str]:
    """Bopha makes a link for one; returns her message and what whoever opens it sends."""
    front = (await talk.say(BOPHA, "/team"))[-1]
    for words in (EN("button.add_member"), EN(f"role.{role}"), EN("button.invite_member")):
        await press(talk, BOPHA, front, words, BOPHA)
    message = talk.message(BOPHA, front["message_id"])
    return message, next(line for line in said(message).splitlines() if line.startswith("/start i_"))


def _last(talk: Talk, chat: int) -> Json:
    return by_bot(talk, chat)[-1]


def _log(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "haang.security"]


# ── somebody new ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", ["en", "km"])
async def test_somebody_is_picked(sqlite_talk: Talk, language: str) -> None:
    """/team, Add, a role, a person of Telegram: in the team and told; the keyboard goes; a typed name is no answer."""
    talk, t = sqlite_talk, translator(language)
    await _shop(talk, language)
    front = (await talk.say(BOPHA, "/team"))[-1]
    assert f"Bopha · {t('role.owner')}" in said(front)
    for words in (t("button.add_member"), t("role.courier"), t("button.pick_member")):
        await press(talk, BOPHA, front, words, BOPHA)
    keyboard = talk.sandbox.world.state.chats[BOPHA].keyboard
    assert keyboard is not None
    (answer,) = await talk.say(BOPHA, "Sokha")
    assert said(answer) == t("errors.team_pick")
    asked = keyboard["keyboard"][0][0]["request_users"]["request_id"]
    given = {"person": BOPHA, "chat": BOPHA, "request_id": asked, "users": [SOKHA]}
    share_users(talk.sandbox.world, talk.sandbox.people, given)
    await talk.work()
    await bring(talk)
    assert await _role(talk, SOKHA) is Role.COURIER
    assert talk.sandbox.world.state.chats[BOPHA].keyboard is None
    assert said(_last(talk, BOPHA)) == plain(t.html("team.added", name="Sokha", role=t("role.courier")))
    shop_name, role = talk.shop.policy.shop_name, t("role.courier")
    assert said(_last(talk, SOKHA)) == plain(t.html("team.welcome", shop=shop_name, role=role))
    assert keys(_last(talk, SOKHA)) == {t("button.my_parcels"): taps.MyParcels(0).pack()}
    assert dict(talk.sandbox.world.findings) == {}


async def test_nobody_is_picked(sqlite_talk: Talk) -> None:
    """The question is left by another tap: the keyboard goes in its own words, and who is shared then is nobody new."""
    talk = sqlite_talk
    bopha = await _shop(talk)
    front = (await talk.say(BOPHA, "/team"))[-1]
    await talk.tap(BOPHA, front["message_id"], taps.PickMember(Role.STAFF))
    keyboard = talk.sandbox.world.state.chats[BOPHA].keyboard
    assert keyboard is not None
    talk.sandbox.world.state.chats[BOPHA].keyboard = None
    await talk.tap(BOPHA, front["message_id"], taps.OpenTeam())
    assert said(_last(talk, BOPHA)) == EN("team.pick_later")
    talk.sandbox.world.state.chats[BOPHA].keyboard = keyboard
    asked = keyboard["keyboard"][0][0]["request_users"]["request_id"]
    given = {"person": BOPHA, "chat": BOPHA, "request_id": asked, "users": [SOKHA]}
    await people.ask(talk.shop, bopha, "street", code="12", cart_id=1)  # another question is no answer's either
    share_users(talk.sandbox.world, talk.sandbox.people, given)
    assert await talk.work() == [True]
    assert await _role(talk, SOKHA) is None


async def test_a_link_lets_one_in(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """Shown once; her own is refused to Bopha; Sokha comes in; used, forged: sentences, and lines with no code."""
    talk = sqlite_talk
    bopha = await _shop(talk)
    message, line = await _link(talk)
    assert said(message).startswith("🔗 Staff, for one person, until 22 Nov 10:00:")
    assert said((await talk.say(BOPHA, line))[-1]) == EN("errors.invite_own")
    welcome = (await talk.say(SOKHA, line))[-1]
    assert said(welcome) == plain(EN.html("team.welcome", shop=talk.shop.policy.shop_name, role="Staff"))
    assert list(keys(welcome).values())[-1] == taps.OrderList(Listing.OPEN, 0).pack()
    assert await _role(talk, SOKHA) is Role.STAFF
    assert said((await talk.say(SOKHA, line))[-1]) == EN("errors.invite_used")
    assert said((await talk.say(DARA, line))[-1]) == EN("errors.invite_used")
    assert said((await talk.say(DARA, "/start i_" + "a" * 22))[-1]) == EN("errors.invite_unknown")
    assert await _role(talk, DARA) is None
    assert _log(caplog)[0] == f"person {bopha.id} may not /start (invite_own)"
    assert [text.partition(" (")[2] for text in _log(caplog)] == [
        "invite_own)", "invite_used)", "invite_used)", "invite_unknown)"
    ]  # fmt: skip
    assert not any(line.removeprefix("/start i_") in record.getMessage() for record in caplog.records)


async def test_a_link_is_taken_back(sqlite_talk: Talk) -> None:
    """It stands in /team until it is taken back by one tap; who opens it then reads why."""
    talk = sqlite_talk
    await _shop(talk)
    _, line = await _link(talk, Role.COURIER)
    front = (await talk.say(BOPHA, "/team"))[-1]
    assert "🔗 Courier · by Bopha, until 22 Nov 10:00" in said(front)
    assert (await press(talk, BOPHA, front, "✕ Courier, 22 Nov 10:00", BOPHA))["text"] == EN("team.shut")
    assert "🔗" not in said(talk.message(BOPHA, front["message_id"]))
    assert said((await talk.say(SOKHA, line))[-1]) == EN("errors.invite_revoked")
    again = await talk.tap(BOPHA, front["message_id"], taps.ShutInvitation(1))
    assert again["text"] == EN("errors.invite_shut")


# ── changed, and taken out ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", ["en", "km"])
async def test_changed_and_taken_out(sqlite_talk: Talk, language: str) -> None:
    """One question, then it is so and they are told; taken out with an order in hand, that is listed to be opened."""
    talk, t = sqlite_talk, translator(language)
    await _shop(talk, language)
    sokha = await builders.worker(talk.shop, Role.COURIER, SOKHA)
    front = (await talk.say(BOPHA, "/team"))[-1]
    for words in (f"Sokha · {t('role.courier')}", t("button.change_role"), t("role.staff")):
        await press(talk, BOPHA, front, words, BOPHA)
    assert await _role(talk, SOKHA) is Role.COURIER  # asked once before
    await press(talk, BOPHA, front, t("role.staff"), BOPHA)
    assert said(talk.message(BOPHA, front["message_id"])) == plain(
        t.html("team.changed", name="Sokha", role=t("role.staff"))
    )
    assert t("role.staff") in said(_last(talk, SOKHA))
    order = await builders.order(talk.shop, await builders.customer(talk.shop, DARA), await builders.product(talk.shop))
    sokha = await people.arrive(talk.shop, SOKHA, "Sokha")
    await builders.moved(talk.shop, sokha, order, Move.PREPARE)
    for words in (t("button.back"), f"Sokha · {t('role.staff')}", t("button.remove_member"), t("button.remove_sure")):
        await press(talk, BOPHA, front, words, BOPHA)
    assert await _role(talk, SOKHA) is None
    assert said(_last(talk, SOKHA)) == plain(t.html("team.out", shop=talk.shop.policy.shop_name))
    await press(talk, BOPHA, front, order.number, BOPHA)
    assert said(talk.message(BOPHA, front["message_id"])).startswith(order.number)
    late = await talk.tap(BOPHA, front["message_id"], taps.ChangeMember(sokha.id, Fate.OUT, Role.STAFF))
    assert late["text"] == t("errors.done_already")


async def test_leaving_and_whose_it_is(sqlite_talk: Talk) -> None:
    """Sokha's /team is herself with the way out, which tells Bopha; an admin changes no owner; nobody themselves."""
    talk = sqlite_talk
    bopha = await _shop(talk)
    sokha = await builders.worker(talk.shop, Role.ADMIN, SOKHA)
    front = (await talk.say(SOKHA, "/team"))[-1]
    await press(talk, SOKHA, front, "Bopha · Owner", SOKHA)
    assert set(keys(talk.message(SOKHA, front["message_id"]))) == {EN("button.back")}
    for tap, key in ((taps.ChangeMember(bopha.id, Fate.OUT, Role.OWNER), "not_allowed"),
                     (taps.AskRole(bopha.id), "not_allowed"),
                     (taps.ChangeMember(sokha.id, Fate.OWNER, Role.ADMIN), "team_own"),
                     (taps.AskMember(sokha.id, Fate.OWNER, Role.ADMIN), "team_own"),
                     (taps.InviteMember(Role.ADMIN), "not_allowed")):  # fmt: skip
        assert (await talk.tap(SOKHA, front["message_id"], tap))["text"] == EN(f"errors.{key}"), tap
    await builders.worker(talk.shop, Role.COURIER, SOKHA)
    mine = (await talk.say(SOKHA, "/team"))[-1]
    assert set(keys(mine)) == {EN("button.leave_team")}
    for words in (EN("button.leave_team"), EN("button.leave_sure")):
        await press(talk, SOKHA, mine, words, SOKHA)
    assert said(talk.message(SOKHA, mine["message_id"])) == EN("team.left")
    assert said(_last(talk, BOPHA)) == EN("alert.team_left", name="Sokha", orders="—")
    own = (await talk.say(BOPHA, "/team"))[-1]
    last = await talk.tap(BOPHA, own["message_id"], taps.ChangeMember(bopha.id, Fate.OUT, Role.OWNER))
    assert last["text"] == EN("errors.last_owner")


async def test_taken_out_in_the_middle_of_a_talk(sqlite_talk: Talk) -> None:
    """Bopha is asked for the bank's reference in the group, and is taken out: her reply and her taps do nothing."""
    talk = await at_desk(sqlite_talk)
    boss = await builders.worker(talk.shop, Role.OWNER, DARA, "Dara")
    order, card = await ordered(talk, amount=1)
    words = next(words for words, data in keys(card).items() if data.startswith("ya:") and ":approve:" in data)
    await press(talk, BOPHA, card, words)
    asked = _last(talk, STAFF_GROUP)
    bopha = await people.known(talk.shop, BOPHA)
    assert bopha is not None
    assert await people.question(talk.shop, bopha) is not None
    await team.change(talk.shop, boss, bopha.id, Role.ADMIN, None)
    assert await people.question(talk.shop, bopha) is None
    before = (await builders.read(talk.shop, order)).version
    await reply(talk, BOPHA, STAFF_GROUP, asked, "reference 1234")
    assert said(_last(talk, STAFF_GROUP)) == EN("errors.asked_before")
    answer = await talk.tap(BOPHA, card["message_id"], keys(card)[words], STAFF_GROUP)
    assert answer["text"] == KM("errors.not_allowed")
    assert said((await talk.say(BOPHA, "/payments"))[-1]) == KM("errors.not_understood")
    assert (await builders.read(talk.shop, order)).version == before


# ── what was done, and the bot's own place ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", ["en", "km"])
async def test_what_was_done(sqlite_talk: Talk, language: str) -> None:
    """/audit in words, ten a page, back to the newest; /audit with a name; an earlier search is told to be one."""
    talk, t = sqlite_talk, translator(language)
    bopha = await _shop(talk, language)
    await builders.worker(talk.shop, Role.STAFF, SOKHA)
    for rate in range(4001, 4013):
        await settings.change(talk.shop.db, talk.shop.clock, "riel_rate", rate, bopha.id)
    page = (await talk.say(BOPHA, "/audit"))[-1]
    rates = [rule_words.said(Rule.RIEL_RATE, rate, t) for rate in (4100, 4001, 4011, 4012)]
    oldest, newest = (t("audit.did.setting", subject=rule_words.name(Rule.RIEL_RATE, t), value=" → ".join(pair))
                      for pair in (rates[:2], rates[2:]))  # fmt: skip
    assert f"21 {'Nov' if language == 'en' else 'វិច្ឆិកា'} 10:00 · Bopha · {newest}" in said(page)
    await press(talk, BOPHA, page, t("button.older"), BOPHA)
    shown = said(talk.message(BOPHA, page["message_id"]))
    assert oldest in shown
    assert t("audit.did.grant", subject="Sokha", role=t("role.staff")) in shown
    await press(talk, BOPHA, page, t("button.from_start"), BOPHA)
    assert newest in said(talk.message(BOPHA, page["message_id"]))
    found = (await talk.say(BOPHA, "/audit Sokha"))[-1]
    assert len(said(found).splitlines()) == 3
    stamp = keys(found)[t("button.back")]
    assert stamp == taps.OpenTeam().pack()
    late = await talk.tap(BOPHA, found["message_id"], taps.TurnAudit(1, 5, 0))
    assert late["text"] == t("errors.search_gone")
    assert t("audit.none").partition(":")[0].partition("៖")[0] in said((await talk.say(BOPHA, "/audit zzz"))[-1])


async def test_the_words_of_a_deed_are_searched(sqlite_talk: Talk) -> None:
    """A word of how it is told, in either language, finds that kind of deed; pages keep what was searched."""
    talk = sqlite_talk
    bopha = await _shop(talk)
    await builders.worker(talk.shop, Role.STAFF, SOKHA)
    for _ in range(12):
        await team.change(talk.shop, bopha, 3, Role.STAFF, Role.COURIER)
        await team.change(talk.shop, bopha, 3, Role.COURIER, Role.STAFF)
    await settings.change(talk.shop.db, talk.shop.clock, "riel_rate", 4200, bopha.id)
    for word in ("made", "ក្លាយជា"):
        page = (await talk.say(BOPHA, f"/audit {word}"))[-1]
        assert "riel_rate" not in said(page)
        await press(talk, BOPHA, page, EN("button.older"), BOPHA)
        assert said(talk.message(BOPHA, page["message_id"])).count("Sokha made") == 10


async def test_the_bots_place(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """Put out of the staff's group and let in again: Bopha hears both; put into a foreign one: silence, and a line."""
    talk = sqlite_talk
    await _shop(talk)
    hands = talk.sandbox.people
    for status in ("kicked", "member"):
        hands.set_member(STAFF_GROUP, BOT_ID, status, by=SOKHA)
        await talk.work()
        await bring(talk)
    told = [said(one) for one in by_bot(talk, BOPHA)[-2:]]
    assert told == [EN("alert.staff_lost", name="Sokha"), EN("alert.staff_back", name="Sokha")]
    assert _log(caplog) == []
    for status in ("kicked", "member"):
        hands.set_member(OTHER_GROUP, BOT_ID, status, by=DARA)
    await talk.work()
    assert _log(caplog) == [f"put into chat {OTHER_GROUP}, which is none of the shop's"]
    assert by_bot(talk, OTHER_GROUP) == []
    assert [said(one) for one in by_bot(talk, BOPHA)] == told


async def test_who_blocks_the_bot_and_comes_back(sqlite_talk: Talk) -> None:
    """It is known from Telegram's word alone, both ways, without a line of theirs."""
    talk = sqlite_talk
    await _shop(talk)
    for blocked in (True, False):
        talk.sandbox.people.block(DARA, blocked=blocked)
        await talk.work()
        dara = await people.known(talk.shop, DARA)
        assert dara is not None
        assert dara.blocked is blocked
