"""What people do with messages besides writing: react, change and delete their own, forward, pin, send files.

Files come as a form to `POST /sandbox/send`, each part named by its kind; several photos and videos become an album, so
do several documents, and several audio files.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bot.sandbox import roles
from bot.sandbox.acts.given import number, word
from bot.sandbox.call import Upload
from bot.sandbox.files import FIELDS, field_of, file_json, is_service
from bot.sandbox.methods import deleting, reactions
from bot.sandbox.methods.albums import MOST, group_id
from bot.sandbox.methods.content import details_of, store_upload
from bot.sandbox.methods.forwarding import forward_json, grouped
from bot.sandbox.people import ActError, People
from bot.sandbox.state import Chat, Json
from bot.sandbox.text import TEXT_LIMIT, Formatted, fix
from bot.sandbox.world import World

_EDITABLE = 48 * 3600  # seconds in which people can change a message: td MessagesManager.cpp can_edit_message
_WORDS = frozenset({"text", "entities", "caption", "caption_entities"})
_TOGETHER = {"photo": "visual", "video": "visual", "audio": "audio", "document": "document"}


def react(world: World, people: People, given: Json) -> Json:
    """React to a message as `person` with an `emoji`, or take the reaction back with none."""
    who, chat = people.here(number(given, "person"), number(given, "chat"))
    message = _message(chat, number(given, "message_id"))
    emoji = reactions.plain(word(given, "emoji"))
    if emoji and emoji not in reactions.EMOJI:
        raise ActError(f"Telegram has no reaction {emoji}")
    if is_service(message) or not (chat.private or roles.may(chat, who.id, "can_react_to_messages")):
        raise ActError(f"{who.first_name} cannot react to this message", 403)
    after: list[Json] = [{"type": "emoji", "emoji": emoji}] if emoji else []
    before = reactions.react(world, chat, message, who.id, after)
    heard = not who.blocked if chat.private else roles.leads(chat, world.bot["id"])
    if heard and before != after:
        about = {"chat": chat.json, "message_id": message["message_id"], "user": who.user(), "date": world.now()}
        world.updates.add("message_reaction", {**about, "old_reaction": before, "new_reaction": after})
    return {}


def edit(world: World, people: People, given: Json) -> Json:
    """Change the `text` of a message `person` wrote, or the caption of one they sent."""
    who, chat = people.here(number(given, "person"), number(given, "chat"), writing=True)
    message = _message(chat, number(given, "message_id"))
    if message["from"]["id"] != who.id or {"forward_origin", "via_bot"} & message.keys():
        raise ActError("only a message of one's own can be changed", 403)
    if is_service(message) or world.now() - message["date"] >= _EDITABLE:
        raise ActError("this message can no longer be changed")
    kept = {name: value for name, value in message.items() if name not in _WORDS}
    edited = {**kept, **_words(people, message, word(given, "text"))}
    if edited != message:
        edited["edit_date"] = world.now()
        world.replace(chat, edited)
        if people.heard(chat, edited):
            world.updates.add("edited_message", edited)
    return {"message": edited}


def _words(people: People, message: Json, text: str) -> Json:
    if field_of(message):
        return people.caption(text)
    fixed = fix(Formatted(text))
    if "text" not in message or not 0 < len(fixed.text) <= TEXT_LIMIT:
        raise ActError(f"a message has 1-{TEXT_LIMIT} characters")
    return {"text": fixed.text, **({"entities": fixed.entities} if fixed.entities else {})}


def delete(world: World, people: People, given: Json) -> Json:
    """Delete messages for everyone as `person`: `message_id`, or several `message_ids`. The bot is told nothing."""
    who, chat = people.here(number(given, "person"), number(given, "chat"))
    messages = _messages(chat, given)
    may = chat.private or roles.may(chat, who.id, "can_delete_messages")
    if not may and any(one["from"]["id"] != who.id for one in messages):
        raise ActError(f"{who.first_name} may delete only their own messages here", 403)
    world.remove(chat, [one["message_id"] for one in messages])
    return {}


def forward(world: World, people: People, given: Json) -> Json:
    """Forward `message_id`, or several `message_ids`, from `from_chat` to `chat` as `person`."""
    person, to = number(given, "person"), number(given, "chat")
    _, source = people.here(person, number(given, "from_chat"))
    _, chat = people.here(person, to, writing=True, thread=number(given, "thread", 0))
    messages = _messages(source, given)
    if any(is_service(one) or one.get("has_protected_content") for one in messages):
        raise ActError("this message cannot be forwarded", 403)
    contents = grouped(world, chat, messages, [forward_json(one) for one in messages])
    sent = [people.send(person, to, one, thread=number(given, "thread", 0)) for one in contents]
    return {"message": sent[0], "messages": sent}


def pin(world: World, people: People, given: Json) -> Json:
    """Pin a message as `person`, or take it down with `pinned` false."""
    who, chat = people.here(number(given, "person"), number(given, "chat"))
    message = _message(chat, number(given, "message_id"))
    if not chat.private and not roles.may(chat, who.id, "can_pin_messages"):
        raise ActError(f"{who.first_name} may not pin messages here", 403)
    if is_service(message):
        raise ActError("this message cannot be pinned")
    if not given.get("pinned", True):
        deleting.unpin(world, chat, message)
        return {}
    return {"message": deleting.pin(world, chat, message, who.user(), silent=bool(given.get("silent")))}


def send_files(world: World, people: People, given: Json, parts: Sequence[tuple[str, Upload]]) -> Json:
    """Send files as `person`: `parts` are (kind, file); `given` has `chat`, `caption`, `reply_to`, `thread`."""
    person, to = number(given, "person"), number(given, "chat")
    reply_to = number(given, "reply_to") if given.get("reply_to") else None
    thread = number(given, "thread", 0)
    _, chat = people.here(person, to, writing=True, thread=thread)
    caption = people.caption(word(given, "caption"))
    contents = [_stored(world, given, kind, upload) for kind, upload in parts]
    sent: list[Json] = []
    for album in _albums([kind for kind, _ in parts], contents):
        group: Json = {"media_group_id": group_id(world, chat)} if len(album) > 1 else {}
        for content in album:
            words = {} if sent else caption
            sent.append(people.send(person, to, {**group, **content, **words}, reply_to, thread))
    return {"message": sent[0], "messages": sent}


def _stored(world: World, given: Json, kind: str, upload: Upload) -> Json:
    name = FIELDS[kind].name
    details = details_of(name, lambda field: number(given, field, 0), lambda field: word(given, field))
    return file_json(store_upload(world, name, upload.name, upload.data, details))


def _albums(kinds: Sequence[str], contents: Sequence[Json]) -> Iterator[list[Json]]:
    """Yield what is sent together: neighbours that may share an album, at most ten."""
    album: list[Json] = []
    before = None
    for kind, content in zip(kinds, contents, strict=True):
        sort = _TOGETHER.get(kind)
        if album and (sort is None or sort != before or len(album) == MOST):
            yield album
            album = []
        album.append(content)
        before = sort
    yield album


def _message(chat: Chat, message_id: int) -> Json:
    message = chat.messages.get(message_id)
    if message is None:
        raise ActError("this message is not there", 404)
    return message


def _messages(chat: Chat, given: Json) -> list[Json]:
    ids = given.get("message_ids") or [given.get("message_id")]
    if not isinstance(ids, list):
        raise ActError("message_ids must be an array")
    return [_message(chat, number({"message_id": one}, "message_id")) for one in ids]


ACTS: dict[str, Callable[[World, People, dict[str, Any]], Json]] = {
    "react": react,
    "edit": edit,
    "delete": delete,
    "forward": forward,
    "pin": pin,
}
