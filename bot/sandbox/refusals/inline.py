"""Refusals of inline mode: answers to inline queries and Mini Apps, and messages known by an inline_message_id."""

from bot.sandbox.refusals import bad

_PARSED = "client get_inline_query_results"
_JUDGED = "td InlineQueriesManager.cpp get_input_bot_inline_result"
_BUTTON = "td InlineQueriesManager.cpp answer_inline_query"
_SERVER = "mtproto messages.setInlineBotResults"

RESULTS_JSON = bad("can't parse JSON encoded inline query results: {reason}", _PARSED)
RESULTS_ARRAY = bad("expected an Array of inline query results", _PARSED)
RESULTS_MANY = bad("too many inline query results specified", _PARSED + ": at most 50")
RESULT = bad("can't parse inline query result: {reason}", _PARSED)
RESULT_MISSING = bad("result isn't specified", "client get_inline_query_result")
RESULT_JSON = bad("can't parse JSON encoded web view query results {reason}", "client get_inline_query_result")
RESULT_FIELD = bad("{reason}", "client get_inline_query_result, called by process_answer_web_app_query_query")
RESULT_ID = bad("RESULT_ID_INVALID", _SERVER + "; docs InlineQueryResult: 1-64 bytes")
RESULT_TWICE = bad("RESULT_ID_DUPLICATE", _SERVER)
OFFSET_LONG = bad("NEXT_OFFSET_INVALID", _SERVER + "; docs answerInlineQuery: up to 64 bytes")
ARTICLE_TITLE = bad("ARTICLE_TITLE_EMPTY", _SERVER)
FILE_TITLE = bad("FILE_TITLE_EMPTY", _SERVER)
VIDEO_TITLE = bad("VIDEO_TITLE_EMPTY", _SERVER)
AUDIO_TITLE = bad("AUDIO_TITLE_EMPTY", _SERVER)
PHOTO_THUMBNAIL = bad("PHOTO_THUMB_URL_EMPTY", _SERVER)
GAME = bad("GAME_BOT_INVALID", _SERVER + ": the sandbox's bot has no games")
DOCUMENT_MIME = bad("unallowed document MIME type", _JUDGED)
VIDEO_MIME = bad("unallowed video MIME type", _JUDGED)
CONTACT_PHONE = bad('field "phone_number" must contain a valid phone number', _JUDGED)
CONTACT_NAME = bad('field "first_name" must be non-empty', _JUDGED)
INVOICE_UNBUILT = bad("the sandbox sends no invoices yet", "the sandbox itself: not a refusal of Telegram's")

SWITCH_JSON = bad("can't parse inline query results button JSON object", "client get_inline_query_results_button")
SWITCH = bad("can't parse inline query results button: {reason}", "client get_inline_query_results_button")
SWITCH_EMPTY = bad("can't use empty start_parameter", _BUTTON)
SWITCH_LONG = bad("too long start_parameter specified", _BUTTON + ": at most 64 bytes")
SWITCH_CHARACTERS = bad("unallowed characters in start_parameter are used", _BUTTON)
SWITCH_PERSON = bad("link to a user can't be used in the Web App button", _BUTTON)
SWITCH_WEB_APP = bad("inline query button Web App URL '{url}' is invalid: {reason}", _BUTTON)
SWITCH_TEXT = bad("SWITCH_PM_TEXT_EMPTY", _SERVER)
NOT_INLINE = bad("USER_BOT_INVALID", _SERVER + ": inline mode is off; telegram-bot-api issue 568")

INLINE_ID = bad("invalid inline message identifier specified", "td InlineMessageManager.cpp")
INLINE_GONE = bad("MESSAGE_ID_INVALID", "mtproto messages.editInlineBotMessage")
INLINE_EMPTY = bad("MESSAGE_EMPTY", "mtproto messages.editInlineBotMessage")
INLINE_UPLOAD = bad(
    "invalid message content specified",
    "td InlineMessageManager.cpp edit_inline_message_media: a file to be uploaded is no media yet",
)
