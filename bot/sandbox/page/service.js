/** Lines about the chat rather than something said in it: who came, what was pinned, which topic began. */
import { summary } from "./media.js";
import { fullName } from "./people.js";
import { say } from "./words.js";

/** Every kind of service message by its field, with what it says: a sentence and its values. */
const LINES = {
  new_chat_members: ({ new_chat_members: who }) =>
    ["{who} joined the group", { who: who.map(fullName).join(", ") }],
  left_chat_member: ({ left_chat_member: who }) => ["{who} left the group", { who: fullName(who) }],
  pinned_message: ({ from, pinned_message: pinned }, lang) =>
    ["{who} pinned “{what}”", { who: fullName(from), what: summary(pinned, lang) }],
  new_chat_title: ({ from, new_chat_title: what }) => ["{who} named the group “{what}”", { who: fullName(from), what }],
  new_chat_photo: ({ from }) => ["{who} changed the group's photo", { who: fullName(from) }],
  delete_chat_photo: ({ from }) => ["{who} removed the group's photo", { who: fullName(from) }],
  group_chat_created: ({ from }) => ["{who} created the group", { who: fullName(from) }],
  supergroup_chat_created: ({ from }) => ["{who} created the group", { who: fullName(from) }],
  channel_chat_created: () => ["The channel was created"],
  forum_topic_created: ({ from, forum_topic_created: topic }) =>
    ["{who} opened the topic “{what}”", { who: fullName(from), what: topic.name }],
  forum_topic_edited: ({ from, forum_topic_edited: topic }) => topic.name
    ? ["{who} renamed the topic “{what}”", { who: fullName(from), what: topic.name }]
    : ["{who} changed the topic's icon", { who: fullName(from) }],
  forum_topic_closed: ({ from }) => ["{who} closed the topic", { who: fullName(from) }],
  forum_topic_reopened: ({ from }) => ["{who} opened the topic again", { who: fullName(from) }],
  general_forum_topic_hidden: () => ["The general topic is hidden"],
  general_forum_topic_unhidden: () => ["The general topic is back"],
  web_app_data: ({ web_app_data: data }) => ["Data sent from “{what}”", { what: data.button_text }],
  users_shared: ({ from }) => ["{who} shared people with the bot", { who: fullName(from) }],
  chat_shared: ({ from }) => ["{who} shared a chat with the bot", { who: fullName(from) }],
  migrate_to_chat_id: () => ["The group became a supergroup"],
  migrate_from_chat_id: () => ["The group became a supergroup"],
  write_access_allowed: () => ["The bot may write here"],
  message_auto_delete_timer_changed: () => ["The auto-delete timer was changed"],
};

/** Is this a line about the chat rather than something said in it? Then its field's name, else undefined. */
export const serviceKind = (message) => Object.keys(LINES).find((kind) => message[kind] !== undefined);

/** What a service line says in a language. */
export function serviceText(about, lang) {
  const [sentence, values] = LINES[serviceKind(about)](about, lang);
  return say(lang, sentence, values);
}
