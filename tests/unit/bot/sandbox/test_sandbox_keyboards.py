"""Keyboards: what may stand on a button and where, what reply keyboards ask people for, how long they stay."""

from typing import Any

import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonPollType,
    KeyboardButtonRequestChat,
    KeyboardButtonRequestUsers,
    LoginUrl,
    ReplyKeyboardMarkup,
    SwitchInlineQueryChosenChat,
)

from bot.sandbox import keyboards
from bot.sandbox.refusals import RefusalError

GROUP = -1001
INLINE = "can't parse inline keyboard button: "
KEY = "can't parse keyboard button: "
USERS = {"request_id": 7, "max_quantity": 2, "user_is_bot": False, "request_name": True, "request_username": True}
CHAT = {"request_id": 8, "chat_is_channel": False, "request_title": True}


def keys(*buttons: Any, **more: Any) -> dict[str, Any]:
    """A reply keyboard of one row."""
    return {"keyboard": [list(buttons)], **more}


def under(**button: Any) -> dict[str, Any]:
    """One inline button under a message."""
    return {"inline_keyboard": [[{"text": "a", **button}]]}


def asks(**button: Any) -> dict[str, Any]:
    """One button of a reply keyboard."""
    return keys({"text": "a", **button})


REFUSED: list[tuple[dict[str, Any], str]] = [
    (under(), INLINE + "Text buttons are unallowed in the inline keyboard"),
    (under(url=""), INLINE + "Text buttons are unallowed in the inline keyboard"),
    (under(style="loud", url="a.b"), INLINE + "invalid button style specified"),
    (under(text="", icon_custom_emoji_id="5", url="a.b"), "inline keyboard button text must be non-empty"),
    (under(pay=True), "BUTTON_TYPE_INVALID"),
    (under(callback_game={}), "BUTTON_TYPE_INVALID"),
    (under(copy_text={}), INLINE + 'Can\'t find field "text"'),
    (under(copy_text="x"), INLINE + 'Field "copy_text" must be of type Object'),
    (under(copy_text={"text": ""}), "BUTTON_COPY_TEXT_INVALID"),
    (under(copy_text={"text": "ខ" * 257}), "BUTTON_COPY_TEXT_INVALID"),
    (under(callback_data="ខ" * 22), "BUTTON_DATA_INVALID"),
    (under(switch_inline_query=None), INLINE + 'Field "switch_inline_query" must be of type String'),
    (under(switch_inline_query_chosen_chat={}), "at least one chat type must be allowed"),
    (
        under(switch_inline_query_chosen_chat={"allow_user_chats": 1}),
        INLINE + 'Field "allow_user_chats" must be of type Boolean',
    ),
    (under(login_url={}), INLINE + 'Can\'t find field "url"'),
    (under(login_url={"url": "https://a.b", "bot_username": "@"}), INLINE + "LoginUrl bot username is invalid"),
    (
        under(login_url={"url": "http://a.b"}),
        "inline keyboard button login URL 'http://a.b' is invalid: Only HTTPS links are allowed",
    ),
    (under(login_url={"url": "tg://user?id=1"}), "link to a user can't be used in login URL buttons"),
    (under(web_app={"url": "tg://user?id=1"}), "link to a user can't be used in Web App URL buttons"),
    (
        under(web_app={"url": "ftp://a.b"}),
        "inline keyboard button Web App URL 'ftp://a.b' is invalid: Unsupported URL protocol",
    ),
    (keys(7), KEY + "KeyboardButton must be a String or an Object"),
    (asks(text="", icon_custom_emoji_id="5"), "keyboard button text must be non-empty"),
    (asks(style="loud"), KEY + "invalid button style specified"),
    (asks(request_contact="yes"), KEY + 'Field "request_contact" must be of type Boolean'),
    (asks(request_poll=True), KEY + 'Field "request_poll" must be of type Object'),
    (asks(request_users={}), KEY + 'Can\'t find field "request_id"'),
    (asks(request_users={"request_id": "x"}), KEY + 'Field "request_id" must be a valid Number'),
    (asks(request_users={"request_id": 2**31}), KEY + 'Field "request_id" must be a valid Number'),
    (asks(request_users={"request_id": True}), KEY + 'Field "request_id" must be a Number'),
    (asks(request_users={"request_id": 1, "max_quantity": 11}), "BUTTON_INVALID"),
    (asks(request_chat={"request_id": 1, "chat_is_forum": "x"}), KEY + 'Field "chat_is_forum" must be of type Boolean'),
    (
        asks(request_chat={"request_id": 1, "bot_administrator_rights": 1}),
        KEY + "ChatAdministratorRights must be an Object",
    ),
    (
        asks(web_app={"url": "http://a.b"}),
        "keyboard button Web App URL 'http://a.b' is invalid: Only HTTPS links are allowed",
    ),
    (asks(web_app={"url": "tg://user?id=1"}), "link to a user can't be used in Web App URL buttons"),
    ({"force_reply": "yes"}, 'field "force_reply" must be of type Boolean'),
]
IN_A_GROUP = [
    (asks(request_contact=True), "phone number can be requested in private chats only"),
    (asks(request_location=True), "location can be requested in private chats only"),
    (asks(request_poll={}), "poll can be requested in private chats only"),
    (asks(request_users={"request_id": 1}), "users can be requested in private chats only"),
    (asks(request_chat={"request_id": 1}), "chats can be requested in private chats only"),
    (asks(request_managed_bot={"request_id": 1}), "managed bots can be requested in private chats only"),
    (asks(web_app={"url": "https://a.b"}), "web App buttons can be used in private chats only"),
    (under(web_app={"url": "https://a.b"}), "BUTTON_TYPE_INVALID"),
]


