"""Albums: 2-10 photos and videos together, or documents, or audio files, sent whole or not at all.

Sources: Client.cpp process_send_media_group_query, get_input_message_contents; td MessagesManager.cpp
send_message_group; MessageContent.cpp check_message_group_message_contents.
"""

from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.methods.content import Media
from bot.sandbox.methods.outgoing import effect_of, find_place, post, read_reply
from bot.sandbox.refusals import content as no_content
from bot.sandbox.state import Chat, Json
from bot.sandbox.world import World

MOST = 10
_ALIKE = frozenset({"Audio", "Document"})  # kinds that stand only beside their own


def send_media_group(world: World, call: Call) -> list[Json]:
    """Send an album; raise RefusalError, and then nothing of it was sent."""
    reply = read_reply(world, call)
    album = _read(world, call)
    if len(album) == 1:
        call.findings.append("an album has 2-10 items; one alone is sent as a plain message")
    place = find_place(world, call, reply)
    if not album:
        raise no_content.ALBUM_EMPTY.error()
    effect = effect_of(call, place.chat)
    contents = [{**one.json(), **effect} for one in album]
    _check(album)
    if len(contents) > 1:
        group = group_id(world, place.chat)
        contents = [{"media_group_id": group, **one} for one in contents]
    return post(world, call, place, contents)


def group_id(world: World, chat: Chat, number: int = 0) -> str:
    """Return a fresh media_group_id: the chat's next message tells it from all others."""
    return str((1 << 53) + (abs(chat.id) % (1 << 20) << 32) + world.state.next_message_id(chat) * 16 + number)


def mixed(kinds: Sequence[str]) -> str | None:
    """Return the kind that keeps kinds from being one album, None when they can be."""
    return next((one for one in kinds if one in _ALIKE), None) if len(set(kinds)) > 1 else None


def _read(world: World, call: Call) -> list[Media]:
    given = call.json("media")
    if given is None:
        raise no.PARAMETER.error(name="media")
    if isinstance(given, str):
        raise no_content.ALBUM_JSON.error()
    if not isinstance(given, list):
        raise no_content.ALBUM_ARRAY.error()
    return [Media(world, call, one, album=True) for one in given]


def _check(album: Sequence[Media]) -> None:
    if len(album) > MOST:
        raise no_content.ALBUM_LONG.error()
    if any(one.above != album[0].above for one in album):
        raise no_content.ALBUM_ABOVE.error()
    alone = mixed([one.kind for one in album])
    if alone:
        raise no_content.ALBUM_MIXED.error(kind=alone)


METHODS: dict[str, Callable[[World, Call], Any]] = {"sendMediaGroup": send_media_group}
