"""What Telegram shows of the bot: commands by role and language, the menu button, its name; told when it differs."""

import pytest
from telegram.ext import ExtBot

from bot import routes
from bot.menus import Menus, of_group, of_person
from bot.sandbox.faults import Fault
from bot.sandbox.methods.profile import seen_commands
from core.i18n import LANGUAGES, translator
from core.people import service as people
from core.people.rules import Person, Role
from core.settings import service as settings
from tests.support import builders
from tests.support.talk import BOPHA, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Talk

OFTEN = {"setMyCommands", "deleteMyCommands", "setChatMenuButton", "setMyName", "setMyDescription",
         "setMyShortDescription"}  # fmt: skip


def _menus(talk: Talk) -> Menus:
    return Menus(talk.shop, talk.bot)


def _seen(talk: Talk, person: int, chat: int | None = None) -> dict[str, str]:
    """The commands that somebody is offered in a chat."""
    world = talk.sandbox.world
    return {
        one["command"]: one["description"] for one in seen_commands(world, person, world.state.chats[chat or person])
    }


def _told(talk: Talk) -> list[str]:
    return [name for name in talk.calls() if name in OFTEN]


@pytest.mark.parametrize("role", [None, *Role])
def test_nobody_is_offered_what_they_may_not(role: Role | None) -> None:
    """A courier sees no board of staff's, staff nothing of the admins', an admin nothing that owners alone do."""
    person = Person(1, 1, "x", role=role or Role.COURIER)
    names = set(of_person(person))
    assert names <= routes.COUNTER_COMMANDS.keys() | routes.COMMANDS.keys()
    assert ("storage" in names, "audit" in names) == ((role in {Role.OWNER, Role.ADMIN},) * 2)
    assert ("setup" in names) == (role in {Role.OWNER, Role.ADMIN})
    assert ("link" in names) == (role is Role.OWNER)
    assert ("payments" in names) == (role not in {None, Role.COURIER})
    assert len(of_person(person)) == len(names) <= 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_at_the_counter_has_its_words(language: str) -> None:
    """Each is one that Telegram takes, with a description of 1 to 256 characters."""
    assert [
        name for name in routes.COUNTER_COMMANDS if not 1 <= len(translator(language)(f"command.{name}")) <= 256
    ] == []
    assert not set(of_group(admins=False)) & (routes.ADMIN_COMMANDS.keys() | {"audit", "cash", "team"})


async def test_each_sees_their_own(sqlite_talk: Talk) -> None:
    """A customer in the language of their Telegram, who works here in their own, each group in its; nothing odd."""
    talk = sqlite_talk
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP, admin_chat_id=OTHER_GROUP, staff_language="km")
    sokha = await builders.worker(talk.shop, Role.COURIER, SOKHA, "Sokha")
    await people.speak(talk.shop, sokha, "km")
    await _menus(talk).tell()
    assert _seen(talk, DARA)["cart"] == translator("en")("command.cart")
    assert _seen(talk, BOPHA)["cart"] == translator("km")("command.cart")
    assert _seen(talk, SOKHA)["parcels"] == translator("km")("command.parcels")
    assert "payments" not in _seen(talk, SOKHA)
    assert _seen(talk, SOKHA, STAFF_GROUP)["payments"] == translator("km")("command.payments")
    assert "storage" in _seen(talk, SOKHA, OTHER_GROUP).keys() - _seen(talk, SOKHA, STAFF_GROUP).keys()
    assert dict(talk.sandbox.world.findings) == {}


async def test_a_second_start_costs_no_calls(sqlite_talk: Talk) -> None:
    """What was told stands in the settings: nothing is told again but what changed; what is nobody's is taken back."""
    talk = sqlite_talk
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP)
    await builders.worker(talk.shop, Role.OWNER, BOPHA, "Bopha")
    await builders.worker(talk.shop, Role.STAFF, SOKHA, "Sokha")
    talk.calls()
    await _menus(talk).tell()
    assert len(_told(talk)) == 6  # everybody's in two languages, two people, the group, the button
    await _menus(talk).tell()
    assert _told(talk) == []
    await people.grant(talk.shop, SOKHA, "Sokha", Role.COURIER)
    await _menus(talk).tell()
    assert _told(talk) == ["setMyCommands"]
    await people.revoke(talk.shop, SOKHA)
    await settings.change(talk.shop.db, talk.shop.clock, "staff_chat_id", OTHER_GROUP, None)
    await _menus(talk).tell()
    assert sorted(_told(talk)) == ["deleteMyCommands", "deleteMyCommands", "setMyCommands"]
    assert "payments" not in _seen(talk, SOKHA)
    assert "payments" not in _seen(talk, SOKHA, STAFF_GROUP)
    assert "payments" in _seen(talk, SOKHA, OTHER_GROUP)


async def test_a_shop_with_a_name_gives_it_to_the_bot(sqlite_talk: Talk) -> None:
    """Name and what an empty chat says; without a name of its own what its owner wrote elsewhere stays."""
    talk = sqlite_talk
    await _menus(talk).tell()
    assert talk.sandbox.world.bot["first_name"] == "Sandbox bot"
    await settings.change(talk.shop.db, talk.shop.clock, "shop_name", "Kampot Pepper", None)
    await _menus(talk).tell()
    assert (await talk.bot.get_my_name()).name == "Kampot Pepper"
    assert "Kampot Pepper" in (await talk.bot.get_my_description("km")).description
    assert (await talk.bot.get_my_short_description()).short_description.startswith("Kampot Pepper")


async def test_the_menu_button_is_the_shop_where_it_can_be(sqlite_talk: Talk) -> None:
    """A Mini App where the site is reached by https, else the commands."""
    talk = sqlite_talk
    await _menus(talk).tell()
    assert talk.sandbox.world.state.settings["menu"] == {"type": "commands"}
    object.__setattr__(talk.shop, "config", talk.shop.config.model_copy(update={"public_url": "https://shop.example"}))
    await _menus(talk).tell()
    assert talk.sandbox.world.state.settings["menu"]["web_app"] == {"url": "https://shop.example/"}


async def test_what_telegram_does_not_take_is_told_again(sqlite_talk: Talk) -> None:
    """One who never wrote to the bot, and a flood wait: the rest is told, those the next time; nothing is held up."""
    talk = sqlite_talk
    await builders.worker(talk.shop, Role.STAFF, 9009, "Nobody yet")
    talk.calls()
    await _menus(talk).tell()
    assert len(_told(talk)) == 4
    await _menus(talk).tell()
    assert _told(talk) == ["setMyCommands"]
    talk.sandbox.world.faults.add(Fault("setmycommands", "429"))
    await people.grant(talk.shop, SOKHA, "Sokha", Role.STAFF)
    assert isinstance(talk.bot, ExtBot)
    await _menus(talk).tell()
    await _menus(talk).tell()
    assert "payments" in _seen(talk, SOKHA)
