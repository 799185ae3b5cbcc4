"""Mini Apps and login buttons: addresses signed as Telegram signs them, and what comes back to the bot."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineQueryResultArticle, InputTextMessageContent
from aiogram.utils.web_app import check_webapp_signature, safe_parse_webapp_init_data

from bot.sandbox.asked import inline_message_id, is_inline_message_id, session_id
from bot.sandbox.init_data import app_address, login_address, web_app_data

APP = "https://shop.example/app?lang=km"
INLINE = {"inline_keyboard": [[{"text": "Open", "web_app": {"url": APP}}, {"text": "Buy", "callback_data": "b"}]]}
KEYS = {"keyboard": [[{"text": "Choose", "web_app": {"url": "http://localhost:8080/pick"}}, "Plain"]]}
ARTICLE = {"type": "article", "id": "1", "title": "x", "input_message_content": {"message_text": "Ordered"}}
OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
DARA = {"id": 1, "first_name": "Dara", "last_name": "", "username": "dara", "language_code": "km"}


def launched(url: str) -> dict[str, str]:
    """What the page reads from its address, as telegram-web-app.js does."""
    return dict(parse_qsl(urlsplit(url).fragment.rpartition("?")[2]))


def verified(data: str, token: str) -> dict[str, str]:
    """Check initData by the steps of core.telegram.org/bots/webapps, written anew; return its fields."""
    pairs = [tuple(unquote(part) for part in pair.split("=", 1)) for pair in data.split("&")]
    fields = dict(pairs)
    given = fields.pop("hash")
    text = "\n".join(f"{key}={fields[key]}" for key in sorted(fields)).encode()
    secret = hmac.digest(b"WebAppData", token.encode(), "sha256")
    assert hmac.digest(secret, text, "sha256").hex() == given
    return fields


async def act(desk: Any, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """Call an act that may be refused."""
    async with desk.http.post(f"{desk.address}/sandbox/{path}", json={"person": 1, "chat": 1, **body}) as response:
        return response.status, await response.json()


async def test_inline_button(desk: Any) -> None:
    """A button's app learns who opened it, by a signature two independent checks accept; a change breaks it."""
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=INLINE)
    opened = await desk.act("webapp", person=1, chat=1, message_id=2, row=0, column=0, theme="dark")
    parts = urlsplit(opened["url"])
    assert (parts.netloc, parts.path, parse_qs(parts.query)) == ("shop.example", "/app", {"lang": ["km"]})
    told = launched(opened["url"])
    assert set(told) == {"tgWebAppData", "tgWebAppVersion", "tgWebAppPlatform", "tgWebAppThemeParams"}
    assert json.loads(told["tgWebAppThemeParams"])["bg_color"] == "#17212b"
    fields = verified(told["tgWebAppData"], desk.token)
    assert set(fields) == {"query_id", "user", "auth_date"}
    assert (fields["query_id"], fields["auth_date"]) == (opened["query_id"], str(int(desk.clock.now)))
    assert json.loads(fields["user"]) == {**DARA, "allows_write_to_pm": True}
    assert check_webapp_signature(desk.token, told["tgWebAppData"])
    assert not check_webapp_signature(desk.token, told["tgWebAppData"].replace("Dara", "Sara"))
    assert not check_webapp_signature("1000001:another-token", told["tgWebAppData"])
    assert safe_parse_webapp_init_data(desk.token, opened["init_data"]).user.username == "dara"


