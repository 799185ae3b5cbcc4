"""Who is in a group and what they may do: the bot's calls, the updates they make, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import ChatPermissions

from bot.sandbox import GroupSeed

DARA, SOKHA, ADMIN, BOT = 1, 2, 3, 1000001
STAFF, BASIC = -1001, -77
KINDS = ["message", "my_chat_member", "chat_member"]


@pytest.fixture
async def group(opened: Any) -> AsyncIterator[Any]:
    """A supergroup and a basic group, Dara and Sokha members, Vanna and the bot administrators; nobody told yet."""
    groups = [
        GroupSeed(STAFF, "Staff", (DARA, SOKHA, ADMIN), (ADMIN,)),
        GroupSeed(BASIC, "Family", (DARA, SOKHA, ADMIN), (ADMIN,), kind="group"),
    ]
    async with opened(groups=groups) as running:
        await running.bot("getUpdates", allowed_updates=KINDS)
        yield running


async def told(desk: Any) -> list[Any]:
    """What the bot was told since the last time: (kind, body)."""
    updates = await desk.bot("getUpdates")
    if updates:
        await desk.bot("getUpdates", offset=updates[-1]["update_id"] + 1)
    return [next((kind, body) for kind, body in one.items() if kind != "update_id") for one in updates]


def changed(update: Any) -> tuple[str, int, int, str, str]:
    """A membership update in short: kind, actor, whom, from, to."""
    kind, body = update
    old, new = body["old_chat_member"], body["new_chat_member"]
    return kind, body["from"]["id"], new["user"]["id"], old["status"], new["status"]


async def refused(desk: Any, method: str, **parameters: Any) -> str:
    """The sentence a call is refused with."""
    answer = await desk.raw(method, **parameters)
    assert not answer["ok"], (method, parameters)
    return str(answer["description"]).removeprefix("Bad Request: ")


async def test_banned_and_let_in(group: Any, clock: Any) -> None:
    """A ban throws out with an update and a grey line; a second one changes nothing; unban makes them left."""
    until = int(clock.now) + 3600
    assert await group.bot("banChatMember", chat_id=STAFF, user_id=DARA, until_date=until) is True
    assert await group.bot("banChatMember", chat_id=STAFF, user_id=DARA, until_date=until) is True
    update, (kind, line) = await told(group)
    assert changed(update) == ("chat_member", BOT, DARA, "member", "kicked")
    assert update[1]["new_chat_member"]["until_date"] == until
    assert (kind, line["left_chat_member"]["id"], line["from"]["id"]) == ("message", DARA, BOT)
    assert (await group.bot("getChatMember", chat_id=STAFF, user_id=DARA))["status"] == "kicked"
    assert await group.bot("unbanChatMember", chat_id=STAFF, user_id=DARA, only_if_banned=True) is True
    assert changed((await told(group))[0]) == ("chat_member", BOT, DARA, "kicked", "left")
    assert await group.bot("unbanChatMember", chat_id=STAFF, user_id=SOKHA, only_if_banned=True) is True
    assert await told(group) == []
    assert await group.bot("unbanChatMember", chat_id=STAFF, user_id=SOKHA) is True
    assert [changed(one)[3:] for one in await told(group) if one[0] == "chat_member"] == [
        ("member", "kicked"),
        ("kicked", "left"),
    ]


async def test_a_ban_for_a_moment_is_for_ever(group: Any, clock: Any) -> None:
    """Under half a minute and over a year mean for ever."""
    for ends in (10, 400 * 86400):
        await group.bot("banChatMember", chat_id=STAFF, user_id=DARA, until_date=int(clock.now) + ends)
        assert (await group.bot("getChatMember", chat_id=STAFF, user_id=DARA))["until_date"] == 0


async def test_restricted(group: Any) -> None:
    """Permissions taken away hold for the person; what one stands on comes with it; all given back make a member."""
    allowed = {"can_send_polls": True, "can_invite_users": True}
    assert await group.bot("restrictChatMember", chat_id=STAFF, user_id=DARA, permissions={}) is True
    async with group.http.post(
        f"{group.address}/sandbox/send", json={"person": DARA, "chat": STAFF, "text": "x"}
    ) as response:
        assert (response.status, (await response.json())["error"]) == (403, "Dara may not write in this chat")
    await group.bot("restrictChatMember", chat_id=STAFF, user_id=DARA, permissions=allowed)
    member = await group.bot("getChatMember", chat_id=STAFF, user_id=DARA)
    assert (member["status"], member["is_member"], member["until_date"]) == ("restricted", True, 0)
    granted = {name for name, value in member.items() if name.startswith("can_") and value}
    assert granted == {"can_send_messages", "can_send_polls", "can_invite_users"}
    await group.act("send", person=DARA, chat=STAFF, text="x")
    rows = [changed(one)[3:] for one in await told(group) if one[0] == "chat_member"]
    assert rows == [("member", "restricted"), ("restricted", "restricted")]
    names = (await group.bot("getChat", chat_id=STAFF))["permissions"]
    await group.bot("restrictChatMember", chat_id=STAFF, user_id=DARA, permissions=dict.fromkeys(names, True))
    assert (await group.bot("getChatMember", chat_id=STAFF, user_id=DARA))["status"] == "member"
    alone = {"permissions": {"can_send_polls": True}, "use_independent_chat_permissions": True}
    await group.bot("restrictChatMember", chat_id=STAFF, user_id=DARA, **alone)
    assert (await group.bot("getChatMember", chat_id=STAFF, user_id=DARA))["can_send_messages"] is False


async def test_time_ends_it(group: Any, clock: Any) -> None:
    """After its time a ban is no ban and a restriction no restriction, and nobody is told."""
    until = int(clock.now) + 3600
    await group.bot("banChatMember", chat_id=STAFF, user_id=SOKHA, until_date=until)
    await group.bot("restrictChatMember", chat_id=STAFF, user_id=DARA, permissions={}, until_date=until)
    await told(group)
    clock.now = until
    await group.act("send", person=DARA, chat=STAFF, text="x")
    assert (await group.bot("getChatMember", chat_id=STAFF, user_id=DARA))["status"] == "member"
    assert (await group.bot("getChatMember", chat_id=STAFF, user_id=SOKHA))["status"] == "left"
    assert [kind for kind, _ in await told(group)] == ["message"]


async def test_promoted(group: Any) -> None:
    """Rights are those named; the bot may change whom it promoted, title included; none makes a member again."""
    assert await group.bot("promoteChatMember", chat_id=STAFF, user_id=DARA, can_pin_messages=True) is True
    member = await group.bot("getChatMember", chat_id=STAFF, user_id=DARA)
    assert (member["status"], member["can_be_edited"]) == ("administrator", True)
    assert {name for name, value in member.items() if name.startswith("can_") and value} == {
        *("can_be_edited", "can_manage_chat", "can_pin_messages"),
    }
    title = {"chat_id": STAFF, "user_id": DARA, "custom_title": "អ្នកដឹក"}
    assert await group.bot("setChatAdministratorCustomTitle", **title) is True
    await group.bot("promoteChatMember", chat_id=STAFF, user_id=DARA, can_invite_users=True)
    leaders = await group.bot("getChatAdministrators", chat_id=STAFF)
    assert [one.get("custom_title") for one in leaders if one["user"]["id"] == DARA] == ["អ្នកដឹក"]
    await group.bot("promoteChatMember", chat_id=STAFF, user_id=DARA)
    rows = [changed(one) for one in await told(group)]
    assert [(one[3], one[4]) for one in rows] == [
        ("member", "administrator"),
        ("administrator", "administrator"),
        ("administrator", "member"),
    ]
    assert {one[:3] for one in rows} == {("chat_member", BOT, DARA)}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("banChatMember", {"chat_id": STAFF}, "invalid user_id specified"),
    ("banChatMember", {"user_id": DARA}, "chat_id is empty"),
    ("banChatMember", {"chat_id": DARA, "user_id": DARA}, "can't ban members in private chats"),
    ("banChatMember", {"chat_id": STAFF, "user_id": 404}, "member not found"),
    ("banChatMember", {"chat_id": STAFF, "user_id": SOKHA}, "can't remove chat owner"),
    ("banChatMember", {"chat_id": STAFF, "user_id": BOT}, "can't restrict self"),
    ("banChatMember", {"chat_id": STAFF, "user_id": ADMIN}, "user is an administrator of the chat"),
    (
        "restrictChatMember",
        {"chat_id": STAFF, "user_id": DARA, "permissions": "{"},
        "can't parse permissions JSON object",
    ),
    (
        "restrictChatMember",
        {"chat_id": STAFF, "user_id": DARA, "permissions": [1]},
        "object expected as permissions",
    ),
    (
        "restrictChatMember",
        {"chat_id": STAFF, "user_id": DARA, "permissions": {"can_send_messages": 1}},
        'can\'t parse chat permissions: Field "can_send_messages" must be of type Boolean',
    ),
    (
        "restrictChatMember",
        {"chat_id": BASIC, "user_id": DARA, "permissions": {}},
        "method is available only for supergroups",
    ),
    (
        "promoteChatMember",
        {"chat_id": BASIC, "user_id": DARA},
        "method is available for supergroup and channel chats only",
    ),
    (
        "unbanChatMember",
        {"chat_id": BASIC, "user_id": DARA},
        "method is available for supergroup and channel chats only",
    ),
    (
        "promoteChatMember",
        {"chat_id": STAFF, "user_id": SOKHA, "can_pin_messages": True},
        "can't remove chat owner",
    ),
    ("promoteChatMember", {"chat_id": STAFF, "user_id": BOT, "can_pin_messages": True}, "can't promote self"),
    ("promoteChatMember", {"chat_id": STAFF, "user_id": ADMIN, "can_pin_messages": True}, "CHAT_ADMIN_REQUIRED"),
    (
        "setChatAdministratorCustomTitle",
        {"chat_id": DARA, "user_id": DARA},
        "method is available only for groups and supergroups",
    ),
    (
        "setChatAdministratorCustomTitle",
        {"chat_id": STAFF, "user_id": SOKHA},
        "only the owner can edit their custom title",
    ),
    ("setChatAdministratorCustomTitle", {"chat_id": STAFF, "user_id": DARA}, "user is not an administrator"),
    (
        "setChatAdministratorCustomTitle",
        {"chat_id": STAFF, "user_id": ADMIN, "custom_title": "x"},
        "not enough rights to change custom title of the user",
    ),
    ("getChatMember", {"chat_id": DARA, "user_id": SOKHA}, "member not found"),
    ("leaveChat", {"chat_id": DARA}, "can't leave private chats"),
]


async def test_refused_members(group: Any) -> None:
    """The sentences, in the order in which td and the servers ask."""
    await group.act("members", chat=STAFF, person=SOKHA, status="creator")
    long, smile = "x" * 17, "boss \U0001f600"
    for method, parameters, sentence in REFUSED:
        assert await refused(group, method, **parameters) == sentence, (method, parameters)
    await group.bot("promoteChatMember", chat_id=STAFF, user_id=DARA, can_pin_messages=True)
    title = {"chat_id": STAFF, "user_id": DARA}
    assert await refused(group, "setChatAdministratorCustomTitle", **title, custom_title=long) == "CUSTOM_TITLE_INVALID"
    emoji = await refused(group, "setChatAdministratorCustomTitle", **title, custom_title=smile)
    assert emoji == "CUSTOM_TITLE_EMOJI_NOT_ALLOWED"


async def test_without_rights(group: Any) -> None:
    """What an administrator was not given it cannot do or give on; a plain member can do none of it."""
    await group.act("members", chat=STAFF, person=BOT, status="administrator", rights={"can_promote_members": True})
    ban = await refused(group, "banChatMember", chat_id=STAFF, user_id=DARA)
    assert ban == "not enough rights to restrict/unrestrict chat member"
    give = {"chat_id": STAFF, "user_id": DARA, "can_pin_messages": True}
    assert await refused(group, "promoteChatMember", **give) == "RIGHT_FORBIDDEN"
    await group.act("members", chat=STAFF, person=DARA, status="left")
    stranger = {"chat_id": STAFF, "user_id": DARA, "can_promote_members": True}
    assert await refused(group, "promoteChatMember", **stranger) == "USER_NOT_MUTUAL_CONTACT"
    await group.act("members", chat=STAFF, person=BOT, status="member")
    rows: list[tuple[str, dict[str, Any], str]] = [
        ("promoteChatMember", {"user_id": SOKHA, "can_pin_messages": True}, "not enough rights"),
        ("setChatTitle", {"title": "x"}, "not enough rights to change chat title"),
        ("setChatDescription", {"description": "x"}, "not enough rights to set chat description"),
        ("setChatPermissions", {"permissions": {}}, "not enough rights to change chat permissions"),
        ("exportChatInviteLink", {}, "not enough rights to manage chat invite link"),
        ("pinChatMessage", {"message_id": 1}, "not enough rights to manage pinned messages in the chat"),
    ]
    for method, parameters, sentence in rows:
        assert await refused(group, method, chat_id=STAFF, **parameters) == sentence, method
    await group.act("members", chat=STAFF, person=BOT, status="restricted", rights={})
    silent = await refused(group, "sendMessage", chat_id=STAFF, text="x")
    assert silent == "not enough rights to send text messages to the chat"


async def test_basic_group(group: Any) -> None:
    """A basic group keeps no bans; only its leaders put out; who is out is refused in its own words."""
    assert await group.bot("banChatMember", chat_id=BASIC, user_id=DARA) is True
    assert (await group.bot("getChatMember", chat_id=BASIC, user_id=DARA))["status"] == "left"
    assert await refused(group, "banChatMember", chat_id=BASIC, user_id=DARA) == "USER_NOT_PARTICIPANT"
    assert await refused(group, "banChatMember", chat_id=BASIC, user_id=ADMIN) == "CHAT_ADMIN_REQUIRED"
    await told(group)
    await group.act("members", chat=BASIC, person=BOT, status="kicked")
    update, (kind, line) = await told(group)
    assert changed(update) == ("my_chat_member", ADMIN, BOT, "administrator", "kicked")
    assert (kind, line["left_chat_member"]["id"]) == ("message", BOT)
    assert (
        await refused(group, "sendMessage", chat_id=BASIC, text="x") == "Forbidden: bot was kicked from the group chat"
    )
    assert (await group.bot("getChat", chat_id=BASIC))["title"] == "Family"  # still known
    await group.act("members", chat=BASIC, person=BOT, status="left")
    gone = await refused(group, "sendMessage", chat_id=BASIC, text="x")
    assert gone == "Forbidden: bot is not a member of the group chat"


async def test_left_kicked_and_added_again(group: Any) -> None:
    """Each change of the bot's own place is one my_chat_member with the right old, new and actor."""
    assert await group.bot("leaveChat", chat_id=STAFF) is True
    gone = await refused(group, "leaveChat", chat_id=STAFF)
    assert gone == "Forbidden: bot is not a member of the supergroup chat"
    await group.act("members", chat=STAFF, person=DARA, status="left")  # nobody tells a bot that is out
    await group.act("add_bot", chat=STAFF, person=SOKHA)
    await group.act(
        "members", chat=STAFF, person=BOT, status="administrator", by=ADMIN, rights={"can_pin_messages": True}
    )
    await group.act("members", chat=STAFF, person=BOT, status="kicked", by=ADMIN)
    updates = await told(group)
    mine = [changed(one) for one in updates if one[0] == "my_chat_member"]
    assert mine == [
        ("my_chat_member", BOT, BOT, "administrator", "left"),
        ("my_chat_member", SOKHA, BOT, "left", "member"),
        ("my_chat_member", ADMIN, BOT, "member", "administrator"),
        ("my_chat_member", ADMIN, BOT, "administrator", "kicked"),
    ]
    rest = [body for kind, body in updates if kind != "my_chat_member"]
    assert [one["new_chat_members"][0]["id"] for one in rest] == [BOT]
    promoted = [body["new_chat_member"] for kind, body in updates if kind == "my_chat_member"][2]
    assert (promoted["can_pin_messages"], promoted["can_restrict_members"]) == (True, False)


