/** Reactions: the row of emoji below a message, and the picker that adds one. */
import * as api from "./api.js";
import { h } from "./dom.js";
import { toast } from "./overlays.js";

/** Those offered first; the sandbox knows all that Telegram allows. */
export const OFFERED = ["👍", "❤", "🔥", "🎉", "😁", "🤔", "😢", "👎"];

/** [{emoji, count, people: [ids]}] of a message; a bot's counts too. */
export function reactionsOf(message) {
  const given = message.reactions;
  if (!given) return [];
  if (Array.isArray(given)) return given;
  const counted = new Map(); // by person, as the sandbox keeps them → by emoji
  for (const [person, kinds] of Object.entries(given)) {
    for (const kind of [kinds].flat()) {
      const emoji = kind.emoji ?? kind;
      counted.set(emoji, [...(counted.get(emoji) ?? []), Number(person)]);
    }
  }
  return [...counted].map(([emoji, people]) => ({ emoji, count: people.length, people }));
}

const isMine = (reaction, viewer) => (reaction.people ?? []).includes(viewer);

/** The row below a bubble, or null; a press takes the person's own away or joins in. */
export function reactionRow(message, desk) {
  const found = reactionsOf(message);
  if (found.length === 0) return null;
  return h("div", { class: "reactions", role: "group", "aria-label": desk.t("Reactions") }, found.map((one) => {
    const mine = isMine(one, desk.viewer);
    return h("button", { type: "button", class: "reaction", "aria-pressed": String(mine), "data-testid": "reaction",
      title: (one.people ?? []).map((id) => desk.nameOf(id)).join(", "),
      onclick: () => react(desk, message, mine ? "" : one.emoji) }, one.emoji, h("span", {}, String(one.count)));
  }));
}

/** A row of emoji to choose from, for a message's menu. */
export function reactionPicker(message, desk, close) {
  const mine = reactionsOf(message).find((one) => isMine(one, desk.viewer))?.emoji;
  return h("div", { class: "reaction-picker", role: "group", "aria-label": desk.t("React") }, OFFERED.map((emoji) =>
    h("button", { type: "button", role: "menuitemradio", "aria-checked": String(emoji === mine), "aria-label": emoji,
      onclick: () => {
        close();
        react(desk, message, emoji === mine ? "" : emoji);
      } }, emoji)));
}

async function react(desk, message, emoji) {
  const { viewer: person, chat } = desk;
  try {
    await api.react({ person, chat, message_id: message.message_id, emoji });
  } catch (refusal) {
    toast(desk.stage, refusal.message);
  }
}