async def test_answer_web_app_query(desk: Any) -> None:
    """The app's server sends one message as the person, once, within the session's life; its keyboard gives an id."""
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=INLINE)
    place = {"person": 1, "chat": 1, "message_id": 2, "row": 0, "column": 0}
    first, second = [(await desk.act("webapp", **place))["query_id"] for _ in range(2)]
    assert first != second
    assert await desk.bot("answerWebAppQuery", web_app_query_id=first, result=ARTICLE) == {}
    sent = (await desk.bot("getUpdates"))[-1]["message"]
    assert (sent["text"], sent["from"]["id"], sent["via_bot"]["id"]) == ("Ordered", 1, 1000001)
    rows = [
        ({"web_app_query_id": first, "result": ARTICLE}, OLD),
        ({"web_app_query_id": "77", "result": ARTICLE}, OLD),
        ({"web_app_query_id": second}, "Bad Request: result isn't specified"),
        (
            {"web_app_query_id": second, "result": "{"},
            "Bad Request: can't parse JSON encoded web view query results Unexpected end",
        ),
        ({"web_app_query_id": second, "result": []}, "Bad Request: inline query result must be an object"),
        ({"web_app_query_id": second, "result": {"type": "article"}}, 'Bad Request: can\'t find field "id"'),
        ({"web_app_query_id": second, "result": {**ARTICLE, "id": ""}}, "Bad Request: RESULT_ID_INVALID"),
    ]
    for given, sentence in rows:
        assert (await desk.raw("answerWebAppQuery", **given)).get("description") == sentence
    keyed = {**ARTICLE, "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}}
    name = (await desk.bot("answerWebAppQuery", web_app_query_id=second, result=keyed))["inline_message_id"]
    assert await desk.bot("editMessageText", inline_message_id=name, text="Paid") is True
    third = (await desk.act("webapp", **place))["query_id"]
    desk.clock.now += 3601
    assert (await desk.raw("answerWebAppQuery", web_app_query_id=third, result=ARTICLE))["description"] == OLD


async def test_keyboard_button(desk: Any) -> None:
    """An app of the reply keyboard is told nothing of the person, and sends its data to the bot by its button."""
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=KEYS)
    for given in ({"key": True, "row": 0, "column": 0}, {"url": "http://localhost:8080/pick"}):
        opened = await desk.act("webapp", person=1, chat=1, **given)
        assert (opened["kind"], opened["init_data"], opened["query_id"]) == ("key", "", None)
        assert "tgWebAppData" not in launched(opened["url"])
    sent = await desk.act("webapp_data", person=1, chat=1, data='{"a":"ខ"}', button_text="Choose")
    assert sent["message"]["web_app_data"] == {"button_text": "Choose", "data": '{"a":"ខ"}'}
    async with desk.library() as bot:
        seen = (await bot.get_updates())[-1].message.web_app_data
    assert (seen.data, seen.button_text) == ('{"a":"ខ"}', "Choose")
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup={"remove_keyboard": True})
    assert (await act(desk, "webapp_data", data="late", button_text="Choose"))[0] == 200  # the app was still open
    for data, text in (("x" * 4097, "Choose"), ("", "Choose"), ("x", "Plain"), ("x", "Open")):
        assert (await act(desk, "webapp_data", data=data, button_text=text))[0] == 400


async def test_menu_button(desk: Any) -> None:
    """The menu's app opens with a session; a person's own menu comes before everybody's."""
    assert (await act(desk, "webapp", menu=True))[0] == 404
    menu = {"type": "web_app", "text": "Shop", "web_app": {"url": "https://shop.example/menu"}}
    await desk.bot("setChatMenuButton", menu_button=menu)
    opened = await desk.act("webapp", person=1, chat=1, menu=True)
    assert (opened["kind"], urlsplit(opened["url"]).path, opened["button_text"]) == ("menu", "/menu", "Shop")
    assert verified(opened["init_data"], desk.token)["query_id"] == opened["query_id"]
    own = {**menu, "web_app": {"url": "http://localhost/own"}}
    await desk.bot("setChatMenuButton", chat_id=1, menu_button=own)
    assert urlsplit((await desk.act("webapp", person=1, chat=1, menu=True))["url"]).path == "/own"
    assert await desk.bot("setChatMenuButton", chat_id=1, menu_button={"type": "default"})
    assert urlsplit((await desk.act("webapp", person=1, chat=1, menu=True))["url"]).path == "/menu"
    bad = {**menu, "web_app": {"url": "http://shop.example"}}
    answer = await desk.raw("setChatMenuButton", menu_button=bad)
    assert answer["description"] == (
        "Bad Request: menu button Web App URL 'http://shop.example' is invalid: Only HTTPS links are allowed"
    )


