"""Methods about a chat itself: what it is called, who may do what in it, the links that lead into it.

Sources: Client.cpp process_get_chat_query and the methods' own; td DialogManager.cpp set_dialog_title,
set_dialog_description; DialogInviteLinkManager.cpp.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from bot.sandbox.call import Call
from bot.sandbox.members import announce, settle
from bot.sandbox.methods.lookup import find_chat
from bot.sandbox.methods.members import read_permissions
from bot.sandbox.refusals import chats as no_chats
from bot.sandbox.roles import Place, appointed, may, permissions
from bot.sandbox.state import Chat, Json, chat_entry
from bot.sandbox.world import World

_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)
_REACTIONS = 11  # how many reactions a message can carry: docs ChatFullInfo.max_reaction_count
_TITLE = 128  # characters: td cuts the rest off
_DESCRIPTION = 255
_LINK_NAME = 32
_MOST_MEMBERS = 99_999


def get_chat(world: World, call: Call) -> Json:
    """Return the ChatFullInfo."""
    chat = find_chat(world, call.text("chat_id"), reading=True)
    full: Json = {**chat.json, "accent_color_id": 0, "max_reaction_count": _REACTIONS, "accepted_gift_types": _GIFTS}
    if not chat.private:
        full["permissions"] = permissions(chat)
        primary = next((link for link in chat.links.values() if link["is_primary"] and not link["is_revoked"]), None)
        if primary:
            full["invite_link"] = primary["invite_link"]
    if chat.description:
        full["description"] = chat.description
    if chat.pinned:
        full["pinned_message"] = chat.messages[chat.pinned[-1]]
    return full


def set_chat_title(world: World, call: Call) -> bool:
    """Call a group something else."""
    chat = find_chat(world, call.text("chat_id"))
    title = " ".join(call.text("title").split())[:_TITLE]
    if not title:
        raise no_chats.TITLE_EMPTY.error()
    if chat.private:
        raise no_chats.TITLE_PRIVATE.error()
    if not _may_change(world, chat):
        raise no_chats.TITLE_NO_RIGHTS.error()
    rename(world, chat, world.bot, title)
    return True


def rename(world: World, chat: Chat, actor: Json, title: str) -> None:
    """Give a group a title, with its grey line; the title it has changes nothing."""
    if title == chat.title:
        return
    world.commit({**chat_entry(chat), "title": title})
    announce(world, chat, actor, {"new_chat_title": title})
    world.events.ring("chat", {"chat": chat.id})


def set_chat_description(world: World, call: Call) -> bool:
    """Describe a group; nothing given removes the description."""
    chat = find_chat(world, call.text("chat_id"))
    if chat.private:
        raise no_chats.ABOUT_PRIVATE.error()
    if not may(chat, world.bot["id"], "can_change_info"):
        raise no_chats.ABOUT_NO_RIGHTS.error()
    description = call.text("description").strip()[:_DESCRIPTION]
    if description == chat.description:
        raise no_chats.ABOUT_SAME.error()
    world.commit({**chat_entry(chat), "description": description})
    world.events.ring("chat", {"chat": chat.id})
    return True


def set_chat_permissions(world: World, call: Call) -> bool:
    """Set what a plain member may do."""
    allowed = read_permissions(call)
    chat = find_chat(world, call.text("chat_id"))
    if chat.private:
        raise no_chats.PERMISSIONS_PRIVATE.error()
    if not appointed(chat, world.bot["id"], "can_restrict_members"):
        raise no_chats.PERMISSIONS_NO_RIGHTS.error()
    world.commit({**chat_entry(chat), "permissions": allowed})
    world.events.ring("chat", {"chat": chat.id})
    return True


def leave_chat(world: World, call: Call) -> bool:
    """Go out of a group."""
    chat = find_chat(world, call.text("chat_id"))
    if chat.private:
        raise no_chats.LEAVE_PRIVATE.error()
    settle(world, chat, world.bot["id"], Place("left"), world.bot)
    return True


def export_link(world: World, call: Call) -> str:
    """Return a new primary link into the chat; the one before it leads nowhere any more."""
    chat = _linked(world, call)
    for link in [one for one in chat.links.values() if one["is_primary"]]:
        _keep(world, chat, {**link, "is_primary": False, "is_revoked": True})
    made = _link(world, chat, is_primary=True)
    _keep(world, chat, made)
    address: str = made["invite_link"]
    return address


def create_link(world: World, call: Call) -> Json:
    """Return one more link into the chat, which may end or be used up."""
    chat = _linked(world, call)
    return _keep(world, chat, {**_link(world, chat, is_primary=False), **_terms(world, call)})


def edit_link(world: World, call: Call) -> Json:
    """Change the terms of a link the bot made."""
    chat = _linked(world, call)
    link = chat.links.get(call.text("invite_link"))
    if link is None or link["is_revoked"] or link["is_primary"]:
        raise no_chats.LINK_UNKNOWN.error()
    kept = {name: link[name] for name in ("invite_link", "creator", "is_primary", "is_revoked", "joined")}
    return _keep(world, chat, {**kept, **_terms(world, call)})


def revoke_link(world: World, call: Call) -> Json:
    """End a link; a primary one is followed by another."""
    chat = _linked(world, call)
    link = chat.links.get(call.text("invite_link"))
    if link is None:
        raise no_chats.LINK_UNKNOWN.error()
    if link["is_primary"] and not link["is_revoked"]:
        _keep(world, chat, _link(world, chat, is_primary=True))
    return _keep(world, chat, {**link, "is_revoked": True})


def _linked(world: World, call: Call) -> Chat:
    chat = find_chat(world, call.text("chat_id"))
    if chat.private:
        raise no_chats.LINK_PRIVATE.error()
    if not appointed(chat, world.bot["id"], "can_invite_users"):
        raise no_chats.LINK_NO_RIGHTS.error()
    return chat


def _link(world: World, chat: Chat, *, is_primary: bool) -> Json:
    seed = hashlib.sha256(f"{chat.id} {len(chat.links)} {world.token}".encode()).hexdigest()
    made = {
        "invite_link": f"https://t.me/+{seed[:16]}",
        "creator": world.bot,
        "creates_join_request": False,
        "joined": 0,
    }
    return {**made, "is_primary": is_primary, "is_revoked": False}


def _terms(world: World, call: Call) -> Json:
    terms: Json = {"creates_join_request": call.flag("creates_join_request")}
    name, ends = call.text("name").strip()[:_LINK_NAME], call.number("expire_date", low=0)
    if ends and ends <= world.now():
        raise no_chats.LINK_PAST.error()
    most = call.number("member_limit", low=0, high=_MOST_MEMBERS)
    return {**terms, **({"name": name} if name else {}), **({"expire_date": ends} if ends else {})} | (
        {"member_limit": most} if most else {}
    )


def _keep(world: World, chat: Chat, link: Json) -> Json:
    world.commit({**chat_entry(chat), "links": {**chat.links, link["invite_link"]: link}})
    return link_json(link)


def link_json(link: Json) -> Json:
    """Return the ChatInviteLink object; how many joined by it is the sandbox's own count."""
    return {name: value for name, value in link.items() if name != "joined"}


def _may_change(world: World, chat: Chat) -> bool:
    """Whether the bot may change a group's title; in a basic group only where it is an administrator."""
    able = appointed if chat.type == "group" else may
    return able(chat, world.bot["id"], "can_change_info")


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "getChat": get_chat,
    "setChatTitle": set_chat_title,
    "setChatDescription": set_chat_description,
    "setChatPermissions": set_chat_permissions,
    "leaveChat": leave_chat,
    "exportChatInviteLink": export_link,
    "createChatInviteLink": create_link,
    "editChatInviteLink": edit_link,
    "revokeChatInviteLink": revoke_link,
}
