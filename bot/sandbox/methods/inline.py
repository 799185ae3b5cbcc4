"""The bot's answer to an inline query, checked in the order of Client.cpp process_answer_inline_query_query."""

import re
from collections.abc import Callable
from typing import Any

from bot.sandbox import links
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.fields import FieldError, inner, string
from bot.sandbox.inline import CACHE_DEFAULT, QUERY_LIFE
from bot.sandbox.methods.results import Result, check_ids, json_fault, read_result, refused
from bot.sandbox.refusals import inline as no_inline
from bot.sandbox.state import Json
from bot.sandbox.world import World

_MOST = 50
_LONGEST_OFFSET = 64
_LONGEST_START = 64
_LONGEST_CACHE = 24 * 60 * 60
_START = re.compile(r"[A-Za-z0-9_-]+")


def answer_inline_query(world: World, call: Call) -> bool:
    """Answer an inline query with up to 50 results; they are kept for `cache_time` for the same question."""
    button = _button(call)
    results = _results(world, call)
    if button:
        button = _judged(button)
    judged = [one.judge(world) for one in results]
    if not world.inline:
        raise no_inline.NOT_INLINE.error()
    _answer(world, call, judged, button)
    return True


def _answer(world: World, call: Call, results: list[Json], button: Json | None) -> None:
    number = str(call.number("inline_query_id", high=1 << 62))
    asked = world.state.asked.get(number)
    if asked is None or asked.kind != "inline" or world.clock() - asked.at > QUERY_LIFE:
        raise no.QUERY_OLD.error()
    check_ids(results)
    if len(call.text("next_offset").encode()) > _LONGEST_OFFSET:
        raise no_inline.OFFSET_LONG.error()
    if asked.answer is not None:
        call.findings.append("this inline query is already answered; people see the last answer only")
    answer = {
        "at": world.clock(),
        "results": results,
        "button": button,
        "next_offset": call.text("next_offset"),
        "cache_time": call.number("cache_time", CACHE_DEFAULT, 0, _LONGEST_CACHE),
        "is_personal": call.flag("is_personal"),
    }
    world.commit({"do": "asked_answered", "id": number, "answer": answer})
    waiting = world.answers.pop(number, None)
    if waiting and not waiting.done():
        waiting.set_result(None)


def _results(world: World, call: Call) -> list[Result]:
    given = call.json("results")
    if given is None:
        return []
    if isinstance(given, str):
        raise no_inline.RESULTS_JSON.error(reason=json_fault(given))
    if not isinstance(given, list):
        raise no_inline.RESULTS_ARRAY.error()
    if len(given) > _MOST:
        raise no_inline.RESULTS_MANY.error()
    try:
        return [read_result(world, one) for one in given]
    except FieldError as error:
        raise refused(no_inline.RESULT, error) from error


def _button(call: Call) -> Json | None:
    given = call.json("button")
    if given is None:
        text = call.text("switch_pm_text")  # the old name of the button
        return {"text": text, "start_parameter": call.text("switch_pm_parameter")} if text else None
    if isinstance(given, str):
        raise no_inline.SWITCH_JSON.error()
    try:
        return _read_button(given)
    except FieldError as error:
        raise refused(no_inline.SWITCH, error) from error


def _read_button(given: Any) -> Json:
    if not isinstance(given, dict):
        raise FieldError("InlineQueryResultsButton must be an Object")
    button: Json = {"text": string(given, "text", required=True)}
    if "start_parameter" in given:
        return {**button, "start_parameter": string(given, "start_parameter", required=True)}
    if "web_app" in given:
        return {**button, "web_app": {"url": string(inner(given, "web_app"), "url", required=True)}}
    raise FieldError("InlineQueryResultsButton must have exactly one optional field")


def _judged(button: Json) -> Json:
    if "web_app" in button:
        url = button["web_app"]["url"]
        if links.user_of(url):
            raise no_inline.SWITCH_PERSON.error()
        try:
            button = {**button, "web_app": {"url": links.checked(url, https_only=True)}}
        except links.LinkError as error:
            raise no_inline.SWITCH_WEB_APP.error(url=url, reason=error) from error
    else:
        _check_start(button["start_parameter"])
    if not button["text"].strip():
        raise no_inline.SWITCH_TEXT.error()
    return button


def _check_start(parameter: str) -> None:
    if not parameter:
        raise no_inline.SWITCH_EMPTY.error()
    if len(parameter.encode()) > _LONGEST_START:
        raise no_inline.SWITCH_LONG.error()
    if not _START.fullmatch(parameter):
        raise no_inline.SWITCH_CHARACTERS.error()


METHODS: dict[str, Callable[[World, Call], Any]] = {"answerInlineQuery": answer_inline_query}
