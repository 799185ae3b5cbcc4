"""Methods about the bot itself: who it is, its commands and menu, answers to buttons, files to download."""

import re
from collections.abc import Callable
from typing import Any

from bot.sandbox import links
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.fields import FieldError, string
from bot.sandbox.files import KINDS
from bot.sandbox.journal import encode
from bot.sandbox.methods.lookup import find_chat, read_language
from bot.sandbox.refusals import Refusal
from bot.sandbox.refusals import keyboards as no_keyboards
from bot.sandbox.state import Json
from bot.sandbox.world import World

_ABILITIES = {
    "can_join_groups": True,
    "can_read_all_group_messages": True,
    **dict.fromkeys(("supports_inline_queries", "can_connect_to_business", "has_main_web_app"), False),
}
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_MOST_COMMANDS = 100
_LONGEST_COMMAND = 32
_LONGEST_DESCRIPTION = 256
_LONGEST_ANSWER = 200
_DOWNLOAD_LIMIT = 20 << 20
_PLAIN_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
_CHAT_SCOPES = frozenset({"chat", "chat_administrators", "chat_member"})


def get_me(world: World, _call: Call) -> Json:
    """Return the bot's User."""
    switched = {"can_read_all_group_messages": not world.privacy, "supports_inline_queries": world.inline}
    return {**world.bot, **_ABILITIES, **switched, "has_main_web_app": world.web_app is not None}


def set_my_commands(world: World, call: Call) -> bool:
    """Set the commands of a scope and language; the sandbox has no "no change" answer, as Telegram has none."""
    given = call.json("commands")
    if isinstance(given, str):
        raise no.COMMANDS_JSON.error()
    if given is not None and not isinstance(given, list):
        raise no.COMMANDS_ARRAY.error()
    parsed = [_parsed(one) for one in given or []]
    scope = _scope(world, call)
    if len(parsed) > _MOST_COMMANDS:
        raise no.COMMANDS_MANY.error()
    _keep_commands(world, scope, [_command(name, words) for name, words in parsed])
    return True


def get_my_commands(world: World, call: Call) -> list[Json]:
    """Return the commands of exactly this scope and language."""
    kept: list[Json] = world.state.settings.get("commands", {}).get(_scope(world, call), [])
    return kept


def delete_my_commands(world: World, call: Call) -> bool:
    """Remove the commands of a scope and language."""
    _keep_commands(world, _scope(world, call), [])
    return True


def set_chat_menu_button(world: World, call: Call) -> bool:
    """Set the menu button of one private chat or of all."""
    button = call.json("menu_button")
    if isinstance(button, str):
        raise no.MENU_JSON.error()
    shown = _menu(button if button is not None else {"type": "default"})
    name = _menu_chat(world, call)
    world.commit({"do": "setting", "name": name, "value": _judged_menu(shown)})
    return True


def get_chat_menu_button(world: World, call: Call) -> Json:
    """Return the menu button of a private chat, or the one of all."""
    settings = world.state.settings
    shown: Json = settings.get(_menu_chat(world, call)) or settings.get("menu") or {"type": "commands"}
    return shown


def answer_callback_query(world: World, call: Call) -> bool:
    """Answer a pressed button, with a note, an alert, or nothing."""
    number = call.text("callback_query_id")
    text = call.text("text")
    if len(text) > _LONGEST_ANSWER:
        raise no.ANSWER_LONG.error()
    query = world.state.queries.get(number)
    if query and query.answer is not None:
        call.findings.append("this query is already answered; nobody sees a second answer")
    answer = {"text": text, "show_alert": call.flag("show_alert"), "url": call.text("url") or None}
    world.answer(number, answer)
    return True


def get_file(world: World, call: Call) -> Json:
    """Return a File with the path to download it from, up to 20 MB."""
    name = call.text("file_id")
    if not name:
        raise no.FILE_ID_EMPTY.error()
    file = world.state.files.get(name)
    if file is None:
        raise no.FILE_ID_INVALID.error()
    if file.size > _DOWNLOAD_LIMIT:
        raise no.FILE_TOO_BIG.error()
    if not world.holds(file):
        raise no.FILE_GONE.error()
    folder = KINDS[file.kind].folder
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": f"{folder}/{file.unique_id}{_suffix(file.mime, file.name)}",
    }


