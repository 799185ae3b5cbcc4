"""Telegram in small: the state with its journal, the bot in it, and the few things everybody does to it."""

import asyncio
import hashlib
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.sandbox import pictures
from bot.sandbox import refusals as no
from bot.sandbox.events import Events
from bot.sandbox.journal import Journal
from bot.sandbox.keyboards import Keyboard, Kind
from bot.sandbox.limits import Faults, Limits
from bot.sandbox.render import render
from bot.sandbox.state import LEFT, Chat, Entry, GroupSeed, Json, Person, PersonSeed, State, StoredFile, chat_entry
from bot.sandbox.updates import Updates

TOKEN = re.compile(r"[1-9][0-9]{0,15}:[A-Za-z0-9_-]{3,64}")
QUERY_LIFE = 300.0  # seconds a pressed button can be answered: "a few minutes", docs say no more
_CALLS = 500
_QUERIES = 2000


class World:
    """Everything shared by the Bot API, the people and the control routes; `clock` gives epoch seconds."""

    def __init__(
        self,
        *,
        token: str,
        people: Sequence[PersonSeed] = (),
        groups: Sequence[GroupSeed] = (),
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        limits: bool = True,
        links: Mapping[str, Any] | None = None,
        name: str = "Sandbox bot",
        username: str = "sandbox_bot",
    ) -> None:
        if not TOKEN.fullmatch(token):
            raise ValueError("a bot token reads <number>:<letters>")
        self.token = token
        self.clock = clock
        self.links = dict(links or {})
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self.state = State()
        self.journal = Journal(folder)
        self.events = Events()
        self.updates = Updates(self.state, self.commit)
        self.limits = Limits(clock, on=limits)
        self.faults = Faults()
        self.calls: deque[Json] = deque(maxlen=_CALLS)
        self.findings: Counter[tuple[str, str]] = Counter()
        self.answers: dict[str, asyncio.Future[None]] = {}
        self._people = tuple(people)
        self._groups = tuple(groups)
        self._open()

    def commit(self, entry: Entry) -> None:
        """Make a change and record it; every change goes this way."""
        self.state.apply(entry)
        self.journal.write(entry)

    def now(self) -> int:
        """Return the time in whole epoch seconds."""
        return int(self.clock())

    def reset(self) -> None:
        """Begin again with the seeds; numbers of messages and updates go on, the webhook and commands stay."""
        self.commit({"do": "cleared"})
        self._seed()
        self.calls.clear()
        self.findings.clear()
        self.faults.clear()
        self.limits.clear()
        self.events.ring("chat", {"chat": None})

    def _open(self) -> None:
        for entry in self.journal.read():
            self.state.apply(entry)
        self._forget_queries()
        self.journal.start(self.state.snapshot())
        self._seed()

    def _seed(self) -> None:
        for seed in self._people:
            if seed.id not in self.state.people:
                self.add_person(Person(**asdict(seed) | {"phone": seed.phone or made_up_phone(seed.id)}))
        for group in self._groups:
            if group.id not in self.state.chats:
                members = dict.fromkeys(group.members, "member") | dict.fromkeys(group.admins, "administrator")
                members[self.bot["id"]] = "administrator"
                chat = Chat(id=group.id, type="supergroup", title=group.title, forum=group.forum, members=members)
                self.commit(chat_entry(chat))

    def add_person(self, person: Person) -> None:
        """Add a person and the private chat they may open."""
        self.commit({"do": "person", **asdict(person)})
        members = {person.id: "member", self.bot["id"]: "member"}
        chat = Chat(person.id, "private", person.first_name, username=person.username, members=members)
        self.commit(chat_entry(chat))

    def user(self, number: int) -> Json | None:
        """Return the User of an id, None when nobody has it."""
        if number == self.bot["id"]:
            return self.bot
        person = self.state.people.get(number)
        return person.user() if person else None

    # -- messages

    def post(
        self,
        chat: Chat,
        sender: Json,
        content: Json,
        *,
        keyboard: Keyboard | None = None,
        reply_to: Json | None = None,
        thread: int = 0,
    ) -> Json:
        """Put a message into a chat; return it. Reply keyboards go to the chat, inline ones stay with the message."""
        message: Json = {
            "message_id": self.state.next_message_id(chat),
            "from": sender,
            "chat": chat.json,
            "date": self.now(),
        }
        if thread:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        if reply_to:
            message["reply_to_message"] = {key: value for key, value in reply_to.items() if key != "reply_to_message"}
        message |= content
        if keyboard and keyboard.kind is Kind.INLINE:
            message["reply_markup"] = keyboard.json
        sealed = keyboard is not None and keyboard.kind is not Kind.INLINE
        self.commit({"do": "message", "chat": chat.id, "message": message, "sealed": sealed})
        data: Json = {"chat": chat.id}
        if keyboard and sealed:
            self.set_keyboard(chat, None if keyboard.kind is Kind.REMOVE else keyboard.json)
            data["keyboard"] = chat.keyboard
        if self.events.heard:
            self.events.ring("message", {**data, "message": self.shown(chat, message)})
        return message

    def replace(self, chat: Chat, message: Json) -> None:
        """Store an edited message."""
        sealed = message["message_id"] in chat.sealed
        self.commit({"do": "message", "chat": chat.id, "message": message, "sealed": sealed})
        if self.events.heard:
            self.events.ring("edited", {"chat": chat.id, "message": self.shown(chat, message)})

    def remove(self, chat: Chat, ids: Sequence[int]) -> None:
        """Delete messages."""
        self.commit({"do": "forget", "chat": chat.id, "ids": list(ids)})
        for number in ids:
            self.events.ring("deleted", {"chat": chat.id, "message_id": number})

    def set_keyboard(self, chat: Chat, keyboard: Json | None) -> None:
        """Show a reply keyboard in a chat, or none."""
        if keyboard != chat.keyboard:
            self.commit({"do": "keyboard", "chat": chat.id, "keyboard": keyboard})

    def shown(self, chat: Chat, message: Json) -> Json:
        """Return a message as the chat page needs it: with safe HTML, file addresses and the pin."""
        text = message.get("text") or message.get("caption") or ""
        entities = message.get("entities") or message.get("caption_entities") or []
        page: Json = {**message, "html": render(text, entities), "pinned": message["message_id"] in chat.pinned}
        media = message["photo"][-1] if "photo" in message else message.get("document")
        if media:
            page["file_url"] = f"/sandbox/files/{media['file_unique_id']}"
        return page

    def writable(self, chat: Chat) -> None:
        """Raise RefusalError unless the bot may write to a chat."""
        status = chat.members.get(self.bot["id"], "left")
        if status in LEFT:
            raise (no.KICKED if status == "kicked" else no.NOT_A_MEMBER).error()
        if chat.private:
            person = self.state.people[chat.id]
            if not person.started:
                raise no.NEVER_WROTE.error()
            if person.blocked:
                raise no.BLOCKED.error()

    # -- files

    def store(self, data: bytes, *, kind: str, name: str, mime: str) -> StoredFile:
        """Keep an uploaded file; the same content of the same kind is one file."""
        content = self.journal.keep(data)
        unique = ("AQAD" if kind == "Photo" else "AgAD") + content[:40]
        sender = hashlib.sha256(f"{self.bot['id']} {kind} {name}".encode()).hexdigest()[:16]
        file_id = f"{'AgACAgUAAx' if kind == 'Photo' else 'BQACAgUAAx'}{content}{sender}"
        known = self.state.files.get(file_id)
        if known:
            return known
        width, height = pictures.size(data) or (0, 0)
        file = StoredFile(unique, file_id, kind, len(data), mime, name, width, height)
        self.commit({"do": "file", **asdict(file)})
        return file

    def file_content(self, file: StoredFile) -> bytes | None:
        """Return a stored file's bytes."""
        return self.journal.content(file.file_id[10:74])

    # -- callback queries

    def answer(self, number: str, answer: Json) -> None:
        """Answer a pressed button; raise RefusalError when it is too late or there is none."""
        query = self.state.queries.get(number)
        if query is None or self.clock() - query.at > QUERY_LIFE:
            raise no.QUERY_OLD.error()
        self.commit({"do": "answered", "id": number, "answer": answer})
        self.events.ring("answer", {"callback_query_id": number, "person": query.person, **answer})
        waiting = self.answers.pop(number, None)
        if waiting and not waiting.done():
            waiting.set_result(None)

    def ask(self, person: int, chat: Chat, message: Json, data: str) -> str:
        """Press a button: queue the update and return the query's id."""
        if len(self.state.queries) > _QUERIES:
            self._forget_queries()
        number = str(self.state.last_query + 1)
        at = self.clock()
        entry = {"id": number, "person": person, "chat": chat.id, "message": message["message_id"], "at": at}
        self.commit({"do": "query", **entry})
        instance = hashlib.sha256(f"{self.bot['id']} {chat.id}".encode()).digest()
        body = {
            "id": number,
            "from": self.user(person),
            "message": message,
            "chat_instance": str(int.from_bytes(instance[:7], "big")),
            "data": data,
        }
        self.updates.add("callback_query", body)
        return number

    def _forget_queries(self) -> None:
        now = self.clock()
        for number in [one.id for one in self.state.queries.values() if now - one.at > QUERY_LIFE]:
            del self.state.queries[number]


def made_up_phone(person: int) -> str:
    """Return an obviously made-up Cambodian number for a person without one."""
    return f"+85512{person % 1_000_000:06d}"
