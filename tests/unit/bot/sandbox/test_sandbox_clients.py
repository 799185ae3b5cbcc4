"""Two independent client libraries read every answer: python-telegram-bot and aiogram, over real HTTP."""

import datetime as dt
import io
from typing import Any

import pytest
from aiogram import Bot as AiogramBot
from aiogram import types as aiogram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from telegram import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    MenuButtonCommands,
    ReplyKeyboardMarkup,
    WebAppInfo,
)
from telegram.error import BadRequest, Forbidden, RetryAfter


async def test_python_telegram_bot(desk: Any, png: Any) -> None:
    """python-telegram-bot works through every method the shop uses and reads back what it sent."""
    bot = desk.library()
    async with bot:
        assert bot.username == "sandbox_bot"
        keys = InlineKeyboardMarkup(
            [[InlineKeyboardButton("Buy", callback_data="b:1"), InlineKeyboardButton("Site", url="http://localhost/")]]
        )
        sent = await bot.send_message(1, "<b>ហាង</b> 😀", parse_mode="HTML", reply_markup=keys)
        assert sent.parse_entities() == {sent.entities[0]: "ហាង"}
        assert sent.reply_markup == InlineKeyboardMarkup(
            [[InlineKeyboardButton("Buy", callback_data="b:1"), InlineKeyboardButton("Site", url="http://localhost/")]]
        )
        edited = await bot.edit_message_text("x", 1, sent.message_id)
        assert isinstance(edited, type(sent))
        assert edited.edit_date is not None
        photo = await bot.send_photo(1, png(30, 20), caption="c", reply_to_message_id=sent.message_id)
        assert (photo.photo[-1].width, photo.reply_to_message.message_id) == (30, sent.message_id)
        changed = await bot.edit_message_media(InputMediaPhoto(png(8, 8), caption="<i>d</i>", parse_mode="HTML"), 1, 3)
        assert (changed.photo[-1].width, changed.caption) == (8, "d")
        assert (await bot.edit_message_caption(1, 3, caption="e")).caption == "e"
        assert (await bot.edit_message_reply_markup(1, 3, reply_markup=keys)).reply_markup is not None
        file = await bot.get_file(photo.photo[-1].file_id)
        assert await file.download_as_bytearray() == png(30, 20)
        document = await bot.send_document(1, io.BytesIO(b"a,b"), filename="តារាង.csv")
        assert document.document.file_name == "តារាង.csv"
        location = await bot.send_location(1, 11.55, 104.9)
        assert location.location.latitude == 11.55
        assert await bot.send_chat_action(1, "typing")
        share = ReplyKeyboardMarkup([[KeyboardButton("Phone", request_contact=True)]], one_time_keyboard=True)
        await bot.send_message(1, "k", reply_markup=share)
        assert await bot.set_my_commands([BotCommand("start", "Start")], language_code="km")
        assert [one.command for one in await bot.get_my_commands(language_code="km")] == ["start"]
        assert await bot.delete_my_commands(language_code="km")
        assert await bot.set_chat_menu_button(1, MenuButtonCommands())
        assert await bot.pin_chat_message(1, 3)
        assert (await bot.get_chat(1)).pinned_message.message_id == 3
        assert await bot.unpin_chat_message(1)
        assert (await bot.copy_message(1, 1, 3)).message_id > 3
        assert await bot.delete_message(1, sent.message_id)
        assert await bot.delete_messages(1, [3, 4])
        roles = {one.user.id: one.status for one in await bot.get_chat_administrators(-1001)}
        assert roles == {3: "administrator", 1000001: "administrator"}
        assert (await bot.get_chat_member(-1001, 1)).status == "left"
        assert await bot.get_chat_member_count(-1001) == 3
        assert (await bot.get_webhook_info()).url == ""
    assert (await desk.get("findings"))["findings"] == []


