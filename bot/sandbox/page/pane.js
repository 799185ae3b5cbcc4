/** One chat as one person sees it: header, pinned message, messages, composer, keyboards. */
import * as api from "./api.js";
import { attachMenu, fileBox, locationBox, sendContact } from "./attach.js";
import { drawable } from "./bubble.js";
import { Composer } from "./composer.js";
import { h, icon, iconButton, reconcile } from "./dom.js";
import { hasKeys, replyKeyboard } from "./keys.js";
import { summary } from "./media.js";
import { menu, toast } from "./overlays.js";
import { avatar, chatTitle, fullName, members } from "./people.js";
import { Taps } from "./taps.js";
import { timeline } from "./timeline.js";

/** Nearer to the end than this many CSS pixels, the log follows new messages. */
const NEAR = 80;

/** A pane; `role` is customer, staff or admin; `shell` gives personMenu(pane) and isVisible(role). */
export class Pane {
  constructor(role, label, store, shell) {
    Object.assign(this, { role, name: label.toLowerCase(), label, store, shell });
    this.chat = null;
    this.viewer = null;
    this.folded = null; // message_id of a reply keyboard that was put away
    this.missed = 0;
    this.follows = true;
    this.top = 0; // where the log was scrolled to last
    this.taps = new Taps(this);
    this.composer = new Composer(this);
    this.#build();
  }

  #build() {
    this.head = h("header", { class: "head" });
    this.pin = h("button", { type: "button", class: "pin", hidden: true });
    this.list = h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0",
      "aria-label": `Messages: ${this.label}`, onscroll: () => this.#onScroll(),
      onclick: (event) => this.#onClick(event),
      oncontextmenu: (event) => this.#onContext(event), ondblclick: (event) => this.#onDouble(event) });
    this.items = h("div", { class: "items" });
    this.list.append(this.items);
    this.down = iconButton("down", "To the newest message", () => this.#toEnd(),
      { class: "icon-button to-end", hidden: true });
    this.keys = h("div", { class: "rkeys-place", hidden: true });
    this.startBox = h("div", { class: "start-box", hidden: true },
      h("button", { type: "button", class: "button wide", onclick: () => this.start() }, "Start"));
    this.stage = h("div", { class: "stage" }, this.head, this.pin,
      h("div", { class: "log-place" }, this.list, this.down), this.composer.node, this.keys, this.startBox,
      h("div", { class: "drop-hint", "aria-hidden": "true" }, icon("photo"), "Drop to send"));
    this.node = h("section", { class: "pane", dataset: { role: this.role }, "data-testid": `pane-${this.role}`,
      "aria-label": this.label }, h("h2", { class: "pane-label" }, this.label), this.stage);
    this.#acceptDrops();
    const sizes = new ResizeObserver(() => this.follows && this.#toEnd());
    sizes.observe(this.list);
    sizes.observe(this.items);
  }

  get isGroup() {
    const type = this.store.chat(this.chat)?.type;
    return type !== undefined && type !== "private";
  }

  get botId() {
    return this.store.bot.id;
  }

  /** Sit another person before (another) chat. */
  sit({ chat, person }) {
    if (chat === this.chat && person === this.viewer) return;
    const moved = chat !== this.chat;
    Object.assign(this, { chat, viewer: person, follows: true, missed: 0 });
    this.composer.moveTo(`${chat}`);
    if (moved) this.items.replaceChildren();
    this.node.lang = this.store.person(person)?.language_code ?? "en";
    this.render();
    if (!this.store.log(chat).loaded) this.store.load(chat);
    if (this.shell.isVisible(this.role)) this.store.markSeen(chat);
  }

  /** Draw what is true now. */
  render() {
    if (this.chat === null) return;
    const log = this.store.log(this.chat);
    this.#renderHead(log);
    this.#renderPin(log);
    const follows = this.follows;
    const fromEnd = this.list.scrollHeight - this.list.scrollTop;
    this.newest = log.loaded && this.items.childElementCount > 0 ? log.ordered().at(-1)?.message_id : null;
    reconcile(this.items, timeline(log).map((item) => drawable(item, this)));
    if (follows) this.#toEnd();
    else if (this.list.scrollTop < NEAR) this.list.scrollTop = this.list.scrollHeight - fromEnd;
    this.#renderFoot(log);
  }

