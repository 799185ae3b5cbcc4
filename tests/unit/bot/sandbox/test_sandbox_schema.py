"""Names and types: the committed schema is what aiogram says, unknown names are found at every depth, methods exist."""

from typing import Any

from bot.sandbox.check import schema
from bot.sandbox.make_schema import FILE, schema_text
from bot.sandbox.methods import METHODS


def test_schema_is_current() -> None:
    """The committed file is exactly what the script makes from the installed aiogram."""
    assert FILE.read_text(encoding="utf-8") == schema_text()


def test_every_method_is_in_the_schema() -> None:
    """The sandbox serves no method the Bot API does not have."""
    assert METHODS.keys() - schema().methods.keys() == set()


def found(**given: Any) -> list[str]:
    """The findings of a sendMessage call."""
    return schema().findings("sendmessage", {"chat_id": 1, "text": "x", **given})


def test_unknown_names_at_every_depth() -> None:
    """A misspelt parameter, button field or entity field is named with its path; union members go by their keys."""
    assert found() == []
    assert found(txt="x") == ["txt: unknown parameter"]
    keys = {"inline_keyboard": [[{"text": "a", "callback_dta": "x"}]]}
    assert found(reply_markup=keys) == [
        "reply_markup.inline_keyboard[0][0].callback_dta: unknown in InlineKeyboardButton"
    ]
    assert found(reply_markup={"keyboard": [["a", {"text": "b"}]], "resize_keyboard": True}) == [
        "reply_markup.keyboard[0][0]: str where KeyboardButton is expected"
    ]
    assert found(reply_markup={"inline_keybord": []})[0].startswith("reply_markup: fits none of InlineKeyboardMarkup")
    assert found(entities=[{"type": "bold", "offset": 0, "length": "1", "from": 2}]) == [
        "entities[0].from: unknown in MessageEntity"
    ]
    assert found(entities={"type": "bold"}) != []
    assert found(link_preview_options={"is_disabled": "yes"}) == [
        "link_preview_options.is_disabled: str where bool is expected"
    ]


async def test_findings_are_counted_not_refused(desk: Any) -> None:
    """As Telegram, the sandbox ignores what it does not know; unlike Telegram it says so, once with a count."""
    for _ in range(2):
        assert (await desk.raw("sendMessage", chat_id=1, text="x", disable_preview=True))["ok"]
    expected = [{"method": "sendMessage", "finding": "disable_preview: unknown parameter", "count": 2}]
    assert (await desk.get("findings"))["findings"] == expected
    calls = (await desk.get("calls"))["calls"]
    assert [(one["method"], one["ok"], one["findings"]) for one in calls] == [
        ("sendMessage", True, ["disable_preview: unknown parameter"])
    ] * 2
    assert (await desk.get(f"calls?after={calls[0]['n']}"))["calls"] == calls[1:]


def test_a_constant_true_is_no_finding() -> None:
    """Union members told apart by a constant True are known for what they are."""
    assert found(reply_markup={"remove_keyboard": True}) == []
    assert found(reply_markup={"force_reply": True}) == []
    assert found(reply_markup={"remove_keyboard": "yes"}) != []


def test_what_passed_once_hides_nothing() -> None:
    """A value of texts that passed lets no other of the same names pass: not by its type, nor in another place."""
    entity = {"type": "bold", "offset": "0", "length": "1"}
    assert found(entities=[entity]) == []
    assert found(entities=[entity | {"offset": "x"}]) == ["entities[0].offset: str where int is expected"]
    button = {"text": "a", "callback_data": "x"}
    assert found(reply_markup={"inline_keyboard": [[button]]}) == []
    assert found(reply_markup={"inline_keyboard": [[button | {"text": 1.5}]]}) != []
    assert found(reply_markup={"keyboard": [[button]]}) == [
        "reply_markup.keyboard[0][0].callback_data: unknown in KeyboardButton"
    ]
