/** The chats of the person in a pane: name, last line, time, unread count; and the way to new people and groups. */
import { h, icon, iconButton } from "./dom.js";
import { summary } from "./media.js";
import { addGroupBox } from "./newcomers.js";
import { avatar, chatTitle, fullName, hasChat } from "./people.js";
import { serviceKind, serviceText } from "./service.js";
import { shortTime } from "./times.js";

/** Chats of the pane's person, the newest line first. */
export function chatsOf(desk, person = desk.viewer) {
  const when = (chat) => chat.last?.date ?? 0;
  return desk.store.chats.filter((chat) => hasChat(chat, person)).sort((a, b) => when(b) - when(a));
}

/** What a chat's last line says: in a group with who said it. */
export function lastLine(chat, desk) {
  const { last } = chat;
  if (!last) return desk.t("No messages yet");
  if (serviceKind(last)) return serviceText(last, desk.lang);
  const words = summary(last, desk.lang);
  if (chat.type === "private" || !last.from) return words;
  return `${last.from.id === desk.viewer ? desk.t("You") : fullName(last.from)}: ${words}`;
}

/** Lay the list over the pane; Esc, the cross and a choice close it. `onChoose(chat id)`. */
export function openChatList(desk, onChoose) {
  const { t, stage } = desk;
  const before = document.activeElement;
  const close = () => {
    node.remove();
    desk.chatList = null;
    before?.isConnected && before.focus();
  };
  const rows = h("div", { class: "chat-rows", role: "list" });
  const node = h("section", { class: "chat-list", "aria-label": t("Chats"), "data-testid": "chat-list",
    onkeydown: (event) => onListKey(event, rows, close) },
  h("header", { class: "head" }, iconButton("close", t("Close the list"), close),
    h("div", { class: "head-text" }, h("b", {}, t("Chats"))),
    iconButton("add-group", t("New group…"), () => addGroupBox(desk, onChoose))), rows);
  const draw = () => {
    const focused = document.activeElement?.dataset.chat;
    rows.replaceChildren(...chatsOf(desk).map((chat) => row(chat, desk, () => {
      close();
      onChoose(chat.id);
    })));
    if (focused) rows.querySelector(`[data-chat="${focused}"]`)?.focus();
  };
  draw();
  stage.append(node);
  (rows.querySelector("[aria-current]") ?? rows.querySelector("button"))?.focus({ preventScroll: true });
  return { draw, close };
}

function row(chat, desk, onclick) {
  const title = chatTitle(desk.store, chat);
  const { unread } = desk.store.log(chat.id);
  const label = unread > 0 ? desk.t("{chat}, {count} unread", { chat: title, count: unread }) : title;
  return h("div", { role: "listitem" }, h("button", { type: "button", class: "chat-row", dataset: { chat: chat.id },
    "aria-current": chat.id === desk.chat ? "true" : null, "aria-label": label, "data-testid": "chat-row", onclick },
  avatar(chat.type === "private" ? desk.store.bot.id : chat.id, title),
  h("span", { class: "chat-text" }, h("b", {}, title, chat.forum ? icon("topics") : ""),
    h("small", {}, lastLine(chat, desk))),
  h("span", { class: "chat-side" }, h("small", {}, chat.last ? shortTime(chat.last.date, desk.lang) : ""),
    unread > 0 && h("span", { class: "badge" }, String(unread)))));
}

function onListKey(event, rows, close) {
  const stops = [...rows.querySelectorAll("button")];
  const here = stops.indexOf(document.activeElement);
  const goal = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key];
  if (goal !== undefined && stops.length > 0) stops.at(goal % stops.length).focus();
  else if (event.key === "Escape") close();
  else return;
  event.stopPropagation();
  event.preventDefault();
}
