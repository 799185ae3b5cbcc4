/** A log as a list of things to draw: day separators, service lines, messages in runs, messages on their way. Pure. */
import { dayOf } from "./times.js";

/** Seconds between two messages of one person that still make one run. */
const RUN_GAP = 300;

const SERVICE = ["new_chat_members", "left_chat_member", "pinned_message", "new_chat_title", "group_chat_created",
  "supergroup_chat_created", "forum_topic_created", "forum_topic_closed", "web_app_data", "users_shared",
  "chat_shared", "migrate_to_chat_id", "migrate_from_chat_id", "write_access_allowed"];

/** Is this a line about the chat rather than something said in it? */
export const serviceKind = (message) => SERVICE.find((kind) => message[kind] !== undefined);

/**
 * Items {key, type: "day" | "service" | "message" | "outgoing", …} in order.
 * A message carries `first` and `last`: where it stands in its run, which decides name, tail and avatar.
 */
export function timeline(log) {
  const messages = log.ordered();
  const items = [];
  messages.forEach((message, at) => {
    if (at === 0 || dayOf(messages[at - 1].date) !== dayOf(message.date)) {
      items.push({ key: `day-${dayOf(message.date)}`, type: "day", date: message.date });
    }
    items.push(itemOf(message, messages[at - 1], messages[at + 1]));
  });
  const drafts = log.outgoing.map((draft) => ({ key: draft.local, type: "outgoing", draft, first: true, last: true }));
  return items.concat(drafts);
}

function itemOf(message, before, after) {
  if (serviceKind(message)) return { key: `m-${message.message_id}`, type: "service", message };
  return {
    key: `m-${message.message_id}`,
    type: "message",
    message,
    first: !sameRun(before, message),
    last: !sameRun(message, after),
  };
}

function sameRun(one, next) {
  if (!one || !next || serviceKind(one) || serviceKind(next)) return false;
  return one.from?.id === next.from?.id && next.date - one.date < RUN_GAP && dayOf(one.date) === dayOf(next.date);
}
