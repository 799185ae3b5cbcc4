"""Answers to inline queries that Telegram refuses: a table of exact sentences, and hundreds of odd ones."""

import random
from typing import Any

KEYS = {"inline_keyboard": [[{"text": "Buy", "callback_data": "b:1"}]]}


def article(number: str = "1", **more: Any) -> dict[str, Any]:
    """An article that sends a text."""
    return {"type": "article", "id": number, "title": "Tea", "input_message_content": {"message_text": "Tea"}, **more}


RESULT = "can't parse inline query result: "
SWITCH = "can't parse inline query results button: "
TEXT = {"message_text": "x"}
DOCUMENT = {"type": "document", "id": "1", "title": "a", "document_url": "http://x.example/a.doc"}


def one(**result: Any) -> dict[str, Any]:
    """Results with one entry."""
    return {"results": [{"id": "1", **result}]}


def switch(**button: Any) -> dict[str, Any]:
    """No results, with a button above them."""
    return {"results": [], "button": {"text": "All", **button}}


ROWS: list[tuple[dict[str, Any], str]] = [
    ({"results": "["}, "can't parse JSON encoded inline query results: Unexpected end"),
    ({"results": {}}, "expected an Array of inline query results"),
    ({"results": [article(str(n)) for n in range(51)]}, "too many inline query results specified"),
    ({"results": [1]}, RESULT + "Inline query result must be an object"),
    ({"results": [{}]}, RESULT + 'Can\'t find field "type"'),
    ({"results": [{"type": "article"}]}, RESULT + 'Can\'t find field "id"'),
    (one(type="article", title="x"), RESULT + 'Can\'t find field "message_text"'),
    (one(type="article", title="x", input_message_content={}), RESULT + "Input message content is not specified"),
    (one(type="article", title="x", message_text=""), RESULT + "Message text is empty"),
    (one(type="article", input_message_content=TEXT), RESULT + 'Can\'t find field "title"'),
    (one(type="article", title="", input_message_content=TEXT), "ARTICLE_TITLE_EMPTY"),
    (one(type="article", title="x", input_message_content={"message_text": " "}), "text must be non-empty"),
    (one(type="article", title="x", input_message_content={"message_text": "x" * 4097}), "message is too long"),
    (
        one(type="article", title="x", input_message_content={"message_text": "<b>x", "parse_mode": "HTML"}),
        RESULT + "Can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    (
        {"results": [article(reply_markup={"inline_keyboard": [[{"text": "a"}]]})]},
        RESULT + "Can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    ({"results": [article(reply_markup={"keyboard": [["a"]]})]}, "inline keyboard expected"),
    (
        {"results": [article(reply_markup={"inline_keyboard": [[{"text": "a", "web_app": {"url": "https://a.b"}}]]})]},
        "BUTTON_TYPE_INVALID",
    ),
    (one(type="hologram"), RESULT + 'type "hologram" is unsupported for the inline query result'),
    (one(type="photo"), RESULT + 'Can\'t find field "photo_file_id"'),
    (one(type="photo", photo_file_id="none"), "wrong remote file identifier specified: can't unserialize it"),
    (one(type="photo", photo_url="http://x.example/a.jpg"), "PHOTO_THUMB_URL_EMPTY"),
    (one(type="document", title="x", document_url="http://x.y"), RESULT + 'Can\'t find field "mime_type"'),
    ({"results": [{**DOCUMENT, "mime_type": "text/plain"}]}, "unallowed document MIME type"),
    ({"results": [{**DOCUMENT, "mime_type": "application/pdf", "title": ""}]}, "FILE_TITLE_EMPTY"),
    (
        one(type="video", title="x", video_url="http://x.y/a", thumbnail_url="http://x.y/b", mime_type="a/b"),
        "unallowed video MIME type",
    ),
    (one(type="location", title="x", latitude="1"), RESULT + 'Can\'t find field "longitude"'),
    (one(type="location", title="x", latitude=91, longitude=1), "invalid location specified"),
    (one(type="location", latitude=1, longitude=1), RESULT + 'Can\'t find field "title"'),
    (one(type="contact", phone_number="1"), RESULT + 'Can\'t find field "first_name"'),
    (
        one(type="contact", phone_number=" ", first_name="x"),
        'field "phone_number" must contain a valid phone number',
    ),
    (one(type="contact", phone_number="1", first_name=" "), 'field "first_name" must be non-empty'),
    (one(type="game", game_short_name="x"), "GAME_BOT_INVALID"),
    ({"results": [article("")]}, "RESULT_ID_INVALID"),
    ({"results": [article("ហ" * 22)]}, "RESULT_ID_INVALID"),
    ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
    ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
    ({"results": [], "button": "{"}, "can't parse inline query results button JSON object"),
    ({"results": [], "button": []}, SWITCH + "InlineQueryResultsButton must be an Object"),
    (switch(), SWITCH + "InlineQueryResultsButton must have exactly one optional field"),
    (switch(start_parameter=""), "can't use empty start_parameter"),
    (switch(start_parameter="x" * 65), "too long start_parameter specified"),
    (switch(start_parameter="a b"), "unallowed characters in start_parameter are used"),
    (
        switch(web_app={"url": "http://x.example"}),
        "inline query button Web App URL 'http://x.example' is invalid: Only HTTPS links are allowed",
    ),
    (
        switch(web_app={"url": "tg://user?id=1"}),
        "link to a user can't be used in the Web App button",
    ),
    (switch(text=" ", start_parameter="a"), "SWITCH_PM_TEXT_EMPTY"),
]


async def test_refusals(desk: Any) -> None:
    """Each bad answer gets exactly Telegram's sentence and leaves the question open."""
    number = (await desk.act("inline", person=2, chat=-1001, query="tea", wait=0))["query_id"]
    answers = [await desk.raw("answerInlineQuery", inline_query_id=number, **given) for given, _ in ROWS]
    assert [one.get("description") for one in answers] == [f"Bad Request: {said}" for _, said in ROWS]
    assert await desk.bot("answerInlineQuery", inline_query_id=number, results=[])


PIECES: list[Any] = [
    *("", "x", "1", "article", "photo", "contact", "location", "http://x.y", "<b>", "HTML", "ខ" * 99, "\ud7ff", 0, -1),
    *(2**40, 1.5, 1e308, None, True, [], {}, {"message_text": "x"}, {"latitude": 1, "longitude": 1}, KEYS, [[]]),
    *(
        {"phone_number": 1, "first_name": "x"},
        {"payload": 1},
        {"url": "https://[a"},
        {"web_app": {"url": "https://[a"}},
    ),
]
NAMES = (
    *("type", "id", "title", "input_message_content", "message_text", "caption", "parse_mode", "caption_entities"),
    *("reply_markup", "photo_file_id", "photo_url", "thumbnail_url", "latitude", "longitude", "phone_number"),
    *("first_name", "thumbnail_width", "url", "hide_url", "description", "live_period", "address", "text", "web_app"),
)
ACTS = (
    "inline",
    "inline_choose",
    "webapp",
    "webapp_data",
    "share_users",
    "share_chat",
    "share_candidates",
    "share_poll",
)
GIVEN = (
    *("query", "offset", "query_id", "result_id", "url", "menu", "key", "row", "column", "start_param", "theme"),
    *("message_id", "data", "button_text", "request_id", "users", "shared", "question", "options", "wait", "thread"),
)


async def test_nothing_odd_breaks_it(desk: Any) -> None:
    """Hundreds of odd results, buttons and acts: each is taken or refused, none by 5xx, and what is taken is sent."""
    chance = random.Random(20_260_102)
    number = (await desk.act("inline", person=1, chat=1, query="tea", wait=0))["query_id"]

    def odd(names: tuple[str, ...]) -> dict[str, Any]:
        return {name: chance.choice(PIECES) for name in chance.sample(names, chance.randint(0, len(names)))}

    for _ in range(300):
        kind = chance.choice(["article", "photo", "document", "contact", "location", "venue", "voice", "game", 1])
        given = {"inline_query_id": number, "results": [{**odd(NAMES), "type": kind, "id": "1"}]}
        answer = await desk.raw(
            "answerInlineQuery", **given, **({"button": odd(NAMES)} if chance.random() < 0.3 else {})
        )
        assert answer.get("error_code", 400) == 400, (given, answer)
        if answer["ok"]:
            await desk.act("inline_choose", person=1, chat=1, query_id=number, result_id="1")
    for _ in range(300):
        act, given = chance.choice(ACTS), {**odd(GIVEN), "person": 1, "chat": 1, "wait": 0}
        async with desk.http.post(f"{desk.address}/sandbox/{act}", json=given) as response:
            assert response.status < 500, (act, given)
    assert (await desk.get("chats/1/messages"))["messages"]
