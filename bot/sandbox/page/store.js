/**
 * Everything the page knows, and the one place that changes it: state, logs, unread counts.
 *
 * Tells what changed by events: "people" (bot, people, chats, links), "log" (detail: {chat, fresh}), "answer", "live".
 */
import * as api from "./api.js";
import { Log, now } from "./log.js";

/** Messages asked for at once. */
const PAGE = 50;

/** A draft as the sandbox takes it. */
function bodyOf({ person, chat, text, replyTo, thread }) {
  return { person, chat, text, ...(replyTo ? { reply_to: replyTo } : {}), ...(thread ? { thread } : {}) };
}

const foldKey = (chat) => `sandbox-folded-${chat}`;

let locals = 0; // names of outgoing messages

/** The page's picture of the sandbox. */
export class Store extends EventTarget {
  constructor() {
    super();
    this.bot = { id: 0, username: "", first_name: "" };
    this.people = [];
    this.chats = [];
    this.links = {};
    this.commands = [];
    this.menu = null;
    this.live = false;
    this.logs = new Map();
    /** Set by the page: is this chat before someone's eyes? */
    this.isSeen = () => true;
  }

  #tell(kind, detail = {}) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  /** Fetch the state and begin to listen. */
  async open() {
    api.listen({
      onEvent: (kind, data) => this.#onEvent(kind, data),
      onOpen: (again) => this.#onOpen(again),
      onBreak: () => this.#setLive(false),
    });
    await this.refresh();
  }

  /** Fetch bot, people, chats, links and commands anew. */
  async refresh() {
    const { bot, people, chats, links, commands, menu } = await api.getState();
    Object.assign(this, { bot, people, chats, links: links ?? {}, commands: commands ?? [], menu: menu ?? null });
    for (const id of this.logs.keys()) if (!this.chat(id)) this.logs.delete(id); // gone with a reset
    this.#tell("people");
  }

  person(id) {
    return this.people.find((person) => person.id === id);
  }

  chat(id) {
    return this.chats.find((chat) => chat.id === id);
  }

  log(chat) {
    if (!this.logs.has(chat)) this.logs.set(chat, new Log());
    return this.logs.get(chat);
  }

  /** Fetch the newest page of a chat (again after a break). A chat nobody wrote to yet is empty. */
  async load(chat) {
    const log = this.log(chat);
    const since = now();
    const page = await api.getMessages(chat, { limit: PAGE }).catch(() => null);
    if (page !== null) {
      log.replaceTail(page.messages, since);
      log.complete = log.complete || page.messages.length < PAGE;
      log.keyboard = page.keyboard ?? null;
    }
    log.loaded = true;
    this.#tell("log", { chat });
  }

  /** Fetch the page before the oldest message known. */
  async loadOlder(chat) {
    const log = this.log(chat);
    const oldest = log.ordered()[0];
    if (log.complete || !oldest) return;
    const since = now();
    const page = await api.getMessages(chat, { before: oldest.message_id, limit: PAGE });
    log.mergePage(page.messages, since);
    log.complete = page.messages.length < PAGE;
    this.#tell("log", { chat });
  }

  /** A chat came before someone's eyes. */
  markSeen(chat) {
    const log = this.log(chat);
    if (log.unread === 0) return;
    log.unread = 0;
    this.#tell("log", { chat });
  }

  /** Send text at once on the page, and then to the sandbox: {person, chat, text, replyTo, thread}. */
  sendText(given) {
    return this.#post(given);
  }

  /** Send files, {…, files: [{kind, file}], text: the caption}; what has left is shown. */
  sendFiles(given) {
    return this.#post({ ...given, progress: 0 });
  }