  #renderHead(log) {
    const chat = this.store.chat(this.chat);
    const title = chatTitle(this.store, chat);
    const me = this.store.person(this.viewer);
    const typing = log.typingUntil > Date.now();
    const looks = JSON.stringify([this.chat, title, me, typing, this.#subtitle(chat), this.shell.elsewhere(this)]);
    if (this.head.dataset.looks === looks) return;
    this.head.dataset.looks = looks;
    const chip = h("button", { type: "button", class: "chip", "aria-haspopup": "menu", "aria-expanded": "false",
      "aria-label": `${this.isGroup ? "Speaking as" : this.label} ${fullName(me)}`,
      onclick: () => menu(this.stage, chip, "Person", this.shell.personMenu(this)) },
    avatar(this.viewer ?? 0, fullName(me), "small"), h("span", { class: "chip-name" }, fullName(me)), icon("chevron"),
    this.shell.elsewhere(this) > 0 && h("span", { class: "badge" }, String(this.shell.elsewhere(this))));
    this.head.replaceChildren(avatar(this.isGroup ? this.chat : this.botId, title),
      h("div", { class: "head-text" }, h("b", {}, title), typing
        ? h("small", { class: "typing", "data-testid": "typing" }, "typing", h("i"), h("i"), h("i"))
        : h("small", {}, this.#subtitle(chat))), chip);
  }

  #subtitle(chat) {
    if (!this.isGroup) return "bot";
    const count = members(this.store, chat).length;
    return `${count} ${count === 1 ? "person" : "people"}`;
  }

  #renderPin(log) {
    const pinned = log.pinned();
    this.pin.hidden = !pinned;
    if (!pinned) return;
    this.pin.replaceChildren(icon("pinned"), h("span", {}, h("b", {}, "Pinned message"), summary(pinned)));
    this.pin.onclick = () => this.onJump(pinned.message_id);
  }

  #renderFoot(log) {
    const unstarted = !this.isGroup && log.loaded && log.messages.size === 0 && log.outgoing.length === 0;
    const markup = log.keyboard;
    const open = hasKeys(markup) && this.folded !== JSON.stringify(markup) && !unstarted;
    this.startBox.hidden = !unstarted;
    this.composer.node.hidden = unstarted;
    const placeholder = hasKeys(markup) ? markup.input_field_placeholder : "";
    this.composer.showKeyboard({ placeholder, available: hasKeys(markup), open });
    this.keys.hidden = !open;
    const looks = open || markup?.force_reply ? JSON.stringify([this.chat, log.keyboardOf, markup]) : "";
    if (this.keys.dataset.looks === looks) return;
    this.keys.dataset.looks = looks;
    this.keys.replaceChildren(...(open ? [replyKeyboard(markup, (button) => this.#onReplyKey(button, markup))] : []));
    if (markup?.force_reply) this.#forceReply(log);
  }

  /** The bot wants an answer to its newest message; one that came just now takes the focus too. */
  #forceReply(log) {
    const newest = log.ordered().at(-1);
    if (newest?.from?.id !== this.botId) return;
    const { input_field_placeholder: placeholder } = log.keyboard;
    this.composer.answer(newest, { placeholder, focus: log.keyboardOf === newest.message_id });
  }

  /** News of this pane's chat: draw it; count what came while the reader is further up. */
  onLog({ fresh, own }) {
    if (own) this.follows = true;
    if (fresh && !this.follows) this.missed += 1;
    this.render();
    this.#renderDown();
  }

  #renderDown() {
    this.down.hidden = this.follows;
    this.down.dataset.count = this.missed > 0 ? String(this.missed) : "";
  }

  #toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.top = this.list.scrollTop;
    this.follows = true;
    this.missed = 0;
    this.#renderDown();
  }

  /** Only a reader who moves up stops following; content that grows below does not. */
  #onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.follows = true;
    else if (scrollTop < this.top) this.follows = false;
    this.top = scrollTop;
    if (this.follows) this.missed = 0;
    this.#renderDown();
    if (scrollTop < NEAR && scrollHeight > clientHeight) this.store.loadOlder(this.chat).catch(() => {});
  }

  /** Links in texts go the same way as keys; a spoiler opens; a command in a text is sent. */
  #onClick(event) {
    const link = event.target.closest(".text a[href]");
    const command = event.target.closest(".text [data-command]");
    event.target.closest(".spoiler")?.classList.add("open");
    if (command) {
      event.preventDefault();
      this.onText(command.dataset.command, null);
    } else if (link) {
      event.preventDefault();
      this.taps.follow(link.getAttribute("href"));
    }
  }

