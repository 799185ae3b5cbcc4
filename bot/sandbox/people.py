"""What people do in Telegram: write, share, press buttons, come and go, block the bot. Each act becomes an update."""

from dataclasses import asdict, replace

from bot.sandbox.methods.chats import member_json
from bot.sandbox.state import LEFT, Chat, Json, Person, chat_entry
from bot.sandbox.text import CAPTION_LIMIT, TEXT_LIMIT, Formatted, fix
from bot.sandbox.world import World, made_up_phone

STATUSES = ("member", "administrator", "left", "kicked")
_OPENED = ("url", "copy_text", "web_app", "login_url")


class ActError(ValueError):
    """Nobody could do this; `status` is the HTTP status for the one who asked."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class People:
    """The hands of every person in the sandbox."""

    def __init__(self, world: World) -> None:
        self._world = world

    def write(self, person: int, chat: int, text: str, reply_to: int | None = None) -> Json:
        """Send text; a command carries its entity."""
        fixed = fix(Formatted(text))
        if not fixed.text:
            raise ActError("an empty message cannot be sent")
        if len(fixed.text) > TEXT_LIMIT:
            raise ActError(f"Telegram takes {TEXT_LIMIT} characters in one message, this has {len(fixed.text)}")
        content: Json = {"text": fixed.text}
        return self.send(person, chat, {**content, "entities": fixed.entities} if fixed.entities else content, reply_to)

    def share_contact(self, person: int, chat: int, phone: str | None = None, reply_to: int | None = None) -> Json:
        """Send the person's own phone number."""
        who = self._person(person)
        contact = {"phone_number": phone or who.phone, "first_name": who.first_name, "user_id": who.id}
        return self.send(person, chat, {"contact": contact}, reply_to)

    def send(self, person: int, chat: int, content: Json, reply_to: int | None = None) -> Json:
        """Send any content; the first message to the bot opens the private chat, one to a blocked bot unblocks it."""
        who, place = self._person(person), self._chat(chat)
        self._present(who, place)
        if reply_to is not None and reply_to not in place.messages:
            raise ActError("the message replied to is not there", 404)
        if place.private and who.blocked:
            self.block(person, blocked=False)
        if place.private and not who.started:
            self._world.commit({"do": "person", **asdict(replace(who, started=True, blocked=False))})
        answered = place.messages[reply_to] if reply_to is not None else None
        message = self._world.post(place, self._person(person).user(), content, reply_to=answered)
        if place.keyboard and place.keyboard.get("force_reply"):
            self._world.set_keyboard(place, None)
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

    def opened(self, button: Json) -> Json | None:
        """Return what a button opens without asking the bot, None for a callback button."""
        for name in _OPENED:
            if name in button:
                value = button[name]
                return {name: value if isinstance(value, str) else value.get("url", value.get("text"))}
        return None

    def block(self, person: int, *, blocked: bool) -> None:
        """Block the bot in a private chat, or let it in again."""
        who, place = self._person(person), self._chat(person)
        if who.blocked == blocked:
            return
        self._world.commit({"do": "person", **asdict(replace(who, blocked=blocked))})
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        self._tell_membership("my_chat_member", place, who, self._world.bot["id"], before, after)
        self._world.events.ring("chat", {"chat": place.id})

    def add(self, first_name: str, username: str | None, language: str) -> Person:
        """Add a person to the sandbox."""
        number = max(self._world.state.people, default=0) + 1
        person = Person(number, first_name, username, language, made_up_phone(number))
        self._world.add_person(person)
        self._world.events.ring("chat", {"chat": number})
        return person

    def set_member(self, chat: int, user: int, status: str) -> None:
        """Let a person, or the bot, join, leave or lead a group."""
        place = self._chat(chat)
        if place.private or status not in STATUSES:
            raise ActError(f"a member of a group is one of {', '.join(STATUSES)}")
        if self._world.user(user) is None:
            raise ActError("this person is not there", 404)
        before = place.members.get(user, "left")
        if before == status:
            return
        place.members[user] = status
        self._world.commit(chat_entry(place))
        actor = self._world.state.people.get(user) or self._first_member(place)
        kind = "my_chat_member" if user == self._world.bot["id"] else "chat_member"
        self._tell_membership(kind, place, actor, user, before, status)
        if (before in LEFT) != (status in LEFT):
            self._announce(place, actor, user, joined=before in LEFT)
        self._world.events.ring("chat", {"chat": chat})

    def _announce(self, chat: Chat, actor: Person, user: int, *, joined: bool) -> None:
        """Put the grey line "joined" or "left" into the group."""
        whom = self._world.user(user)
        content: Json = {"new_chat_members": [whom]} if joined else {"left_chat_member": whom}
        message = self._world.post(chat, actor.user(), content)
        if user != self._world.bot["id"]:
            self._world.updates.add("message", message)

    def _tell_membership(self, kind: str, chat: Chat, actor: Person, user: int, before: str, after: str) -> None:
        body = {
            "chat": chat.json,
            "from": actor.user(),
            "date": self._world.now(),
            "old_chat_member": member_json(self._world, chat, user, before),
            "new_chat_member": member_json(self._world, chat, user, after),
        }
        self._world.updates.add(kind, body)

    def _first_member(self, chat: Chat) -> Person:
        people = self._world.state.people
        return next((people[one] for one in chat.members if one in people), next(iter(people.values())))

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
        if chat.members.get(person.id, "left") in LEFT:
            raise ActError(f"{person.first_name} is not in this chat", 403)
