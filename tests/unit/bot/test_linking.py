"""``/link CODE`` through the bot: groups and owners linked, wrong codes, what the bot may not do; /setup."""

import pytest
from pydantic import SecretStr

from bot import taps
from bot.sandbox.state import chat_entry
from core.database import aside
from core.i18n import translator
from core.people import service as people
from core.people.rules import Person, Role
from core.settings.known import Group, Rule
from core.setup import service
from core.setup.rules import GUESSES, Goal, Lack
from tests.support import builders
from tests.support.gallery import plain
from tests.support.paying import press
from tests.support.talk import BOPHA, BOT_ID, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, TOKEN, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")


async def _owner(talk: Talk, language: str = "en") -> Person:
    bopha = await builders.worker(talk.shop, Role.OWNER, BOPHA, "Bopha")
    return await people.speak(talk.shop, bopha, language)


def _log(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "haang.security"]


def _place(talk: Talk, group: int, *, forum: bool = False, **rights: bool) -> None:
    """Make the bot an administrator with these rights in a group; a forum where it is one."""
    chat = talk.sandbox.world.state.chats[group]
    chat.details[BOT_ID], chat.forum = rights, forum
    talk.sandbox.world.commit(chat_entry(chat))


async def _line(talk: Talk, words: str) -> str:
    """Bopha makes a code in her own chat; returns the line that is typed."""
    front = (await talk.say(BOPHA, "/setup"))[-1]
    await press(talk, BOPHA, front, words, BOPHA)
    return next(row for row in said(talk.message(BOPHA, front["message_id"])).splitlines() if row.startswith("/link "))


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_group_is_linked(sqlite_talk: Talk, language: str) -> None:
    """/setup, a button, the line typed in the group by anybody there: it is the staff's; then that is set.

    The group speaks as its owner does, until somebody chooses; linked anew it stays as it was chosen.
    """
    talk, t = sqlite_talk, translator(language)
    await _owner(talk, language)
    line = await _line(talk, t("button.link_staff"))
    _place(talk, STAFF_GROUP, can_pin_messages=True)
    (answer,) = await talk.say(SOKHA, line, STAFF_GROUP)
    assert said(answer) == EN("setup.linked_staff")
    assert (talk.shop.policy.staff_chat_id, talk.shop.policy.staff_language) == (STAFF_GROUP, language)
    shown = said((await talk.say(BOPHA, "/setup"))[-1])
    assert t("setup.set", what=t("setup.staff")) in shown
    assert t("setup.missing", what=t("setup.admin")) in shown
    await service.set_up(talk.shop, {"staff_language": "en"})
    await talk.say(SOKHA, await _line(talk, t("button.link_staff")), STAFF_GROUP)
    assert talk.shop.policy.staff_language == "en"
    assert dict(talk.sandbox.world.findings) == {}


async def test_what_the_bot_lacks_there_is_said_at_once(sqlite_talk: Talk) -> None:
    """No right to pin or to make topics in a group with topics: each with its remedy; with both, topics are used."""
    talk = sqlite_talk
    await _owner(talk)
    _place(talk, STAFF_GROUP, forum=True, can_pin_messages=False, can_manage_topics=False)
    (answer,) = await talk.say(SOKHA, await _line(talk, EN("button.link_staff")), STAFF_GROUP)
    lacks = [plain(EN.html(f"setup.lack_{one}")) for one in (Lack.PIN, Lack.TOPICS)]
    assert said(answer).splitlines() == [EN("setup.linked_staff"), *lacks]
    _place(talk, OTHER_GROUP, forum=True, can_pin_messages=True, can_manage_topics=True)
    (answer,) = await talk.say(SOKHA, await _line(talk, EN("button.link_admin")), OTHER_GROUP)
    assert said(answer).splitlines() == [EN("setup.linked_admin"), EN("setup.topics_used")]


