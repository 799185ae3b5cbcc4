"""What reply keyboards ask people for: other people, a chat, a poll; contact and location go by `/sandbox/send`.

Source of who may be picked: td RequestedDialogType.cpp check_shared_dialog, check_shared_dialog_count.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox import roles
from bot.sandbox.acts.given import number, word
from bot.sandbox.people import ActError, People
from bot.sandbox.state import LEFT, Chat, Json
from bot.sandbox.world import World

_OPTIONS = range(2, 11)


def candidates(world: World, people: People, given: Json) -> Json:
    """Return who may be picked for the button `request_id`: `users` or `chats`, and how many at most."""
    person, place, asked = _asked(people, given)
    if "request_users" in asked:
        wanted = asked["request_users"]
        users = [one for one in _users(world) if one["id"] != person and not _unfit_user(one, wanted)]
        return {"users": users, "most": wanted["max_quantity"]}
    wanted = asked["request_chat"]
    chats = [one for one in world.state.chats.values() if one is not place]
    return {"chats": [one.json for one in chats if not _unfit(world, one, person, wanted)], "most": 1}


def share_users(world: World, people: People, given: Json) -> Json:
    """Share `users` (ids) as `person` for the button `request_id` of the chat's keyboard."""
    person, place, asked = _asked(people, given)
    wanted = asked.get("request_users")
    if wanted is None:
        raise ActError("Wrong chat type")
    ids = given.get("users")
    if not isinstance(ids, list) or not ids:
        raise ActError("Too few chats are chosen")
    if len(ids) > wanted["max_quantity"]:
        raise ActError("Too many chats are chosen")
    known = {one["id"]: one for one in _users(world)}
    if not all(isinstance(one, int) and one in known for one in ids):
        raise ActError("this person is not there", 404)
    for one in ids:
        unfit = _unfit_user(known[one], wanted)
        if unfit:
            raise ActError(unfit)
    shared: Json = {"user_ids": ids, "users": [_shared_user(known[one], wanted) for one in ids]}
    shared["request_id"] = wanted["request_id"]
    single = {"user_shared": {"user_id": ids[0], "request_id": wanted["request_id"]}} if len(ids) == 1 else {}
    return {"message": people.send(person, place.id, {**single, "users_shared": shared})}


def share_chat(world: World, people: People, given: Json) -> Json:
    """Share the chat `shared` as `person` for the button `request_id`; the bot joins or leads it if that was asked."""
    person, place, asked = _asked(people, given)
    wanted = asked.get("request_chat")
    chat = world.state.chats.get(number(given, "shared"))
    if wanted is None or chat is None:
        raise ActError("Wrong chat type" if chat else "this chat is not there", 400 if chat else 404)
    unfit = _unfit(world, chat, person, wanted)
    if unfit:
        raise ActError(unfit)
    _let_in(world, people, chat, wanted)
    shared: Json = {"chat_id": chat.id}
    if wanted.get("request_title"):
        shared["title"] = chat.title
    if wanted.get("request_username") and chat.username:
        shared["username"] = chat.username
    return {"message": people.send(person, place.id, {"chat_shared": {**shared, "request_id": wanted["request_id"]}})}


def share_poll(world: World, people: People, given: Json) -> Json:
    """Send a poll as `person`: `question`, 2-10 `options`, `type` ("regular" or "quiz", then `correct`)."""
    person, chat = number(given, "person"), number(given, "chat")
    people.here(person, chat)
    options, question = given.get("options"), word(given, "question").strip()
    if not question or not isinstance(options, list) or len(options) not in _OPTIONS:
        raise ActError("a poll has a question and 2-10 options")
    kind = word(given, "type", "regular")
    count = world.state.last_query + 1
    poll: Json = {"id": str(count), "question": question}
    poll["options"] = [{"persistent_id": str(at), "text": str(one), "voter_count": 0} for at, one in enumerate(options)]
    poll |= {"total_voter_count": 0, "is_closed": False, "is_anonymous": False, "type": kind}
    poll |= {"allows_multiple_answers": False, "allows_revoting": kind == "regular", "members_only": False}
    if kind == "quiz":
        correct = number(given, "correct", 0)
        if correct not in range(len(options)):
            raise ActError("a quiz has one of its options correct")
        poll |= {"correct_option_id": correct, "correct_option_ids": [correct]}
    world.commit({"do": "numbers", "messages": [], "update": 0, "query": count})
    return {"message": people.send(person, chat, {"poll": poll})}


