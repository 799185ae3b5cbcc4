"""Refusals of buttons: what may stand on a keyboard, and where it may lead."""

from bot.sandbox.refusals import bad

_SOURCE = "td ReplyMarkup.cpp get_inline_keyboard_button"
KEY_TEXT = bad("keyboard button text must be non-empty", "td ReplyMarkup.cpp get_keyboard_button")
INLINE_TEXT = bad("inline keyboard button text must be non-empty", _SOURCE)
BUTTON_LOGIN = bad("inline keyboard button login URL '{url}' is invalid: {reason}", _SOURCE)
LOGIN_PERSON = bad("link to a user can't be used in login URL buttons", _SOURCE)
WEB_APP_PERSON = bad("link to a user can't be used in Web App URL buttons", _SOURCE)
NO_TARGET = bad("at least one chat type must be allowed", "td TargetDialogTypes.cpp get_target_dialog_types")
MANAGED_IN_GROUP = bad("managed bots can be requested in private chats only", "td ReplyMarkup.cpp get_keyboard_button")
BUTTON_INVALID = bad("BUTTON_INVALID", "mtproto messages.sendMessage; docs KeyboardButtonRequestUsers: 1-10 people")
MENU_TEXT = bad("menu button text must be non-empty", "td BotMenuButton.cpp set_menu_button")
MENU_WEB_APP = bad("menu button Web App URL '{url}' is invalid: {reason}", "td BotMenuButton.cpp set_menu_button")
