/** A log as a list of things to draw: days, service lines, messages in runs, albums, messages on their way. Pure. */
import { serviceKind } from "./service.js";
import { dayOf } from "./times.js";

/** Seconds between two messages of one person that still make one run. */
const RUN_GAP = 300;

/** The topic a message stands in: its thread, 0 for the general one. */
export const threadOf = (message) => (message.is_topic_message ? message.message_thread_id : 0);

/**
 * Items {key, type: "day" | "service" | "message" | "outgoing", …} in order; of one topic when `thread` is a number.
 * A message carries `first` and `last`: where it stands in its run, which decides name, tail and avatar; an album is
 * one item, its parts in `parts`.
 */
export function timeline(log, thread = null) {
  const messages = log.ordered().filter((message) => thread === null || threadOf(message) === thread);
  const groups = albums(messages);
  const items = [];
  groups.forEach((parts, at) => {
    const [message] = parts;
    const before = groups[at - 1]?.at(-1);
    if (before === undefined || dayOf(before.date) !== dayOf(message.date)) {
      items.push({ key: `day-${dayOf(message.date)}`, type: "day", date: message.date });
    }
    items.push(itemOf(parts, before, groups[at + 1]?.[0]));
  });
  const drafts = log.outgoing.filter((draft) => thread === null || (draft.thread ?? 0) === thread)
    .map((draft) => ({ key: draft.local, type: "outgoing", draft, first: true, last: true }));
  return items.concat(drafts);
}

/** Messages in groups: an album's messages stand together, every other one by itself. */
function albums(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.media_group_id && last?.[0].media_group_id === message.media_group_id) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

function itemOf(parts, before, after) {
  const [message] = parts;
  if (serviceKind(message)) return { key: `m-${message.message_id}`, type: "service", message };
  return {
    key: `m-${message.message_id}`,
    type: "message",
    message,
    ...(parts.length > 1 ? { parts } : {}),
    first: !sameRun(before, message),
    last: !sameRun(parts.at(-1), after),
  };
}

function sameRun(one, next) {
  if (!one || !next || serviceKind(one) || serviceKind(next)) return false;
  if (threadOf(one) !== threadOf(next)) return false;
  return one.from?.id === next.from?.id && next.date - one.date < RUN_GAP && dayOf(one.date) === dayOf(next.date);
}
