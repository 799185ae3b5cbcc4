"""The way every message of the bot goes: what it answers, into which chat and topic, with which options.

Read before the chat is looked up, judged after, in the order of Client.cpp do_send_message and td send_message.
Sources: Client.cpp get_reply_parameters, check_reply_parameters; td MessageSendOptions.cpp, MessageQuote.cpp.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.sandbox import keyboards
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.entities import utf16
from bot.sandbox.fields import FieldError, boolean, string, whole
from bot.sandbox.files import FIELDS
from bot.sandbox.keyboards import Keyboard
from bot.sandbox.methods.lookup import find_chat
from bot.sandbox.methods.topics import check_open, topic_of
from bot.sandbox.refusals import content as no_content
from bot.sandbox.state import Chat, Json
from bot.sandbox.text import Formatted, fix, parse
from bot.sandbox.world import World

EFFECTS = {  # docs name no ids; these are the six every account may use
    5104841245755180586: "🔥",
    5107584321108051014: "👍",
    5104858069142078462: "👎",
    5159385139981059251: "❤️",
    5046509860389126442: "🎉",
    5046589136895476101: "💩",
}
_EXTERNAL = (*FIELDS, "location", "venue", "contact", "has_media_spoiler", "link_preview_options")
_QUOTED = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji"})
_LONGEST_QUOTE = 1024
_LONG = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message answers, as the request says: a message (0 for none), maybe of another chat, maybe a part."""

    message_id: int = 0
    chat: str = ""
    optional: bool = False
    quote: Formatted = field(default_factory=Formatted)
    position: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: chat, topic (0 for none), the message of the chat it answers, fields that tell of it."""

    chat: Chat
    thread: int = 0
    replied: Json | None = None
    about: Json = field(default_factory=dict)


def send(world: World, call: Call, content: Callable[[], Json]) -> Json:
    """Send one message; `content` judges what it holds. Return the message; raise RefusalError."""
    reply = read_reply(world, call)
    keyboard = keyboards.parse(call.json("reply_markup"))
    place = find_place(world, call, reply)
    keyboard = keyboards.settle(keyboard, private=place.chat.private)
    effect = effect_of(call, place.chat)
    return post(world, call, place, [{**content(), **effect}], keyboard)[0]


def post(
    world: World, call: Call, place: Place, contents: Sequence[Json], keyboard: Keyboard | None = None
) -> list[Json]:
    """Put messages into a chat unless Telegram's servers would not; they count against the limits together."""
    chat = place.chat
    world.writable(chat)
    check_open(world, chat, place.thread, place.replied)
    _quotable(place)
    world.limits.take(chat.id, private=chat.private, count=len(contents))
    shared: Json = {"has_protected_content": True} if call.flag("protect_content") else {}
    silent = call.flag("disable_notification")
    return [
        world.post(
            chat,
            world.bot,
            {**place.about, **one, **shared},
            keyboard=keyboard,
            reply_to=place.replied,
            thread=place.thread,
            silent=silent,
        )
        for one in contents
    ]


def read_reply(world: World, call: Call) -> Reply:
    """Read what the message answers; raise RefusalError."""
    if "reply_parameters" not in call.arguments:
        return Reply(call.number("reply_to_message_id"), optional=call.flag("allow_sending_without_reply"))
    given = call.json("reply_parameters")
    if isinstance(given, str):
        raise no.REPLY_JSON.error()
    if given is not None and not isinstance(given, dict):
        raise no.REPLY_OBJECT.error()
    try:
        return _reply(world, given) if given else Reply()
    except FieldError as error:
        sentence = str(error)
        raise no_content.FIELD.error(reason=sentence[:1].lower() + sentence[1:]) from error


def _reply(world: World, given: Json) -> Reply:
    chat = string(given, "chat_id")
    number = whole(given, "message_id", required=True)
    optional = boolean(given, "allow_sending_without_reply")
    text, mode = string(given, "quote"), string(given, "quote_parse_mode")
    quote = fix(parse(text, mode, given.get("quote_entities"), user_of=world.user))
    return Reply(number, chat, optional, quote, whole(given, "quote_position"))


def find_place(world: World, call: Call, reply: Reply) -> Place:
    """Return where the call's message goes; raise RefusalError for no chat, no topic, nothing to answer."""
    name = call.text("chat_id")
    chat = find_chat(world, name)
    thread = topic_of(call, chat)
    if reply.message_id <= 0:
        return Place(chat, thread)
    other = find_chat(world, reply.chat, reading=True) if reply.chat and reply.chat != name else chat
    message = other.messages.get(reply.message_id)
    if message is None:
        if reply.optional:
            return Place(chat, thread)
        raise no.REPLY_NOT_FOUND.error()
    about = quote_json(reply, message)
    if other is chat:
        return Place(chat, thread, message, about)
    if message.get("has_protected_content"):
        return Place(chat, thread)  # as td: what cannot be forwarded is not answered elsewhere
    return Place(chat, thread, about={"external_reply": external_json(other, message), **about})


def quote_json(reply: Reply, message: Json) -> Json:
    """Return the `quote` field; its position is -1 where the message has no such part."""
    if not reply.quote.text:
        return {}
    entities = [one for one in reply.quote.entities if one["type"] in _QUOTED]
    text = message.get("text") or message.get("caption") or ""
    found = -1 if len(reply.quote.text) > _LONGEST_QUOTE else _nearest(text, reply.quote.text, reply.position)
    quote: Json = {"text": reply.quote.text, **({"entities": entities} if entities else {})}
    return {"quote": {**quote, "position": found, "is_manual": True}}


def _nearest(text: str, part: str, position: int) -> int:
    """Return the UTF-16 offset of a part of a text that is nearest to a position, -1 for none."""
    places, at = [], text.find(part)
    while at >= 0:
        places.append(utf16(text[:at]))
        at = text.find(part, at + 1)
    return min(places, key=lambda one: abs(one - position), default=-1)


def _quotable(place: Place) -> None:
    if place.about.get("quote", {}).get("position", 0) < 0:
        raise no_content.QUOTE.error()


def external_json(chat: Chat, message: Json) -> Json:
    """Return the ExternalReplyInfo of a message of another chat."""
    held = {name: message[name] for name in _EXTERNAL if name in message}
    where: Json = {} if chat.private else {"chat": chat.json, "message_id": message["message_id"]}
    return {"origin": origin_json(message), **where, **held}


def origin_json(message: Json) -> Json:
    """Return the MessageOrigin of a message: its own, or where it was forwarded from itself."""
    known: Json | None = message.get("forward_origin")
    if known:
        return known
    date = message["date"]
    if message["chat"]["type"] == "channel":
        return {"type": "channel", "chat": message["chat"], "message_id": message["message_id"], "date": date}
    if "sender_chat" in message:
        return {"type": "chat", "sender_chat": message["sender_chat"], "date": date}
    return {"type": "user", "sender_user": message["from"], "date": date}


def effect_of(call: Call, chat: Chat, *, allowed: bool = True) -> Json:
    """Return the effect a message shows; raise RefusalError for one that is not for the chat or the method."""
    number = call.number("message_effect_id", low=-_LONG, high=_LONG)
    if not number:
        return {}
    if not chat.private:
        raise no_content.EFFECT_CHAT.error()
    if not allowed:
        raise no_content.EFFECT_METHOD.error()
    if number not in EFFECTS:
        raise no_content.EFFECT_ID.error()
    return {"effect_id": str(number)}
