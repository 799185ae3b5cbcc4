"""What happens when somebody's place in a group changes: the ChatMember object, the update, the grey line.

Sources: Client.cpp JsonChatMember, need_skip_update_message; docs Update.chat_member (administrators only).
"""

from bot.sandbox.roles import PERMISSIONS, Place, appointed, granted, leads, place_of
from bot.sandbox.state import Chat, Json, chat_entry
from bot.sandbox.world import World


def member_json(world: World, chat: Chat, number: int, place: Place | None = None) -> Json:
    """Return the ChatMember object of somebody, as they are or as they were at `place`."""
    place = place or place_of(chat, number)
    member: Json = {"user": world.user(number), "status": place.status}
    title = place.details.get("custom_title")
    named = {"custom_title": title} if title else {}
    match place.status:
        case "creator":
            return {**member, **named, "is_anonymous": False}
        case "administrator":
            edited = place.details.get("by") == world.bot["id"] and appointed(
                chat, world.bot["id"], "can_promote_members"
            )
            return {**member, "can_be_edited": edited, **granted(chat, place), **named}
        case "restricted":
            allowed = {name: bool(place.details.get(name)) for name in PERMISSIONS}
            ends = {"is_member": place.inside, "until_date": place.details.get("until_date", 0)}
            return {**member, **allowed, **ends}
        case "kicked":
            return {**member, "until_date": place.details.get("until_date", 0)}
    return member


def settle(
    world: World, chat: Chat, user: int, place: Place, actor: Json, link: Json | None = None, *, quiet: bool = False
) -> None:
    """Give somebody another place in a group, as `actor` does it: the change, its update, and a grey line."""
    before = place_of(chat, user)
    if before == place:
        return
    old = member_json(world, chat, user)
    _keep(world, chat, user, place)
    body = {"chat": chat.json, "from": actor, "date": world.now(), "old_chat_member": old}
    body |= {"new_chat_member": member_json(world, chat, user), **({"invite_link": link} if link else {})}
    if user == world.bot["id"]:
        world.updates.add("my_chat_member", body)
    elif leads(chat, world.bot["id"]):
        world.updates.add("chat_member", body)
    if before.inside != place.inside and not quiet:
        whom = world.user(user)
        announce(world, chat, actor, {"new_chat_members": [whom]} if place.inside else {"left_chat_member": whom})
    world.events.ring("chat", {"chat": chat.id})


def expire(world: World, chat: Chat, user: int) -> None:
    """End a ban or restriction whose time is over; nobody is told, as Telegram tells nobody."""
    place = place_of(chat, user)
    ends = place.details.get("until_date", 0)
    if ends and world.now() >= ends and place.status in {"kicked", "restricted"}:
        _keep(world, chat, user, Place("member" if place.inside else "left"))


def _keep(world: World, chat: Chat, user: int, place: Place) -> None:
    details = {number: one for number, one in chat.details.items() if number != user}
    if place.details:
        details[user] = place.details
    members = {**chat.members, user: place.status}
    world.commit({**chat_entry(chat), "members": list(members.items()), "details": list(details.items())})


def announce(world: World, chat: Chat, actor: Json, content: Json, thread: int = 0) -> Json:
    """Put a grey line into a group; the bot hears it while it is there, in a basic group that it was itself put out."""
    message = world.post(chat, actor, content, thread=thread)
    out = chat.type == "group" and content.get("left_chat_member", {}).get("id") == world.bot["id"]
    if out or place_of(chat, world.bot["id"]).inside:
        world.updates.add("message", message)
    return message
