/** One item of a chat's timeline as an element. */
import { albumGrid } from "./album.js";
import { h, icon, iconButton } from "./dom.js";
import { inlineKeyboard } from "./keys.js";
import { attachments, isVisual, origin, photoWidth, quote, sizeOf } from "./media.js";
import { avatar, fullName, tint } from "./people.js";
import { reactionRow } from "./reactions.js";
import { serviceText } from "./service.js";
import { clock, dayLabel, refreshTimes } from "./times.js";

/** Khmer letters and signs; not the riel sign, which stands in English prices too. */
const KHMER = /[\u1780-\u17d3]/;

/** An album's width, in CSS pixels. */
const ALBUM_WIDTH = 320;

/**
 * An item for `reconcile`. `desk` is the pane: viewer (person id), lang, t(sentence, values), isGroup, isBusy,
 * busyNames, arrives, nameOf, topicName, onKey, onReply, onJump, onRetry.
 * The signature holds all that the drawing depends on; when it changes the element is drawn anew.
 */
export function drawable(item, desk) {
  const looks = [item, desk.viewer, desk.lang, desk.isGroup, desk.thread,
    item.type === "day" && dayLabel(item.date, desk.lang),
    busyKeys(item, desk)];
  return { key: item.key, signature: JSON.stringify(looks), build: (isNew) => BUILD[item.type](item, desk, isNew) };
}

function busyKeys(item, desk) {
  if (!item.message?.reply_markup) return "";
  return desk.busyNames(item.message);
}

const BUILD = { day, service, message, outgoing };

function day({ date }, desk) {
  return h("div", { class: "day" }, h("span", {}, dayLabel(date, desk.lang)));
}

function service({ message: about }, desk) {
  return h("div", { class: "day service", "data-testid": "message", "data-message-id": about.message_id },
    h("span", {}, serviceText(about, desk.lang)));
}

function message(item, desk, isNew) {
  const about = item.message;
  const own = about.from?.id === desk.viewer;
  const seen = item.parts ? item.parts.every(isVisual) : isVisual(about);
  const stack = h("div", { class: "stack" }, bubble(item, desk, own), reactionRow(about, desk),
    inlineKeyboard(about, desk));
  const facts = ["message", own ? "own" : "other", item.first && "first", item.last && "last",
    isNew && !own && desk.arrives(about) && "arriving", about.edit_date && "was-edited",
    seen && "has-photo", about.reply_markup?.inline_keyboard?.length && "has-keys"];
  if (seen) stack.style.setProperty("--photo", `${item.parts ? ALBUM_WIDTH : photoWidth(sizeOf(about))}px`);
  const node = h("article", { class: facts.filter(Boolean).join(" "), "data-testid": "message",
    "data-message-id": about.message_id, tabindex: "-1" }, groupFace(item, desk, own), stack, replyButton(about, desk));
  refreshTimes(node, desk.lang);
  return node;
}

/** In groups others have a face, at the end of a run. */
function groupFace({ message: about, last }, desk, own) {
  if (!desk.isGroup || own) return null;
  return last ? avatar(about.from?.id ?? 0, fullName(about.from), "small") : h("span", { class: "avatar small empty" });
}

function replyButton(about, desk) {
  return iconButton("reply", desk.t("Reply"), () => desk.onReply(about), { class: "icon-button reply-to",
    tabindex: "-1" });
}

/** The message whose words a bubble shows: an album's stand under one of its parts. */
const worded = ({ message: about, parts }) => parts?.find((part) => part.caption) ?? about;

function bubble(item, desk, own) {
  const { message: about, first, parts } = item;
  const speaking = worded(item);
  const written = (speaking.text ?? speaking.caption ?? "") !== "";
  const name = desk.isGroup && !own && first
    ? h("div", { class: "author", dataset: { tint: tint(about.from?.id ?? 0) } }, fullName(about.from),
      about.from?.is_bot && h("small", {}, desk.t("bot")))
    : null;
  const topic = first ? desk.topicName(about) : null;
  const carried = parts ? albumGrid(parts, desk) : attachments(about, desk);
  const words = written && text(speaking, desk);
  const above = about.show_caption_above_media && written;
  return h("div", { class: written && !above ? "bubble" : "bubble bare" }, name,
    topic && h("button", { type: "button", class: "topic-tag", onclick: () => desk.toTopic(topic.id) }, topic.name),
    origin(about, desk),
    quote(about, desk), (above ? [words, carried] : [carried, words]).flat(), meta(about, desk, own));
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
  for (const spoiler of node.querySelectorAll(".spoiler")) {
    Object.assign(spoiler, { tabIndex: 0, role: "button" });
  }
  return node;
}

/** A quote or code block ends its line already: the line break after it would make an empty line. */
function trimAfterBlocks(node) {
  for (const block of node.querySelectorAll("blockquote, pre")) {
    const next = block.nextSibling;
    if (next?.nodeType === Node.TEXT_NODE) next.data = next.data.replace(/^\n/, "");
  }
}

function meta(about, desk, own) {
  const stamp = new Date(about.date * 1000);
  return h("div", { class: "meta" }, about.edit_date && h("span", { class: "edited-mark" }, desk.t("edited")),
    h("time", { datetime: stamp.toISOString(), title: stamp.toLocaleString() }, clock(about.date)),
    own && icon("sent", "tick"));
}

/** A message on its way: a clock or how much of it has left, or why it failed and a way to try again. */
function outgoing({ draft }, desk, isNew) {
  const body = h("div", { class: KHMER.test(draft.text) ? "text khmer" : "text", dir: "auto" }, draft.text);
  const bar = draft.progress === undefined ? null
    : h("progress", { max: "1", value: draft.progress, "aria-label": desk.t("Sending") });
  const sign = h("div", { class: "meta" }, h("time", {}, clock(draft.date)),
    icon(draft.failed ? "close" : "clock", "tick"));
  const stack = h("div", { class: "stack" }, h("div", { class: "bubble" }, body, draft.failed ? null : bar, sign),
    draft.failed && h("button", { type: "button", class: "failed", onclick: () => desk.onRetry(draft) },
      `${draft.failed} · ${desk.t("Try again")}`));
  return h("article", { class: `message own first last outgoing ${isNew ? "arriving" : ""}` }, stack);
}
