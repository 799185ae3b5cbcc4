"""Methods about who is in a chat: asking, banning, restricting, promoting.

Sources: Client.cpp process_get_chat_member_query and its neighbours; td DialogParticipantManager.cpp
set_channel_participant_status_impl (an unchanged place is answered before any right is asked for),
restrict_channel_participant, promote_channel_participant.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.fields import FieldError, boolean
from bot.sandbox.members import expire, member_json, settle
from bot.sandbox.methods.lookup import find_chat
from bot.sandbox.refusals import chats as no_chats
from bot.sandbox.roles import MEDIA_PERMISSIONS, PERMISSIONS, RIGHTS, Place, appointed, leads, place_of
from bot.sandbox.state import Chat, Json, chat_entry
from bot.sandbox.world import World

_SHORTEST_BAN, _LONGEST_BAN = 30, 366 * 86400  # seconds; anything else is for ever: docs banChatMember
_LONGEST_TITLE = 16
_EMOJI = "So"  # Unicode's category of symbols that are no letters, numbers, money or mathematics


def get_chat_member(world: World, call: Call) -> Json:
    """Return the ChatMember of a person; "left" for one who is not in the chat."""
    number = _user(call)
    chat = find_chat(world, call.text("chat_id"), reading=number == world.bot["id"])
    _known(world, chat, number)
    expire(world, chat, number)
    return member_json(world, chat, number)


def get_chat_administrators(world: World, call: Call) -> list[Json]:
    """Return the administrators of a group."""
    chat = find_chat(world, call.text("chat_id"))
    if chat.private:
        raise no.NO_ADMINISTRATORS.error()
    return [member_json(world, chat, number) for number in chat.members if leads(chat, number)]


def get_chat_member_count(world: World, call: Call) -> int:
    """Return how many are in a chat, the bot among them."""
    chat = find_chat(world, call.text("chat_id"))
    return sum(place_of(chat, number).inside for number in chat.members)


def ban_member(world: World, call: Call) -> bool:
    """Throw somebody out, until a date or for ever."""
    number = _user(call)
    chat = find_chat(world, call.text("chat_id"))
    if chat.private:
        raise no_chats.BAN_IN_PRIVATE.error()
    if chat.type == "group":
        return _remove_from_group(world, chat, number)
    place = Place("kicked", _until(world, call))
    if place != place_of(chat, number):
        _may_restrict(world, chat, number)
        settle(world, chat, number, place, world.bot)
    return True


def unban_member(world: World, call: Call) -> bool:
    """Let somebody in again; a member not banned is put out of the door unless `only_if_banned`."""
    number = _user(call)
    chat = _supergroup(world, call, no_chats.SUPERGROUPS_CHANNELS_ONLY)
    before = place_of(chat, number)
    if before.status == "left" or (call.flag("only_if_banned") and before.status != "kicked"):
        return True
    if number == world.bot["id"]:
        settle(world, chat, number, Place("left"), world.bot)
        return True
    _may_restrict(world, chat, number)
    if before.inside:
        settle(world, chat, number, Place("kicked", {"until_date": world.now() + 60}), world.bot)
    settle(world, chat, number, Place("left"), world.bot)
    return True


def restrict_member(world: World, call: Call) -> bool:
    """Take permissions from a member, or give all of them back."""
    number = _user(call)
    allowed = read_permissions(call)
    chat = _supergroup(world, call, no_chats.SUPERGROUPS_ONLY)
    expire(world, chat, number)
    before = place_of(chat, number)
    if all(allowed.values()):
        place = Place("member" if before.inside else "left")
    else:
        place = Place("restricted", {**allowed, **_until(world, call), "is_member": before.inside})
    if place != before:
        _may_restrict(world, chat, number)
        settle(world, chat, number, place, world.bot)
    return True


def promote_member(world: World, call: Call) -> bool:
    """Make somebody an administrator with the rights given; none of them makes a plain member again."""
    number = _user(call)
    rights = {name: call.flag(name) for name in (*RIGHTS, "is_anonymous")}
    chat = _supergroup(world, call, no_chats.SUPERGROUPS_CHANNELS_ONLY)
    before = place_of(chat, number)
    promoted = any(rights.values())
    if before.status == "creator":
        raise no_chats.OWNER.error()
    if not promoted and before.status == "member":
        return True
    if number == world.bot["id"]:
        if promoted:
            raise no_chats.SELF_PROMOTED.error()
        settle(world, chat, number, Place("member"), world.bot)
        return True
    _may_promote(world, chat, number, rights)
    title = {"custom_title": before.details["custom_title"]} if "custom_title" in before.details else {}
    details = {**rights, "can_manage_chat": True, "by": world.bot["id"], **title}
    settle(world, chat, number, Place("administrator", details) if promoted else Place("member"), world.bot)
    return True


def set_custom_title(world: World, call: Call) -> bool:
    """Give an administrator the bot promoted a title of up to 16 characters without emoji."""
    number = _user(call)
    chat = find_chat(world, call.text("chat_id"))
    if chat.private:
        raise no_chats.GROUPS_ONLY.error()
    _known(world, chat, number)
    place = place_of(chat, number)
    if place.status == "creator":
        raise no_chats.TITLE_OF_OWNER.error()
    if place.status != "administrator":
        raise no_chats.TITLE_OF_MEMBER.error()
    if not member_json(world, chat, number)["can_be_edited"]:
        raise no_chats.TITLE_RIGHTS.error()
    title = call.text("custom_title").strip()
    if len(title) > _LONGEST_TITLE:
        raise no_chats.CUSTOM_TITLE.error()
    if any(unicodedata.category(letter) == _EMOJI for letter in title):
        raise no_chats.CUSTOM_TITLE_EMOJI.error()
    details = {**chat.details, number: {**place.details, "custom_title": title}}
    world.commit({**chat_entry(chat), "details": list(details.items())})
    return True


def read_permissions(call: Call) -> Json:
    """Read `permissions` as the Bot API server completes them; raise RefusalError."""
    given = call.json("permissions")
    if given is None:
        given = {}
    if isinstance(given, str):
        raise no_chats.PERMISSIONS_JSON.error()
    if not isinstance(given, dict):
        raise no_chats.PERMISSIONS_OBJECT.error()
    try:
        allowed = {name: boolean(given, name) for name in PERMISSIONS}
        media = boolean(given, "can_send_media_messages")
    except FieldError as error:
        raise no_chats.PERMISSIONS.error(reason=error) from error
    if not any(name in given for name in MEDIA_PERMISSIONS):
        allowed |= dict.fromkeys(MEDIA_PERMISSIONS, media)
    allowed |= {
        name: allowed["can_pin_messages"] for name in ("can_manage_topics", "can_edit_tag") if name not in given
    }
    if "can_react_to_messages" not in given:
        allowed["can_react_to_messages"] = allowed["can_send_messages"]
    return allowed if call.flag("use_independent_chat_permissions") else _dependent(allowed, media=media)


def _dependent(allowed: Json, *, media: bool) -> Json:
    """Grant what a permission stands on, as without `use_independent_chat_permissions`."""
    richer = allowed["can_send_other_messages"] or allowed["can_add_web_page_previews"]
    if richer:
        allowed |= dict.fromkeys(MEDIA_PERMISSIONS, True)
    if richer or media or allowed["can_send_polls"]:
        allowed["can_send_messages"] = True
    return allowed


def _user(call: Call) -> int:
    number = call.number("user_id", high=1 << 60)
    if number <= 0:
        raise no.INVALID_USER.error()
    return number


def _known(world: World, chat: Chat, number: int) -> None:
    if world.user(number) is None or (chat.private and number not in chat.members):
        raise no_chats.MEMBER_NOT_FOUND.error()


def _supergroup(world: World, call: Call, refusal: no.Refusal) -> Chat:
    chat = find_chat(world, call.text("chat_id"))
    if chat.type != "supergroup":
        raise refusal.error()
    return chat


def _until(world: World, call: Call) -> Json:
    ends = call.number("until_date")
    return {"until_date": ends if _SHORTEST_BAN <= ends - world.now() <= _LONGEST_BAN else 0}


def _may_restrict(world: World, chat: Chat, number: int) -> None:
    """Raise RefusalError unless the bot may put somebody out or in; in td's order, the server's words last."""
    _known(world, chat, number)
    if chat.members.get(number) == "creator":
        raise no_chats.OWNER.error()
    if number == world.bot["id"]:
        raise no_chats.SELF_RESTRICTED.error()
    if not appointed(chat, world.bot["id"], "can_restrict_members"):
        raise no_chats.NO_RESTRICT_RIGHTS.error()
    if chat.members.get(number) == "administrator" and not member_json(world, chat, number)["can_be_edited"]:
        raise no_chats.AN_ADMINISTRATOR.error()


def _may_promote(world: World, chat: Chat, number: int, rights: Json) -> None:
    bot = world.bot["id"]
    if not appointed(chat, bot, "can_promote_members"):
        raise no_chats.NO_PROMOTE_RIGHTS.error()
    _known(world, chat, number)
    if chat.members.get(number) == "administrator" and not member_json(world, chat, number)["can_be_edited"]:
        raise no_chats.ADMIN_REQUIRED.error()
    granted = [name for name in RIGHTS if rights[name] and (name != "can_manage_topics" or chat.forum)]
    if not all(appointed(chat, bot, name) for name in granted):
        raise no_chats.RIGHT_FORBIDDEN.error()
    if not place_of(chat, number).inside:
        raise no_chats.NOT_MUTUAL.error()


def _remove_from_group(world: World, chat: Chat, number: int) -> bool:
    """Take somebody out of a basic group, which keeps no bans."""
    _known(world, chat, number)
    if number != world.bot["id"] and (not leads(chat, world.bot["id"]) or leads(chat, number)):
        raise no_chats.ADMIN_REQUIRED.error()
    if not place_of(chat, number).inside:
        raise no_chats.NOT_PARTICIPANT.error()
    settle(world, chat, number, Place("left"), world.bot)
    return True


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "banChatMember": ban_member,
    "unbanChatMember": unban_member,
    "restrictChatMember": restrict_member,
    "promoteChatMember": promote_member,
    "setChatAdministratorCustomTitle": set_custom_title,
}
