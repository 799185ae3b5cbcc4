/** One item of a chat's timeline as an element. */
import { h, icon, iconButton } from "./dom.js";
import { inlineKeyboard } from "./keys.js";
import { attachments, largest, photoWidth, quote, summary } from "./media.js";
import { avatar, fullName, tint } from "./people.js";
import { clock, dayLabel, refreshTimes } from "./times.js";
import { serviceKind } from "./timeline.js";

/** Khmer letters and signs; not the riel sign, which stands in English prices too. */
const KHMER = /[\u1780-\u17d3]/;

/**
 * An item for `reconcile`. `desk` is the pane: viewer (person id), isGroup, isBusy, busyNames, arrives, onKey, onReply,
 * onJump, onRetry.
 * The signature holds all that the drawing depends on; when it changes the element is drawn anew.
 */
export function drawable(item, desk) {
  const looks = [item, desk.viewer, desk.isGroup, item.type === "day" && dayLabel(item.date), busyKeys(item, desk)];
  return { key: item.key, signature: JSON.stringify(looks), build: (isNew) => BUILD[item.type](item, desk, isNew) };
}

function busyKeys(item, desk) {
  if (!item.message?.reply_markup) return "";
  return desk.busyNames(item.message);
}

const BUILD = { day, service, message, outgoing };

function day({ date }) {
  return h("div", { class: "day" }, h("span", {}, dayLabel(date)));
}

function service({ message: about }) {
  return h("div", { class: "day service", "data-testid": "message", "data-message-id": about.message_id },
    h("span", {}, serviceText(about)));
}

/** What a service line says. */
function serviceText(about) {
  const who = fullName(about.from);
  switch (serviceKind(about)) {
    case "new_chat_members": return `${about.new_chat_members.map(fullName).join(", ")} joined the group`;
    case "left_chat_member": return `${fullName(about.left_chat_member)} left the group`;
    case "pinned_message": return `${who} pinned “${summary(about.pinned_message)}”`;
    case "new_chat_title": return `${who} named the group “${about.new_chat_title}”`;
    case "web_app_data": return `Data sent from “${about.web_app_data.button_text}”`;
    case "users_shared": return `${who} shared people with the bot`;
    case "chat_shared": return `${who} shared a chat with the bot`;
    case "migrate_to_chat_id": return "The group became a supergroup";
    default: return serviceKind(about).replaceAll("_", " ");
  }
}

function message(item, desk, isNew) {
  const about = item.message;
  const own = about.from?.id === desk.viewer;
  const photo = largest(about);
  const stack = h("div", { class: "stack" }, bubble(item, desk, own), inlineKeyboard(about, desk));
  const facts = ["message", own ? "own" : "other", item.first && "first", item.last && "last",
    isNew && !own && desk.arrives(about) && "arriving",
    about.photo && "has-photo", about.reply_markup?.inline_keyboard?.length && "has-keys"];
  if (photo) stack.style.setProperty("--photo", `${photoWidth(photo)}px`);
  const node = h("article", { class: facts.filter(Boolean).join(" "), "data-testid": "message",
    "data-message-id": about.message_id, tabindex: "-1" }, groupFace(item, desk, own), stack, replyButton(about, desk));
  refreshTimes(node);
  return node;
}

/** In groups others have a face, at the end of a run. */
function groupFace({ message: about, last }, desk, own) {
  if (!desk.isGroup || own) return null;
  return last ? avatar(about.from?.id ?? 0, fullName(about.from), "small") : h("span", { class: "avatar small empty" });
}

function replyButton(about, desk) {
  return iconButton("reply", "Reply", () => desk.onReply(about), { class: "icon-button reply-to", tabindex: "-1" });
}

function bubble({ message: about, first }, desk, own) {
  const written = (about.text ?? about.caption ?? "") !== "";
  const name = desk.isGroup && !own && first
    ? h("div", { class: "author", dataset: { tint: tint(about.from?.id ?? 0) } }, fullName(about.from),
      about.from?.is_bot && h("small", {}, "bot"))
    : null;
  return h("div", { class: written ? "bubble" : "bubble bare" },
    name, quote(about, desk.onJump), attachments(about), written && text(about), meta(about, own));
}

/** The text with its entities. */
function text(about) {
  const written = about.text ?? about.caption;
  const node = h("div", { class: KHMER.test(written) ? "text khmer" : "text", dir: "auto" });
  // The one place that reads HTML: the sandbox renders `html` itself from text and entities and escapes all the rest.
  if (typeof about.html === "string") node.innerHTML = about.html;
  else node.textContent = written;
  if (about.edit_date) node.classList.add("edited");
  trimAfterBlocks(node);
  return node;
}

/** A quote or code block ends its line already: the line break after it would make an empty line. */
function trimAfterBlocks(node) {
  for (const block of node.querySelectorAll("blockquote, pre")) {
    const next = block.nextSibling;
    if (next?.nodeType === Node.TEXT_NODE) next.data = next.data.replace(/^\n/, "");
  }
}

function meta(about, own) {
  const stamp = new Date(about.date * 1000);
  return h("div", { class: "meta" }, about.edit_date && h("span", { class: "edited-mark" }, "edited"),
    h("time", { datetime: stamp.toISOString(), title: stamp.toLocaleString() }, clock(about.date)),
    own && icon("sent", "tick"));
}

/** A message on its way: a clock, or why it failed and a way to try again. */
function outgoing({ draft }, desk, isNew) {
  const body = h("div", { class: KHMER.test(draft.text) ? "text khmer" : "text", dir: "auto" }, draft.text);
  const sign = h("div", { class: "meta" }, h("time", {}, clock(draft.date)),
    icon(draft.failed ? "close" : "clock", "tick"));
  const stack = h("div", { class: "stack" }, h("div", { class: "bubble" }, body, sign),
    draft.failed && h("button", { type: "button", class: "failed", onclick: () => desk.onRetry(draft) },
      `${draft.failed} · Try again`));
  return h("article", { class: `message own first last outgoing ${isNew ? "arriving" : ""}` }, stack);
}
