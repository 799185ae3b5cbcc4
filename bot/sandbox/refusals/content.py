"""Refusals about albums, media, forwarding, effects, quotes, reactions and pins (sources: the head of the package)."""

from bot.sandbox.refusals import bad

# Media of one kind
NO_VIDEO = bad("there is no video in the request", "client process_send_video_query")
NO_ANIMATION = bad("there is no animation in the request", "client process_send_animation_query")
NO_AUDIO = bad("there is no audio in the request", "client process_send_audio_query")
NO_VOICE = bad("there is no voice in the request", "client process_send_voice_query")
FIELD = bad("{reason}", "client get_reply_parameters through tdutils/JsonBuilder.cpp field readers")

# Albums
ALBUM_JSON = bad("can't parse media JSON object", "client get_input_message_contents")
ALBUM_ARRAY = bad("expected an Array of InputMedia", "client get_input_message_contents")
ALBUM_EMPTY = bad("there are no messages to send", "td MessagesManager.cpp send_message_group")
ALBUM_LONG = bad("too many messages to send as an album", "td MessageContent.cpp check_message_group_message_contents")
ALBUM_ABOVE = bad(
    "parameter show_caption_above_media must be the same for all messages",
    "td MessageContent.cpp check_message_group_message_contents",
)
ALBUM_MIXED = bad(
    "{kind} can't be mixed with other media types", "td MessageContent.cpp check_message_group_message_contents"
)
ALBUM_EDIT_KIND = bad("message content type can't be used in an album", "td MessagesManager.cpp edit_message_media")
ALBUM_EDIT_MIXED = bad("can't change media type in the album", "td MessagesManager.cpp edit_message_media")

# Effects and quotes
EFFECT_CHAT = bad("can't use message effects in the chat", "td MessageSendOptions.cpp get_message_send_options")
EFFECT_METHOD = bad("can't use message effects in the method", "td MessageSendOptions.cpp get_message_send_options")
EFFECT_ID = bad("EFFECT_ID_INVALID", "mtproto messages.sendMessage")
QUOTE = bad("QUOTE_TEXT_INVALID", "mtproto messages.sendMessage; docs ReplyParameters: must be a part of the message")

# Copying and forwarding
FORWARD_NOT_FOUND = bad("message to forward not found", "client process_forward_message_query")
FORWARD_REFUSED = bad("the message can't be forwarded", "td MessagesManager.cpp forward_message")
COPY_REFUSED = bad("the message can't be copied", "td MessagesManager.cpp forward_message")
FORWARDS_REFUSED = bad("messages can't be forwarded", "client TdOnForwardMessagesCallback")
FORWARDS_EMPTY = bad("there are no messages to forward", "td MessagesManager.cpp get_forwarded_messages")
FORWARDS_ORDER = bad(
    "message identifiers must be in a strictly increasing order", "td MessagesManager.cpp get_forwarded_messages"
)
IDS_PARSE = bad("can't parse message identifier as a Number", "client get_message_ids")

# Reactions and pins
REACT_NOT_FOUND = bad("message to react not found", "client process_set_message_reaction_query")
REACTION_JSON = bad("can't parse reaction types JSON object", "client get_reaction_types")
REACTION_ARRAY = bad("expected an Array of ReactionType", "client get_reaction_types")
REACTION_TYPE = bad("can't parse ReactionType: {reason}", "client get_reaction_types")
REACTION_EMPTY = bad("invalid reaction type specified", "td MessageReaction.cpp set_message_reactions")
REACTION_INVALID = bad("REACTION_INVALID", "mtproto messages.sendReaction; docs ReactionTypeEmoji: a list of emoji")
REACTIONS_MANY = bad("REACTIONS_TOO_MANY", "mtproto messages.sendReaction; docs setMessageReaction: one from a bot")
PIN_SERVICE = bad("service messages can't be pinned", "td MessagesManager.cpp can_pin_message")
PIN_AGAIN = bad("CHAT_NOT_MODIFIED", "mtproto messages.updatePinnedMessage")