async def test_a_member_is_not_told_of_others(group: Any) -> None:
    """chat_member goes to administrators only."""
    await group.act("members", chat=STAFF, person=BOT, status="member")
    await told(group)
    await group.act("members", chat=STAFF, person=DARA, status="left")
    assert [kind for kind, _ in await told(group)] == ["message"]


async def test_default_permissions(group: Any) -> None:
    """What every member may do is set for all, and holds for people and for a bot that leads nothing."""
    assert await group.bot("setChatPermissions", chat_id=STAFF, permissions={"can_invite_users": True}) is True
    assert (await group.bot("getChat", chat_id=STAFF))["permissions"]["can_send_messages"] is False
    await group.bot("sendMessage", chat_id=STAFF, text="as a leader")
    await group.act("members", chat=STAFF, person=BOT, status="member")
    silent = await refused(group, "sendMessage", chat_id=STAFF, text="x")
    assert silent == "not enough rights to send text messages to the chat"
    assert await refused(group, "setChatPermissions", chat_id=DARA, permissions={}) == (
        "can't change private chat permissions"
    )


async def test_clients_read_members(group: Any) -> None:
    """python-telegram-bot and aiogram read members of every kind and the updates about them."""
    bot = group.library()
    async with bot:
        assert await bot.ban_chat_member(STAFF, SOKHA)
        assert await bot.restrict_chat_member(STAFF, DARA, ChatPermissions(can_send_messages=True))
        assert (await bot.get_chat_member(STAFF, DARA)).can_send_messages is True
        assert (await bot.get_chat_member(STAFF, SOKHA)).until_date is not None
        assert await bot.promote_chat_member(STAFF, DARA, can_pin_messages=True)
        assert await bot.set_chat_administrator_custom_title(STAFF, DARA, "Courier")
        leaders = {one.user.id: one for one in await bot.get_chat_administrators(STAFF)}
        assert leaders[DARA].custom_title == "Courier"
        updates = await bot.get_updates()
        assert [one.chat_member.new_chat_member.status for one in updates if one.chat_member] == [
            *("kicked", "restricted", "administrator"),
        ]
    server = TelegramAPIServer.from_base(group.address)
    async with AiogramBot(group.token, session=AiohttpSession(api=server)) as other:
        assert (await other.get_chat_member(STAFF, SOKHA)).status == "kicked"
        assert (await other.get_chat(STAFF)).permissions.can_invite_users is True
        assert await other.unban_chat_member(STAFF, SOKHA)
        assert len(await other.get_updates()) == len(updates) + 1
    assert (await group.get("findings"))["findings"] == []
