"""Who is here: people are added and go, groups are made, joined and upgraded, the bot is added and blocked."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from bot.sandbox.acts.given import number, word
from bot.sandbox.members import announce, expire, settle
from bot.sandbox.methods.chats import link_json, rename
from bot.sandbox.methods.profile import seen_commands
from bot.sandbox.people import ActError, People
from bot.sandbox.roles import PERMISSIONS, RIGHTS, Place, leads, may, place_of
from bot.sandbox.state import Chat, Json, chat_entry
from bot.sandbox.world import World

_KINDS = ("supergroup", "group")
_BELOW = -1_000_000_000_000  # supergroups count downwards from here, basic groups from zero
_PAYLOAD = 64


def add_person(_world: World, people: People, given: Json) -> Json:
    """Add a person: `first_name`, `username`, `language_code`; returns their User."""
    name = word(given, "first_name").strip()
    if not name:
        raise ActError("a person needs a first_name")
    return people.add(name, word(given, "username") or None, word(given, "language_code", "en")).user()


def deactivate(world: World, _people: People, given: Json) -> Json:
    """Delete the account of `person`: their name goes, the bot is told that they are deactivated when it writes."""
    person = world.state.people.get(number(given, "person"))
    if person is None:
        raise ActError("this person is not there", 404)
    world.commit({"do": "person", **asdict(replace(person, deactivated=True))})
    world.commit({**chat_entry(world.state.chats[person.id]), "title": "", "username": None})
    world.events.ring("chat", {"chat": person.id})
    return {}


def set_member(_world: World, people: People, given: Json) -> Json:
    """Give `person` (or the bot's id) a `status` in the group `chat`, as `by` does it.

    `rights` are an administrator's (all, if none are named) or what a restricted member still may do; `title` and
    `until_date` go with them.
    """
    status = word(given, "status")
    names = {"administrator": RIGHTS, "restricted": PERMISSIONS}.get(status, ())
    rights = given.get("rights")
    if not isinstance(rights, dict | None):
        raise ActError("rights are an object of true and false")
    details: Json = {} if rights is None else {name: bool(rights.get(name)) for name in names}
    by = number(given, "by", 0) or None
    if status == "administrator":
        details |= {"can_manage_chat": True} if details else {}
        details |= {"custom_title": word(given, "title")} if given.get("title") else {}
    if status == "restricted":
        details["is_member"] = bool(given.get("is_member", True))
    if status in {"restricted", "kicked"} and given.get("until_date"):
        details["until_date"] = number(given, "until_date")
    people.set_member(number(given, "chat"), number(given, "person"), status, details, by)
    return {}


def block(_world: World, people: People, given: Json) -> Json:
    """Block the bot as `person`, or let it in again with `blocked` false."""
    people.block(number(given, "person"), blocked=bool(given.get("blocked", True)))
    return {}


def add_group(world: World, people: People, given: Json) -> Json:
    """Make a group of a `title`, `kind` and `members`, the first its owner; returns its Chat.

    `forum` gives a supergroup topics. The bot comes as a plain member; `bot` says "administrator", or "" for not at
    all.
    """
    title, kind = word(given, "title").strip(), word(given, "kind", "supergroup")
    if not title or kind not in _KINDS:
        raise ActError(f"a group needs a title and is one of {', '.join(_KINDS)}")
    if given.get("forum") and kind == "group":
        raise ActError("only a supergroup has topics")
    listed = given.get("members")
    members = [number({"member": one}, "member") for one in listed] if isinstance(listed, list) else []
    if not members or any(one not in world.state.people for one in members):
        raise ActError("a group needs members, and they must be there", 404)
    owner = world.state.people[members[0]].user()
    places = dict.fromkeys(members, "member") | {members[0]: "creator"}
    chat = Chat(_next_id(world, kind), kind, title, forum=bool(given.get("forum")), members=places)
    world.commit(chat_entry(chat))
    made = world.state.chats[chat.id]
    announce(world, made, owner, {"group_chat_created" if kind == "group" else "supergroup_chat_created": True})
    status = word(given, "bot", "member")
    if status:
        people.set_member(made.id, world.bot["id"], "member", by=members[0])
        people.set_member(made.id, world.bot["id"], status, by=members[0])
    world.events.ring("chat", {"chat": made.id})
    return {"chat": made.json}


def add_bot(world: World, people: People, given: Json) -> Json:
    """Add the bot to the group `chat` as `person`, as `t.me/<bot>?startgroup=<payload>` does.

    `admin` makes it an administrator with the rights named in a list (as `&admin=` does), or, with true, with the
    rights the bot asks for by default.
    """
    chat, person = _group(world, given), number(given, "person")
    if not may(chat, person, "can_invite_users"):
        raise ActError("this person may not add anybody here", 403)
    payload, admin = word(given, "payload"), given.get("admin")
    if len(payload) > _PAYLOAD:
        raise ActError(f"a start payload has {_PAYLOAD} characters at most")
    if not place_of(chat, world.bot["id"]).inside:
        people.set_member(chat.id, world.bot["id"], "member", by=person)
    if admin:
        asked = {f"can_{name.removeprefix('can_')}": True for name in admin} if isinstance(admin, list) else None
        rights = asked or world.state.settings.get("rights") or dict.fromkeys(RIGHTS, True)
        details = {name: bool(rights.get(name)) for name in RIGHTS} | {"can_manage_chat": True}
        people.set_member(chat.id, world.bot["id"], "administrator", details, by=person)
    if payload:
        people.write(person, chat.id, f"/start@{world.bot['username']} {payload}")
    return {}


def join(world: World, _people: People, given: Json) -> Json:
    """Join a group as `person` by an invite `link`; returns its Chat."""
    person = world.state.people.get(number(given, "person"))
    address = word(given, "link")
    chat = next((one for one in world.state.chats.values() if address in one.links), None)
    if person is None or chat is None:
        raise ActError("nobody is there, or no such link", 404)
    expire(world, chat, person.id)
    link, place = chat.links[address], place_of(chat, person.id)
    if place.status == "kicked":
        raise ActError(f"{person.first_name} was thrown out of this group", 403)
    if place.inside:
        return {"chat": chat.json}
    ended = link.get("expire_date") and world.now() >= link["expire_date"]
    if link["is_revoked"] or chat.moved_to or ended or _used_up(link):
        raise ActError("this link leads nowhere any more", 403)
    if link["creates_join_request"]:
        raise ActError("the sandbox has no requests to join yet")
    joined = {**link, "joined": link["joined"] + 1}
    settle(world, chat, person.id, Place("member"), person.user(), link_json(link))
    world.commit({**chat_entry(chat), "links": {**chat.links, address: joined}})
    return {"chat": chat.json}


def title(world: World, _people: People, given: Json) -> Json:
    """Call the group `chat` something else as `person`."""
    chat, person = _group(world, given), number(given, "person")
    name = word(given, "title").strip()
    if not name or not may(chat, person, "can_change_info"):
        raise ActError("a group needs a title, from somebody who may give it", 403)
    rename(world, chat, world.user(person) or {}, name)
    return {}


def upgrade(world: World, _people: People, given: Json) -> Json:
    """Make a supergroup of the basic group `chat`, as `person` or else its owner does; returns the new Chat.

    The bot hears `migrate_to_chat_id` in the old group, that it is in the new one, and `migrate_from_chat_id` there;
    calls to the old id are refused with the new one (source: tdlib/telegram-bot-api issue 266 for the updates).
    """
    old = _group(world, given)
    if old.type != "group":
        raise ActError("only a basic group becomes a supergroup; make one with the kind group")
    person = number(given, "person", 0)
    leading = [one for one in old.members if one in world.state.people and (leads(old, one) or not person)]
    who = person or next((one for one in leading if leads(old, one)), next(iter(leading), 0))
    if who not in leading:
        raise ActError("a group is upgraded by somebody who leads it", 403)
    actor, bot = world.user(who) or {}, world.bot["id"]
    before = place_of(old, bot)
    members = [(one, status) for one, status in old.members.items() if one != bot and status != "kicked"]
    entry = {**chat_entry(old), "id": _next_id(world, "supergroup"), "type": "supergroup", "links": {}}
    details = [(one, kept) for one, kept in old.details.items() if one != bot]
    world.commit({**entry, "members": members, "details": details})
    new = world.state.chats[entry["id"]]
    announce(world, old, actor, {"migrate_to_chat_id": new.id})
    world.commit({**chat_entry(old), "moved_to": new.id})
    _bring(world, new, before, actor)
    announce(world, new, actor, {"migrate_from_chat_id": old.id})
    for one in (old.id, new.id):
        world.events.ring("chat", {"chat": one})
    return {"chat": new.json}


def commands(world: World, person: int, chat: int) -> Json:
    """Return the `commands` that `person` is offered in `chat`."""
    place = world.state.chats.get(chat)
    if place is None or person not in world.state.people:
        raise ActError("this person or chat is not there", 404)
    return {"commands": seen_commands(world, person, place)}


def _bring(world: World, chat: Chat, place: Place, actor: Json) -> None:
    """Tell the bot that it is in the supergroup its group became; nobody writes a grey line for it."""
    if not place.inside:
        return
    settle(world, chat, world.bot["id"], place, actor, quiet=True)


def _used_up(link: Json) -> bool:
    return bool(link.get("member_limit")) and link["joined"] >= link["member_limit"]


def _next_id(world: World, kind: str) -> int:
    """Return the next free id: basic groups count downwards from -1, supergroups from -1000000000001."""
    chats = world.state.chats
    wanted = [one for one in chats if one < 0 and (one < _BELOW) == (kind == "supergroup")]
    return min(wanted, default=_BELOW if kind == "supergroup" else 0) - 1


def _group(world: World, given: Json) -> Chat:
    chat = world.state.chats.get(number(given, "chat"))
    if chat is None or chat.private or chat.moved_to:
        raise ActError("this group is not there", 404)
    return chat


ACTS: dict[str, Callable[[World, People, dict[str, Any]], Json]] = {
    "people": add_person,
    "deactivate": deactivate,
    "members": set_member,
    "block": block,
    "groups": add_group,
    "add_bot": add_bot,
    "join": join,
    "title": title,
    "upgrade": upgrade,
}