async def test_refused_buttons(desk: Any) -> None:
    """Each bad button gets exactly Telegram's sentence, in a private chat and in a group."""
    rows = [(1, markup, said) for markup, said in REFUSED] + [(GROUP, markup, said) for markup, said in IN_A_GROUP]
    answers = [
        (await desk.raw("sendMessage", chat_id=chat, text="x", reply_markup=one)).get("description")
        for chat, one, _ in rows
    ]
    assert answers == [f"Bad Request: {said}" for _, _, said in rows]


async def test_inline_buttons_as_shown(desk: Any) -> None:
    """The bot gets its buttons back in Telegram's form; taps on those that ask nobody say what they open."""
    chosen = {"query": "q", "allow_user_chats": True, "allow_group_chats": True}
    every = dict.fromkeys(("allow_user_chats", "allow_bot_chats", "allow_group_chats", "allow_channel_chats"), True)
    given = [
        {"text": "a", "switch_inline_query": "", "style": "Primary"},
        {"text": "b", "switch_inline_query_current_chat": "q"},
        {"text": "c", "switch_inline_query_chosen_chat": chosen},
        {"text": "d", "switch_inline_query_chosen_chat": {**every, "query": "q"}},
        {"text": "e", "copy_text": {"text": "MD1"}, "style": "default"},
        {"text": "f", "url": "shop.example"},
    ]
    sent = await desk.bot("sendMessage", chat_id=1, text="x", reply_markup={"inline_keyboard": [given]})
    whole = {"query": "q", **dict.fromkeys(every, False), **{name: True for name in chosen if name != "query"}}
    assert sent["reply_markup"]["inline_keyboard"] == [
        [
            {"text": "a", "switch_inline_query": "", "style": "primary"},
            {"text": "b", "switch_inline_query_current_chat": "q"},
            {"text": "c", "switch_inline_query_chosen_chat": whole},
            {"text": "d", "switch_inline_query": "q"},
            {"text": "e", "copy_text": {"text": "MD1"}},
            {"text": "f", "url": "http://shop.example/"},
        ]
    ]
    tap = {"person": 1, "chat": 1, "message_id": 2, "row": 0}
    opened = [await desk.act("tap", **tap, column=column) for column in range(6)]
    assert opened == [
        {"switch_inline_query": ""},
        {"switch_inline_query_current_chat": "q"},
        {"switch_inline_query_chosen_chat": whole},
        {"switch_inline_query": "q"},
        {"copy_text": "MD1"},
        {"url": "http://shop.example/"},
    ]


def test_pay_only_under_an_invoice() -> None:
    """A pay button passes where the caller says the message is an invoice, and nowhere else."""
    parsed = keyboards.parse(under(pay=True))
    settled = keyboards.settle(parsed, private=True, pay=True)
    assert settled
    assert settled.json == {"inline_keyboard": [[{"text": "a", "pay": True}]]}
    with pytest.raises(RefusalError, match="BUTTON_TYPE_INVALID"):
        keyboards.settle(parsed, private=True)


async def shown(desk: Any, chat: int = 1) -> Any:
    """The reply keyboard a chat shows."""
    return (await desk.get(f"chats/{chat}/messages"))["keyboard"]