async def test_one_group_for_both_is_pointed_out(sqlite_talk: Talk) -> None:
    """The admins' code typed in the staff's group, perhaps by mistake: linked, and said what all there read now."""
    talk = sqlite_talk
    await _owner(talk)
    _place(talk, STAFF_GROUP, can_pin_messages=True)
    for goal in (Goal.STAFF, Goal.ADMIN):
        line = await _line(talk, EN(f"button.link_{goal}"))
        (answer,) = await talk.say(BOPHA, line, STAFF_GROUP)
        assert (EN("setup.linked_both") in said(answer)) is (goal is Goal.ADMIN)


async def test_where_the_bot_may_not_write_it_says_so_in_private(sqlite_talk: Talk) -> None:
    """The group is linked, and whoever typed the code reads in their own chat what is missing."""
    talk = sqlite_talk
    await _owner(talk)
    line = await _line(talk, EN("button.link_staff"))
    chat = talk.sandbox.world.state.chats[STAFF_GROUP]
    chat.members |= {BOT_ID: "member", SOKHA: "administrator"}
    chat.permissions = {"can_send_messages": False}
    await people.arrive(talk.shop, SOKHA, "Sokha")
    assert [said(one) for one in await talk.say(SOKHA, line, STAFF_GROUP)] == []
    assert talk.shop.policy.staff_chat_id == STAFF_GROUP
    told = said(talk.messages(SOKHA)[-1]).splitlines()
    assert told == [EN("setup.linked_staff"), *(plain(EN.html(f"setup.lack_{one}")) for one in (Lack.WRITE, Lack.PIN))]


