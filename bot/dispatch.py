"""From an update to its handler and back to a screen: the one place where the shop's refusals become sentences."""

import logging
from dataclasses import replace
from typing import Any

from prometheus_client import Counter
from telegram import Bot, CallbackQuery, InlineQuery, Message, Update
from telegram.error import TelegramError

from bot import copying, goods, linking, membership, offering, routes, taps
from bot.handlers.admin import news, sheets
from bot.handlers.counter import asking, team
from bot.handlers.customer import addresses, finding, helping, inline, storefront
from bot.me import Me, arrived
from bot.routing import Handler, Route
from bot.screen import Screen
from bot.screens import helping as talks
from bot.screens.shop import heard, refused
from bot.show import Show, thread_of
from core.boards import moving
from core.database import log_failure
from core.errors import NotAllowed, NotFound, ShopError
from core.i18n import translator
from core.logs import Sparing
from core.messages import store as messages
from core.people import service as people
from core.people.rules import Question
from core.shipping import service as places
from core.shop import Shop

log = logging.getLogger(__name__)
security = logging.getLogger("haang.security")

UPDATES = Counter("haang_updates_total", "Updates worked", ["kind"])
FAILURES = Counter("haang_update_failures_total", "Updates that failed for no reason of the person's")
LONGEST_TEXT = 4096
LATER = {"phone": "ask.phone_later", "member": "team.pick_later"}
"""What is said when the keyboard of a question is put away, by the kind of question."""