  #messageAt(event) {
    const id = Number(event.target.closest?.("[data-message-id]")?.dataset.messageId);
    return this.store.log(this.chat).messages.get(id);
  }

  #onContext(event) {
    const message = this.#messageAt(event);
    const anchor = event.target.closest(".message")?.querySelector(".reply-to");
    if (!message || !anchor || window.getSelection().type === "Range") return;
    event.preventDefault();
    const text = message.text ?? message.caption;
    menu(this.stage, anchor, "Message", [
      { label: "Reply", icon: "reply", run: () => this.onReply(message) },
      ...(text ? [{ label: "Copy text", icon: "copy", run: () => navigator.clipboard.writeText(text) }] : []),
    ]);
  }

  #onDouble(event) {
    const message = this.#messageAt(event);
    if (message && !event.target.closest("button, a, .text")) this.onReply(message);
  }

  #acceptDrops() {
    let depth = 0;
    const mark = () => this.stage.classList.toggle("dropping", depth > 0);
    const count = (step) => (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      depth = Math.max(0, depth + step);
      mark();
    };
    this.stage.addEventListener("dragenter", count(1));
    this.stage.addEventListener("dragover", count(0));
    this.stage.addEventListener("dragleave", count(-1));
    this.stage.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      mark();
      this.onFiles([...event.dataTransfer.files]);
    });
  }

  // What the composer, the keyboards and the bubbles ask of their pane:

  /** Commands the bot has told. */
  commands() {
    return this.store.commands;
  }

  isBusy(name) {
    return this.taps.isBusy(name);
  }

  /** Does this message come in while someone looks on? Then it moves. */
  arrives(message) {
    return message.message_id === this.newest;
  }

  busyNames(message) {
    return this.taps.busyNames(message);
  }

  onKey(message, button, name) {
    return this.taps.press(message, button, name);
  }

  onText(text, replyTo) {
    return this.store.sendText(this.viewer, this.chat, text, replyTo);
  }

  onFiles(files) {
    if (files.length > 0) fileBox(this, files[0]);
  }

  onAttach(anchor) {
    attachMenu(this, anchor);
  }

  onReply(message) {
    this.composer.answer(message);
  }

  onRetry(draft) {
    return this.store.retry(this.chat, draft);
  }

  /** Scroll to a message and light it up for a moment. */
  onJump(messageId) {
    const node = this.list.querySelector(`[data-message-id="${Number(messageId)}"]`);
    if (!node) return toast(this.stage, "That message is further up.");
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.add("lit");
    setTimeout(() => node.classList.remove("lit"), 1600);
    return undefined;
  }

  /** Show or put away the reply keyboard. */
  onKeyboard() {
    const looks = JSON.stringify(this.store.log(this.chat).keyboard);
    this.folded = this.folded === looks ? null : looks;
    this.render();
  }

  #onReplyKey(button, markup) {
    if (markup.one_time_keyboard) this.folded = JSON.stringify(markup);
    if (button.request_contact) sendContact(this);
    else if (button.request_location) locationBox(this);
    else if (button.web_app) this.taps.follow(button.web_app.url);
    else this.onText(button.text, null);
    this.render();
  }

  /** Press Start, with a deep link's payload or without; a group's deep link starts the person's private chat. */
  async start(payload) {
    try {
      const { message } = await api.start(this.viewer, payload);
      if (!this.isGroup && message) this.store.accept(this.chat, message);
    } catch (refusal) {
      toast(this.stage, refusal.message);
    }
  }
}