  async #post(given) {
    locals += 1;
    const draft = { ...given, local: `out-${locals}`, failed: null, date: Date.now() / 1000 };
    this.log(given.chat).outgoing.push(draft);
    this.#tell("log", { chat: given.chat, fresh: true, own: true });
    await this.#deliver(draft);
  }

  /** Try a failed message again. */
  async retry(draft) {
    draft.failed = null;
    this.#tell("log", { chat: draft.chat });
    await this.#deliver(draft);
  }

  async #deliver(draft) {
    const log = this.log(draft.chat);
    try {
      const answer = draft.files ? await this.#upload(draft) : await api.send(bodyOf(draft));
      log.outgoing = log.outgoing.filter((other) => other !== draft);
      for (const message of answer.messages ?? [answer.message]) this.accept(draft.chat, message);
    } catch (error) {
      draft.failed = error.message;
      this.#tell("log", { chat: draft.chat });
    }
  }

  #upload(draft) {
    return api.sendFiles({ ...draft, caption: draft.text }, (share) => {
      const rounded = Math.round(share * 20) / 20;
      if (rounded === draft.progress) return;
      draft.progress = rounded;
      this.#tell("log", { chat: draft.chat });
    });
  }

  /** A message that the sandbox answered with: known at once, unless the stream was faster (then it may be newer). */
  accept(chat, message) {
    if (!message) return;
    const log = this.log(chat);
    if (!log.touched.has(message.message_id)) log.put(message);
    this.#takeLast(chat, message);
    this.#tell("log", { chat, fresh: true, own: true });
  }

  #setLive(live) {
    if (this.live === live) return;
    this.live = live;
    this.#tell("live");
  }

  async #onOpen(again) {
    this.#setLive(true);
    if (!again) return;
    await this.refresh();
    await Promise.all([...this.logs.keys()].map((chat) => this.load(chat)));
  }

  #onEvent(kind, data) {
    if (kind === "message") this.#onMessage(data);
    else if (kind === "edited") this.#onEdited(data);
    else if (kind === "deleted") this.#onDeleted(data);
    else if (kind === "typing") this.#onTyping(data.chat);
    else if (kind === "chat") this.#onChat(data.chat);
    else this.#tell("answer", data);
  }

  #onMessage({ chat, message, ...rest }) {
    const log = this.log(chat);
    const author = message.from?.id;
    const twin = log.outgoing.findIndex((draft) => draft.person === author && draft.text === message.text);
    if (twin >= 0) log.outgoing.splice(twin, 1);
    if (author === this.bot.id) log.typingUntil = 0;
    const known = log.messages.has(message.message_id);
    log.put(message);
    this.#takeKeyboard(chat, log, message, rest);
    this.#takeLast(chat, message);
    if (!known && !this.isSeen(chat)) log.unread += 1;
    this.#tell("log", { chat, fresh: true, message });
    if (!this.chat(chat)) this.refresh();
  }

  #onEdited({ chat, message, ...rest }) {
    const log = this.log(chat);
    log.put(message);
    this.#takeKeyboard(chat, log, message, rest);
    if (this.chat(chat)?.last?.message_id === message.message_id) this.#takeLast(chat, message);
    this.#tell("log", { chat });
  }

  /** The chat's newest line, for the list of chats. */
  #takeLast(chat, message) {
    const known = this.chat(chat);
    if (known) known.last = message;
  }

  /** A keyboard that comes anew is open, whatever was put away before. */
  #takeKeyboard(chat, log, message, rest) {
    if (!("keyboard" in rest)) return;
    log.keyboard = rest.keyboard;
    log.keyboardOf = message.message_id;
    this.fold(chat, false);
  }

  /**
   * Is this chat's reply keyboard put away? As its person chose (kept in the browser), else as the sandbox says: a
   * one-time keyboard is `hidden` once it was used.
   */
  isFolded(chat) {
    const { hidden = false, ...markup } = this.log(chat).keyboard ?? {};
    const [chosen, of] = [localStorage.getItem(foldKey(chat))?.slice(0, 1), JSON.stringify(markup)];
    return localStorage.getItem(foldKey(chat))?.slice(1) === of ? chosen === "1" : hidden;
  }

  /** Put the reply keyboard away, or bring it back. */
  fold(chat, folded) {
    const { hidden, ...markup } = this.log(chat).keyboard ?? {};
    localStorage.setItem(foldKey(chat), `${folded ? 1 : 0}${JSON.stringify(markup)}`);
  }

  #onDeleted({ chat, message_id: messageId, message_ids: messageIds }) {
    for (const id of messageIds ?? [messageId]) this.log(chat).drop(id);
    this.#tell("log", { chat });
  }

  #onTyping(chat) {
    const lasts = this.log(chat).startTyping();
    this.#tell("log", { chat });
    setTimeout(() => this.#tell("log", { chat }), lasts + 50);
  }

  async #onChat(chat) {
    await this.refresh();
    // Without a chat everything may have changed: the sandbox was reset or loaded.
    const known = [...this.logs.keys()];
    const chats = chat === undefined || chat === null ? known : known.filter((id) => id === chat);
    await Promise.all(chats.map((id) => this.load(id)));
  }
}
