"""Every refusal a bot can meet, with Telegram's code and sentence, asked over real HTTP."""

import io
import json
from typing import Any

import aiohttp
import pytest

from bot.sandbox.refusals import all_refusals

START = 1  # Dara's own message
OWN, KEYED, PHOTO = 2, 3, 4  # the bot's: text, text with a reply keyboard, photo
EDIT = {"chat_id": 1, "message_id": OWN}
OK = {"inline_keyboard": [[{"text": "Buy", "callback_data": "b:1"}]]}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def inline(**button: Any) -> dict[str, Any]:
    """A text message to Dara under which one inline button stands."""
    return {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[button]]}}


def html(text: str) -> dict[str, Any]:
    """A text message to Dara in HTML."""
    return {"chat_id": 1, "text": text, "parse_mode": "HTML"}


def command(**fields: Any) -> dict[str, Any]:
    """Commands with one entry."""
    return {"commands": [fields]}


PARSE = "can't parse entities: "
BUTTON = "can't parse inline keyboard button: "
ROWS: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"chat_id": 1}, "message text is empty"),
    ("sendMessage", {}, "message text is empty"),  # text before chat
    ("sendMessage", {"text": "x"}, "chat_id is empty"),
    ("sendMessage", {"text": "x", "chat_id": 99}, "chat not found"),
    ("sendMessage", {"text": "x", "chat_id": "@nobody"}, "chat not found"),
    ("sendMessage", {"text": " \n ", "chat_id": 1}, "text must be non-empty"),
    ("sendMessage", {"text": "x" * 4097, "chat_id": 1}, "message is too long"),
    ("sendMessage", {"text": "ហ" * 11000, "chat_id": 1}, "text is too long"),
    ("sendMessage", {"text": "x", "chat_id": 1, "parse_mode": "TeX"}, "unsupported parse_mode"),
    ("sendMessage", html("<foo>x</foo>"), PARSE + 'Unsupported start tag "foo" at byte offset 0'),
    ("sendMessage", html("ហ<foo>x"), PARSE + 'Unsupported start tag "foo" at byte offset 3'),
    ("sendMessage", html("<b>x"), PARSE + 'Can\'t find end tag corresponding to start tag "b"'),
    ("sendMessage", html("a <b"), PARSE + "Unclosed start tag at byte offset 2"),
    ("sendMessage", html("<a href"), PARSE + 'Unclosed start tag "a" at byte offset 0'),
    ("sendMessage", html('<a href="x'), PARSE + "Unclosed start tag at byte offset 0"),
    ("sendMessage", html('<a ="x">y</a>'), PARSE + 'Empty attribute name in the tag "a" at byte offset 0'),
    ("sendMessage", html("<a href=x!>y</a>"), PARSE + "Unexpected end of name token at byte offset 8"),
    ("sendMessage", html("x</b>"), PARSE + "Unexpected end tag at byte offset 1"),
    ("sendMessage", html("<b>x</b y"), PARSE + "Unclosed end tag at byte offset 4"),
    (
        "sendMessage",
        html("<b>x</i>"),
        PARSE + 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
    ),
    ("sendMessage", html("<span>x</span>"), PARSE + 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ("sendMessage", html('<tg-time unix="9" format="?">x</tg-time>'), PARSE + "Invalid date format used"),
    ("sendMessage", html("<tg-emoji>x</tg-emoji>"), PARSE + "Invalid custom emoji identifier specified"),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "entities": [{"type": "loud", "offset": 0, "length": 1}]},
        "can't parse MessageEntity: Unsupported type specified",
    ),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "entities": [{"type": "bold", "offset": -1, "length": 1}]},
        "receive an entity with incorrect offset -1",
    ),
    ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": "[]"}, "object expected as reply markup"),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "reply_markup": {"keyboard": ["a"]}},
        'field "keyboard" must be an Array of Arrays',
    ),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": ["a"]}},
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ),
    ("sendMessage", inline(callback_data="x"), BUTTON + 'Can\'t find field "text"'),
    ("sendMessage", inline(text=["a"], callback_data="x"), BUTTON + 'Field "text" must be of type String'),
    ("sendMessage", inline(text="a"), BUTTON + "Text buttons are unallowed in the inline keyboard"),
    ("sendMessage", inline(text="a", style="loud", url="x.y"), BUTTON + "invalid button style specified"),
    ("sendMessage", inline(text="a", callback_data="ហ" * 22), "BUTTON_DATA_INVALID"),
    (
        "sendMessage",
        inline(text="a", url="http://shop/"),
        "inline keyboard button URL 'http://shop/' is invalid: Wrong HTTP URL",
    ),
    (
        "sendMessage",
        inline(text="a", url="ftp://shop.example"),
        "inline keyboard button URL 'ftp://shop.example' is invalid: Unsupported URL protocol",
    ),
    (
        "sendMessage",
        inline(text="a", web_app={"url": "http://shop.example"}),
        "inline keyboard button Web App URL 'http://shop.example' is invalid: Only HTTPS links are allowed",
    ),
    (
        "sendMessage",
        {**inline(text="a", web_app={"url": "https://shop.example"}), "chat_id": -1001},
        "BUTTON_TYPE_INVALID",
    ),
    ("sendMessage", inline(text="a", copy_text={"text": "x" * 257}), "BUTTON_COPY_TEXT_INVALID"),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [OK["inline_keyboard"][0]] * 101}},
        "reply markup is too long",
    ),
    (
        "sendMessage",
        {"chat_id": -1001, "text": "x", "reply_markup": {"keyboard": [[{"text": "p", "request_contact": True}]]}},
        "phone number can be requested in private chats only",
    ),
    (
        "sendMessage",
        {"chat_id": -1001, "text": "x", "reply_markup": {"keyboard": [[{"text": "p", "request_location": True}]]}},
        "location can be requested in private chats only",
    ),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "reply_parameters": {"message_id": 77}},
        "message to be replied not found",
    ),
    ("sendMessage", {"chat_id": 1, "text": "x", "reply_to_message_id": 77}, "message to be replied not found"),
    ("sendMessage", {"chat_id": 1, "text": "x", "reply_parameters": "{"}, "can't parse reply parameters JSON object"),
    ("sendMessage", {"chat_id": 1, "text": "x", "reply_parameters": {"quote": "x"}}, 'can\'t find field "message_id"'),
    ("sendMessage", {"chat_id": 1, "text": "x", "message_thread_id": 5}, "message thread not found"),
    ("sendPhoto", {"chat_id": 1}, "there is no photo in the request"),
    ("sendPhoto", {"chat_id": 1, "photo": "attach://none"}, "there is no photo in the request"),
    (
        "sendPhoto",
        {"chat_id": 1, "photo": "nonsense"},
        "wrong remote file identifier specified: can't unserialize it",
    ),
    ("sendPhoto", {"chat_id": 1, "photo": "https://shop.example/a.jpg"}, "failed to get HTTP URL content"),
    ("sendDocument", {"chat_id": 1}, "there is no document in the request"),
    ("sendLocation", {"chat_id": 1, "longitude": 1}, "latitude is empty"),
    ("sendLocation", {"chat_id": 1, "latitude": 1}, "longitude is empty"),
    ("sendLocation", {"chat_id": 1, "latitude": 91, "longitude": 1}, "invalid location specified"),
    ("sendChatAction", {"chat_id": 1, "action": "dance"}, "wrong parameter action in request"),
    ("editMessageText", EDIT, "message text is empty"),
    ("editMessageText", {"text": "x"}, "message identifier is not specified"),
    ("editMessageText", {"text": "x", "chat_id": 1, "message_id": 77}, "message to edit not found"),
    ("editMessageText", {"text": "x", "chat_id": 1, "message_id": START}, "message can't be edited"),
    ("editMessageText", {"text": "x", "chat_id": 1, "message_id": KEYED}, "message can't be edited"),
    ("editMessageText", {"text": "x", "chat_id": 1, "message_id": PHOTO}, "there is no text in the message to edit"),
    ("editMessageText", {**EDIT, "text": "x" * 4097}, "MESSAGE_TOO_LONG"),
    ("editMessageText", {**EDIT, "text": "hello", "reply_markup": OK}, NOT_MODIFIED),
    (
        "editMessageText",
        {**EDIT, "text": "y", "reply_markup": {"keyboard": [["a"]]}},
        "inline keyboard expected",
    ),
    ("editMessageCaption", {**EDIT, "caption": "x"}, "there is no caption in the message to edit"),
    ("editMessageCaption", {"chat_id": 1, "message_id": PHOTO, "caption": "x" * 1025}, "MEDIA_CAPTION_TOO_LONG"),
    ("editMessageMedia", EDIT, 'parameter "media" is required'),
    ("editMessageMedia", {**EDIT, "media": "{"}, "can't parse input media JSON object"),
    ("editMessageMedia", {**EDIT, "media": {"media": "x"}}, "can't parse InputMedia: Can't find field \"type\""),
    ("editMessageMedia", {**EDIT, "media": {"type": "photo"}}, "can't parse InputMedia: media not found"),
    (
        "editMessageMedia",
        {**EDIT, "media": {"type": "hologram", "media": "x"}},
        'can\'t parse InputMedia: type "hologram" is unsupported',
    ),
    (
        "editMessageMedia",
        {"chat_id": 1, "message_id": START, "media": {"type": "photo", "media": "x"}},
        "message media can't be edited",
    ),
    ("editMessageReplyMarkup", {**EDIT, "reply_markup": OK}, NOT_MODIFIED),
    ("deleteMessage", {"message_id": 1}, "chat identifier is not specified"),
    ("deleteMessage", {"chat_id": 1}, "message identifier is not specified"),
    ("deleteMessage", {"chat_id": 1, "message_id": 77}, "message to delete not found"),
    ("deleteMessages", {"chat_id": 1}, "message identifiers are not specified"),
    ("deleteMessages", {"chat_id": 1, "message_ids": list(range(1, 102))}, "too many message identifiers specified"),
    ("deleteMessages", {"chat_id": 1, "message_ids": [0]}, "invalid message identifier specified"),
    ("deleteMessages", {"chat_id": 1, "message_ids": [[1]]}, "message identifier must be a Number"),
    ("pinChatMessage", {"chat_id": 1, "message_id": 77}, "message to pin not found"),
    ("unpinChatMessage", {"chat_id": 1}, "message to unpin not found"),
    ("copyMessage", {"chat_id": 1, "from_chat_id": 1, "message_id": 77}, "message to copy not found"),
    (
        "answerCallbackQuery",
        {"callback_query_id": "404"},
        "query is too old and response timeout expired or query ID is invalid",
    ),
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
    ("getFile", {}, "file_id not specified"),
    ("getFile", {"file_id": "nonsense"}, "invalid file_id"),
    ("getChat", {}, "chat_id is empty"),
    ("getChatMember", {"chat_id": 1}, "invalid user_id specified"),
    ("getChatMember", {"chat_id": -1001, "user_id": 404}, "member not found"),
    ("getChatAdministrators", {"chat_id": 1}, "there are no administrators in the private chat"),
    ("setMyCommands", {"commands": "{"}, "can't parse commands JSON object"),
    ("setMyCommands", command(command="help"), "can't parse BotCommand: Can't find field \"description\""),
    ("setMyCommands", command(command="/", description="x"), "command must be non-empty"),
    ("setMyCommands", command(command="a" * 33, description="x"), "command length must not exceed 32"),
    ("setMyCommands", command(command="help", description=" "), "command description must be non-empty"),
    ("setMyCommands", command(command="Help", description="x"), "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [], "language_code": "khm"}, "invalid language code specified"),
    (
        "setMyCommands",
        {"commands": [], "scope": {"type": "moon"}},
        "can't parse BotCommandScope: Unsupported type specified",
    ),
    ("setChatMenuButton", {"menu_button": {"type": "x"}}, "can't parse menu button: MenuButton has unsupported type"),
    ("setWebhook", {"url": "http://shop.example/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
    (
        "setWebhook",
        {"url": "https://shop.example:8080/x"},
        "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
    ),
    ("setWebhook", {"url": "https://"}, "invalid webhook URL specified"),
    (
        "setWebhook",
        {"url": "https://shop.example", "secret_token": "a b"},
        "secret token contains unallowed characters",
    ),
    ("setWebhook", {"url": "https://shop.example", "secret_token": "a" * 257}, "secret token is too long"),
]


@pytest.fixture
async def furnished(desk: Any, png: Any) -> Any:
    """A private chat with Dara's message, the bot's text, its text with a reply keyboard, and its photo."""
    await desk.bot("sendMessage", chat_id=1, text="hello", reply_markup=OK)
    await desk.bot("sendMessage", chat_id=1, text="keys", reply_markup={"keyboard": [["a"]]})
    form = aiohttp.FormData({"chat_id": "1"})
    form.add_field("photo", png(), filename="a.png")
    async with desk.http.post(f"{desk.address}/bot{desk.token}/sendPhoto", data=form) as response:
        assert (await response.json())["result"]["message_id"] == PHOTO
    return desk


async def test_refusal_table(furnished: Any) -> None:
    """Each request of the table gets exactly Telegram's sentence, and leaves the chat as it was."""
    before = await furnished.get("chats/1/messages")
    wrong = []
    for method, parameters, sentence in ROWS:
        answer = await furnished.raw(method, **parameters)
        expected = {"ok": False, "error_code": 400, "description": f"Bad Request: {sentence}"}
        if answer != expected:
            wrong.append((method, str(parameters)[:90], sentence, answer))
    assert wrong == []
    assert await furnished.get("chats/1/messages") == before
    assert len(ROWS) >= 60


async def test_refusals_cite_their_source() -> None:
    """No sentence stands in the sandbox without the place that says Telegram uses it."""
    known = all_refusals()
    assert len(known) > 80
    assert [name for name, one in known.items() if not one.source or one.code < 400] == []


async def test_addresses(desk: Any) -> None:
    """A wrong token, a malformed one and an unknown method get their own codes; case of the method does not matter."""

    async def ask(path: str) -> tuple[int, str]:
        async with desk.http.get(f"{desk.address}{path}") as response:
            return response.status, (await response.json()).get("description", "")

    assert await ask("/bot42:other-token/getMe") == (401, "Unauthorized")
    assert await ask("/botnonsense/getMe") == (401, "Unauthorized: invalid token specified")
    assert await ask(f"/bot{desk.token}/launchRocket") == (404, "Not Found: method not found")
    assert (await ask(f"/bot{desk.token}/GETME"))[0] == 200
    assert await ask(f"/file/bot{desk.token}/photos/none.jpg") == (404, "Not Found")


async def test_forbidden(desk: Any) -> None:
    """People who never wrote, blocked the bot or threw it out get the bot a 403 that says which."""
    answer = await desk.raw("sendMessage", chat_id=2, text="x")
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"
    await desk.act("block", person=1, blocked=True)
    answer = await desk.raw("sendMessage", chat_id=1, text="x")
    assert (answer["error_code"], answer["description"]) == (403, "Forbidden: bot was blocked by the user")
    await desk.act("members", chat=-1001, person=1000001, status="kicked")
    answer = await desk.raw("sendMessage", chat_id=-1001, text="x")
    assert answer["description"] == "Forbidden: bot was kicked from the supergroup chat"
    await desk.act("members", chat=-1001, person=1000001, status="left")
    answer = await desk.raw("getChat", chat_id=-1001)
    assert answer["description"] == "Forbidden: bot is not a member of the supergroup chat"
    kinds = [next(iter(one.keys() - {"update_id"})) for one in await desk.bot("getUpdates")]
    assert kinds == ["message", "my_chat_member", "my_chat_member", "my_chat_member"]


async def test_old_messages_stay(desk: Any) -> None:
    """After 48 hours a private message cannot be deleted; a group's can, by the administrator the bot is."""
    await desk.bot("sendMessage", chat_id=1, text="x")
    await desk.bot("sendMessage", chat_id=-1001, text="x")
    desk.clock.now += 48 * 3600 + 1
    answer = await desk.raw("deleteMessage", chat_id=1, message_id=2)
    assert answer["description"] == "Bad Request: message can't be deleted for everyone"
    assert await desk.bot("deleteMessage", chat_id=-1001, message_id=1)
    await desk.act("members", chat=-1001, person=1000001, status="member")
    await desk.act("send", person=2, chat=-1001, text="mine")
    number = (await desk.get("chats/-1001/messages"))["messages"][-1]["message_id"]
    answer = await desk.raw("deleteMessage", chat_id=-1001, message_id=number)
    assert answer["description"] == "Bad Request: message can't be deleted"
    answer = await desk.raw("pinChatMessage", chat_id=-1001, message_id=number)
    assert answer["description"] == "Bad Request: not enough rights to manage pinned messages in the chat"


async def test_bad_bodies(desk: Any) -> None:
    """Broken JSON, half surrogates, raw bytes and 60 MB are refused with a sentence, never with a 500."""
    url = f"{desk.address}/bot{desk.token}/sendMessage"
    json_type = {"Content-Type": "application/json"}
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    rows = [
        (b"{", json_type, 400),
        (b"[1]", json_type, 400),
        (b'{"chat_id":1,"text":"\\ud800"}', json_type, 400),
        (b"chat_id=1&text=%ff", form_type, 400),
        (b"chat_id=1&text=\xff", form_type, 400),
        (b"x" * (52 << 20), form_type, 413),
        (b"nonsense", {"Content-Type": "multipart/form-data; boundary=b"}, 400),
        (json.dumps({"chat_id": "9" * 5000, "text": "x"}).encode(), json_type, 400),
    ]
    for body, headers, status in rows:
        async with desk.http.post(url, data=io.BytesIO(body), headers=headers) as response:
            answer = await response.json()
            assert (response.status, answer["ok"]) == (status, False), (body[:40], answer)


async def test_late_answer(desk: Any) -> None:
    """A button pressed minutes ago can no longer be answered; a second answer is noted, not refused."""
    tap = {"person": 1, "chat": 1, "message_id": 1, "data": "x"}
    first = (await desk.act("tap", **tap))["callback_query_id"]
    assert await desk.bot("answerCallbackQuery", callback_query_id=first)
    assert await desk.bot("answerCallbackQuery", callback_query_id=first)
    assert "already answered" in (await desk.get("findings"))["findings"][0]["finding"]
    second = (await desk.act("tap", **tap))["callback_query_id"]
    desk.clock.now += 301
    answer = await desk.raw("answerCallbackQuery", callback_query_id=second)
    assert answer["description"].startswith("Bad Request: query is too old")