async def test_errors_in_python_telegram_bot(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals become the library's own exceptions, with the seconds to wait."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # the library's way to its next version; without it it warns
    bot = desk.library()
    async with bot:
        with pytest.raises(BadRequest, match="Message text is empty"):
            await bot.send_message(1, "")
        with pytest.raises(Forbidden, match="bot can't initiate conversation"):
            await bot.send_message(2, "x")
        await desk.act("faults", method="*", kind="429", seconds=5)
        with pytest.raises(RetryAfter) as wait:
            await bot.send_message(1, "x")
        assert wait.value.retry_after == dt.timedelta(seconds=5)


async def test_updates_in_python_telegram_bot(desk: Any) -> None:
    """Every kind of update the sandbox makes is read whole by python-telegram-bot."""
    bot = desk.library()
    async with bot:
        await every_update(desk)
        updates = await bot.get_updates(allowed_updates=["message", "callback_query", "my_chat_member", "chat_member"])
        check_updates(updates)


async def test_aiogram(desk: Any, png: Any) -> None:
    """aiogram, whose models are strict, reads messages, members, chats and updates."""
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as bot:
        assert (await bot.get_me()).id == 1000001
        keys = aiogram.InlineKeyboardMarkup(
            inline_keyboard=[[aiogram.InlineKeyboardButton(text="Buy", callback_data="b:1", style="success")]]
        )
        sent = await bot.send_message(1, "<b>ហាង</b>", parse_mode="HTML", reply_markup=keys)
        assert sent.html_text == "<b>ហាង</b>"
        assert sent.reply_markup.model_dump() == keys.model_dump()
        photo = await bot.send_photo(1, aiogram.BufferedInputFile(png(5, 5), "a.png"))
        assert photo.photo[-1].height == 5
        media = aiogram.InputMediaPhoto(media=aiogram.BufferedInputFile(png(6, 6), "b.png"), caption="c")
        assert (await bot.edit_message_media(media, chat_id=1, message_id=sent.message_id)).caption == "c"
        downloaded = await bot.download(photo.photo[-1].file_id)
        assert downloaded.read() == png(5, 5)
        assert (await bot.get_chat(-1001)).title == "Staff"
        assert [one.status for one in await bot.get_chat_administrators(-1001)] == ["administrator"] * 2
        assert (await bot.get_webhook_info()).pending_update_count == 1
        with pytest.raises(TelegramBadRequest, match="message to edit not found"):
            await bot.edit_message_text("x", chat_id=1, message_id=99)
        await desk.act("faults", method="*", kind="429", seconds=5)
        with pytest.raises(TelegramRetryAfter):
            await bot.send_message(1, "x")
        await every_update(desk)
        check_updates(await bot.get_updates(allowed_updates=["message", "my_chat_member", "chat_member"]))
    assert (await desk.get("findings"))["findings"] == []


async def every_update(desk: Any) -> None:
    """Let people do everything that makes an update."""
    await desk.bot("getUpdates", allowed_updates=["message", "callback_query", "my_chat_member", "chat_member"])
    await desk.act("send", person=1, chat=1, contact=True, phone="+855 12 000 001")
    await desk.act("send", person=1, chat=1, location={"latitude": 11.55, "longitude": 104.9})
    await desk.act("tap", person=1, chat=1, message_id=1, data="x")
    await desk.act("block", person=1, blocked=True)
    await desk.act("members", chat=-1001, person=1, status="member")
    await desk.act("send", person=1, chat=-1001, text="/orders@sandbox_bot", reply_to=None)


def check_updates(updates: Any) -> None:
    """The library saw what happened."""
    contact, location = updates[1].message.contact, updates[2].message.location
    assert (contact.phone_number, contact.user_id, location.longitude) == ("+855 12 000 001", 1, 104.9)
    assert (updates[3].callback_query.data, updates[3].callback_query.message.text) == ("x", "/start")
    assert updates[4].my_chat_member.new_chat_member.status == "kicked"
    assert updates[5].chat_member.old_chat_member.status == "left"
    assert updates[6].message.new_chat_members[0].id == 1
    assert updates[7].message.entities[0].type == "bot_command"


async def test_web_app_buttons(desk: Any) -> None:
    """A Mini App button passes on this machine's address, as the sandbox's exception."""
    bot = desk.library()
    async with bot:
        button = InlineKeyboardButton("Open", web_app=WebAppInfo("http://localhost:8080/app"))
        sent = await bot.send_message(1, "x", reply_markup=InlineKeyboardMarkup([[button]]))
        assert sent.reply_markup.inline_keyboard[0][0].web_app.url == "http://localhost:8080/app"
