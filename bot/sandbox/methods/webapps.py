"""What a Mini App's server does through the bot: send a message on the behalf of the person who opened the app.

Source: Client.cpp process_answer_web_app_query_query; docs answerWebAppQuery.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox import inline
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.fields import FieldError
from bot.sandbox.methods.results import Result, check_ids, json_fault, read_result, refused
from bot.sandbox.refusals import inline as no_inline
from bot.sandbox.state import Json
from bot.sandbox.world import World

SESSION_LIFE = 3600.0  # seconds; Telegram's lasts while the app is open, which the sandbox is not told


def answer_web_app_query(world: World, call: Call) -> Json:
    """Send the one message of a Mini App's session; return its inline_message_id if it has a keyboard."""
    result = _result(world, call).judge(world)
    check_ids([result])
    asked = world.state.asked.get(call.text("web_app_query_id"))
    if asked is None or asked.kind != "app" or asked.answer or world.clock() - asked.at > SESSION_LIFE:
        raise no.QUERY_OLD.error()
    if "fetch" in result:
        call.findings.append("the sandbox fetches no address of the web; upload the file")
        raise no.FILE_URL.error()
    world.commit({"do": "asked_answered", "id": asked.id, "answer": {"result": result["id"]}})
    _, sent = inline.deliver(world, asked.person, world.state.chats[asked.chat], result["message"])
    return {"inline_message_id": sent} if sent else {}


def _result(world: World, call: Call) -> Result:
    given = call.json("result")
    if given is None:
        raise no_inline.RESULT_MISSING.error()
    if isinstance(given, str):
        raise no_inline.RESULT_JSON.error(reason=json_fault(given))
    try:
        return read_result(world, given)
    except FieldError as error:
        raise refused(no_inline.RESULT_FIELD, error) from error


METHODS: dict[str, Callable[[World, Call], Any]] = {"answerWebAppQuery": answer_web_app_query}
