/** The keyboards: inline ones under a message, reply ones under the composer. */
import { h, icon } from "./dom.js";

/** Small picture in the corner of a key that does more than answer, by its field. */
const CORNERS = { url: "out", copy_text: "copy", web_app: "window", login_url: "out", switch_inline_query: "forward",
  switch_inline_query_current_chat: "forward", switch_inline_query_chosen_chat: "forward" };

/** How a key is known while its answer is awaited: message, place and meaning, so that a redrawn key is a new one. */
export const keyName = (message, row, column, button) =>
  [message.chat?.id, message.message_id, row, column, button.text, button.callback_data].join("\u0000");

/** Rows of keys that share the message's width; `desk` has isBusy(name) and onKey(message, button, name). */
export function inlineKeyboard(message, desk) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (rows.length === 0) return null;
  return h("div", { class: "keys", role: "group", "aria-label": desk.t("Buttons of this message") },
    rows.map((row, y) => h("div", { class: "key-row" }, row.map((button, x) => {
      const name = keyName(message, y, x, button);
      return inlineKey(button, desk.isBusy(name), () => desk.onKey(message, button, name, { row: y, column: x }));
    }))));
}

function inlineKey(button, busy, onclick) {
  const corner = Object.keys(CORNERS).find((field) => button[field] !== undefined);
  const style = ["primary", "success", "danger"].includes(button.style) ? button.style : null;
  return h("button", { type: "button", class: "key", dataset: style ? { style } : {}, "aria-busy": busy ? "true" : null,
    onclick }, h("span", { class: "key-text" }, button.text), corner && icon(CORNERS[corner], "key-corner"),
  busy && h("span", { class: "spinner", "aria-hidden": "true" }));
}

/** Has this markup keys to show? (A removed keyboard and a forced reply have none.) */
export const hasKeys = (markup) => (markup?.keyboard?.length ?? 0) > 0;

/** The reply keyboard; `onKey(button, node, {row, column})` gets every press, a plain string as {text}. */
export function replyKeyboard(markup, label, onKey) {
  const rows = markup.keyboard.map((row) => row.map((key) => (typeof key === "string" ? { text: key } : key)));
  return h("div", { class: markup.resize_keyboard ? "rkeys resized" : "rkeys", role: "group",
    "aria-label": label },
  rows.map((row, y) => h("div", { class: "key-row" }, row.map((button, x) =>
    replyKey(button, (node) => onKey(button, node, { row: y, column: x }))))));
}

const SIGNS = { request_contact: "contact", request_location: "pin", request_users: "add", request_chat: "people",
  web_app: "window" };

function replyKey(button, onKey) {
  const style = ["primary", "success", "danger"].includes(button.style) ? { style: button.style } : {};
  const sign = Object.entries(SIGNS).find(([field]) => button[field])?.[1];
  return h("button", { type: "button", class: "rkey", dataset: style,
    onclick: ({ currentTarget }) => onKey(currentTarget) }, sign && icon(sign),
  h("span", { class: "key-text" }, button.text));
}
