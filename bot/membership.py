"""What became of the bot's place in a chat: who blocked it, who let it in, from which group it was put."""

from collections.abc import Callable

from telegram import Chat, ChatMember, ChatMemberUpdated

from core.people import service as people
from core.shop import Shop
from core.team import membership
from core.team.rules import Standing

LEADING = frozenset({ChatMember.ADMINISTRATOR, ChatMember.OWNER})
GONE = frozenset({ChatMember.LEFT, ChatMember.BANNED})


async def changed(shop: Shop, change: ChatMemberUpdated, warn: Callable[[str], None]) -> None:
    """Follow a change of the bot's own place; nothing is ever written into a group that is none of the shop's.

    ``warn`` writes to security.log. A person who blocks the bot is left in peace until they let it in again.
    """
    if change.chat.type == Chat.PRIVATE:
        await people.blocked(shop, change.chat.id, blocked=change.new_chat_member.status == ChatMember.BANNED)
        return
    before, now = standing(change.old_chat_member), standing(change.new_chat_member)
    name = change.from_user.full_name
    if membership.group_of(shop.policy, change.chat.id) is not None:
        await membership.moved(shop, change.chat.id, before, now, name)
    elif before is Standing.OUT is not now:
        warn(f"put into chat {change.chat.id}, which is none of the shop's")


def standing(member: ChatMember) -> Standing:
    """Read what somebody is in a group; who may not write there is out."""
    if member.status in GONE or (member.status == ChatMember.RESTRICTED and not _may_write(member)):
        return Standing.OUT
    return Standing.LEADS if member.status in LEADING else Standing.INSIDE


def _may_write(member: ChatMember) -> bool:
    return bool(getattr(member, "is_member", True) and getattr(member, "can_send_messages", True))