class Dispatch:
    """Works one update at a time; several run at once for several people."""

    def __init__(self, shop: Shop, bot: Bot, show: Show) -> None:
        self._shop, self._bot, self._show = shop, bot, show
        self._security = Sparing(security)

    async def work(self, raw: dict[str, Any]) -> bool:
        """Work an update to its end; False when it failed on our side: logged, counted, and said to the person."""
        update = None
        try:
            update = Update.de_json(raw, self._bot)
            await places.ready()  # before a transaction that counts a price would read them
            await self._shop.refresh()
            await self._route(update)
        except TelegramError as error:
            log.warning("update %s not answered: %s", raw.get("update_id"), type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the edge of one update: the next person must still be served
            log_failure(log, f"update {raw.get('update_id')} failed", error)
            FAILURES.inc()
            if update is not None:
                await self._apologise(update)
            return False
        return True

    async def _route(self, update: Update) -> None:
        if update.callback_query is not None:
            UPDATES.labels("tap").inc()
            await self._tap(update, update.callback_query)
        elif update.message is not None:
            UPDATES.labels("message").inc()
            await self._message(update, update.message)
        elif update.inline_query is not None:
            UPDATES.labels("inline").inc()
            await self._asked(update.inline_query)
        elif update.my_chat_member is not None:
            await self._membership(update)

    async def _tap(self, update: Update, query: CallbackQuery) -> None:
        try:
            me = await arrived(self._shop, update)
        except NotFound:
            return
        try:
            tap = taps.unpack(query.data or "")
        except taps.BadTap:
            self._security.warning(f"forged or outdated tap by person {me.person.id}")
            screen = await storefront.home(taps.Home(), me) if me.private else None
            await self._answer(query, me, screen, me.say("errors.old_button"))
            return
        await self._run(query, me, tap)

    async def _run(self, query: CallbackQuery, me: Me, tap: taps.Tap) -> None:
        route = routes.TAPS[type(tap)]
        if not me.private and not (route.group and me.chat_id in self._counters()):
            self._security.warning(f"{type(tap).__name__} by person {me.person.id} in a chat where it does not belong")
            await self._answer(query, me, None, me.say("errors.old_button"))
            return
        left = await self._ask_no_more(me, keeps=route.keeps) if me.person.asked else ""
        screen: Screen | None
        try:
            screen = await route.handler(tap, me)
        except ShopError as error:
            if isinstance(error, NotAllowed) or (me.person.role is None and not me.private):
                self._security.warning(f"person {me.person.id} may not {type(tap).__name__}")
            screen = await self._truth(route, tap, me)
            await self._answer(query, me, screen, me.say(error.key, **error.values))
        else:
            owed = await self._is_owed(route, me)
            await self._show.answer_tap(query, me.card, screen, owed=owed, soon=me.say("backlog.soon"))
        if left:
            await self._put_away(me, screen, left)

    async def _is_owed(self, route: Route, me: Me) -> bool:
        """Tell whether the outbox draws the tapped card in a full group."""
        if route.owed is None or me.card is None or not self._show.late.is_full(me.chat_id):
            return False
        return await self._shop.db.read(messages.standing, route.owed, me.card) is not None

    async def _ask_no_more(self, me: Me, *, keeps: bool = False) -> str:
        """Close the question that the person went away from.

        Where its keyboard is left under their composer: the key of what is said when that is put away; else "".
        """
        stood = await asking.standing(me)
        left = LATER[stood.kind] if stood is not None and stood.shares else ""
        if left or (not keeps and (me.private or stood is not None)):
            await people.forget_question(me.shop, me.person)
        return left

    async def _put_away(self, me: Me, screen: Screen | None, sentence: str) -> None:
        """Take the keyboard of a closed question away, in the language the person has now; the next one replaces it."""
        if screen is None or screen.sharing is None:
            now = await people.known(me.shop, me.person.telegram_id or 0)
            await self._show.put_away(me.chat_id, (me.speaking(now) if now else me).say(sentence))

    def _counters(self) -> set[int]:
        """The groups where orders are worked."""
        return {self._shop.policy.staff_chat_id, self._shop.policy.admin_chat_id}

    async def _truth(self, route: Route, tap: taps.Tap, me: Me) -> Screen | None:
        """Draw what is true now, after a refusal; None leaves the message as it is."""
        try:
            return await route.refused(tap, me) if route.refused else None
        except ShopError:
            return None

    async def _answer(self, query: CallbackQuery, me: Me, screen: Screen | None, sentence: str) -> None:
        if screen is None:
            await query.answer(sentence[:200], show_alert=True)
        else:
            await self._show.answer_tap(query, me.card, screen.saying(sentence, alert=True))

    async def _message(self, update: Update, message: Message) -> None:
        private = message.chat.type == message.chat.PRIVATE
        if await self._is_about_the_chat(message):
            return
        if message.via_bot and str(message.via_bot.id) == self._bot.token.partition(":")[0]:
            return  # what they shared here themselves
        command = None if private else self._command(message)
        if not private and command is None and not self._is_for_us(message):
            return
        try:
            me = await arrived(self._shop, update)
        except NotFound:
            if not private:
                t = translator(self._shop.policy.staff_language)
                await self._show.send(message.chat.id, talks.nobody(t, message.message_id), thread_of(message))
            return
        commanded = private and (message.text or "").startswith("/")
        left = await self._ask_no_more(me) if commanded and me.person.asked else ""
        try:
            screen = await (self._said(message, me) if private else self._at_counter(command, message, me))
        except NotAllowed as error:
            self._security.warning(f"person {me.person.id} may not {_meant(message)}{_why(error)}")
            below = None if private else message.message_id
            screen = replace(refused(me.t, error), reply_to=below) if private or command is not None else None
        except ShopError as error:
            screen = replace(refused(me.reader.t, error), reply_to=None if private else message.message_id)
        if left:
            await self._put_away(me, screen, left)
        if screen is not None and not self._takes_room(me):
            await self._show.reply(me.chat_id, screen, me.thread)

    async def _is_about_the_chat(self, message: Message) -> bool:
        """Take what is about the chat itself: it became another one, or a code links it; False for anything else."""
        if message.migrate_to_chat_id:
            await moving.follow(self._shop, message.chat.id, message.migrate_to_chat_id)
        elif linking.code_of(message, self._bot):
            await self._link(message)
        else:
            return False
        return True

    async def _link(self, message: Message) -> None:
        """Take a code that links the chat, or makes an owner."""
        one = await linking.typed(self._shop, message)
        try:
            screen = await linking.taken(self._shop, self._bot, one, self._security)
        except ShopError as error:
            screen = replace(refused(one.t, error), reply_to=one.below)
        if screen is not None:
            await linking.answer(self._show, screen, one)

    def _takes_room(self, me: Me) -> bool:
        """Tell whether an answer would take room in a full group from those who work there: to who does not."""
        return not me.private and me.person.role is None and self._show.late.is_full(me.chat_id)

    def _is_reply(self, message: Message) -> bool:
        """Tell whether somebody at the counter replies to a message of ours; no other line of a group is for us."""
        answered = message.reply_to_message
        if answered is None or message.chat.id not in self._counters() or answered.forum_topic_created is not None:
            return False
        if (message.text or "").startswith("/"):
            return False  # a command is no answer to anybody
        return answered.from_user is not None and str(answered.from_user.id) == self._bot.token.partition(":")[0]

    def _is_for_us(self, message: Message) -> bool:
        """Tell whether a line of a group, which is no command, is for us: a reply to us, or a product's picture."""
        return self._is_reply(message) or self._is_goods(message)

    def _is_goods(self, message: Message) -> bool:
        """Tell whether it is a picture in the admin chat, where one with a price is a product."""
        return message.chat.id == self._shop.policy.admin_chat_id and goods.is_picture(message)

    def _command(self, message: Message) -> Handler | None:
        """What answers a command at the counter; None for any other line, and for a command to another bot."""
        word = (message.text or "").partition(" ")[0].lower()
        name, _, to = word.removeprefix("/").partition("@")
        if not word.startswith("/") or message.chat.id not in self._counters():
            return None
        return routes.COUNTER_COMMANDS.get(name) if not to or to == self._bot.username.lower() else None

    async def _at_counter(self, command: Handler | None, message: Message, me: Me) -> Screen | None:
        """Find what answers in the counter's group: a command, what somebody was asked there, a talk."""
        if command is not None:
            return await command((message.text or "").partition(" ")[2][:LONGEST_TEXT].strip(), me)
        if self._is_goods(message):
            asked = await asking.standing(me)
            if goods.is_product(message, me, asked):
                return await goods.received(self._show, me, message, asked)
            if asked is not None and news.is_open(asked):
                return await news.words_answered("", me, asked)
            if await goods.is_priced(message, me):
                goods.must_be_words(message, me, asked)
        if not self._is_reply(message):
            return None
        return await (self._replied(message, me) if asking.is_answer(me) else helping.at_counter(me))

    async def _replied(self, message: Message, me: Me) -> Screen | None:
        """Find what answers a reply to a question that was asked in a group."""
        question = await asking.replied(me)
        goods.must_be_words(message, me, question)
        if question.is_after(me.person.update_id):
            return heard(me.reader.t, private=False)
        return await routes.ANSWERS[question.kind]((message.text or "")[:LONGEST_TEXT], me, question)

    async def _said(self, message: Message, me: Me) -> Screen | None:
        """Find what answers a message: a command, a talk, a shared thing, a line to what was asked, or a search."""
        text = (message.text or "")[:LONGEST_TEXT]
        if text.startswith("/"):
            command, _, rest = text[1:].partition(" ")
            name = command.partition("@")[0].lower()
            handler = (routes.COUNTER_COMMANDS.get(name) if me.person.role else None) or routes.COMMANDS.get(name)
            if handler is None and name in routes.COUNTER_COMMANDS:
                self._security.warning(f"person {me.person.id} may not {_meant(message)}")
            return await (handler or storefront.not_understood)(rest.strip(), me)
        if early := await self._filed(message, me) or await self._heard_before(me):
            return early
        question = asking.meant(await asking.standing(me), me)
        if found := await helping.spot(me):
            return await helping.replied(found, me)
        if question is not None and question.kind == "help":
            return await helping.said(text, me, question)
        if shared := await self._shared(message, me, question):
            return shared
        answer = routes.ANSWERS.get(question.kind) if question else None
        return await answer(text, me, question) if answer else await finding.search(text, me)

    async def _heard_before(self, me: Me) -> Screen | None:
        """Say of a message that a killed process had worked that it was taken: it is neither an answer nor a search."""
        return heard(me.t, private=True) if await people.was_heard(me.shop, me.person) else None

    async def _filed(self, message: Message, me: Me) -> Screen | None:
        """Find what answers a file of the shop's own: the last message of a backup's copy, a list of goods or codes."""
        file = message.document
        if file is None or me.person.role is None:
            return None
        if copying.is_manifest(file.file_name or ""):
            return await copying.bring_back(self._shop, self._show, me.person, me.t, file.file_id)
        if message.reply_to_message is None and sheets.is_list(file, me):
            return await sheets.brought(file, me, self._show)
        return None

    async def _shared(self, message: Message, me: Me, question: Question | None) -> Screen | None:
        """Find what answers a product's photo, or what was shared: a contact, a place, somebody for the team."""
        if goods.is_product(message, me, question):
            return await goods.received(self._show, me, message, question)
        goods.must_be_picture(me, question)
        goods.must_be_words(message, me, question)
        if message.contact is not None:
            return await addresses.contact_shared(message.contact, me, question)
        if message.location is not None:
            return await addresses.location_shared(message.location, me, question)
        return await team.picked(message.users_shared, me, question) if message.users_shared is not None else None

    async def _asked(self, query: InlineQuery) -> None:
        """Answer somebody who writes the bot's name in another chat."""
        offers = await inline.offers(query.query, query.offset, query.from_user, self._shop)
        await offering.answer(query, offers, self._show.pictures)

    async def _membership(self, update: Update) -> None:
        if update.my_chat_member is not None:
            await membership.changed(self._shop, update.my_chat_member, self._security.warning)

    async def _apologise(self, update: Update) -> None:
        user = update.effective_user
        known = self._shop.seen.get(user.id) if user else None
        language = known.language if known else None
        sentence = translator(language or (user.language_code if user else None))("errors.went_wrong")
        try:
            if update.callback_query is not None:
                await update.callback_query.answer(sentence, show_alert=True)
            elif update.message is not None and update.message.chat.type == update.message.chat.PRIVATE:
                await update.message.reply_text(sentence)
        except TelegramError as error:
            log.warning("not even that could be said: %s", type(error).__name__)


def _meant(message: Message) -> str:
    """Say for security.log what was tried, in no word of theirs: a command of ours, or an answer."""
    word = (message.text or "").partition(" ")[0].lower().removeprefix("/").partition("@")[0]
    ours = (message.text or "").startswith("/") and word in {*routes.COMMANDS, *routes.COUNTER_COMMANDS}
    return f"/{word}" if ours else "answer a customer"


def _why(error: NotAllowed) -> str:
    """Name what was wrong, where it is more than the role: an invitation that was used already."""
    return "" if error.key == NotAllowed().key else f" ({error.key.removeprefix('errors.')})"
