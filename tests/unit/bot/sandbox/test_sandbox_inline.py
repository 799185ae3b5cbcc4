"""Inline mode: queries, answers messages sent via the bot, and edits by inline_message_id."""

import asyncio
from typing import Any

import aiohttp
import pytest
from aiogram import Bot as AiogramBot
from aiogram import types as aiogram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web
from telegram import InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent

from tests.support.patience import PATIENCE

GROUP = -1001
KINDS = ["message", "inline_query", "chosen_inline_result"]
KEYS = {"inline_keyboard": [[{"text": "Buy", "callback_data": "b:1"}]]}


def article(number: str = "1", **more: Any) -> dict[str, Any]:
    """An article that sends a text."""
    content = {"message_text": "<b>Tea</b>", "parse_mode": "HTML"}
    return {"type": "article", "id": number, "title": "Tea", "input_message_content": content, **more}


async def asked(desk: Any, query: str = "tea", person: int = 2, chat: int = GROUP, **more: Any) -> Any:
    """Type a query without waiting for its answer; return its id."""
    return (await desk.act("inline", person=person, chat=chat, query=query, wait=0, **more))["query_id"]


async def updates(desk: Any, kind: str) -> list[dict[str, Any]]:
    """The updates of a kind that wait for the bot."""
    return [one[kind] for one in await desk.bot("getUpdates") if kind in one]


async def upload(desk: Any, png: Any, method: str = "sendPhoto", name: str = "photo") -> str:
    """Send the bot's file to Dara; return its file_id."""
    form = aiohttp.FormData({"chat_id": "1"})
    form.add_field(name, png(), filename="a.png")
    async with desk.http.post(f"{desk.address}/bot{desk.token}/{method}", data=form) as response:
        sent = (await response.json())["result"][name]
    return str((sent[-1] if isinstance(sent, list) else sent)["file_id"])


async def test_query_and_answer(desk: Any) -> None:
    """A person waits for the list; the bot learns query, offset and kind of chat, never a place; both pages come."""
    started = (await desk.bot("getUpdates"))[-1]["update_id"]
    waiting = asyncio.create_task(desk.act("inline", person=2, chat=GROUP, query="tea", wait=PATIENCE))
    query = (await desk.bot("getUpdates", offset=started + 1, timeout=50))[0]["inline_query"]
    assert query == {
        "id": query["id"],
        "from": {"id": 2, "is_bot": False, "first_name": "Sokha", "language_code": "en"},
        "chat_type": "supergroup",
        "query": "tea",
        "offset": "",
    }
    button = {"text": "All", "start_parameter": "all"}
    results = [article(description="Hot"), article("2", thumbnail_url="http://localhost/a.png")]
    await desk.bot("answerInlineQuery", inline_query_id=query["id"], results=results, next_offset="2", button=button)
    assert await waiting == {
        "query_id": query["id"],
        "results": [
            {"type": "article", "id": "1", "title": "Tea", "description": "Hot"},
            {"type": "article", "id": "2", "title": "Tea", "thumbnail_url": "http://localhost/a.png"},
        ],
        "button": button,
        "next_offset": "2",
        "cached": False,
    }
    await asked(desk, offset="2")
    assert (await updates(desk, "inline_query"))[-1]["offset"] == "2"
    await asked(desk, person=1, chat=1)
    assert (await updates(desk, "inline_query"))[-1]["chat_type"] == "sender"
    assert (await desk.act("inline", person=2, chat=GROUP, query="silence", wait=0.01))["results"] is None


async def test_answers_are_kept(desk: Any) -> None:
    """The same question is answered from the cache for its time; a personal answer serves one person only."""
    first = await asked(desk)
    await desk.bot("answerInlineQuery", inline_query_id=first, results=[article()], cache_time=60)
    again = await desk.act("inline", person=3, chat=GROUP, query="tea", wait=0)
    assert (again["cached"], again["query_id"], again["results"][0]["id"]) == (True, first, "1")
    desk.clock.now += 60
    second = await asked(desk, person=3)
    assert second != first
    await desk.bot("answerInlineQuery", inline_query_id=second, results=[article()], is_personal=True)
    assert await asked(desk, person=3) == second
    third = await asked(desk)
    assert third not in {first, second}
    assert len(await updates(desk, "inline_query")) == 3
    await desk.bot("answerInlineQuery", inline_query_id=third, results=[article()], cache_time=0)
    assert await asked(desk) != third


