"""Methods that send a message again: forwarded, with where it came from, or copied without.

Sources: Client.cpp process_forward_message_query, process_copy_messages_query, check_messages; td MessagesManager.cpp
get_forwarded_messages, can_forward_message, forward_message.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from bot.sandbox import keyboards
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.files import ABOVE, content_of, field_of, is_service
from bot.sandbox.methods.albums import MOST, group_id
from bot.sandbox.methods.content import caption_json, read_caption
from bot.sandbox.methods.deleting import read_ids
from bot.sandbox.methods.lookup import find_chat
from bot.sandbox.methods.outgoing import Place, effect_of, find_place, origin_json, post, read_reply
from bot.sandbox.refusals import Refusal
from bot.sandbox.refusals import content as no_content
from bot.sandbox.state import Chat, Json
from bot.sandbox.text import Formatted, caption_text
from bot.sandbox.world import World

_ALIKE = frozenset({"document", "audio"})  # several of one kind become an album by themselves
_OLD_NAMES = {"sender_user": "forward_from", "sender_chat": "forward_from_chat", "chat": "forward_from_chat"}


def forward_message(world: World, call: Call) -> Json:
    """Send a message again, with where it came from."""
    message = _source(world, call, no_content.FORWARD_NOT_FOUND)
    place, _, effect = _target(world, call)
    if not _forwardable(message, copied=False):
        raise no_content.FORWARD_REFUSED.error()
    return post(world, call, place, [{**forward_json(message), **effect}])[0]


def copy_message(world: World, call: Call) -> Json:
    """Send a message's content again without a link to it; a new caption replaces the old."""
    caption = read_caption(world, call) if "caption" in call.arguments else None
    message = _source(world, call, no.COPY_NOT_FOUND)
    place, keyboard, effect = _target(world, call)
    if not _forwardable(message, copied=True):
        raise no_content.COPY_REFUSED.error()
    content = content_of(message)
    if caption is not None:
        content = _captioned(content, caption, above=call.flag("show_caption_above_media"))
    copied = post(world, call, place, [{**content, **effect}], keyboard)[0]
    return {"message_id": copied["message_id"]}


def forward_messages(world: World, call: Call) -> list[Json]:
    """Send up to 100 messages again, those of an album as an album; what cannot be forwarded is left out."""
    return _several(world, call, forward_json, copied=False)


def copy_messages(world: World, call: Call) -> list[Json]:
    """Copy up to 100 messages, those of an album as an album; what cannot be copied is left out."""
    bare = call.flag("remove_caption")
    return _several(world, call, lambda message: _bare(message) if bare else content_of(message), copied=True)


def forward_json(message: Json) -> Json:
    """Return the fields of a forwarded message: its content and where it came from, old names beside the new."""
    origin = origin_json(message)
    old = {_OLD_NAMES[name]: origin[name] for name in _OLD_NAMES if name in origin}
    if origin["type"] == "channel":
        old["forward_from_message_id"] = origin["message_id"]
    return {"forward_origin": origin, **old, "forward_date": origin["date"], **content_of(message)}


def grouped(world: World, chat: Chat, messages: Sequence[Json], contents: Sequence[Json]) -> list[Json]:
    """Return contents with albums made anew: at least two of one album, or only documents, or only audio files."""
    kinds = {field_of(one) for one in messages}
    senders = {one["from"]["id"] for one in messages}
    alike = len(kinds) == len(senders) == 1 and kinds <= _ALIKE and len(messages) <= MOST
    names = ["all" if alike else one.get("media_group_id") for one in messages]
    fresh = {name: group_id(world, chat, number) for number, name in enumerate(dict.fromkeys(names), 1)}
    return [
        {"media_group_id": fresh[name], **content} if name and names.count(name) > 1 else content
        for name, content in zip(names, contents, strict=True)
    ]


def _source(world: World, call: Call, missing: Refusal) -> Json:
    if not call.text("from_chat_id"):
        raise no.PARAMETER.error(name="from_chat_id")
    chat = find_chat(world, call.text("from_chat_id"), reading=True)
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise missing.error()
    return message


def _target(world: World, call: Call) -> tuple[Place, keyboards.Keyboard | None, Json]:
    reply = read_reply(world, call)
    keyboard = keyboards.parse(call.json("reply_markup"))
    place = find_place(world, call, reply)
    return place, keyboards.settle(keyboard, private=place.chat.private), effect_of(call, place.chat)


def _several(world: World, call: Call, content: Callable[[Json], Json], *, copied: bool) -> list[Json]:
    if not call.text("from_chat_id"):
        raise no.PARAMETER.error(name="from_chat_id")
    ids = read_ids(call)
    place = find_place(world, call, read_reply(world, Call(call.method)))  # neither method takes a reply
    source = find_chat(world, call.text("from_chat_id"), reading=True)
    known = [number for number in ids if number in source.messages]
    if not known:
        raise no_content.FORWARDS_EMPTY.error()
    effect = effect_of(call, place.chat, allowed=len(known) == 1)
    if any(first >= second for first, second in pairwise(known)):
        raise no_content.FORWARDS_ORDER.error()
    messages = [one for number in known if _forwardable(one := source.messages[number], copied=copied)]
    if not messages:
        raise no_content.FORWARDS_REFUSED.error()
    contents = grouped(world, place.chat, messages, [{**content(one), **effect} for one in messages])
    return [{"message_id": one["message_id"]} for one in post(world, call, place, contents)]


def _forwardable(message: Json, *, copied: bool) -> bool:
    return not is_service(message) and (copied or not message.get("has_protected_content"))


def _captioned(content: Json, caption: Formatted, *, above: bool) -> Json:
    if field_of(content) is None:
        return content
    return {**_bare(content), **caption_json(caption_text(caption), above=above and field_of(content) in ABOVE)}


def _bare(message: Json) -> Json:
    """Return what a message holds, without its caption."""
    return {name: value for name, value in content_of(message).items() if "caption" not in name}


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
}