async def test_how_long_keyboards_stay(desk: Any) -> None:
    """A one-time keyboard folds away when used, not before; a forced reply ends with an answer; words stay."""
    once = keys("Yes", "No", one_time_keyboard=True, is_persistent=True, input_field_placeholder="ជ្រើស", selective=True)
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=once)
    plain = {
        "keyboard": [[{"text": "Yes"}, {"text": "No"}]],
        "one_time_keyboard": True,
        "is_persistent": True,
        "input_field_placeholder": "ជ្រើស",
    }
    assert await shown(desk) == plain  # selective means nothing in a private chat
    await desk.act("send", person=1, chat=1, text="Maybe")
    assert await shown(desk) == plain
    await desk.act("send", person=1, chat=1, text="No")
    assert await shown(desk) == {**plain, "hidden": True}
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=keys({"text": "p", "request_contact": True}))
    await desk.act("send", person=1, chat=1, contact=True)
    assert await shown(desk) == keys({"text": "p", "request_contact": True})
    force = {"force_reply": True, "input_field_placeholder": "Street"}
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=force)
    assert await shown(desk) == force
    await desk.act("send", person=1, chat=1, text="Street 1")
    assert await shown(desk) is None


async def test_selective_keyboards(desk: Any) -> None:
    """In a group a selective keyboard is for those answered or mentioned; theirs alone is removed again."""
    await desk.act("members", chat=GROUP, person=1, status="member")
    asked = await desk.act("send", person=2, chat=GROUP, text="?")
    reply = {"message_id": asked["message"]["message_id"]}
    markup = keys("Yes", selective=True, one_time_keyboard=True)
    sent = {"chat_id": GROUP, "reply_parameters": reply, "reply_markup": markup}
    await desk.bot("sendMessage", text="@Dara and <a href='tg://user?id=3'>you</a>", parse_mode="HTML", **sent)
    assert (await shown(desk, GROUP))["for"] == [2, 1, 3]
    await desk.bot("sendMessage", **{**sent, "text": "x"})
    assert (await shown(desk, GROUP))["for"] == [2]
    await desk.act("send", person=3, chat=GROUP, text="Yes")
    assert "hidden" not in await shown(desk, GROUP)
    removed = {"chat_id": GROUP, "reply_markup": {"remove_keyboard": True, "selective": True}}
    await desk.bot("sendMessage", text="@dara", **removed)
    assert (await shown(desk, GROUP))["for"] == [2]
    await desk.bot("sendMessage", text="x", reply_parameters=reply, **removed)
    assert await shown(desk, GROUP) is None
    await desk.bot("sendMessage", chat_id=GROUP, text="x", reply_markup=keys("Yes"))
    await desk.bot("sendMessage", text="@dara", **removed)
    assert await shown(desk, GROUP) == keys({"text": "Yes"})


async def refused(desk: Any, path: str, **given: Any) -> str:
    """Call an act that must be refused; return its sentence."""
    async with desk.http.post(f"{desk.address}/sandbox/{path}", json={"person": 1, "chat": 1, **given}) as response:
        assert 400 <= response.status < 500
        return str((await response.json())["error"])


async def test_sharing_people(desk: Any) -> None:
    """Who fits may be picked, up to the number asked; the bot gets ids, and names only if it asked for them."""
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=asks(request_users=USERS))
    may = await desk.act("share_candidates", person=1, chat=1, request_id=7)
    assert ([one["id"] for one in may["users"]], may["most"]) == ([2, 3], 2)
    share = {"person": 1, "chat": 1, "request_id": 7}
    message = (await desk.act("share_users", **share, users=[1]))["message"]
    assert message["user_shared"] == {"user_id": 1, "request_id": 7}
    user = {"user_id": 1, "first_name": "Dara", "username": "dara"}
    assert message["users_shared"] == {"user_ids": [1], "users": [user], "request_id": 7}
    message = (await desk.act("share_users", **share, users=[2, 3]))["message"]
    assert ("user_shared" in message, message["users_shared"]["user_ids"]) == (False, [2, 3])
    rows = [([1, 2, 3], "Too many chats are chosen"), ([], "Too few chats are chosen"), ([77], "is not there")]
    rows += [([1000001], "Wrong is_bot value"), ("x", "Too few chats are chosen"), (["1"], "is not there")]
    for users, said in rows:
        assert said in await refused(desk, "share_users", request_id=7, users=users)
    assert "asks for that" in await refused(desk, "share_users", request_id=1, users=[1])
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=asks(request_user={"request_id": 9}))
    message = (await desk.act("share_users", person=1, chat=1, request_id=9, users=[1000001]))["message"]
    assert message["users_shared"]["users"] == [{"user_id": 1000001}]
    premium = asks(request_users={"request_id": 9, "user_is_premium": True})
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=premium)
    assert await refused(desk, "share_users", request_id=9, users=[2]) == "Wrong is_premium value"


