"""Telegram in small: the state with its journal, the bot in it, and the few things everybody does to it."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.sandbox import files, pictures, roles
from bot.sandbox import refusals as no
from bot.sandbox.asked import chat_instance, inline_message_id
from bot.sandbox.calls import Calls
from bot.sandbox.clock import SETTING, Clock
from bot.sandbox.events import Events
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.keyboards import Keyboard, Kind, placed
from bot.sandbox.limits import Limits
from bot.sandbox.refusals import chats as no_chats
from bot.sandbox.render import render
from bot.sandbox.saves import Saves
from bot.sandbox.state import LEFT, Chat, Entry, GroupSeed, Json, Person, PersonSeed, State, StoredFile, chat_entry
from bot.sandbox.updates import Updates

TOKEN = re.compile(r"[1-9][0-9]{0,15}:[A-Za-z0-9_-]{3,64}")
QUERY_LIFE = 300.0  # seconds a pressed button can be answered: "a few minutes", docs say no more
_QUERIES = 2000


class World:
    """Everything shared by the Bot API, the people and the control routes.

    `clock` gives epoch seconds and can be moved; `again` is called when the state was put back or begun anew.
    """

    def __init__(
        self,
        *,
        token: str,
        people: Sequence[PersonSeed] = (),
        groups: Sequence[GroupSeed] = (),
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        limits: bool = True,
        links: Mapping[str, Any] | None = None,
        name: str = "Sandbox bot",
        username: str = "sandbox_bot",
        privacy: bool = False,
        inline: bool = True,
        inline_feedback: bool = True,
        web_app: str | None = None,
    ) -> None:
        if not TOKEN.fullmatch(token):
            raise ValueError("a bot token reads <number>:<letters>")
        self.token = token
        self.links = dict(links or {})
        self.inline, self.inline_feedback, self.web_app = inline, inline_feedback, web_app
        self.privacy = privacy
        self._name = name
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self.state = State()
        self.clock = Clock(clock, lambda: self.state.settings, sleep)
        self.journal = Journal(folder)
        self.saves = Saves(folder)
        self.events = Events()
        self.faults = Faults()
        self.updates = Updates(self.state, self.commit, self.faults, self.clock)
        self.limits = Limits(self.clock, on=limits)
        self.calls = Calls(self.events, token)
        self.answers: dict[str, asyncio.Future[None]] = {}
        self.again: Callable[[], None] = lambda: None
        self._people = tuple(people)
        self._groups = tuple(groups)
        self._open()

    def commit(self, entry: Entry) -> None:
        """Make a change and record it; every change goes this way. Raise RefusalError for text no UTF-8 can carry."""
        try:
            line = self.journal.line(entry)
        except UnicodeEncodeError as error:
            raise no.NOT_UTF8.error() from error
        self.state.apply(entry)
        self.journal.write(line)

    def now(self) -> int:
        """Return the time in whole epoch seconds."""
        return int(self.clock())

    def move_clock(self, by: float) -> None:
        """Move the sandbox's clock, back with a negative number of seconds."""
        self.commit({"do": "setting", "name": SETTING, "value": self.state.settings.get(SETTING, 0.0) + by})
        self.clock.moved()

    def reset(self) -> None:
        """Begin again with the seeds; numbers of messages and updates go on, the webhook and commands stay."""
        self.commit({"do": "cleared"})
        if SETTING in self.state.settings:
            self.commit({"do": "setting", "name": SETTING, "value": 0.0})
        self._seed()
        self.calls.clear()
        self._begin()

    def save(self, name: str) -> None:
        """Keep the whole state under a name; raise SaveError."""
        self.saves.keep(name, self.state.snapshot())

    def load(self, name: str) -> None:
        """Put everything back as it was kept under a name; the journal begins anew with it. Raise SaveError."""
        self.state.take(self.saves.read(name))
        self.journal.start(self.state.snapshot())
        self.rename()
        self._begin()

    def _begin(self) -> None:
        """Forget what belonged to the time before: what waits, what was to go wrong, how fast the bot was."""
        self.faults.clear()
        self.limits.clear()
        self.updates.release_all()
        self.clock.moved()
        for waiting in self.answers.values():
            waiting.cancel()
        self.answers.clear()
        self.again()
        self.events.ring("chat", {"chat": None})

    def _open(self) -> None:
        for entry in self.journal.read():
            self.state.apply(entry)
        self._forget_queries()
        self.journal.start(self.state.snapshot())
        self._seed()
        self.rename()

    def _seed(self) -> None:
        for seed in self._people:
            if seed.id not in self.state.people:
                self.add_person(Person(**asdict(seed) | {"phone": seed.phone or made_up_phone(seed.id)}))
        for group in self._groups:
            if group.id not in self.state.chats:
                members = dict.fromkeys(group.members, "member") | dict.fromkeys(group.admins, "administrator")
                members[self.bot["id"]] = "administrator"
                chat = Chat(id=group.id, type=group.kind, title=group.title, forum=group.forum, members=members)
                self.commit(chat_entry(chat))

    def add_person(self, person: Person) -> None:
        """Add a person and the private chat they may open."""
        self.commit({"do": "person", **asdict(person)})
        members = {person.id: "member", self.bot["id"]: "member"}
        chat = Chat(person.id, "private", person.first_name, username=person.username, members=members)
        self.commit(chat_entry(chat))

    def rename(self) -> None:
        """Take the bot's name from what it was told to be called; what was written before keeps the name of its day."""
        name = self.state.settings.get("profile", {}).get("name ")
        self.bot = {**self.bot, "first_name": name or self._name}

    def user(self, number: int) -> Json | None:
        """Return the User of an id, None when nobody has it."""
        if number == self.bot["id"]:
            return self.bot
        person = self.state.people.get(number)
        return person.user() if person else None

    @property
    def findings(self) -> Counter[tuple[str, str]]:
        """How often a careful bot would not have called so: (method, finding) → times."""
        return self.calls.findings

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
        silent: bool = False,
    ) -> Json:
        """Put a message into a chat; return it. Reply keyboards go to the chat, inline ones stay with the message."""
        message: Json = {
            "message_id": self.state.next_message_id(chat),
            "from": sender,
            "chat": chat.json,
            "date": self.now(),
        }
        if not thread and reply_to and reply_to.get("is_topic_message"):
            thread = reply_to["message_thread_id"]  # an answer stays in the topic of what it answers
        if thread:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        if reply_to:
            message["reply_to_message"] = {key: value for key, value in reply_to.items() if key != "reply_to_message"}
        message |= content
        if keyboard and keyboard.kind is Kind.INLINE:
            message["reply_markup"] = keyboard.json
            self.keep_logins(keyboard)
        sealed = keyboard is not None and keyboard.kind is not Kind.INLINE
        self.commit({"do": "message", "chat": chat.id, "message": message, "sealed": sealed})
        data: Json = {"chat": chat.id, "silent": True} if silent else {"chat": chat.id}
        if keyboard and sealed:
            self.set_keyboard(chat, placed(chat.keyboard, keyboard, self._named(message)))
            data["keyboard"] = chat.keyboard
        if self.events.heard:
            self.events.ring("message", {**data, "message": self.shown(chat, message)})
        return message

    def _named(self, message: Json) -> list[int]:
        """Return whom a selective keyboard is for: the one answered, and those the text mentions."""
        names = {f"@{one.username}".lower(): one.id for one in self.state.people.values() if one.username}
        text = message.get("text") or message.get("caption") or ""
        said = [names[word] for word in re.findall(r"@\w+", text.lower()) if word in names]
        entities = [*message.get("entities", ()), *message.get("caption_entities", ())]
        linked = [one["user"]["id"] for one in entities if one["type"] == "text_mention"]
        answered = [message["reply_to_message"]["from"]["id"]] if "from" in message.get("reply_to_message", {}) else []
        return list(dict.fromkeys([*answered, *said, *linked]))

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

    def keep_logins(self, keyboard: Keyboard) -> None:
        """Remember which addresses under a message are login buttons: a bot is shown them as plain links."""
        for url, value in keyboard.logins.items():
            if self.state.logins.get(url) != value:
                self.commit({"do": "login", "url": url, "value": value})

    def set_keyboard(self, chat: Chat, keyboard: Json | None) -> None:
        """Show a reply keyboard in a chat, or none."""
        if keyboard != chat.keyboard:
            self.commit({"do": "keyboard", "chat": chat.id, "keyboard": keyboard})

    def shown(self, chat: Chat, message: Json) -> Json:
        """Return a message as the chat page needs it: with safe HTML, file addresses and the pin."""
        text = message.get("text") or message.get("caption") or ""
        entities = message.get("entities") or message.get("caption_entities") or []
        page: Json = {**message, "html": render(text, entities), "pinned": message["message_id"] in chat.pinned}
        media = files.media_of(message)
        if media:
            page["file_url"] = f"/sandbox/files/{media['file_unique_id']}"
        given = chat.reactions.get(message["message_id"])
        if given:
            page["reactions"] = _counted(given)
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
        elif not roles.may(chat, self.bot["id"], "can_send_messages"):
            raise no_chats.NO_TEXT_RIGHTS.error()

    # -- files

    def store(self, data: bytes, *, kind: str, name: str, mime: str, details: Json | None = None) -> StoredFile:
        """Keep an uploaded file; the same content of the same kind, name and details is one file."""
        said = details or {}
        content = self.journal.keep(data)
        unique, file_id = files.ids(self.bot["id"], content, kind, name, said)
        known = self.state.files.get(file_id)
        if known:
            return known
        drawn = pictures.size(data) or (0, 0)
        width, height = said.get("width") or drawn[0], said.get("height") or drawn[1]
        file = StoredFile(unique, file_id, kind, len(data), mime, name, width, height, said)
        self.commit({"do": "file", **asdict(file)})
        return file

    def file_content(self, file: StoredFile) -> bytes | None:
        """Return a stored file's bytes."""
        return self.journal.content(file.file_id[10:74])

    def holds(self, file: StoredFile) -> bool:
        """Whether a stored file's bytes are still there."""
        return self.journal.holds(file.file_id[10:74])

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
        inline = inline_message_id(self.bot["id"], chat.id, message["message_id"])
        shown = {"inline_message_id": inline} if inline in self.state.inline else {"message": message}
        instance = chat_instance(self.bot["id"], chat.id)
        body = {"id": number, "from": self.user(person), **shown, "chat_instance": instance, "data": data}
        self.updates.add("callback_query", body)
        return number

    def _forget_queries(self) -> None:
        now = self.clock()
        for number in [one.id for one in self.state.queries.values() if now - one.at > QUERY_LIFE]:
            del self.state.queries[number]


def _counted(given: dict[int, list[Json]]) -> list[Json]:
    """Return reactions as the page shows them: how many people gave each, and who."""
    people: dict[str, list[int]] = {}
    for user, reactions in given.items():
        for one in reactions:
            people.setdefault(one.get("emoji", "✨"), []).append(user)
    return [{"emoji": emoji, "count": len(who), "people": who} for emoji, who in people.items()]


def made_up_phone(person: int) -> str:
    """Return an obviously made-up Cambodian number for a person without one."""
    return f"+85512{person % 1_000_000:06d}"
