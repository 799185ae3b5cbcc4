"""Methods about how the bot shows itself: name, descriptions, the rights it asks for; and which commands a person sees.

Sources: td BotInfoManager.cpp set_bot_name and its neighbours (the language is checked first, the length by the
server); Client.cpp get_chat_administrator_rights; docs BotCommandScope, "Determining list of commands".
"""

from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.call import Call
from bot.sandbox.fields import FieldError, boolean
from bot.sandbox.journal import encode
from bot.sandbox.methods.lookup import read_language
from bot.sandbox.refusals import Refusal
from bot.sandbox.refusals import chats as no_chats
from bot.sandbox.roles import RIGHTS, leads
from bot.sandbox.state import Chat, Json
from bot.sandbox.world import World

_SETTING = "profile"  # texts by "<field> <language>"
_LONGEST = {"name": 64, "description": 512, "short_description": 120}
_TOO_LONG = {
    "name": no_chats.NAME_LONG,
    "description": no_chats.DESCRIPTION_LONG,
    "short_description": no_chats.ABOUT_LONG,
}
_CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
_GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")


def set_my_name(world: World, call: Call) -> bool:
    """Set the bot's name for a language, or for all without one of their own."""
    _keep(world, call, "name")
    world.rename()
    return True


def get_my_name(world: World, call: Call) -> Json:
    """Return the bot's name in a language."""
    return {"name": _text(world, call, "name") or world.bot["first_name"]}


def set_my_description(world: World, call: Call) -> bool:
    """Set what stands in an empty chat with the bot."""
    return _keep(world, call, "description")


def get_my_description(world: World, call: Call) -> Json:
    """Return what stands in an empty chat with the bot."""
    return {"description": _text(world, call, "description")}


def set_my_short_description(world: World, call: Call) -> bool:
    """Set what stands on the bot's profile and beside a shared link."""
    return _keep(world, call, "short_description")


def get_my_short_description(world: World, call: Call) -> Json:
    """Return what stands on the bot's profile."""
    return {"short_description": _text(world, call, "short_description")}


def set_default_rights(world: World, call: Call) -> bool:
    """Set the rights offered when somebody makes the bot an administrator."""
    given = call.json("rights")
    if isinstance(given, str):
        raise no_chats.RIGHTS_JSON.error()
    if given is not None and not isinstance(given, dict):
        raise no_chats.RIGHTS.error(reason="ChatAdministratorRights must be an Object")
    try:
        rights = {name: boolean(given, name) for name in _rights(call)} if given else None
    except FieldError as error:
        raise no_chats.RIGHTS.error(reason=error) from error
    world.commit({"do": "setting", "name": _rights_setting(call), "value": rights})
    return True


def get_default_rights(world: World, call: Call) -> Json:
    """Return the rights offered when somebody makes the bot an administrator."""
    kept: Json | None = world.state.settings.get(_rights_setting(call))
    return kept or dict.fromkeys(_rights(call), False)


def seen_commands(world: World, person: int, chat: Chat) -> list[Json]:
    """Return the commands a person is offered in a chat: of the narrowest scope that has any, their language first."""
    kept: dict[str, list[Json]] = world.state.settings.get("commands", {})
    language = world.state.people[person].language_code[:2]
    for scope in _scopes(chat, person):
        kind, *place = scope
        for tongue in (language, ""):
            commands = kept.get(encode([kind, tongue, *place]))
            if commands:
                return commands
    return []


def _scopes(chat: Chat, person: int) -> Iterator[list[Any]]:
    """Yield the scopes that hold for a person in a chat, the narrowest first."""
    if chat.private:
        yield from (["chat", chat.id, ""], ["all_private_chats"])
    else:
        yield ["chat_member", chat.id, str(person)]
        leading = leads(chat, person)
        yield from [["chat_administrators", chat.id, ""]] if leading else []
        yield ["chat", chat.id, ""]
        yield from [["all_chat_administrators"]] if leading else []
        yield ["all_group_chats"]
    yield ["default"]


def _keep(world: World, call: Call, field: str) -> bool:
    language, text = read_language(call), call.text(field).strip()
    if len(text) > _LONGEST[field]:
        refusal: Refusal = _TOO_LONG[field]
        raise refusal.error()
    kept = {**world.state.settings.get(_SETTING, {}), f"{field} {language}": text}
    world.commit({"do": "setting", "name": _SETTING, "value": kept})
    return True


def _text(world: World, call: Call, field: str) -> str:
    kept: dict[str, str] = world.state.settings.get(_SETTING, {})
    return kept.get(f"{field} {read_language(call)}") or kept.get(f"{field} ", "")


def _rights(call: Call) -> tuple[str, ...]:
    shared = tuple(name for name in RIGHTS if name not in _GROUP_RIGHTS)
    return ("is_anonymous", *shared, *(_CHANNEL_RIGHTS if call.flag("for_channels") else _GROUP_RIGHTS))


def _rights_setting(call: Call) -> str:
    return "rights channel" if call.flag("for_channels") else "rights"


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "setMyName": set_my_name,
    "getMyName": get_my_name,
    "setMyDescription": set_my_description,
    "getMyDescription": get_my_description,
    "setMyShortDescription": set_my_short_description,
    "getMyShortDescription": get_my_short_description,
    "setMyDefaultAdministratorRights": set_default_rights,
    "getMyDefaultAdministratorRights": get_default_rights,
}