async def test_link(opened: Any) -> None:
    """`t.me/<bot>?startapp=` opens the main app anywhere, with the start parameter signed and in the query."""
    async with opened(web_app="https://shop.example/#/home") as desk:
        assert (await desk.bot("getMe"))["has_main_web_app"] is True
        link = await desk.act("webapp", person=2, chat=-1001, start_param="p_7")
        assert (link["kind"], link["query_id"]) == ("link", None)
        parts = urlsplit(link["url"])
        assert (parse_qs(parts.query), parts.fragment[:7]) == ({"tgWebAppStartParam": ["p_7"]}, "/home?t")
        fields = verified(launched(link["url"])["tgWebAppData"], desk.token)
        assert set(fields) == {"user", "chat_instance", "chat_type", "start_param", "auth_date"}
        assert (fields["chat_type"], fields["start_param"]) == ("supergroup", "p_7")
        assert "allows_write_to_pm" not in json.loads(fields["user"])  # Sokha never wrote to the bot
        own = await desk.act("webapp", person=1, chat=1, start_param="")
        fields = verified(own["init_data"], desk.token)
        assert (fields["chat_type"], "start_param" in fields) == ("sender", False)
        for wrong in ("a b", "x" * 513):
            assert (await act(desk, "webapp", start_param=wrong))[0] == 400
    async with opened() as desk:
        assert (await desk.bot("getMe"))["has_main_web_app"] is False
        assert (await act(desk, "webapp", start_param="p_7"))[0] == 404


async def test_inline_list_button(desk: Any) -> None:
    """The app above an inline list gets no initData, as Telegram says."""
    number = (await desk.act("inline", person=2, chat=-1001, query="x", wait=0))["query_id"]
    button = {"text": "All", "web_app": {"url": "https://shop.example/all"}}
    await desk.bot("answerInlineQuery", inline_query_id=number, results=[], button=button)
    opened = await desk.act("webapp", person=2, chat=-1001, url="https://shop.example/all")
    assert (opened["kind"], opened["init_data"]) == ("switch", "")
    assert (await act(desk, "webapp", url="https://shop.example/none"))[0] == 404


async def test_write_access(desk: Any) -> None:
    """A person who never wrote lets the bot write when an app asks; both libraries read the service message."""
    assert (await desk.raw("sendMessage", chat_id=2, text="x"))["error_code"] == 403
    await desk.act("write_access", person=2)
    assert await desk.bot("sendMessage", chat_id=2, text="x")
    async with desk.library() as bot:
        assert (await bot.get_updates())[-1].message.write_access_allowed.from_request is True
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as other:
        assert (await other.get_updates())[-1].message.write_access_allowed.from_request is True


async def test_nobody_can(desk: Any) -> None:
    """Buttons that are not there, hold no app, or stand in chats of others open nothing."""
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=INLINE)
    rows: list[tuple[dict[str, Any], int]] = [
        ({"message_id": 2, "row": 0, "column": 1}, 400),
        ({"message_id": 2, "row": 5, "column": 0}, 404),
        ({"key": True, "row": 0, "column": 0}, 404),
        ({"message_id": 2}, 400),
        ({"person": 2, "message_id": 2, "row": 0, "column": 0}, 403),
    ]
    for given, status in rows:
        code, answer = await act(desk, "webapp", **given)
        assert (code, bool(answer["error"])) == (status, True), given


