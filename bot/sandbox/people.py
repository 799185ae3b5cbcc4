"""What people do in Telegram: write, share, press buttons, come and go, block the bot. Each act becomes an update."""

from collections.abc import Iterator
from dataclasses import asdict, replace

from bot.sandbox import roles, topics
from bot.sandbox.init_data import login_address
from bot.sandbox.keyboards import after_message
from bot.sandbox.members import expire, settle
from bot.sandbox.roles import Place
from bot.sandbox.state import Chat, Json, Person
from bot.sandbox.text import CAPTION_LIMIT, TEXT_LIMIT, Formatted, fix
from bot.sandbox.world import World, made_up_phone

STATUSES = ("creator", "administrator", "member", "restricted", "left", "kicked")
_OWN_DOING = frozenset({"member", "left"})  # places people take by themselves
_OPENED = (
    *("url", "copy_text", "web_app"),
    *("switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat"),
)


class ActError(ValueError):
    """Nobody could do this; `status` is the HTTP status for the one who asked."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class People:
    """The hands of every person in the sandbox."""

    def __init__(self, world: World) -> None:
        self._world = world

    def write(self, person: int, chat: int, text: str, reply_to: int | None = None, thread: int = 0) -> Json:
        """Send text; a command carries its entity."""
        fixed = fix(Formatted(text))
        if not fixed.text:
            raise ActError("an empty message cannot be sent")
        if len(fixed.text) > TEXT_LIMIT:
            raise ActError(f"Telegram takes {TEXT_LIMIT} characters in one message, this has {len(fixed.text)}")
        content: Json = {"text": fixed.text, **({"entities": fixed.entities} if fixed.entities else {})}
        return self.send(person, chat, content, reply_to, thread)

    def share_contact(
        self, person: int, chat: int, phone: str | None = None, reply_to: int | None = None, thread: int = 0
    ) -> Json:
        """Send the person's own phone number."""
        who = self._person(person)
        contact = {"phone_number": phone or who.phone, "first_name": who.first_name, "user_id": who.id}
        return self.send(person, chat, {"contact": contact}, reply_to, thread)

    def send(self, person: int, chat: int, content: Json, reply_to: int | None = None, thread: int = 0) -> Json:
        """Send any content, into a topic if one is named.

        The first message to the bot opens the private chat, one to a blocked bot unblocks it.
        """
        answered = self._chat(chat).messages.get(reply_to) if reply_to is not None else None
        if not thread and answered and answered.get("is_topic_message"):
            thread = answered["message_thread_id"]
        who, place = self.here(person, chat, writing=True, thread=thread)
        if reply_to is not None and answered is None:
            raise ActError("the message replied to is not there", 404)
        if place.private and who.blocked:
            self.block(person, blocked=False)
        if place.private and not who.started:
            self._world.commit({"do": "person", **asdict(replace(who, started=True, blocked=False))})
        message = self._world.post(place, self._person(person).user(), content, reply_to=answered, thread=thread)
        if place.keyboard:
            self._world.set_keyboard(place, after_message(place.keyboard, person, content))
        if self.heard(place, message):
            self._world.updates.add("message", message)
        return message

    def caption(self, text: str) -> Json:
        """Return the fields of a caption for media a person sends."""
        fixed = fix(Formatted(text))
        if len(fixed.text) > CAPTION_LIMIT:
            raise ActError(f"Telegram takes {CAPTION_LIMIT} characters in a caption, this has {len(fixed.text)}")
        content: Json = {"caption": fixed.text} if fixed.text else {}
        return {**content, "caption_entities": fixed.entities} if fixed.entities else content

    def tap(self, person: int, chat: int, message_id: int, data: str) -> str:
        """Press a callback button, or forge a press of one; return the query's id."""
        who, place = self._person(person), self._chat(chat)
        self._present(who, place)
        message = place.messages.get(message_id)
        if message is None:
            raise ActError("this message is not there", 404)
        return self._world.ask(person, place, message, data)

    def button(self, chat: int, message_id: int, row: int, column: int) -> Json:
        """Return an inline button by its place under a message."""
        message = self._chat(chat).messages.get(message_id, {})
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
            raise ActError("there is no such button", 404)
        button: Json = rows[row][column]
        return button

    def opened(self, button: Json, person: int) -> Json | None:
        """Return what a button opens without asking the bot, None for a callback button.

        A login button's address comes plain and signed: which one is opened is for the person to say.
        """
        name = next((one for one in _OPENED if one in button), None)
        if name is None:
            return None
        value = button[name]
        shown: Json = {name: value if isinstance(value, str) else value.get("url", value.get("text", value))}
        if name == "url" and value in self._world.state.logins:
            user = self._person(person).user()
            shown["login_url"] = login_address(self._world.token, value, user, self._world.now())
        return shown

    def here(self, person: int, chat: int, *, writing: bool = False, thread: int = 0) -> tuple[Person, Chat]:
        """Return a person and a chat they are in, and may write to if they want that; raise ActError."""
        who, place = self._person(person), self._chat(chat)
        expire(self._world, place, person)
        self._present(who, place)
        if writing:
            self._may_write(who, place, thread)
        return who, place

    def block(self, person: int, *, blocked: bool) -> None:
        """Block the bot in a private chat, or let it in again."""
        who, place = self._person(person), self._chat(person)
        if who.blocked == blocked:
            return
        self._world.commit({"do": "person", **asdict(replace(who, blocked=blocked))})
        self._tell_blocked(place, who, blocked=blocked)
        self._world.events.ring("chat", {"chat": place.id})

    def add(self, first_name: str, username: str | None, language: str) -> Person:
        """Add a person to the sandbox."""
        number = max(self._world.state.people, default=0) + 1
        person = Person(number, first_name, username, language, made_up_phone(number))
        self._world.add_person(person)
        self._world.events.ring("chat", {"chat": number})
        return person

    def set_member(self, chat: int, user: int, status: str, details: Json | None = None, by: int | None = None) -> None:
        """Let a person, or the bot, join, leave or lead a group; `details` as in `Chat.details`, `by` who does it."""
        place = self._chat(chat)
        if place.private or status not in STATUSES:
            raise ActError(f"a member of a group is one of {', '.join(STATUSES)}")
        if place.type == "group" and status == "restricted":
            raise ActError("nobody is restricted in a basic group")
        if self._world.user(user) is None:
            raise ActError("this person is not there", 404)
        actor = self._person(by) if by is not None else self._actor(place, user, status)
        settle(self._world, place, user, Place(status, details or {}), actor.user())

    def _actor(self, chat: Chat, user: int, status: str) -> Person:
        """Return who does it when nobody is named: the person where people do it themselves, else who leads."""
        people = self._world.state.people
        if user in people and status in _OWN_DOING:
            return people[user]
        others = [people[one] for one in chat.members if one in people and one != user]
        leading = [one for one in others if roles.leads(chat, one.id)]
        return next(iter([*leading, *others, *people.values()]))

    def _tell_blocked(self, chat: Chat, actor: Person, *, blocked: bool) -> None:
        """Tell the bot that it was blocked, or let in again."""
        user = self._world.bot
        there, gone = {"user": user, "status": "member"}, {"user": user, "status": "kicked", "until_date": 0}
        old, new = (there, gone) if blocked else (gone, there)
        body = {"chat": chat.json, "from": actor.user(), "date": self._world.now()}
        self._world.updates.add("my_chat_member", {**body, "old_chat_member": old, "new_chat_member": new})

    def heard(self, chat: Chat, message: Json) -> bool:
        """Whether the bot gets a message: in privacy mode, of a group it does not lead, only what is meant for it."""
        bot = self._world.bot
        if chat.private:
            return True
        if not roles.place_of(chat, bot["id"]).inside:
            return False
        if not self._world.privacy or roles.leads(chat, bot["id"]):
            return True
        answered = message.get("reply_to_message", {}).get("from", {}).get("id") == bot["id"]
        via = message.get("via_bot", {}).get("id") == bot["id"]
        return answered or via or any(self._commanded(message))

    def _commanded(self, message: Json) -> Iterator[bool]:
        """Say of each command in a message whether it may be meant for this bot."""
        text = message.get("text", "").encode("utf-16-le")
        for entity in message.get("entities", []):
            if entity["type"] == "bot_command":
                start, length = entity["offset"] * 2, entity["length"] * 2
                _, at, name = text[start : start + length].decode("utf-16-le").partition("@")
                yield not at or name.lower() == self._world.bot["username"].lower()

    def _person(self, number: int) -> Person:
        person = self._world.state.people.get(number)
        if person is None:
            raise ActError("this person is not there", 404)
        return person

    def _chat(self, number: int) -> Chat:
        chat = self._world.state.chats.get(number)
        if chat is None:
            raise ActError("this chat is not there", 404)
        return chat

    @staticmethod
    def _present(person: Person, chat: Chat) -> None:
        if person.deactivated:
            raise ActError(f"the account of {person.first_name} is deleted", 403)
        if chat.moved_to:
            raise ActError("this group has become a supergroup", 403)
        if not roles.place_of(chat, person.id).inside:
            raise ActError(f"{person.first_name} is not in this chat", 403)

    @staticmethod
    def _may_write(person: Person, chat: Chat, thread: int) -> None:
        if not chat.private and not roles.may(chat, person.id, "can_send_messages"):
            raise ActError(f"{person.first_name} may not write in this chat", 403)
        if thread and not (chat.forum and thread in chat.topics):
            raise ActError("this topic is not there", 404)
        if chat.forum and not topics.may_write(chat, person.id, thread or topics.GENERAL):
            raise ActError("this topic is closed", 403)
