"""Inline mode between people and the bot: queries with their cached answers, and messages sent via the bot.

Sources: docs InlineQuery, ChosenInlineResult, answerInlineQuery; telegram-bot-api Client.cpp JsonInlineQuery.
"""

from dataclasses import asdict, replace

from bot.sandbox.asked import Asked, inline_message_id, is_inline_message_id
from bot.sandbox.refusals import inline as no_inline
from bot.sandbox.state import LEFT, Chat, Json
from bot.sandbox.world import World

QUERY_LIFE = 30.0  # seconds: as long as Client.cpp keeps an inline query for a bot that does not come for it
CACHE_DEFAULT = 300  # seconds, docs answerInlineQuery


def chat_type(chat: Chat) -> str:
    """Return what a bot is told of the place it is asked in; the private chat with itself is the sender's."""
    return "sender" if chat.private else chat.type


def known_answer(world: World, person: int, chat: Chat, text: str, offset: str) -> Asked | None:
    """Return an earlier question whose answer Telegram would give again without asking the bot."""
    now = world.clock()
    for asked in reversed(world.state.asked.values()):
        if asked.kind != "inline" or asked.answer is None or (asked.text, asked.offset) != (text, offset):
            continue
        place = world.state.chats.get(asked.chat)
        fresh = 0 <= now - asked.answer["at"] < asked.answer["cache_time"]
        shared = asked.person == person or not asked.answer["is_personal"]
        if fresh and shared and place and chat_type(place) == chat_type(chat):
            return asked
    return None


def ask(world: World, person: int, chat: Chat, text: str, offset: str) -> Asked:
    """Ask the bot what it offers for a text; queue the update."""
    number = world.state.last_query + 1
    asked = Asked(str(number), number, "inline", person, chat.id, world.clock(), text, offset)
    world.commit({"do": "asked", **asdict(asked)})
    body = {"id": asked.id, "from": world.user(person), "chat_type": chat_type(chat), "query": text, "offset": offset}
    world.updates.add("inline_query", body)
    return world.state.asked[asked.id]


def deliver(world: World, person: int, chat: Chat, content: Json, *, thread: int = 0) -> tuple[Json, str | None]:
    """Send a chosen result as a person's message via the bot; return it and, with a keyboard, its inline_message_id."""
    who = world.state.people[person]
    if chat.private and not who.started:
        world.commit({"do": "person", **asdict(replace(who, started=True))})
    message = world.post(chat, who.user(), {**content, "via_bot": world.bot}, thread=thread)
    inline = None
    if "reply_markup" in content:
        inline = inline_message_id(world.bot["id"], chat.id, message["message_id"])
        world.commit({"do": "inline", "id": inline, "chat": chat.id, "message": message["message_id"]})
    if chat.members.get(world.bot["id"], "left") not in LEFT:
        world.updates.add("message", message)
    return message, inline


def chosen(world: World, person: int, asked: Asked, result: str, inline: str | None) -> None:
    """Tell the bot which result was sent, if it asked for that at BotFather's."""
    if not world.inline_feedback:
        return
    named = {"inline_message_id": inline} if inline else {}
    body = {"from": world.user(person), **named, "query": asked.text, "result_id": result}
    world.updates.add("chosen_inline_result", body)


def find(world: World, name: str) -> tuple[Chat, Json]:
    """Return the chat and message of an inline_message_id; raise RefusalError."""
    if not is_inline_message_id(name):
        raise no_inline.INLINE_ID.error()
    chat_id, number = world.state.inline.get(name, (0, 0))
    chat = world.state.chats.get(chat_id)
    message = chat.messages.get(number) if chat else None
    if chat is None or message is None:
        raise no_inline.INLINE_GONE.error()
    return chat, message