async def test_wrong_codes(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """A sentence below each and a line in security.log without the code; after five there is no answer any more."""
    talk = sqlite_talk
    await _owner(talk)
    line = await _line(talk, EN("button.link_staff"))
    for _ in range(GUESSES):
        (answer,) = await talk.say(DARA, "/link WRNG-2345", OTHER_GROUP)
        assert said(answer) == plain(EN.html("setup.wrong"))
    assert await talk.say(DARA, line, OTHER_GROUP) == []
    assert talk.shop.policy.staff_chat_id == 0
    assert _log(caplog) == [
        f"chat {OTHER_GROUP}: a link code that is not good (wrong)",
        f"chat {OTHER_GROUP}: a link code that is not good (silent)",
    ]
    assert "WRNG" not in caplog.text


async def test_an_owner_comes_in_by_the_shells_code(sqlite_talk: Talk) -> None:
    """Typed to the bot, in small letters: they own the shop and read what it needs; another command is no code."""
    talk = sqlite_talk
    await talk.bot.initialize()
    code = await service.make_code(talk.shop, None, Goal.OWNER)
    assert said((await talk.say(DARA, f"/link@other_bot {code}"))[-1]) != plain(EN.html("setup.linked_owner"))
    (answer,) = await talk.say(DARA, f"/link {code.lower()}")
    assert said(answer) == plain(EN.html("setup.linked_owner"))
    front = (await talk.say(DARA, "/setup"))[-1]
    assert taps.MakeCode(Goal.STAFF).pack() in keys(front).values()


async def test_the_staffs_code_is_for_a_group(sqlite_talk: Talk) -> None:
    """Typed in her own chat it is refused with the reason, and stays good; in a group nobody makes codes."""
    talk = sqlite_talk
    await _owner(talk)
    line = await _line(talk, EN("button.link_staff"))
    (answer,) = await talk.say(BOPHA, line)
    assert said(answer) == EN("errors.link_group")
    answers: list[Json] = await talk.say(BOPHA, line, STAFF_GROUP)
    assert said(answers[0]) == EN("setup.linked_staff")
    (answer,) = await talk.say(BOPHA, "/setup", STAFF_GROUP)
    assert said(answer) == EN("errors.link_private")


async def test_what_is_missing_is_shown_until_it_is_there(sqlite_talk: Talk) -> None:
    """An owner who opens the bot sees it, with a button for each thing; a customer never; when all is set the shop."""
    talk = sqlite_talk
    await _owner(talk)
    shown = (await talk.say(BOPHA, "/start"))[-1]
    for name in ("staff", "admin", "products", "khqr"):
        assert plain(EN.html("setup.missing", what=EN(f"setup.{name}"))) in said(shown)
    assert f"{EN('setup.hours')}: 08:00–20:00 as it came" in said(shown)
    assert f"{EN('setup.name')}: MADAM DA as it came" in said(shown)
    assert {
        taps.ListGoods(0, 0).pack(),
        taps.OpenRule(Rule.SHOP_NAME).pack(),
        taps.OpenGroup(Group.HOURS).pack(),
        taps.Home().pack(),
    } <= {*keys(shown).values()}
    await people.speak(talk.shop, await people.arrive(talk.shop, DARA, "Dara"), "en")
    assert plain(EN.html("setup.left")) not in said((await talk.say(DARA, "/start"))[-1])
    await service.set_up(
        talk.shop, {"staff_chat_id": STAFF_GROUP, "admin_chat_id": BOPHA, "opens": "08:00", "shop_name": "Rose"}
    )
    await builders.product(talk.shop)
    shop = (await talk.say(BOPHA, "/start"))[-1]
    assert EN("setup.title", shop=talk.shop.policy.shop_name) not in said(shop)
    again = said((await talk.say(BOPHA, "/setup"))[-1])
    assert plain(EN.html("setup.done")) in again
    assert plain(EN.html("setup.set", what=EN("setup.name"))) in again
    assert plain(EN.html("setup.missing", what=EN("setup.khqr"))) in again


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
async def test_who_runs_the_shop_looks_from_outside(sqlite_talk: Talk, role: Role) -> None:
    """/admin, [Setup], [Is all well?]: what is not well with what helps, and again; codes are the owner's alone."""
    talk = sqlite_talk
    talk.shop.config = talk.shop.config.model_copy(
        update={"bot_token": SecretStr(TOKEN), "telegram_api": talk.address, "public_url": "http://127.0.0.1:1"}
    )
    bopha = await builders.worker(talk.shop, role, BOPHA, "Bopha")
    await people.speak(talk.shop, bopha, "en")
    async with aside.serving(talk.shop.config):
        front = (await talk.say(BOPHA, "/admin"))[-1]
        await press(talk, BOPHA, front, EN("button.setup"), BOPHA)
        page = talk.message(BOPHA, front["message_id"])
        assert (taps.MakeCode(Goal.STAFF).pack() in keys(page).values()) is (role is Role.OWNER)
        talk.calls()
        await press(talk, BOPHA, page, EN("button.setup_check"), BOPHA)
    found = said(talk.message(BOPHA, front["message_id"]))
    assert EN("doctor.group.no_staff_group") in found
    assert EN("doctor.network.nobody") in found  # the site
    assert EN("doctor.poller.title") in found.splitlines()[-1]  # among what is well
    calls = talk.calls()
    assert (calls.count("answerCallbackQuery"), calls.count("editMessageText")) == (1, 1)
    assert taps.CheckSetup().pack() in keys(talk.message(BOPHA, front["message_id"])).values()


async def test_in_the_admins_group_no_code_is_made(sqlite_talk: Talk) -> None:
    """There /setup shows what is set, without what is for one's own chat; in any other group it says where."""
    talk = sqlite_talk
    await _owner(talk)
    await service.set_up(talk.shop, {"admin_chat_id": OTHER_GROUP, "staff_chat_id": STAFF_GROUP, "fee_capital": 100})
    (page,) = await talk.say(BOPHA, "/setup", OTHER_GROUP)
    assert plain(EN.html("setup.set", what=EN("setup.delivery"))) in said(page)
    assert f"{EN('setup.rate')}: 4,100៛ as it came" in said(page)
    offered = {*keys(page).values()}
    assert {taps.CheckSetup().pack(), taps.OpenGroup(Group.DELIVERY).pack()} <= offered
    assert {taps.MakeCode(Goal.STAFF).pack(), taps.OpenTeam().pack(), taps.Home().pack()}.isdisjoint(offered)
    answer = await talk.tap(BOPHA, page["message_id"], taps.MakeCode(Goal.STAFF), OTHER_GROUP)
    assert "/link" not in answer["text"]
    assert said(talk.message(OTHER_GROUP, page["message_id"])) == said(page)
