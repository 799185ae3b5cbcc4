"""A talk with the shop in a bot test: ask for help, let the outbox bring what is owed, reply, send pictures."""

import io
from typing import Any

from PIL import Image

from bot.outbox import Outbox
from bot.sandbox.acts.messages import send_files
from bot.sandbox.call import Upload
from core.i18n import translator
from core.settings import service as settings
from tests.support import builders
from tests.support.talk import SOKHA, STAFF_GROUP, Json, Talk

SENT = translator("en")("help.sent")
HOW = translator("en")("help.how")


async def opened(talk: Talk, **chats: int) -> Talk:
    """Sokha works at the counter in the staff group; Dara reads English."""
    for key, chat in ({"staff_chat_id": STAFF_GROUP} | chats).items():
        await settings.change(talk.shop.db, talk.shop.clock, key, chat, None)
    await talk.shop.refresh()
    await builders.worker(talk.shop, telegram_id=SOKHA)
    return talk


async def ask(talk: Talk, person: int, *lines: str) -> None:
    """Ask for help and write some lines."""
    await talk.say(person, "/help")
    for line in lines:
        await talk.say(person, line)


async def bring(talk: Talk) -> None:
    """Let the outbox send until nothing is owed."""
    box = Outbox(talk.shop, talk.show, "one", lambda _chat: 0.0)
    while await box.send_due():
        pass


async def reply(talk: Talk, person: int, chat: int, to: Json, text: str) -> Json:
    """Reply to a message; what comes of it is brought."""
    written = talk.sandbox.people.write(person, chat, text, reply_to=to["message_id"])
    await talk.work()
    await bring(talk)
    return written


def send_file(talk: Talk, person: int, chat: int, kind: str, data: bytes, **more: Any) -> Json:
    """Send a file."""
    world, hands = talk.sandbox.world, talk.sandbox.people
    given = {"person": person, "chat": chat, **more}
    sent: Json = send_files(world, hands, given, [(kind, Upload("file.bin", data))])["message"]
    return sent


def picture(colour: tuple[int, int, int] = (200, 80, 80)) -> bytes:
    """A small picture."""
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(drawn, "PNG")
    return drawn.getvalue()


def by_bot(talk: Talk, chat: int = STAFF_GROUP) -> list[Json]:
    """What the bot wrote in a group."""
    return [message for message in talk.messages(chat) if message["from"]["is_bot"]]
