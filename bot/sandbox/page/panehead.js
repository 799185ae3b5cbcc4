/** A pane's head: the way to the chats, the chat's name and menu, who sits here; and the pinned message below it. */
import * as api from "./api.js";
import { chatsOf, openChatList } from "./chatlist.js";
import { h, icon } from "./dom.js";
import { summary } from "./media.js";
import { addMembersBox } from "./newcomers.js";
import { menu, toast } from "./overlays.js";
import { avatar, chatTitle, fullName, members } from "./people.js";
import { topicsOf } from "./topics.js";

/** Draw the head when something in it changed. */
export function drawHead(pane, log) {
  const { store, head, t } = pane;
  const chat = store.chat(pane.chat);
  const title = chatTitle(store, chat);
  const me = store.person(pane.viewer);
  const typing = log.typingUntil > Date.now();
  const waiting = chatsOf(pane).reduce((sum, { id }) => sum + (id === pane.chat ? 0 : store.log(id).unread), 0);
  const others = pane.shell.elsewhere(pane);
  const looks = JSON.stringify([pane.chat, title, me, typing, subtitle(pane, chat), waiting, others, pane.lang]);
  if (head.dataset.looks === looks) return;
  head.dataset.looks = looks;
  const list = h("button", { type: "button", class: "icon-button to-chats", "aria-label": t("Chats"),
    title: t("Chats"), "data-testid": "to-chats", onclick: () => showChats(pane) }, icon("chats"), badge(waiting));
  head.replaceChildren(list, nameButton(pane, chat, title, typing), chip(pane, me, others));
}

const badge = (count) => (count > 0 ? h("span", { class: "badge" }, String(count)) : "");

function showChats(pane) {
  pane.chatList = openChatList(pane, (chat) => pane.shell.sit(pane, { chat }));
}

/** The chat's face and name; it opens what can be done with the chat. */
function nameButton(pane, chat, title, typing) {
  const { t } = pane;
  const button = h("button", { type: "button", class: "head-name", "aria-haspopup": "menu", "aria-expanded": "false",
    onclick: () => menu(pane.stage, button, title, chatMenu(pane, chat)) },
  avatar(pane.isGroup ? pane.chat : pane.botId, title),
  h("span", { class: "head-text" }, h("b", {}, title), typing
    ? h("small", { class: "typing", "data-testid": "typing" }, t("typing"), h("i"), h("i"), h("i"))
    : h("small", {}, subtitle(pane, chat))));
  return button;
}

function chip(pane, me, others) {
  const { t } = pane;
  const name = fullName(me);
  const button = h("button", { type: "button", class: "seat", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": t("Speaking as {who}", { who: name }), "data-testid": "person",
    onclick: () => menu(pane.stage, button, t("Person"), pane.shell.personMenu(pane)) },
  avatar(pane.viewer ?? 0, name, "small"), h("span", { class: "seat-name" }, name), icon("chevron"), badge(others));
  return button;
}

function subtitle(pane, chat) {
  const { t, store } = pane;
  if (!pane.isGroup) return store.person(pane.viewer)?.blocked ? t("bot · blocked") : t("bot");
  const count = members(store, chat).length;
  return count === 1 ? t("1 person") : t("{count} people", { count });
}

function chatMenu(pane, chat) {
  const { t, viewer: person, store } = pane;
  const act = (request) => async () => {
    try {
      await request();
      await store.refresh();
    } catch (refusal) {
      toast(pane.stage, refusal.message);
    }
  };
  if (!pane.isGroup) {
    const blocked = Boolean(store.person(person)?.blocked);
    return [{ label: t(blocked ? "Let the bot in again" : "Block the bot"), icon: "close",
      run: act(() => api.block({ person, blocked: !blocked })) }];
  }
  return [
    { label: t("Add people…"), icon: "add", run: () => addMembersBox(pane, chat) },
    chat.type === "supergroup" && { label: t(chat.forum ? "Turn topics off" : "Turn topics on"), icon: "topics",
      run: act(() => api.setForum({ chat: chat.id, on: !chat.forum })) },
    pane.thread > 0 && { label: t("Close or open the topic"), icon: "topics", run: act(() => toggleTopic(pane, chat)) },
    chat.type === "group" && { label: t("Make it a supergroup"), icon: "people",
      run: act(() => api.upgrade({ chat: chat.id })) },
    { label: t("Leave the group"), icon: "out",
      run: act(() => api.setMember({ chat: chat.id, person, status: "left", by: person })) },
  ].filter(Boolean);
}

function toggleTopic({ thread, viewer: person }, chat) {
  const closed = !topicsOf(chat, null, String).find(({ id }) => id === thread)?.closed;
  return api.changeTopic({ person, chat: chat.id, thread, closed });
}

/** Draw the newest pinned message, if there is one. */
export function drawPin(pane, log) {
  const pinned = log.pinned();
  pane.pin.hidden = !pinned;
  if (!pinned) return;
  pane.pin.replaceChildren(icon("pinned"),
    h("span", {}, h("b", {}, pane.t("Pinned message")), summary(pinned, pane.lang)));
  pane.pin.onclick = () => pane.onJump(pinned.message_id);
}

