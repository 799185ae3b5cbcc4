"""The Bot API methods the sandbox serves: one table from the lower-case name to the function.

Anything else is refused with `404 Not Found: method not found`. getUpdates waits, so the HTTP edge calls it itself.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox.call import Call
from bot.sandbox.methods import about, chats, deleting, editing, sending
from bot.sandbox.world import World

Method = Callable[[World, Call], Any]

METHODS: dict[str, Method] = {
    name.lower(): method
    for name, method in {
        "getMe": about.get_me,
        "setMyCommands": about.set_my_commands,
        "getMyCommands": about.get_my_commands,
        "deleteMyCommands": about.delete_my_commands,
        "setChatMenuButton": about.set_chat_menu_button,
        "getChatMenuButton": about.get_chat_menu_button,
        "answerCallbackQuery": about.answer_callback_query,
        "getFile": about.get_file,
        "sendMessage": sending.send_message,
        "sendPhoto": sending.send_photo,
        "sendDocument": sending.send_document,
        "sendLocation": sending.send_location,
        "sendChatAction": sending.send_chat_action,
        "copyMessage": sending.copy_message,
        "editMessageText": editing.edit_text,
        "editMessageCaption": editing.edit_caption,
        "editMessageMedia": editing.edit_media,
        "editMessageReplyMarkup": editing.edit_reply_markup,
        "deleteMessage": deleting.delete_message,
        "deleteMessages": deleting.delete_messages,
        "pinChatMessage": deleting.pin_message,
        "unpinChatMessage": deleting.unpin_message,
        "getChat": chats.get_chat,
        "getChatMember": chats.get_chat_member,
        "getChatAdministrators": chats.get_chat_administrators,
        "getChatMemberCount": chats.get_chat_member_count,
    }.items()
}
