/** Who is who: names, initials, colours, and which chat sits in which pane. */
import { h } from "./dom.js";

/** How many avatar colours the style sheet has (`.avatar[data-tint]`). */
const TINTS = 7;

/** The name on a bubble; never empty. */
export function fullName(person) {
  return [person?.first_name, person?.last_name].filter(Boolean).join(" ") || "Someone";
}

/** First letters of up to two words; a Khmer cluster counts as one letter. */
export function initials(name) {
  const words = name.trim().split(/\s+/).slice(0, 2);
  const letters = new Intl.Segmenter("km", { granularity: "grapheme" });
  return words.map((word) => [...letters.segment(word)][0]?.segment ?? "").join("").toUpperCase();
}

/** The colour of a person or chat, the same everywhere. */
export const tint = (id) => Math.abs(Number(id)) % TINTS;

/** A round picture with initials. */
export function avatar(id, name, className = "") {
  const looks = { class: `avatar ${className}`, dataset: { tint: tint(id) }, "aria-hidden": "true" };
  return h("span", looks, initials(name));
}

/** The pane's name for a chat: its title, or the bot in a private chat. */
export function chatTitle(store, chat) {
  return chat?.type === "supergroup" || chat?.type === "group" ? chat.title : store.bot.first_name;
}

/**
 * Who sits where: {customer, staff, admin}, each {chat, person} or null.
 * `links.panes` decides when there; else the order of people (customers, staff, admin) and the first group.
 */
export function seats(store) {
  const told = readPanes(store.links.panes);
  const groups = store.chats.filter((chat) => chat.type !== "private");
  const last = store.people.at(-1)?.id ?? null;
  const admin = told.admin ?? last;
  const customer = told.customer ?? store.people.find((person) => person.id !== admin)?.id ?? last;
  const staff = told.staff ?? groups[0]?.id ?? null;
  return { customer: seat(store, customer), staff: seat(store, staff), admin: seat(store, admin) };
}

function readPanes(panes) {
  if (typeof panes !== "string") return panes ?? {};
  try {
    return JSON.parse(panes);
  } catch {
    return {};
  }
}

function seat(store, chatId) {
  if (chatId === null) return null;
  const chat = store.chat(chatId);
  if (!chat || chat.type === "private") return { chat: chatId, person: chatId };
  return { chat: chatId, person: members(store, chat)[0]?.id ?? null };
}

/** Does this person have this chat in their list? Their own private one, and the groups they are in. */
export function hasChat(chat, person) {
  if (chat.moved_to) return false; // it lives on as a supergroup
  return chat.type === "private" ? chat.id === person : (chat.members ?? []).includes(person);
}

/** The people of a group, without the bot. */
export function members(store, chat) {
  return (chat?.members ?? []).filter((id) => id !== store.bot.id).map((id) => store.person(id)).filter(Boolean);
}
