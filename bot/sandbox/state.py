"""All the sandbox knows: people, chats, messages, updates, files. Every change is one JSON entry, applied here.

`State.apply` is the only way in, so what the journal replays after a killed process is exactly what happened before it.
Messages are Bot API Message objects as plain dictionaries, ready to send.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.sandbox.asked import MOST, Asked

Json = dict[str, Any]
Entry = dict[str, Any]

FIRST_UPDATE = 10_000_001
LEFT = frozenset({"left", "kicked"})
_RENEWED = (
    *("title", "forum", "username", "members", "details", "permissions", "description", "links", "moved_to", "json"),
)


@dataclass(frozen=True, slots=True)
class PersonSeed:
    """A person who exists from the start; `phone` is what they share as a contact (made up from the id if None)."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str = "en"
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class GroupSeed:
    """A group that exists from the start, the bot an administrator in it; `id` is negative as Telegram's.

    `kind` is "supergroup", or "group" for a basic group, which can be upgraded.
    """

    id: int
    title: str
    members: tuple[int, ...]
    admins: tuple[int, ...] = ()
    forum: bool = False
    kind: str = "supergroup"


@dataclass(slots=True)
class Person:
    """A Telegram account of a person, as far as the bot is concerned."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str = "en"
    phone: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def user(self) -> Json:
        """Return the Bot API User object; a deleted account has lost its name."""
        if self.deactivated:
            return {"id": self.id, "is_bot": False, "first_name": ""}
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            user["username"] = self.username
        return {**user, "language_code": self.language_code}


@dataclass(slots=True)
class Chat:
    """A private chat (id = the person's), group or supergroup; `members` maps a user id to a Bot API member status.

    `details` maps a user id to what their status comes with: an administrator's rights and title, a restricted member's
    permissions, an end. `moved_to` is the supergroup a group became. A topic's id is that of the message that began it.
    """

    id: int
    type: str
    title: str
    forum: bool = False
    username: str | None = None
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    sealed: set[int] = field(default_factory=set)  # sent with a keyboard that is not inline: never edited again
    pinned: list[int] = field(default_factory=list)
    reactions: dict[int, dict[int, list[Json]]] = field(default_factory=dict)  # by message, then by user
    keyboard: Json | None = None
    details: dict[int, Json] = field(default_factory=dict)
    permissions: Json = field(default_factory=dict)  # of a plain member, where they differ from a new group's
    description: str = ""
    links: dict[str, Json] = field(default_factory=dict)  # ChatInviteLink objects by their address
    topics: dict[int, Json] = field(default_factory=dict)
    moved_to: int = 0
    json: Json = field(default_factory=dict)  # the Bot API Chat object, shared by its messages

    def __post_init__(self) -> None:
        if self.private:
            named = {"username": self.username} if self.username else {}
            self.json = {"id": self.id, "first_name": self.title, **named, "type": self.type}
        else:
            self.json = {
                "id": self.id,
                "title": self.title,
                **({"is_forum": True} if self.forum else {}),
                "type": self.type,
                **({"all_members_are_administrators": False} if self.type == "group" else {}),
            }

    @property
    def private(self) -> bool:
        """Whether this is a chat with one person."""
        return self.type == "private"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An uploaded file: `unique_id` names its content, `kind` is "Photo", "Document", "Video"… as td calls them.

    `details` is what the sender said of it: a duration, an audio's title and performer.
    """

    unique_id: str
    file_id: str
    kind: str
    size: int
    mime: str
    name: str = ""
    width: int = 0
    height: int = 0
    details: Json = field(default_factory=dict)


@dataclass(slots=True)
class Query:
    """A button pressed: who pressed where, when (epoch seconds), and the answer shown, None until there is one."""

    id: str
    person: int
    chat: int
    message: int
    at: float
    answer: Json | None = None


class State:
    """The whole of it, in memory."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.updates: dict[int, Json] = {}
        self.files: dict[str, StoredFile] = {}  # by file_id
        self.contents: dict[str, StoredFile] = {}  # by file_unique_id
        self.queries: dict[str, Query] = {}
        self.asked: dict[str, Asked] = {}  # by query id
        self.inline: dict[str, tuple[int, int]] = {}  # chat and message of an inline_message_id
        self.logins: dict[str, Json] = {}  # what a login button holds beside its address
        self.settings: dict[str, Any] = {}
        self.last_ids: dict[int, int] = {}  # last message id of a chat; private chats share number 0
        self.last_update = FIRST_UPDATE - 1
        self.last_query = 0
        self._doing: Mapping[str, Callable[..., None]] = {
            "person": self._person,
            "chat": self._chat,
            "message": self._message,
            "topic": self._topic,
            "forget": self._forget,
            "pinned": self._pinned,
            "reaction": self._reaction,
            "keyboard": self._keyboard,
            "update": self._update,
            "confirmed": self._confirmed,
            "file": self._file,
            "query": self._query,
            "answered": self._answered,
            "asked": self._asked,
            "asked_answered": self._asked_answered,
            "inline": self._inline,
            "login": self._login,
            "setting": self._setting,
            "cleared": self._cleared,
            "numbers": self._numbers,
        }

    def apply(self, entry: Entry) -> None:
        """Make one change; raise KeyError or TypeError for an entry this version does not know."""
        values = dict(entry)
        self._doing[values.pop("do")](**values)

    def take(self, other: "State") -> None:
        """Become another state, whole; who holds this one sees it."""
        vars(self).update({name: value for name, value in vars(other).items() if name != "_doing"})

    def snapshot(self) -> Iterator[Entry]:
        """Yield the fewest entries that make this state again."""
        yield {
            "do": "numbers",
            "messages": list(self.last_ids.items()),
            "update": self.last_update,
            "query": self.last_query,
        }
        yield from ({"do": "setting", "name": name, "value": value} for name, value in self.settings.items())
        yield from ({"do": "file", **asdict(file)} for file in self.files.values())
        yield from ({"do": "person", **asdict(person)} for person in self.people.values())
        for chat in self.chats.values():
            yield from _chat_entries(chat)
        yield from ({"do": "query", **asdict(query)} for query in self.queries.values())
        yield from ({"do": "asked", **asdict(asked)} for asked in self.asked.values())
        yield from ({"do": "inline", "id": one, "chat": at[0], "message": at[1]} for one, at in self.inline.items())
        yield from ({"do": "login", "url": url, "value": value} for url, value in self.logins.items())
        yield from ({"do": "update", "update": update} for update in self.updates.values())

    def next_message_id(self, chat: Chat) -> int:
        """Return the next message id of a chat: one row of numbers for all private chats, one for each group.

        In a forum they begin with 2: number 1 is the topic General.
        """
        return max(self.last_ids.get(0 if chat.private else chat.id, 0), int(chat.forum)) + 1

    def _person(self, **values: Any) -> None:
        person = Person(**values)
        self.people[person.id] = person

    def _chat(
        self,
        *,
        id: int,  # noqa: A002 -- a field's name
        members: Sequence[tuple[int, str]],
        details: Sequence[tuple[int, Json]] = (),
        **values: Any,
    ) -> None:
        chat = Chat(id=id, members=dict(members), details=dict(details), **values)
        known = self.chats.setdefault(id, chat)
        if known is chat:
            return
        renamed = known.json != chat.json
        for name in _RENEWED:
            setattr(known, name, getattr(chat, name))
        if renamed:
            known.messages = {number: {**one, "chat": known.json} for number, one in known.messages.items()}

    def _topic(self, *, chat: int, id: int, topic: Json | None) -> None:  # noqa: A002 -- a field's name
        if topic is None:
            self.chats[chat].topics.pop(id, None)
        else:
            self.chats[chat].topics[id] = topic

    def _message(self, *, chat: int, message: Json, sealed: bool = False) -> None:
        place = self.chats[chat]
        number = message["message_id"]
        message["chat"] = place.json
        place.messages[number] = message
        if sealed:
            place.sealed.add(number)
        row = 0 if place.private else chat
        self.last_ids[row] = max(self.last_ids.get(row, 0), number)

    def _forget(self, *, chat: int, ids: Iterable[int]) -> None:
        place = self.chats[chat]
        for number in ids:
            place.messages.pop(number, None)
            place.reactions.pop(number, None)
            if number in place.pinned:
                place.pinned.remove(number)

    def _pinned(self, *, chat: int, ids: list[int]) -> None:
        self.chats[chat].pinned = list(ids)

    def _reaction(self, *, chat: int, message: int, user: int, reactions: list[Json]) -> None:
        of_message = self.chats[chat].reactions.setdefault(message, {})
        of_message.pop(user, None)
        if reactions:
            of_message[user] = reactions

    def _keyboard(self, *, chat: int, keyboard: Json | None) -> None:
        self.chats[chat].keyboard = keyboard

    def _update(self, *, update: Json) -> None:
        self.updates[update["update_id"]] = update
        self.last_update = max(self.last_update, update["update_id"])

    def _confirmed(self, *, ids: Iterable[int]) -> None:
        for number in ids:
            self.updates.pop(number, None)

    def _file(self, **values: Any) -> None:
        file = StoredFile(**values)
        self.files[file.file_id] = file
        self.contents[file.unique_id] = file

    def _query(self, **values: Any) -> None:
        query = Query(**values)
        self.queries[query.id] = query
        self.last_query = max(self.last_query, int(query.id))

    def _answered(self, *, id: str, answer: Json) -> None:  # noqa: A002 -- a field's name
        self.queries[id].answer = answer

    def _asked(self, **values: Any) -> None:
        asked = Asked(**values)
        self.asked[asked.id] = asked
        self.last_query = max(self.last_query, asked.number)
        if len(self.asked) > MOST:
            del self.asked[next(iter(self.asked))]

    def _asked_answered(self, *, id: str, answer: Json) -> None:  # noqa: A002 -- a field's name
        if id in self.asked:
            self.asked[id].answer = answer

    def _inline(self, *, id: str, chat: int, message: int) -> None:  # noqa: A002 -- a field's name
        self.inline[id] = (chat, message)

    def _login(self, *, url: str, value: Json) -> None:
        self.logins[url] = value

    def _setting(self, *, name: str, value: Any) -> None:
        self.settings[name] = value

    def _cleared(self) -> None:
        self.people.clear()
        self.chats.clear()
        self.updates.clear()
        self.queries.clear()
        self.asked.clear()
        self.inline.clear()
        self.logins.clear()

    def _numbers(self, *, messages: Iterable[tuple[int, int]], update: int, query: int) -> None:
        self.last_ids.update(messages)
        self.last_update = max(self.last_update, update)
        self.last_query = max(self.last_query, query)


def chat_entry(chat: Chat) -> Entry:
    """Return the entry that makes a chat or renews its members."""
    return {
        "do": "chat",
        "id": chat.id,
        "type": chat.type,
        "title": chat.title,
        "forum": chat.forum,
        "username": chat.username,
        "members": list(chat.members.items()),
        "details": list(chat.details.items()),
        "permissions": chat.permissions,
        "description": chat.description,
        "links": chat.links,
        "moved_to": chat.moved_to,
    }


def _chat_entries(chat: Chat) -> Iterator[Entry]:
    yield chat_entry(chat)
    yield from ({"do": "topic", "chat": chat.id, "id": one, "topic": topic} for one, topic in chat.topics.items())
    for number, message in chat.messages.items():
        yield {"do": "message", "chat": chat.id, "message": message, "sealed": number in chat.sealed}
    if chat.pinned:
        yield {"do": "pinned", "chat": chat.id, "ids": chat.pinned}
    for number, given in chat.reactions.items():
        for user, reactions in given.items():
            yield {"do": "reaction", "chat": chat.id, "message": number, "user": user, "reactions": reactions}
    if chat.keyboard:
        yield {"do": "keyboard", "chat": chat.id, "keyboard": chat.keyboard}