async def test_login_button(desk: Any) -> None:
    """A login button is a plain link to the bot; its person is offered the address signed as the Login Widget signs."""
    login = {
        "url": "https://shop.example/in?next=%2Fa#top",
        "request_write_access": True,
        "bot_username": "sandbox_bot",
    }
    keys = {"inline_keyboard": [[{"text": "Log in", "login_url": login}]]}
    sent = await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=keys)
    assert sent["reply_markup"]["inline_keyboard"] == [[{"text": "Log in", "url": login["url"]}]]
    opened = await desk.act("tap", person=1, chat=1, message_id=2, row=0, column=0)
    assert opened["url"] == login["url"]
    parts = urlsplit(opened["login_url"])
    fields = dict(parse_qsl(parts.query))
    assert (parts.fragment, fields.pop("next")) == ("top", "/a")
    given = fields.pop("hash")
    assert fields == {"id": "1", "first_name": "Dara", "username": "dara", "auth_date": str(int(desk.clock.now))}
    text = "\n".join(f"{key}={fields[key]}" for key in sorted(fields))
    key = hashlib.sha256(desk.token.encode()).digest()
    assert hmac.new(key, text.encode(), "sha256").hexdigest() == given


async def test_it_is_remembered(opened: Any, tmp_path: Any) -> None:
    """After a restart an open app's session is still answered, and a login button still signs."""
    keys = {"inline_keyboard": [[{"text": "Log in", "login_url": {"url": "https://shop.example/in"}}]]}
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=INLINE)
        session = (await desk.act("webapp", person=1, chat=1, message_id=2, row=0, column=0))["query_id"]
        await desk.bot("editMessageText", chat_id=1, message_id=2, text="y", reply_markup=keys)
    async with opened(folder=tmp_path):
        pass  # the start shortens the journal
    async with opened(folder=tmp_path) as desk:
        assert await desk.bot("answerWebAppQuery", web_app_query_id=session, result=ARTICLE) == {}
        assert "hash=" in (await desk.act("tap", person=1, chat=1, message_id=2, row=0, column=0))["login_url"]


async def test_aiogram(desk: Any) -> None:
    """Aiogram answers an app's session."""
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=INLINE)
    session = (await desk.act("webapp", person=1, chat=1, message_id=2, row=0, column=0))["query_id"]
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as bot:
        content = InputTextMessageContent(message_text="Ordered")
        result = InlineQueryResultArticle(id="1", title="x", input_message_content=content)
        assert (await bot.answer_web_app_query(session, result)).inline_message_id is None
    assert (await desk.get("findings"))["findings"] == []


@pytest.mark.parametrize(("page", "begins"), [("", ""), ("#a", "a?"), ("#a=1", "a=1&"), ("#/a?b", "/a?b&")])
def test_fragments_are_kept(page: str, begins: str) -> None:
    """What stood behind the # stays before Telegram's own words."""
    url = app_address(f"https://shop.example/{page}", "x", theme={})
    assert urlsplit(url).fragment.startswith(f"{begins}tgWebAppData=x&tgWebAppVersion=")


def test_known_signatures() -> None:
    """The same token and fields give the same letters, computed once by hand with openssl."""
    data = web_app_data("1:abc", {"user": '{"id":1}', "auth_date": "5"})
    assert data.partition("&hash=")[0] == "user=%7B%22id%22%3A1%7D&auth_date=5"
    assert data.endswith("c4f4b4562cc6af53542e2d1ec3e0f456f97a13625ee0e4358a4fc824f9af4a24")
    assert login_address("1:abc", "https://a.b/", {"id": 1}, 5).endswith(
        "7d10b52c56aa5132eef7fd850e88073665623840075523ec3ee5c2607337936f"
    )


def test_ids_have_telegrams_shape() -> None:
    """Ids are stable, differ by what they name, and fit what td reads."""
    names = {inline_message_id(9, chat, message) for chat in (1, -1001) for message in (1, 2)}
    assert len(names) == 4
    assert all(is_inline_message_id(name) and len(name) == 32 for name in names)
    assert not any(map(is_inline_message_id, ("", "x", "ខ", "A" * 32, "A" * 31, "=" * 4, "/" * 32)))
    assert not any(is_inline_message_id(name[:16]) or is_inline_message_id(name + "AAAA") for name in names)
    assert session_id(9, 1) == session_id(9, 1) != session_id(9, 2)