async def test_sharing_a_chat(desk: Any) -> None:
    """Only a group the person is in, with what was asked of it; the bot is let in by those who lead it."""
    await desk.act("start", person=3)
    await desk.bot("sendMessage", chat_id=3, text="x", reply_markup=asks(request_chat={**CHAT, "bot_is_member": True}))
    may = await desk.act("share_candidates", person=3, chat=3, request_id=8)
    assert [one["id"] for one in may["chats"]] == [GROUP]
    await desk.act("members", chat=GROUP, person=1000001, status="left")
    message = (await desk.act("share_chat", person=3, chat=3, request_id=8, shared=GROUP))["message"]
    assert message["chat_shared"] == {"chat_id": GROUP, "title": "Staff", "request_id": 8}
    assert (await desk.bot("getChatMember", chat_id=GROUP, user_id=1000001))["status"] == "member"
    rows: list[tuple[dict[str, Any], str]] = [
        ({"chat_is_channel": True}, "Wrong chat type"),
        ({"chat_is_forum": True}, "Wrong is_forum value"),
        ({"chat_has_username": True}, "Wrong has_username value"),
        ({"chat_is_created": True}, "The chat must be created by the current user"),
    ]
    for asked, said in rows:
        await desk.bot("sendMessage", chat_id=3, text="x", reply_markup=asks(request_chat={**CHAT, **asked}))
        assert await refused(desk, "share_chat", person=3, chat=3, request_id=8, shared=GROUP) == said
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=asks(request_chat=CHAT))
    assert await refused(desk, "share_chat", request_id=8, shared=GROUP) == "Wrong chat type"
    await desk.act("members", chat=GROUP, person=1, status="member")
    rights = {"user_administrator_rights": {"can_pin_messages": True}}
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=asks(request_chat={**CHAT, **rights}))
    assert await refused(desk, "share_chat", request_id=8, shared=GROUP) == "Not enough rights in the chat"
    assert (await desk.act("share_candidates", person=1, chat=1, request_id=8))["chats"] == []


async def test_libraries(desk: Any) -> None:
    """python-telegram-bot sends every kind of button; both libraries read what people share."""
    await desk.act("start", person=3)  # Vanna, who leads the group
    async with desk.library() as bot:
        rows = [
            [KeyboardButton("u", request_users=KeyboardButtonRequestUsers(7, max_quantity=2, request_name=True))],
            [KeyboardButton("c", request_chat=KeyboardButtonRequestChat(8, chat_is_channel=False))],
            [KeyboardButton("p", request_poll=KeyboardButtonPollType("quiz"))],
        ]
        await bot.send_message(3, "x", reply_markup=ReplyKeyboardMarkup(rows))
        inline = [
            InlineKeyboardButton("l", login_url=LoginUrl("https://shop.example/in", request_write_access=True)),
            InlineKeyboardButton(
                "s", switch_inline_query_chosen_chat=SwitchInlineQueryChosenChat(allow_bot_chats=True)
            ),
            InlineKeyboardButton("t", copy_text=CopyTextButton("x")),
        ]
        sent = await bot.send_message(1, "x", reply_markup=InlineKeyboardMarkup([inline]))
        assert [one.text for one in sent.reply_markup.inline_keyboard[0]] == ["l", "s", "t"]
        await desk.act("share_users", person=3, chat=3, request_id=7, users=[1, 2])
        await desk.act("share_chat", person=3, chat=3, request_id=8, shared=GROUP)
        await desk.act("share_poll", person=3, chat=3, question="Q", options=["a", "b"])
        users, chat, poll = (one.message for one in (await bot.get_updates())[-3:])
        assert [one.first_name for one in users.users_shared.users] == ["Dara", "Sokha"]
        assert (chat.chat_shared.chat_id, poll.poll.type, poll.poll.options[1].text) == (GROUP, "regular", "b")
    quiz = {"question": "Q", "options": ["a", "b"], "type": "quiz"}
    await desk.act("share_poll", person=3, chat=3, **quiz, correct=1)
    assert await refused(desk, "share_poll", **quiz, correct=2)
    assert await refused(desk, "share_poll", **{**quiz, "options": ["a"]})
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as bot:
        users, chat, _, poll = (one.message for one in (await bot.get_updates())[-4:])
        assert [one.user_id for one in users.users_shared.users] == [1, 2]
        assert (chat.chat_shared.request_id, poll.poll.correct_option_id) == (8, 1)
    assert (await desk.get("findings"))["findings"] == []