def _suffix(mime: str, name: str) -> str:
    known = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif"}
    found = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    return found[0] if found else known.get(mime, "")


def _keep_commands(world: World, scope: str, commands: list[Json]) -> None:
    kept = {name: one for name, one in world.state.settings.get("commands", {}).items() if name != scope}
    if commands:
        kept[scope] = commands
    world.commit({"do": "setting", "name": "commands", "value": kept})
    world.events.ring("chat", {"chat": None})


def _parsed(value: object) -> tuple[str, str]:
    if not isinstance(value, dict):
        raise no.COMMAND.error(reason="expected an Object")
    try:
        return string(value, "command", required=True), string(value, "description", required=True)
    except FieldError as error:
        raise no.COMMAND.error(reason=error) from error


def _command(name: str, words: str) -> Json:
    name, words = name.strip().removeprefix("/"), words.strip()
    if not name:
        raise no.COMMAND_EMPTY.error()
    if len(name) > _LONGEST_COMMAND:
        raise no.COMMAND_LONG.error()
    if not words:
        raise no.COMMAND_NO_WORDS.error()
    if len(words) > _LONGEST_DESCRIPTION:
        raise no.COMMAND_WORDY.error()
    if not _COMMAND.fullmatch(name):
        raise no.COMMAND_INVALID.error()
    return {"command": name, "description": words}


def _scope(world: World, call: Call) -> str:
    """Return one key for the call's scope and language; raise RefusalError."""
    language = read_language(call)
    given = call.json("scope")
    if isinstance(given, str):
        raise no.SCOPE_JSON.error()
    scope = given if given is not None else {"type": "default"}
    if not isinstance(scope, dict):
        raise no.SCOPE.error(reason="BotCommandScope must be an Object")
    kind = _field(scope, "type", no.SCOPE)
    if kind in _PLAIN_SCOPES:
        return encode([kind, language])
    if kind not in _CHAT_SCOPES:
        raise no.SCOPE.error(reason="Unsupported type specified")
    name = _field(scope, "chat_id", no.SCOPE)
    if not name:
        raise no.SCOPE.error(reason="Empty chat_id specified")
    person = _field(scope, "user_id", no.SCOPE) if kind == "chat_member" else ""
    return encode([kind, language, find_chat(world, name).id, person])


def _field(value: Json, name: str, refusal: Refusal) -> str:
    try:
        return string(value, name, required=True)
    except FieldError as error:
        raise refusal.error(reason=error) from error


def _menu(button: Any) -> Json:
    if not isinstance(button, dict):
        raise no.MENU.error(reason="MenuButton must be an Object")
    kind = _field(button, "type", no.MENU)
    if kind in {"default", "commands"}:
        return {"type": kind}
    if kind != "web_app":
        raise no.MENU.error(reason="MenuButton has unsupported type")
    inner = button.get("web_app")
    if not isinstance(inner, dict):
        raise no.MENU.error(reason='Can\'t find field "web_app"')
    text, url = _field(button, "text", no.MENU), _field(inner, "url", no.MENU)
    return {"type": kind, "text": text, "web_app": {"url": url}}


def _judged_menu(button: Json) -> Json | None:
    """Return a menu button as kept, None for the default: everybody's, or the commands."""
    if "web_app" not in button:
        return None if button["type"] == "default" else button
    if not button["text"]:
        raise no_keyboards.MENU_TEXT.error()
    url = button["web_app"]["url"]
    try:
        return {**button, "web_app": {"url": links.checked(url, https_only=True)}}
    except links.LinkError as error:
        raise no_keyboards.MENU_WEB_APP.error(url=url, reason=error) from error


def _menu_chat(world: World, call: Call) -> str:
    if "chat_id" not in call.arguments:
        return "menu"
    number = call.number("chat_id", high=1 << 60)
    if number <= 0:
        raise no.INVALID_MENU_CHAT.error()
    if number not in world.state.people:
        raise no.USER_NOT_FOUND.error()
    return f"menu {number}"


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "answerCallbackQuery": answer_callback_query,
    "getFile": get_file,
}