async def test_message_via_the_bot(desk: Any) -> None:
    """A chosen result is the person's message via the bot; with a keyboard it has an id to tap and edit it by."""
    number = await asked(desk)
    await desk.bot("answerInlineQuery", inline_query_id=number, results=[article(), article("k", reply_markup=KEYS)])
    plain = await desk.act("inline_choose", person=2, chat=GROUP, query_id=number, result_id="1")
    assert plain["inline_message_id"] is None
    keyed = await desk.act("inline_choose", person=2, chat=GROUP, query_id=number, result_id="k")
    name = keyed["inline_message_id"]
    sent = await updates(desk, "message")
    assert [(one["from"]["id"], one["via_bot"]["username"], one["text"]) for one in sent[-2:]] == [
        (2, "sandbox_bot", "Tea")
    ] * 2
    assert sent[-1]["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    chosen = await updates(desk, "chosen_inline_result")
    assert [(one["result_id"], one["query"]) for one in chosen] == [("1", "tea"), ("k", "tea")]
    assert [one.get("inline_message_id", "none") for one in chosen] == ["none", name]
    await desk.act("tap", person=3, chat=GROUP, message_id=keyed["message"]["message_id"], row=0, column=0)
    query = (await updates(desk, "callback_query"))[-1]
    assert (query["inline_message_id"], query["data"], "message" in query) == (name, "b:1", False)
    assert await desk.bot("answerCallbackQuery", callback_query_id=query["id"])
    assert await desk.bot("editMessageText", inline_message_id=name, text="Sold", reply_markup=KEYS) is True
    answer = await desk.raw("editMessageText", inline_message_id=name, text="Sold", reply_markup=KEYS)
    assert answer["description"].startswith("Bad Request: message is not modified")
    assert await desk.bot("editMessageReplyMarkup", inline_message_id=name) is True
    shown = (await desk.get(f"chats/{GROUP}/messages"))["messages"][-1]
    assert (shown["text"], shown["edit_date"], "reply_markup" in shown) == ("Sold", int(desk.clock.now), False)


async def test_edits_by_inline_id(desk: Any, png: Any) -> None:
    """Captions and files are changed as well; wrong ids, uploads and empty texts are refused."""
    photo, document = await upload(desk, png), await upload(desk, png, "sendDocument", "document")
    number = await asked(desk)
    result = {"type": "photo", "id": "p", "photo_file_id": photo, "caption": "c", "reply_markup": KEYS}
    await desk.bot("answerInlineQuery", inline_query_id=number, results=[result])
    name = (await desk.act("inline_choose", person=2, chat=GROUP, query_id=number, result_id="p"))["inline_message_id"]
    by = {"inline_message_id": name}
    assert await desk.bot("editMessageCaption", **by, caption="<i>d</i>", parse_mode="HTML") is True
    assert await desk.bot("editMessageText", **by, text="e") is True
    media = {"type": "document", "media": document, "caption": "f"}
    assert await desk.bot("editMessageMedia", **by, media=media) is True
    shown = (await desk.get(f"chats/{GROUP}/messages"))["messages"][-1]
    assert (shown["caption"], shown["document"]["file_id"], "photo" in shown) == ("f", document, False)
    gone = name[:-2] + ("AA" if name[-2:] != "AA" else "BB")
    rows = [
        ("editMessageText", {"text": "x", "inline_message_id": "nonsense"}, INLINE_ID),
        ("editMessageText", {"text": "", "inline_message_id": name}, "message text is empty"),
        ("editMessageText", {"text": "x"}, "message identifier is not specified"),
        ("editMessageText", {"text": "x", "inline_message_id": gone}, "MESSAGE_ID_INVALID"),
        ("editMessageText", {**by, "text": "x", "reply_markup": {"keyboard": [["a"]]}}, "inline keyboard expected"),
        ("editMessageCaption", {**by, "caption": "x" * 1025}, "MEDIA_CAPTION_TOO_LONG"),
        ("editMessageReplyMarkup", {"inline_message_id": name[:8]}, INLINE_ID),
    ]
    await refused(desk, rows)
    form = aiohttp.FormData({**by, "media": '{"type":"photo","media":"attach://a"}'})
    form.add_field("a", png(), filename="a.png")
    async with desk.http.post(f"{desk.address}/bot{desk.token}/editMessageMedia", data=form) as response:
        assert (await response.json())["description"] == "Bad Request: invalid message content specified"


INLINE_ID = "invalid inline message identifier specified"


async def refused(desk: Any, rows: list[tuple[str, dict[str, Any], str]]) -> None:
    """Each call is refused with exactly this sentence."""
    answers = [(await desk.raw(method, **given)).get("description") for method, given, _ in rows]
    assert answers == [f"Bad Request: {sentence}" for _, _, sentence in rows]


async def test_late_answers(desk: Any) -> None:
    """A query can be answered for half a minute; a second answer is noted; others' ids are refused."""
    number = await asked(desk)
    assert await desk.bot("answerInlineQuery", inline_query_id=number)
    assert await desk.bot("answerInlineQuery", inline_query_id=number)
    assert "already answered" in (await desk.get("findings"))["findings"][0]["finding"]
    tapped = (await desk.act("tap", person=1, chat=1, message_id=1, data="x"))["callback_query_id"]
    late = await asked(desk, "coffee")
    desk.clock.now += 31
    old = "query is too old and response timeout expired or query ID is invalid"
    await refused(desk, [("answerInlineQuery", {"inline_query_id": one}, old) for one in (late, tapped, "77")])


async def test_kinds_of_results(desk: Any, png: Any) -> None:
    """Files, places, contacts and texts of their own are sent as what they are, captions parsed."""
    photo, document = await upload(desk, png), await upload(desk, png, "sendDocument", "document")
    place = {"latitude": 11.5, "longitude": "104.9", "title": "Shop"}
    caption = {"caption": "<b>c</b>", "parse_mode": "HTML"}
    results = [
        {"type": "photo", "id": "p", "photo_file_id": photo, **caption, "show_caption_above_media": True},
        {"type": "Document", "id": "d", "title": "List", "document_file_id": document},
        {"type": "location", "id": "l", **place, "live_period": 60},
        {"type": "venue", "id": "v", **place, "address": "Street 1"},
        {"type": "contact", "id": "c", "phone_number": "+855 12 000 001", "first_name": "Dara", "last_name": "S"},
        {"type": "photo", "id": "t", "photo_file_id": photo, "input_message_content": {"message_text": "text"}},
    ]
    number = await asked(desk, person=1, chat=1)
    await desk.bot("answerInlineQuery", inline_query_id=number, results=results)
    shown = (await desk.act("inline", person=1, chat=1, query="tea", wait=0))["results"]
    assert shown[0]["file_url"].startswith("/sandbox/files/AQAD")
    assert [one["title"] for one in shown[1:5]] == ["List", "Shop", "Shop", "Dara S"]
    for result in results:
        await desk.act("inline_choose", person=1, chat=1, query_id=number, result_id=result["id"])
    sent = (await updates(desk, "message"))[-6:]
    assert (sent[0]["photo"][0]["file_id"], sent[0]["caption"], sent[0]["show_caption_above_media"]) == (
        photo,
        "c",
        True,
    )
    assert sent[0]["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert sent[1]["document"]["file_id"] == document
    assert sent[2]["location"] == {"latitude": 11.5, "longitude": 104.9, "live_period": 60}
    assert (sent[3]["venue"]["address"], sent[3]["location"]["longitude"]) == ("Street 1", 104.9)
    assert sent[4]["contact"] == {"phone_number": "+855 12 000 001", "first_name": "Dara", "last_name": "S"}
    assert (sent[5]["text"], "photo" in sent[5]) == ("text", False)


async def test_photos_of_this_machine(desk: Any, png: Any) -> None:
    """A photo by address is fetched when chosen, from this machine; elsewhere it is refused with a sentence."""

    async def picture(_request: web.Request) -> web.Response:
        return web.Response(body=png(7, 5), content_type="image/png")

    app = web.Application()
    app.router.add_get("/a.png", picture)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here = f"http://127.0.0.1:{runner.addresses[0][1]}/a.png"
    away = "http://shop.example/a.jpg"
    results = [
        {"type": "photo", "id": str(at), "photo_url": url, "thumbnail_url": url, "caption": "c"}
        for at, url in enumerate((here, away))
    ]
    number = await asked(desk)
    await desk.bot("answerInlineQuery", inline_query_id=number, results=results)
    sent = await desk.act("inline_choose", person=2, chat=GROUP, query_id=number, result_id="0")
    assert (sent["message"]["photo"][0]["width"], sent["message"]["caption"]) == (7, "c")
    choice = {"person": 2, "chat": GROUP, "query_id": number, "result_id": "1"}
    async with desk.http.post(f"{desk.address}/sandbox/inline_choose", json=choice) as response:
        assert (response.status, "this machine only" in (await response.json())["error"]) == (400, True)
    await runner.cleanup()


@pytest.mark.parametrize("inline", [True, False])
async def test_inline_mode_is_an_option(opened: Any, *, inline: bool) -> None:
    """Asked by getMe, the bot says whether it has inline mode; without it nobody can ask, and no answer is taken."""
    async with opened(inline=inline, inline_feedback=False) as desk:
        assert (await desk.bot("getMe"))["supports_inline_queries"] is inline
        ask = {"person": 2, "chat": GROUP, "query": "x", "wait": 0}
        async with desk.http.post(f"{desk.address}/sandbox/inline", json=ask) as response:
            assert response.status == (200 if inline else 400)
            number = (await response.json()).get("query_id", "1")
        answer = await desk.raw("answerInlineQuery", inline_query_id=number, results=[article()])
        assert answer.get("description") == (None if inline else "Bad Request: USER_BOT_INVALID")
        if inline:
            await desk.act("inline_choose", person=2, chat=GROUP, query_id=number, result_id="1")
            assert await updates(desk, "chosen_inline_result") == []  # BotFather was not asked to tell


async def test_nobody_can(desk: Any) -> None:
    """People outside a chat, texts too long and results that are not there are refused with a sentence."""
    number = await asked(desk)
    rows = [
        ("inline", {"person": 1, "chat": GROUP, "query": "x"}, 403),
        ("inline", {"person": 2, "chat": GROUP, "query": "x" * 257}, 400),
        ("inline", {"person": 2, "chat": GROUP, "query": "x", "wait": "soon"}, 400),
        ("inline_choose", {"person": 2, "chat": GROUP, "query_id": number, "result_id": "1"}, 404),
        ("inline_choose", {"person": 2, "chat": GROUP, "query_id": "77", "result_id": "1"}, 404),
    ]
    for path, given, status in rows:
        async with desk.http.post(f"{desk.address}/sandbox/{path}", json=given) as response:
            assert (response.status, bool((await response.json())["error"])) == (status, True), (path, given)


async def test_it_is_remembered(opened: Any, tmp_path: Any) -> None:
    """After a restart a question can still be answered and an inline message still be edited and tapped."""
    async with opened(folder=tmp_path) as desk:
        first = await asked(desk)
        await desk.bot("answerInlineQuery", inline_query_id=first, results=[article(reply_markup=KEYS)])
        sent = await desk.act("inline_choose", person=2, chat=GROUP, query_id=first, result_id="1")
        second = await asked(desk, "coffee")
        clock = desk.clock
    async with opened(folder=tmp_path):
        pass  # the start shortens the journal
    async with opened(folder=tmp_path) as desk:
        desk.clock.now = clock.now
        assert await desk.bot("answerInlineQuery", inline_query_id=second, results=[])
        assert (await desk.act("inline", person=2, chat=GROUP, query="tea", wait=0))["cached"] is True
        name = sent["inline_message_id"]
        await desk.act("tap", person=2, chat=GROUP, message_id=sent["message"]["message_id"], data="x")
        assert (await updates(desk, "callback_query"))[-1]["inline_message_id"] == name
        assert await desk.bot("editMessageText", inline_message_id=name, text="y")


async def test_python_telegram_bot(desk: Any) -> None:
    """python-telegram-bot answers a query and reads every update inline mode makes."""
    async with desk.library() as bot:
        number = await asked(desk)
        result = InlineQueryResultArticle("1", "Tea", InputTextMessageContent("Tea"))
        button = InlineQueryResultsButton("All", start_parameter="all")
        assert await bot.answer_inline_query(number, [result], button=button, next_offset="2", cache_time=1)
        await desk.act("inline_choose", person=2, chat=GROUP, query_id=number, result_id="1")
        inline, message, chosen = (await bot.get_updates(allowed_updates=KINDS))[-3:]
        assert (inline.inline_query.query, inline.inline_query.chat_type) == ("tea", "supergroup")
        assert (message.message.via_bot.id, message.message.from_user.id) == (bot.id, 2)
        assert (chosen.chosen_inline_result.result_id, chosen.chosen_inline_result.from_user.id) == ("1", 2)
    assert (await desk.get("findings"))["findings"] == []


async def test_aiogram(desk: Any) -> None:
    """Aiogram answers a query, edits by inline_message_id and reads every update inline mode makes."""
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as bot:
        number = await asked(desk)
        keys = aiogram.InlineKeyboardMarkup(
            inline_keyboard=[[aiogram.InlineKeyboardButton(text="Again", switch_inline_query_current_chat="tea")]]
        )
        content = aiogram.InputTextMessageContent(message_text="Tea")
        result = aiogram.InlineQueryResultArticle(id="1", title="Tea", input_message_content=content, reply_markup=keys)
        assert await bot.answer_inline_query(number, [result], cache_time=1)
        sent = await desk.act("inline_choose", person=2, chat=GROUP, query_id=number, result_id="1")
        assert await bot.edit_message_text("Sold", inline_message_id=sent["inline_message_id"]) is True
        assert await desk.act("tap", person=2, chat=GROUP, message_id=sent["message"]["message_id"], data="x")
        inline, message, chosen, tapped = (await bot.get_updates())[-4:]
        assert inline.inline_query.from_user.id == 2
        assert message.message.via_bot.username == "sandbox_bot"
        assert chosen.chosen_inline_result.inline_message_id == tapped.callback_query.inline_message_id
    assert (await desk.get("findings"))["findings"] == []
