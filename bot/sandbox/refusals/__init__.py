"""Every sentence with which the sandbox refuses a request, each with the place that says Telegram refuses so.

Sources: `client` is telegram-bot-api/Client.cpp of github.com/tdlib/telegram-bot-api, `td` is td/telegram of
github.com/tdlib/td, `docs` is https://core.telegram.org/bots/api, `mtproto` is https://core.telegram.org/api/errors and
the method pages beside it.
Codes of 400 carry the prefix "Bad Request: " and begin in lower case, as `Client::fail_query_with_error` makes them.
"""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module


class RefusalError(Exception):
    """A request refused as Telegram refuses it: an HTTP status, a description and its `parameters` object."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = dict(parameters or {})

    def body(self) -> dict[str, object]:
        """Return the answer's JSON object."""
        answer: dict[str, object] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way to be refused: HTTP status, sentence (a `str.format` template) and where Telegram says it."""

    code: int
    sentence: str
    source: str = field(compare=False)

    def error(self, **values: object) -> RefusalError:
        """Return the exception to raise; `values` fill the template."""
        return RefusalError(self.code, self.sentence.format(**values) if values else self.sentence)


def bad(sentence: str, source: str) -> Refusal:
    """Return a refusal of status 400."""
    return Refusal(400, "Bad Request: " + sentence, source)


# The address and the token
UNAUTHORIZED = Refusal(401, "Unauthorized", "client get_closing_error: a token of no bot logs the client out")
INVALID_TOKEN = Refusal(401, "Unauthorized: invalid token specified", "telegram-bot-api/ClientManager.cpp send")
METHOD_NOT_FOUND = Refusal(404, "Not Found: method not found", "client on_cmd")
NOT_FOUND = Refusal(404, "Not Found", "telegram-bot-api/HttpConnection.cpp handle")
TOO_LARGE = Refusal(413, "Request Entity Too Large", "td/net/HttpReader.cpp; docs: uploads up to 50 MB")
NOT_UTF8 = bad("strings must be encoded in UTF-8", "client on_cmd; td MessageEntity.cpp fix_formatted_text")
BAD_FORM = bad("can't parse the request body", "td/net/HttpReader.cpp: a broken form or JSON body")

# Chats and people
CHAT_EMPTY = bad("chat_id is empty", "client check_chat")
CHAT_NOT_FOUND = bad("chat not found", "client TdOnCheckChatCallback")
USER_NOT_FOUND = bad("user not found", "client TdOnGetChatMemberCallback / check_user")
INVALID_USER = bad("invalid user_id specified", "client get_user_id")
BLOCKED = Refusal(403, "Forbidden: bot was blocked by the user", "client fail_query_with_error: USER_IS_BLOCKED")
NEVER_WROTE = Refusal(
    403,
    "Forbidden: bot can't initiate conversation with a user",
    "td MessagesManager.cpp process_send_message_fail_error: PEER_ID_INVALID",
)
DEACTIVATED = Refusal(403, "Forbidden: user is deactivated", "client check_chat_access")
TO_A_BOT = Refusal(
    403,
    "Forbidden: the bot can't send messages to the bot",
    "td MessagesManager.cpp process_send_message_fail_error: USER_IS_BOT",
)
KICKED = Refusal(403, "Forbidden: bot was kicked from the supergroup chat", "client check_chat_access")
NOT_A_MEMBER = Refusal(403, "Forbidden: bot is not a member of the supergroup chat", "client check_chat_access")
NO_ADMINISTRATORS = bad(
    "there are no administrators in the private chat", "client process_get_chat_administrators_query"
)
NO_PIN_RIGHTS = bad("not enough rights to manage pinned messages in the chat", "td MessagesManager.cpp can_pin_message")
THREAD_NOT_FOUND = bad("message thread not found", "client check_message_topic")

# Text and its formatting
TEXT_EMPTY = bad("message text is empty", "client get_input_message_text")
TEXT_BLANK = bad("text must be non-empty", "td MessageEntity.cpp fix_formatted_text")
TEXT_HUGE = bad("text is too long", "client get_formatted_text: more than 32,768 bytes")
TEXT_LONG = bad("message is too long", "td MessageContent.cpp create_input_message_content: 4,096 characters")
CAPTION_LONG = bad("message caption is too long", "td MessageContent.cpp: 1,024 characters")
EDIT_TEXT_LONG = bad("MESSAGE_TOO_LONG", "mtproto messages.editMessage; td sends an edit unchecked")
EDIT_CAPTION_LONG = bad("MEDIA_CAPTION_TOO_LONG", "mtproto messages.editMessage; td sends an edit unchecked")
PARSE_MODE = bad("unsupported parse_mode", "client get_formatted_text")
ENTITY = bad("can't parse MessageEntity: {reason}", "client get_formatted_text")
ENTITY_OFFSET = bad("receive an entity with incorrect offset {value}", "td MessageEntity.cpp fix_formatted_text")
ENTITY_LENGTH = bad("receive an entity with incorrect length {value}", "td MessageEntity.cpp fix_formatted_text")
_HTML = "td MessageEntity.cpp parse_html"
_MARKUP = "can't parse entities: "
TAG_UNCLOSED = bad(_MARKUP + "Unclosed start tag at byte offset {offset}", _HTML)
TAG_UNCLOSED_NAMED = bad(_MARKUP + 'Unclosed start tag "{tag}" at byte offset {offset}', _HTML)
TAG_UNSUPPORTED = bad(_MARKUP + 'Unsupported start tag "{tag}" at byte offset {offset}', _HTML)
TAG_ATTRIBUTE = bad(_MARKUP + 'Empty attribute name in the tag "{tag}" at byte offset {offset}', _HTML)
TAG_NAME_TOKEN = bad(_MARKUP + "Unexpected end of name token at byte offset {offset}", _HTML)
TAG_SPAN = bad(_MARKUP + 'Tag "span" must have class "tg-spoiler" at byte offset {offset}', _HTML)
END_UNEXPECTED = bad(_MARKUP + "Unexpected end tag at byte offset {offset}", _HTML)
END_UNCLOSED = bad(_MARKUP + "Unclosed end tag at byte offset {offset}", _HTML)
END_UNMATCHED = bad(
    _MARKUP + 'Unmatched end tag at byte offset {offset}, expected "</{tag}>", found "</{found}>"', _HTML
)
END_MISSING = bad(_MARKUP + 'Can\'t find end tag corresponding to start tag "{tag}"', _HTML)
EMOJI_ID = bad(_MARKUP + "Invalid custom emoji identifier specified", _HTML)
SURROGATES = bad(
    _MARKUP
    + "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
    _HTML,
)

# Keyboards
MARKUP_JSON = bad("can't parse reply keyboard markup JSON object", "client get_reply_markup")
MARKUP_OBJECT = bad("object expected as reply markup", "client get_reply_markup")
MARKUP_FIELD = bad("{reason}", "client get_reply_markup through tdutils/JsonBuilder.cpp field readers")
KEYBOARD_ROWS = bad('field "keyboard" must be an Array of Arrays', "client get_reply_markup")
INLINE_ROWS = bad(
    'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays', "client get_reply_markup"
)
KEYBOARD_BUTTON = bad("can't parse keyboard button: {reason}", "client get_keyboard_button")
INLINE_BUTTON = bad("can't parse inline keyboard button: {reason}", "client get_inline_keyboard_button")
BUTTON_URL = bad(
    "inline keyboard button URL '{url}' is invalid: {reason}", "td ReplyMarkup.cpp; LinkManager.cpp check_link"
)
BUTTON_WEB_APP = bad("inline keyboard button Web App URL '{url}' is invalid: {reason}", "td ReplyMarkup.cpp")
KEY_WEB_APP = bad("keyboard button Web App URL '{url}' is invalid: {reason}", "td ReplyMarkup.cpp")
BUTTON_DATA = bad("BUTTON_DATA_INVALID", "mtproto messages.sendMessage; docs InlineKeyboardButton: 1-64 bytes")
BUTTON_TYPE = bad("BUTTON_TYPE_INVALID", "mtproto messages.sendMessage; docs: web_app buttons in private chats only")
BUTTON_COPY = bad("BUTTON_COPY_TEXT_INVALID", "mtproto messages.sendMessage; docs CopyTextButton: 1-256 characters")
KEYBOARD_LONG = bad("reply markup is too long", "client fail_query_with_error: REPLY_MARKUP_TOO_LONG (100 buttons)")
PHONE_IN_GROUP = bad("phone number can be requested in private chats only", "td ReplyMarkup.cpp get_keyboard_button")
LOCATION_IN_GROUP = bad("location can be requested in private chats only", "td ReplyMarkup.cpp get_keyboard_button")
POLL_IN_GROUP = bad("poll can be requested in private chats only", "td ReplyMarkup.cpp get_keyboard_button")
WEB_APP_IN_GROUP = bad("web App buttons can be used in private chats only", "td ReplyMarkup.cpp get_keyboard_button")
USERS_IN_GROUP = bad("users can be requested in private chats only", "td ReplyMarkup.cpp get_keyboard_button")
CHATS_IN_GROUP = bad("chats can be requested in private chats only", "td ReplyMarkup.cpp get_keyboard_button")
INLINE_EXPECTED = bad("inline keyboard expected", "td ReplyMarkup.cpp get_inline_reply_markup")

# Replies, edits, deletions, pins
REPLY_JSON = bad("can't parse reply parameters JSON object", "client get_reply_parameters")
REPLY_OBJECT = bad("object expected as reply parameters", "client get_reply_parameters")
REPLY_NOT_FOUND = bad("message to be replied not found", "client check_reply_parameters")
EDIT_NOT_FOUND = bad("message to edit not found", "client check_message")
EDIT_UNIDENTIFIED = bad("message identifier is not specified", "client get_inline_message_id")
EDIT_REFUSED = bad("message can't be edited", "td MessagesManager.cpp can_edit_message")
EDIT_MEDIA_REFUSED = bad("message media can't be edited", "td MessagesManager.cpp edit_message_media")
EDIT_NO_TEXT = bad("there is no text in the message to edit", "td MessagesManager.cpp edit_message_text")
EDIT_NO_CAPTION = bad("there is no caption in the message to edit", "td MessagesManager.cpp edit_message_caption")
NOT_MODIFIED = bad(
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message",
    "client fail_query_with_error: MESSAGE_NOT_MODIFIED",
)
DELETE_NO_CHAT = bad("chat identifier is not specified", "client process_delete_message_query")
DELETE_NO_MESSAGE = bad("message identifier is not specified", "client process_delete_message_query")
DELETE_NOT_FOUND = bad("message to delete not found", "client check_message")
DELETE_REFUSED = bad("message can't be deleted", "td MessagesManager.cpp delete_messages; docs deleteMessage")
DELETE_FOR_EVERYONE = bad(
    "message can't be deleted for everyone", "td MessagesManager.cpp delete_messages, can_revoke_message: 48 hours"
)
IDS_EMPTY = bad("message identifiers are not specified", "client get_message_ids")
IDS_JSON = bad("can't parse message_ids JSON object", "client get_message_ids")
IDS_ARRAY = bad("expected an Array of message identifiers", "client get_message_ids")
IDS_MANY = bad("too many message identifiers specified", "client get_message_ids: at most 100")
IDS_NUMBER = bad("message identifier must be a Number", "client get_message_ids")
IDS_INVALID = bad("invalid message identifier specified", "client get_message_ids")
PIN_NOT_FOUND = bad("message to pin not found", "client process_pin_chat_message_query")
UNPIN_NOT_FOUND = bad("message to unpin not found", "client process_unpin_chat_message_query")
COPY_NOT_FOUND = bad("message to copy not found", "client process_copy_message_query")

# Files and media
NO_PHOTO = bad("there is no photo in the request", "client process_send_photo_query")
NO_DOCUMENT = bad("there is no document in the request", "client process_send_document_query")
PHOTO_BIG = bad(
    "file of size {size} bytes is too big for a photo; the maximum size is 10485760 bytes",
    "td files/FileLoaderUtils.cpp check_full_local_location",
)
PHOTO_UNREADABLE = bad("IMAGE_PROCESS_FAILED", "mtproto messages.uploadMedia")
PHOTO_DIMENSIONS = bad("PHOTO_INVALID_DIMENSIONS", "mtproto messages.uploadMedia; docs sendPhoto: sum 10000, ratio 20")
FILE_EMPTY = bad("file must be non-empty", "td files/FileLoaderUtils.cpp check_full_local_location")
FILE_ID_WRONG = bad(
    "wrong remote file identifier specified: can't unserialize it", "td files/FileManager.cpp from_persistent_id"
)
FILE_KIND = bad("can't use file of type {kind} as {wanted}", "td files/FileManager.cpp from_persistent_id_v23")
FILE_URL = bad("failed to get HTTP URL content", "client fail_query_with_error: WEBPAGE_CURL_FAILED")
FILE_ID_EMPTY = bad("file_id not specified", "client check_remote_file_id")
FILE_ID_INVALID = bad("invalid file_id", "client TdOnCheckRemoteFileIdCallback")
FILE_GONE = bad(
    "wrong file_id or the file is temporarily unavailable", "client on_update_file: a download that did not end well"
)
FILE_TOO_BIG = bad("file is too big", "client do_get_file: 20 MB")
MEDIA_JSON = bad("can't parse input media JSON object", "client get_input_media")
MEDIA = bad("can't parse InputMedia: {reason}", "client get_input_media")
PARAMETER = bad('parameter "{name}" is required', "client get_required_string_arg")
LATITUDE_EMPTY = bad("latitude is empty", "client get_location")
LONGITUDE_EMPTY = bad("longitude is empty", "client get_location")
LOCATION = bad("invalid location specified", "td Location.cpp process_input_message_location")
ACTION = bad("wrong parameter action in request", "client process_send_chat_action_query")

# Callback queries
QUERY_OLD = bad(
    "query is too old and response timeout expired or query ID is invalid",
    "client fail_query_with_error: QUERY_ID_INVALID",
)
ANSWER_LONG = bad("MESSAGE_TOO_LONG", "mtproto messages.setBotCallbackAnswer; docs: 0-200 characters")

# Updates
WEBHOOK_ACTIVE = Refusal(
    409,
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    "client process_get_updates_query",
)
OTHER_POLLER = Refusal(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    "client abort_long_poll",
)
POLL_ENDED = Refusal(409, "Conflict: terminated by setWebhook request", "client abort_long_poll")
WEBHOOK_URL = bad("invalid webhook URL specified", "client do_set_webhook")
WEBHOOK_HTTPS = bad(
    "bad webhook: An HTTPS URL must be provided for webhook", "telegram-bot-api/WebhookActor.cpp; docs setWebhook"
)
WEBHOOK_PORT = bad(
    "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443", "telegram-bot-api/WebhookActor.cpp"
)
SECRET_LONG = bad("secret token is too long", "client do_set_webhook")
SECRET_CHARACTERS = bad("secret token contains unallowed characters", "client do_set_webhook")

# Commands and the menu button
COMMANDS_JSON = bad("can't parse commands JSON object", "client get_bot_commands")
COMMANDS_ARRAY = bad("expected an Array of BotCommand", "client get_bot_commands")
COMMAND = bad("can't parse BotCommand: {reason}", "client get_bot_commands")
COMMAND_EMPTY = bad("command must be non-empty", "td BotCommand.cpp set_commands")
COMMAND_LONG = bad("command length must not exceed 32", "td BotCommand.cpp set_commands")
COMMAND_NO_WORDS = bad("command description must be non-empty", "td BotCommand.cpp set_commands")
COMMAND_WORDY = bad("command description length must not exceed 256", "td BotCommand.cpp set_commands")
COMMAND_INVALID = bad("BOT_COMMAND_INVALID", "mtproto bots.setBotCommands; docs BotCommand: a-z, 0-9 and underscores")
COMMANDS_MANY = bad("BOT_COMMANDS_TOO_MUCH", "mtproto bots.setBotCommands; docs setMyCommands: at most 100")
LANGUAGE = bad("invalid language code specified", "td BotInfoManager.cpp validate_bot_language_code")
SCOPE_JSON = bad("can't parse BotCommandScope JSON object", "client get_bot_command_scope")
SCOPE = bad("can't parse BotCommandScope: {reason}", "client get_bot_command_scope")
MENU_JSON = bad("can't parse menu button JSON object", "client get_bot_menu_button")
MENU = bad("can't parse menu button: {reason}", "client get_bot_menu_button")
INVALID_MENU_CHAT = bad("invalid chat_id specified", "client get_user_id")

# Faults asked for, and the end
RESTART = Refusal(500, "Internal Server Error: restart", "client get_closing_error")
SERVER_ERROR = Refusal(500, "Internal Server Error: sandbox fault", "client fail_query_with_error: 500")
BAD_GATEWAY = Refusal(502, "Bad Gateway", "docs: a proxy before the servers answers so now and then")


def retry_after(seconds: int) -> RefusalError:
    """Too many requests; `seconds` to wait (source: telegram-bot-api/Query.cpp set_retry_after_error)."""
    return RefusalError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def migrated(new_chat: int) -> RefusalError:
    """Return the refusal for a group that became supergroup `new_chat` (source: client check_chat_access)."""
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    return RefusalError(400, description, {"migrate_to_chat_id": new_chat})


def all_refusals() -> dict[str, Refusal]:
    """Every refusal of every room by its name, for the documentation and the tests."""
    rooms = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    named = [
        (f"{room.__name__.removeprefix(__name__)[1:]}.{name}", value)
        for room in rooms
        for name, value in vars(room).items()
    ]
    return {name: value for name, value in [*globals().items(), *named] if isinstance(value, Refusal)}
