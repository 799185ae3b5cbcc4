/** What can be done with one message: react, answer, copy, change, forward, pin, delete. */
import * as api from "./api.js";
import { chatsOf } from "./chatlist.js";
import { menu, toast } from "./overlays.js";
import { chatTitle } from "./people.js";
import { reactionPicker } from "./reactions.js";

/** The menu of a message, beside `anchor`. */
export function messageMenu(desk, message, anchor) {
  const { t } = desk;
  const own = message.from?.id === desk.viewer;
  const words = message.text ?? message.caption;
  const reply = { label: t("Reply"), icon: "reply", run: () => desk.onReply(message) };
  const copy = { label: t("Copy text"), icon: "copy", run: () => navigator.clipboard.writeText(words) };
  const change = { label: t("Edit"), icon: "edit", run: () => desk.composer.edit(message) };
  const on = { label: t("Forward…"), icon: "forward", run: () => forwardMenu(desk, message, anchor) };
  const act = (request, given = {}) => async () => {
    const { viewer: person, chat } = desk;
    await request({ person, chat, message_id: message.message_id, ...given })
      .catch((refusal) => toast(desk.stage, refusal.message));
  };
  const pin = { label: t(message.pinned ? "Unpin" : "Pin"), icon: "pinned",
    run: act(api.pin, { pinned: !message.pinned }) };
  const remove = { label: t("Delete"), icon: "close", run: act(api.remove) };
  const fixed = Boolean(message.via_bot || message.forward_origin);
  const shown = [reply, words && copy, own && words && !fixed && change, !message.has_protected_content && on, pin,
    (own || !desk.isGroup) && remove];
  menu(desk.stage, anchor, t("Message"),
    [{ build: (close) => reactionPicker(message, desk, close) }, ...shown.filter(Boolean)]);
}

/** The chats of the person, to forward to. */
function forwardMenu(desk, message, anchor) {
  const { t, store, viewer: person } = desk;
  const send = async (chat) => {
    try {
      await api.forward({ person, from_chat: desk.chat, chat, message_id: message.message_id });
      toast(desk.stage, t("Forwarded"));
    } catch (refusal) {
      toast(desk.stage, refusal.message);
    }
  };
  menu(desk.stage, anchor, t("Forward to"), chatsOf(desk).map((chat) => {
    const name = chatTitle(store, chat);
    const id = chat.type === "private" ? store.bot.id : chat.id;
    return { label: name, who: { id, name }, run: () => send(chat.id) };
  }));
}
