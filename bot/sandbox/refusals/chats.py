"""Refusals about chats, their members and the rights there. `client`, `td`, `docs`, `mtproto` as in the package."""

from bot.sandbox.refusals import Refusal, bad

_ACCESS = "client check_chat_access"
_STATUS = "td DialogParticipantManager.cpp"

# Into a chat
KICKED_FROM_GROUP = Refusal(403, "Forbidden: bot was kicked from the group chat", _ACCESS)
NOT_IN_GROUP = Refusal(403, "Forbidden: bot is not a member of the group chat", _ACCESS)
NO_TEXT_RIGHTS = bad(
    "not enough rights to send text messages to the chat", "td MessageContent.cpp can_send_message_content"
)

# Members
MEMBER_NOT_FOUND = bad("member not found", f"{_STATUS} do_get_dialog_participant, get_channel_participant")
SUPERGROUPS_ONLY = bad("method is available only for supergroups", "client process_restrict_chat_member_query")
SUPERGROUPS_CHANNELS_ONLY = bad(
    "method is available for supergroup and channel chats only", "client process_promote_chat_member_query"
)
GROUPS_ONLY = bad(
    "method is available only for groups and supergroups", "client process_set_chat_administrator_custom_title_query"
)
BAN_IN_PRIVATE = bad("can't ban members in private chats", f"{_STATUS} ban_dialog_participant")
OWNER = bad("can't remove chat owner", f"{_STATUS} set_channel_participant_status_impl")
SELF_PROMOTED = bad("can't promote self", f"{_STATUS} promote_channel_participant")
SELF_RESTRICTED = bad("can't restrict self", f"{_STATUS} restrict_channel_participant")
NO_PROMOTE_RIGHTS = bad("not enough rights", f"{_STATUS} promote_channel_participant")
NO_RESTRICT_RIGHTS = bad(
    "not enough rights to restrict/unrestrict chat member", f"{_STATUS} restrict_channel_participant"
)
AN_ADMINISTRATOR = bad(
    "user is an administrator of the chat", "client fail_query_with_error: USER_ADMIN_INVALID of channels.editBanned"
)
ADMIN_REQUIRED = bad("CHAT_ADMIN_REQUIRED", "mtproto channels.editAdmin, messages.deleteChatUser")
RIGHT_FORBIDDEN = bad("RIGHT_FORBIDDEN", "mtproto channels.editAdmin: the bot grants what it does not have")
NOT_PARTICIPANT = bad("USER_NOT_PARTICIPANT", "mtproto messages.deleteChatUser")
NOT_MUTUAL = bad("USER_NOT_MUTUAL_CONTACT", "mtproto channels.editAdmin: the user is not in the chat")
PERMISSIONS_JSON = bad("can't parse permissions JSON object", "client get_chat_permissions")
PERMISSIONS_OBJECT = bad("object expected as permissions", "client get_chat_permissions")
PERMISSIONS = bad("can't parse chat permissions: {reason}", "client get_chat_permissions")
TITLE_OF_OWNER = bad(
    "only the owner can edit their custom title", "client process_set_chat_administrator_custom_title_query"
)
TITLE_OF_MEMBER = bad("user is not an administrator", "client process_set_chat_administrator_custom_title_query")
TITLE_RIGHTS = bad(
    "not enough rights to change custom title of the user", "client process_set_chat_administrator_custom_title_query"
)
CUSTOM_TITLE = bad("CUSTOM_TITLE_INVALID", "client fail_query_with_error: RANK_INVALID; docs: 0-16 characters")
CUSTOM_TITLE_EMOJI = bad("CUSTOM_TITLE_EMOJI_NOT_ALLOWED", "client fail_query_with_error: RANK_EMOJI_NOT_ALLOWED")
LEAVE_PRIVATE = bad("can't leave private chats", f"{_STATUS} leave_dialog")

# A chat's own things
TITLE_PRIVATE = bad("can't change private chat title", "td DialogManager.cpp set_dialog_title")
TITLE_EMPTY = bad("title must be non-empty", "td DialogManager.cpp set_dialog_title")
TITLE_NO_RIGHTS = bad("not enough rights to change chat title", "td DialogManager.cpp set_dialog_title")
ABOUT_PRIVATE = bad("can't change private chat description", "td DialogManager.cpp set_dialog_description")
ABOUT_NO_RIGHTS = bad("not enough rights to set chat description", "td ChatManager.cpp set_channel_description")
ABOUT_SAME = bad("chat description is not modified", "client fail_query_with_error: CHAT_ABOUT_NOT_MODIFIED")
PERMISSIONS_PRIVATE = bad("can't change private chat permissions", "td DialogManager.cpp set_dialog_permissions")
PERMISSIONS_NO_RIGHTS = bad(
    "not enough rights to change chat permissions", "td DialogManager.cpp set_dialog_permissions"
)
LINK_PRIVATE = bad(
    "can't invite members to a private chat", "td DialogInviteLinkManager.cpp can_manage_dialog_invite_links"
)
LINK_NO_RIGHTS = bad(
    "not enough rights to manage chat invite link", "td DialogInviteLinkManager.cpp can_manage_dialog_invite_links"
)
LINK_UNKNOWN = bad("INVITE_HASH_EXPIRED", "mtproto messages.editExportedChatInvite")
LINK_PAST = bad("EXPIRE_DATE_INVALID", "mtproto messages.exportChatInvite: the date has passed")

# The bot's own page
NAME_LONG = bad("BOT_TITLE_INVALID", "mtproto bots.setBotInfo as we read it; docs setMyName: 0-64 characters")
ABOUT_LONG = bad(
    "ABOUT_TOO_LONG", "mtproto bots.setBotInfo as we read it; docs setMyShortDescription: 0-120 characters"
)
DESCRIPTION_LONG = bad(
    "DESCRIPTION_TOO_LONG", "mtproto bots.setBotInfo as we read it; docs setMyDescription: 0-512 characters"
)
RIGHTS_JSON = bad("can't parse ChatAdministratorRights JSON object", "client get_chat_administrator_rights")
RIGHTS = bad("can't parse ChatAdministratorRights: {reason}", "client get_chat_administrator_rights")