def _asked(people: People, given: Json) -> tuple[int, Chat, Json]:
    """Return the person, the chat, and the button of its keyboard with a request id."""
    person, request = number(given, "person"), number(given, "request_id")
    _, place = people.here(person, number(given, "chat"))
    for row in (place.keyboard or {}).get("keyboard", []):
        for button in row:
            for name in ("request_users", "request_chat"):
                if button.get(name, {}).get("request_id") == request:
                    return person, place, {name: button[name]}
    raise ActError("no button of this chat's keyboard asks for that", 404)


def _users(world: World) -> list[Json]:
    return [*(one.user() for one in world.state.people.values() if not one.deactivated), world.bot]


def _unfit_user(user: Json, wanted: Json) -> str | None:
    """Return why a person cannot be shared, None if they can; nobody in the sandbox has Telegram Premium."""
    if "user_is_bot" in wanted and wanted["user_is_bot"] != user["is_bot"]:
        return "Wrong is_bot value"
    return "Wrong is_premium value" if wanted.get("user_is_premium") else None


def _unfit(world: World, chat: Chat, person: int, wanted: Json) -> str | None:
    """Return why a chat cannot be shared, None if it can."""
    status = chat.members.get(person, "left")
    leads = status in {"creator", "administrator"}
    bot_leads = chat.members.get(world.bot["id"]) == "administrator"
    rights = wanted.get("user_administrator_rights", {})
    checks = (
        (chat.private or status in LEFT or (chat.type == "channel") != wanted["chat_is_channel"], "Wrong chat type"),
        (chat.forum != wanted.get("chat_is_forum", chat.forum), "Wrong is_forum value"),
        (bool(chat.username) != wanted.get("chat_has_username", bool(chat.username)), "Wrong has_username value"),
        (bool(chat.moved_to), "Chat is deactivated"),
        (bool(wanted.get("chat_is_created")) and status != "creator", "The chat must be created by the current user"),
        ("bot_is_member" in wanted and not (leads or _inside(world, chat)), "The bot can't be added to the chat"),
        (not all(leads and roles.may(chat, person, one) for one in rights), "Not enough rights in the chat"),
        ("bot_administrator_rights" in wanted and not (leads or bot_leads), "The bot can't be promoted in the chat"),
    )
    return next((sentence for wrong, sentence in checks if wrong), None)


def _inside(world: World, chat: Chat) -> bool:
    return chat.members.get(world.bot["id"], "left") not in LEFT


def _let_in(world: World, people: People, chat: Chat, wanted: Json) -> None:
    leads = chat.members.get(world.bot["id"]) == "administrator"
    if "bot_administrator_rights" in wanted and not leads:
        people.set_member(chat.id, world.bot["id"], "administrator")
    elif wanted.get("bot_is_member") and not _inside(world, chat):
        people.set_member(chat.id, world.bot["id"], "member")


def _shared_user(user: Json, wanted: Json) -> Json:
    shared: Json = {"user_id": user["id"]}
    if wanted.get("request_name"):
        shared |= {name: user[name] for name in ("first_name", "last_name") if name in user}
    if wanted.get("request_username") and "username" in user:
        shared["username"] = user["username"]
    return shared


ACTS: dict[str, Callable[[World, People, dict[str, Any]], Json]] = {
    "share_candidates": candidates,
    "share_users": share_users,
    "share_chat": share_chat,
    "share_poll": share_poll,
}
