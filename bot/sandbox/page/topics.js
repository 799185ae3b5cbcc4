/** A forum's topics: the bar below the head that chooses one, where new words go. */
import { h, icon, reconcile } from "./dom.js";
import { addTopicBox } from "./newcomers.js";

/** Is this chat a forum? */
export const isForum = (chat) => Boolean(chat?.forum);

/** [{id, name, closed}] of a forum: as the state tells them, else as its messages do; the general one is 0. */
export function topicsOf(chat, log, t) {
  const told = chat?.topics ? listOf(chat.topics) : fromMessages(log);
  return [{ id: 0, name: t("General") }, ...told.filter(({ id, hidden }) => id > 1 && !hidden)];
}

const listOf = (topics) => (Array.isArray(topics) ? topics : Object.values(topics)).map((topic) =>
  ({ ...topic, id: topic.message_thread_id ?? topic.id }));

function fromMessages(log) {
  const found = new Map();
  for (const message of log.ordered()) {
    const id = message.message_thread_id;
    if (message.forum_topic_created) found.set(id, { id, name: message.forum_topic_created.name });
    if (message.forum_topic_edited?.name && found.has(id)) found.get(id).name = message.forum_topic_edited.name;
    if (message.forum_topic_closed && found.has(id)) found.get(id).closed = true;
    if (message.forum_topic_reopened && found.has(id)) found.get(id).closed = false;
  }
  return [...found.values()];
}

/** Draw the bar into `node`: "All", every topic, and the way to a new one; `desk.thread` is chosen, null for all. */
export function drawTopics(node, desk) {
  const chat = desk.store.chat(desk.chat);
  node.hidden = !isForum(chat);
  if (node.hidden) return;
  const all = { id: null, name: desk.t("All") };
  node.ariaLabel = desk.t("Topics");
  const topics = [all, ...topicsOf(chat, desk.store.log(desk.chat), desk.t)];
  reconcile(node, topics.map((topic) => {
    const selected = topic.id === desk.thread;
    return { key: String(topic.id), signature: JSON.stringify([topic, selected]), build: () => h("button", {
      type: "button", role: "tab", class: topic.closed ? "topic closed" : "topic", "data-testid": "topic",
      "aria-selected": String(selected), tabindex: selected ? "0" : "-1", onclick: () => desk.toTopic(topic.id) },
    topic.name) };
  }).concat({ key: "new", signature: desk.lang, build: () => h("button", { type: "button", class: "topic new",
    "aria-label": desk.t("New topic"), title: desk.t("New topic"), "data-testid": "new-topic",
    onclick: () => addTopicBox(desk, (thread) => desk.toTopic(thread)) }, icon("plus")) }));
}

/** Arrow keys walk the bar. */
export function onTopicKey(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const bar = event.currentTarget;
  const stops = [...bar.querySelectorAll("[role=tab]")];
  const at = (stops.indexOf(document.activeElement) + step) % stops.length;
  event.preventDefault();
  stops.at(at).click();
  bar.querySelectorAll("[role=tab]")[at < 0 ? stops.length - 1 : at].focus(); // drawn anew by the click
}
