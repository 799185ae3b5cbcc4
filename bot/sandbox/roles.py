"""Who is what in a chat, and what they may do there.

Sources: td DialogParticipant.cpp; docs ChatMember, ChatPermissions.
"""

from dataclasses import dataclass, field

from bot.sandbox.state import LEFT, Chat, Json

RIGHTS = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"),
    *("can_promote_members", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
    *("can_post_stories", "can_edit_stories", "can_delete_stories", "can_send_welcome_messages"),
)
MEDIA_PERMISSIONS = (
    *("can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
    *("can_send_video_notes", "can_send_voice_notes"),
)
PERMISSIONS = (
    "can_send_messages",
    *MEDIA_PERMISSIONS,
    *("can_send_polls", "can_send_other_messages", "can_add_web_page_previews", "can_react_to_messages"),
    *("can_edit_tag", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
)
_RIGHTS, _PERMISSIONS = frozenset(RIGHTS), frozenset(PERMISSIONS)
_NOT_IN_A_NEW_GROUP = frozenset({"can_change_info", "can_pin_messages", "can_manage_topics"})


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody is in a chat: a Bot API member status, and what it comes with (see `Chat.details`)."""

    status: str
    details: Json = field(default_factory=dict)

    @property
    def inside(self) -> bool:
        """Whether this is a member, however restricted."""
        return self.status not in LEFT and not (self.status == "restricted" and not self.details.get("is_member", True))


def place_of(chat: Chat, user: int) -> Place:
    """Return what somebody is in a chat, "left" for a stranger."""
    return Place(chat.members.get(user, "left"), chat.details.get(user, {}))


def permissions(chat: Chat) -> Json:
    """Return the ChatPermissions of a plain member."""
    return {name: _everybody(chat, name) for name in PERMISSIONS}


def _everybody(chat: Chat, right: str) -> bool:
    allowed: bool = chat.permissions.get(right, right in _PERMISSIONS and right not in _NOT_IN_A_NEW_GROUP)
    return allowed


def may(chat: Chat, user: int, right: str) -> bool:
    """Return whether somebody has a right in a group, by their role or as every member has it."""
    place = place_of(chat, user)
    match place.status:
        case "creator":
            return True
        case "administrator":
            return right not in _RIGHTS or bool(granted(chat, place)[right]) or _everybody(chat, right)
        case "restricted":
            return _everybody(chat, right) and place.inside and bool(place.details.get(right, False))
    return place.inside and _everybody(chat, right)


def appointed(chat: Chat, user: int, right: str) -> bool:
    """Return whether somebody has a right as an administrator, granted to them by name."""
    place = place_of(chat, user)
    return place.status == "creator" or (place.status == "administrator" and bool(granted(chat, place).get(right)))


def leads(chat: Chat, user: int) -> bool:
    """Return whether somebody is the owner or an administrator."""
    return chat.members.get(user) in {"creator", "administrator"}


def granted(chat: Chat, place: Place) -> Json:
    """Return an administrator's rights; all of them when nobody said which."""
    every = not any(name in place.details for name in RIGHTS)
    rights: Json = {name: every or bool(place.details.get(name)) for name in RIGHTS}
    rights["can_manage_topics"] = rights["can_manage_topics"] and chat.forum
    return {"is_anonymous": bool(place.details.get("is_anonymous")), **rights}
