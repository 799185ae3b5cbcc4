"""Who tapped or wrote, where, and in which language: what every handler is given."""

from dataclasses import dataclass, replace
from typing import Self

from telegram import Chat, Message, Update

from bot.show import thread_of
from core.errors import NotFound
from core.help.rules import Media, Written
from core.i18n import Translator, translator
from core.messages.rules import MessageRef
from core.people import service as people
from core.people.rules import Person
from core.shop import Reader, Shop, counter, reader


@dataclass(frozen=True, slots=True)
class Me:
    """``reader`` is whom the screen is drawn for: the person, or in a group everybody at the counter.

    ``card`` is the message that was tapped, None for a message that was written. ``app_language`` is the one their
    Telegram is set to: until they choose, the shop speaks that. ``update_id``: which update it was, for what must not
    be done twice. ``corner``: what the first button of the tapped message's last row carries; below a product, the way
    back from it. ``wrote`` is the message that was written, None for a tap; ``replied`` what the same button carries of
    the message it replies to. ``thread`` is the topic of a group it all happens in, 0 for none.
    """

    shop: Shop
    person: Person
    reader: Reader
    chat_id: int
    private: bool
    card: MessageRef | None = None
    app_language: str | None = None
    update_id: int | None = None
    corner: str = ""
    wrote: Written | None = None
    replied: str = ""
    thread: int = 0

    @property
    def t(self) -> Translator:
        """The person's own language, also in a group."""
        return translator(self.person.language or self.app_language)

    def speaking(self, person: Person) -> Self:
        """Go on as the person became: with another language or phone."""
        return replace(self, person=person, reader=reader(person) if self.private else self.reader)

    def say(self, key: str, **values: object) -> str:
        """Answer in the person's own language, also in a group."""
        return self.t(key, **values)


async def arrived(shop: Shop, update: Update) -> Me:
    """Know who sent an update; ``NotFound`` for one that no person sent."""
    user, chat = update.effective_user, update.effective_chat
    if user is None or user.is_bot:
        raise NotFound
    known = await people.arrive(shop, user.id, user.full_name, user.username or "")
    person = replace(known, update_id=update.update_id)
    private = chat is None or chat.type == Chat.PRIVATE
    query = update.callback_query
    message = query.message if query else None
    card = None
    if message is not None:
        card = MessageRef(message.chat.id, message.message_id, bool(getattr(message, "photo", ())))
    language = user.language_code
    who = reader(person, person.language or language) if private else counter(shop.policy)
    return Me(
        shop, person, who, chat.id if chat else user.id, private, card, language, update.update_id, _corner(message),
        _written(update.message) if update.message else None,
        _corner(update.message.reply_to_message if update.message else None),
        thread_of(message or update.message),
    )  # fmt: skip


def _written(message: Message) -> Written:
    """What somebody wrote or sent. An animation is a document too, a venue a location: those are looked for first."""
    kinds = sorted(Media, key=lambda kind: kind not in {Media.ANIMATION, Media.VENUE})
    media = next((kind for kind in kinds if getattr(message, kind)), None)
    text = message.text or message.caption or ""
    if message.contact is not None:
        text = f"{message.contact.first_name} {message.contact.phone_number}"
    elif message.location is not None:
        text = f"{message.location.latitude}, {message.location.longitude}"
    answered = message.reply_to_message
    mark = message.photo[-1].file_unique_id if message.photo else ""
    if message.document is not None and (message.document.mime_type or "").startswith("image/"):
        mark = message.document.file_unique_id
    formatted = message.text_html if message.text else message.caption_html if message.caption else ""
    photo = message.photo[-1].file_id if message.photo else ""
    above = answered.message_id if answered else None
    album = message.media_group_id is not None
    return Written(message.chat.id, message.message_id, media, text, above, mark, formatted, photo, album)


def _corner(message: object) -> str:
    """What the first button of a message's last row carries; empty for a link, or no buttons."""
    keyboard = getattr(message, "reply_markup", None)
    rows = keyboard.inline_keyboard if keyboard else ()
    return str(rows[-1][0].callback_data or "") if rows and rows[-1] else ""
