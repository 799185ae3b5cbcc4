"""Refusals about forum topics. `client`, `td`, `mtproto` as in the package."""

from bot.sandbox.refusals import bad

_TD = "td ForumTopicManager.cpp"

NOT_A_FORUM = bad("the chat is not a forum", f"{_TD} is_forum")
TOPIC_INVALID = bad("invalid forum topic identifier specified", f"{_TD} can_be_forum_topic_id")
TOPIC_UNKNOWN = bad("TOPIC_ID_INVALID", "mtproto channels.editForumTopic")
NOT_MODIFIED = bad("TOPIC_NOT_MODIFIED", "mtproto channels.editForumTopic")
CLOSED = bad("TOPIC_CLOSED", "mtproto messages.sendMessage")
NAME_EMPTY = bad("name must be non-empty", f"{_TD} create_forum_topic")
ICON_COLOR = bad("invalid icon color specified", f"{_TD} create_forum_topic")
NO_CREATE_RIGHTS = bad("not enough rights to create a topic", f"{_TD} create_forum_topic")
NO_EDIT_RIGHTS = bad("not enough rights to edit the topic", f"{_TD} edit_forum_topic")
NO_CLOSE_RIGHTS = bad("not enough rights to close or open the topic", f"{_TD} toggle_forum_topic_is_closed")
NO_DELETE_RIGHTS = bad("not enough rights to delete the topic", f"{_TD} delete_forum_topic")
NO_TOPICS = bad("chat doesn't have topics", "td MessagesManager.cpp can_use_forum_topic_id")
