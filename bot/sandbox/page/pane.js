/** One chat as one person sees it: head, pinned message, topics, messages, composer, keyboards. */
import * as api from "./api.js";
import { attachMenu } from "./attach.js";
import { drawable } from "./bubble.js";
import { Composer } from "./composer.js";
import { h, icon, iconButton, reconcile } from "./dom.js";
import { playEffect } from "./effects.js";
import { Foot } from "./foot.js";
import { localLink } from "./links.js";
import { messageMenu } from "./messagemenu.js";
import { openApp } from "./miniapp.js";
import { toast } from "./overlays.js";
import { drawHead, drawPin } from "./panehead.js";
import { fullName } from "./people.js";
import { Taps } from "./taps.js";
import { threadOf, timeline } from "./timeline.js";
import { drawTopics, isForum, onTopicKey, topicsOf } from "./topics.js";
import { acceptDrops, fileBox } from "./uploads.js";
import { say } from "./words.js";

/** Nearer to the end than this many CSS pixels, the log follows new messages. */
const NEAR = 80;

/** A pane; `role` is customer, staff or admin; `shell` gives personMenu(pane), sit(pane, place), isVisible(role). */
export class Pane {
  constructor(role, label, store, shell) {
    Object.assign(this, { role, label, store, shell, chat: null, viewer: null });
    this.thread = null; // the topic that is shown, null for all
    this.sees = []; // commands this person is offered here
    this.missed = 0;
    this.follows = true;
    this.top = 0; // where the log was scrolled to last
    this.t = (sentence, values) => say(this.lang, sentence, values);
    this.taps = new Taps(this);
    this.composer = new Composer(this);
    this.foot = new Foot(this);
    this.#build();
  }

  #build() {
    this.head = h("header", { class: "head" });
    this.pin = h("button", { type: "button", class: "pin", hidden: true });
    this.topics = h("div", { class: "topics", role: "tablist", hidden: true, onkeydown: onTopicKey });
    this.list = h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0",
      onscroll: () => this.#onScroll(), onclick: (event) => this.#onClick(event),
      onkeydown: (event) => this.#onLogKey(event),
      oncontextmenu: (event) => this.#onContext(event), ondblclick: (event) => this.#onDouble(event) });
    this.items = h("div", { class: "items" });
    this.list.append(this.items);
    this.down = iconButton("down", "", () => this.#toEnd(), { class: "icon-button to-end", hidden: true });
    this.place = h("div", { class: "log-place" }, this.list, this.down);
    this.hint = h("div", { class: "drop-hint", "aria-hidden": "true" });
    this.stage = h("div", { class: "stage" }, this.head, this.pin, this.topics, this.place, this.composer.node,
      this.foot.keys, this.foot.startBox, this.hint);
    this.title = h("h2", { class: "pane-label" });
    this.node = h("section", { class: "pane", dataset: { role: this.role }, "data-testid": `pane-${this.role}` },
      this.title, this.stage);
    acceptDrops(this);
    const sizes = new ResizeObserver(() => this.follows && this.#toEnd());
    sizes.observe(this.list);
    sizes.observe(this.items);
  }

  get lang() {
    return this.store.person(this.viewer)?.language_code ?? "en";
  }

  get isGroup() {
    const type = this.store.chat(this.chat)?.type;
    return type !== undefined && type !== "private";
  }

  get botId() {
    return this.store.bot.id;
  }

  /** Say the pane's own words in a language. */
  #speak() {
    this.node.lang = this.lang;
    this.title.lang = this.shell.lang;
    this.title.textContent = say(this.shell.lang, this.label);
    this.node.ariaLabel = this.title.textContent;
    this.list.ariaLabel = this.t("Messages");
    this.down.ariaLabel = this.t("To the newest message");
    this.down.title = this.down.ariaLabel;
    this.hint.replaceChildren(icon("photo"), this.t("Drop to send"));
  }

  /** Sit another person before (another) chat. */
  sit({ chat, person }) {
    this.#speak();
    if (chat === this.chat && person === this.viewer) return;
    const moved = chat !== this.chat;
    Object.assign(this, { chat, viewer: person, follows: true, missed: 0 });
    if (moved) Object.assign(this, { thread: null, sees: [] });
    this.#speak();
    this.foot.forget();
    this.composer.moveTo(`${chat} ${person}`);
    if (moved) this.items.replaceChildren();
    this.render();
    this.#askCommands();
    if (!this.store.log(chat).loaded) this.store.load(chat);
    if (this.shell.isVisible(this.role)) this.store.markSeen(chat);
  }

  /** The commands of this person in this chat; a sandbox that does not tell them apart has one list. */
  async #askCommands() {
    const { chat, viewer } = this;
    const found = await api.commandsFor(viewer, chat).catch(() => null);
    if (chat !== this.chat || viewer !== this.viewer) return;
    this.sees = Array.isArray(found?.commands) ? found.commands : this.store.commands;
    this.composer.refresh();
  }

  /** The state came anew: people, chats, commands. */
  onPeople() {
    if (this.chat === null) return;
    this.#askCommands();
    this.render();
  }

  /** Draw what is true now. */
  render() {
    if (this.chat === null) return;
    const log = this.store.log(this.chat);
    drawHead(this, log);
    drawPin(this, log);
    drawTopics(this.topics, this);
    this.chatList?.draw();
    const { follows } = this;
    const fromEnd = this.list.scrollHeight - this.list.scrollTop;
    this.newest = log.loaded && this.items.childElementCount > 0 ? log.ordered().at(-1)?.message_id : null;
    reconcile(this.items, timeline(log, isForum(this.store.chat(this.chat)) ? this.thread : null)
      .map((item) => drawable(item, this)));
    if (follows) this.#toEnd();
    else if (this.list.scrollTop < NEAR) this.list.scrollTop = this.list.scrollHeight - fromEnd;
    this.foot.render(log);
  }

  /** News of this pane's chat: draw it; count what came while the reader is further up. */
  onLog({ fresh, own, message }) {
    if (own) this.follows = true;
    if (fresh && !this.follows) this.missed += 1;
    this.render();
    this.#renderDown();
    if (message?.effect_id) playEffect(this.place, message);
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
    event.target.closest("blockquote.expandable")?.classList.toggle("open");
    if (command) {
      event.preventDefault();
      this.onText(command.dataset.command, null);
    } else if (link) {
      event.preventDefault();
      this.follow(link.getAttribute("href"));
    }
  }

  /** In the log: arrow keys walk the messages, Enter opens a message's menu or a spoiler. */
  #onLogKey(event) {
    if (event.target.matches(".spoiler") && (event.key === "Enter" || event.key === " ")) event.target.click();
    const here = event.target.matches("article.message") ? event.target : null;
    if (event.target !== this.list && !here) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const all = [...this.items.querySelectorAll("article.message[data-message-id]")];
    if (step !== undefined && all.length > 0) {
      (here ? all[Math.max(0, Math.min(all.length - 1, all.indexOf(here) + step))] : all.at(-1)).focus();
    } else if (event.key === "Enter" && here) this.#openMenu(here);
    else return;
    event.preventDefault();
  }

  #openMenu(node) {
    const message = this.#messageAt(node);
    if (message) messageMenu(this, message, node.querySelector(".reply-to"));
  }

  #messageAt(node) {
    const id = Number(node.closest?.("[data-message-id]")?.dataset.messageId);
    return this.store.log(this.chat).messages.get(id);
  }

  #onContext(event) {
    const message = this.#messageAt(event.target);
    const anchor = event.target.closest(".message")?.querySelector(".reply-to");
    if (!message || !anchor || window.getSelection().type === "Range") return;
    event.preventDefault();
    messageMenu(this, message, anchor);
  }

  #onDouble(event) {
    const message = this.#messageAt(event.target);
    if (message && !event.target.closest("button, a, .text, video, audio")) this.onReply(message);
  }

  // What the composer, the keyboards and the bubbles ask of their pane:

  nameOf(id) {
    return id === this.botId ? this.store.bot.first_name : fullName(this.store.person(id));
  }

  commands() {
    return this.sees;
  }

  /** The bot's menu button in a private chat, when it opens an app. */
  menuButton() {
    const { menu } = this.store;
    return !this.isGroup && menu?.type === "web_app" ? menu : null;
  }

  onMenu() {
    return openApp(this, { menu: true });
  }

  openApp(asked) {
    return openApp(this, asked);
  }

  /** {id, name} of a message's topic where all topics are shown together; null elsewhere. */
  topicName(message) {
    const chat = this.store.chat(this.chat);
    if (this.thread !== null || !isForum(chat) || threadOf(message) === 0) return null;
    return topicsOf(chat, this.store.log(this.chat), this.t).find(({ id }) => id === threadOf(message)) ?? null;
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

  onKey(message, button, name, at) {
    return this.taps.press(message, button, name, at);
  }

  follow(href) {
    return this.taps.follow(href);
  }

  /** The address a text is, when it leads to this bot or this machine; else null. */
  linkFor(text) {
    return localLink(text, this.store.bot.username);
  }

  /** Begin an inline query here. */
  writeInline(query) {
    this.composer.write(`@${this.store.bot.username} ${query}`);
  }

  onText(text, replyTo) {
    const { viewer: person, chat, thread } = this;
    return this.store.sendText({ person, chat, thread, text, replyTo });
  }

  async onEdit(message, text) {
    const { viewer: person, chat, stage } = this;
    await api.edit({ person, chat, message_id: message.message_id, text })
      .catch((refusal) => toast(stage, refusal.message));
  }

  /** Arrow up in an empty field: the newest own message is changed. */
  onEditLast() {
    const own = this.store.log(this.chat).ordered().findLast((message) => message.from?.id === this.viewer);
    if (own?.text && !own.via_bot && !own.forward_origin) this.composer.edit(own);
  }

  onFiles(files) {
    if (files.length > 0) fileBox(this, files);
  }

  onAttach(anchor) {
    attachMenu(this, anchor);
  }

  onReply(message) {
    this.composer.answer(message);
  }

  onRetry(draft) {
    return this.store.retry(draft);
  }

  toTopic(thread) {
    this.thread = thread;
    this.follows = true;
    this.render();
  }

  /** Scroll to a message and light it up for a moment. */
  onJump(messageId) {
    const node = this.list.querySelector(`[data-message-id="${Number(messageId)}"]`);
    if (!node) return toast(this.stage, this.t("That message is further up."));
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.add("lit");
    setTimeout(() => node.classList.remove("lit"), 1600);
    return undefined;
  }

  /** Show or put away the reply keyboard. */
  onKeyboard() {
    this.store.fold(this.chat, !this.store.isFolded(this.chat));
    this.render();
  }

  /** Press Start, with a deep link's payload or without; a group's deep link starts the person's private chat. */
  async start(payload) {
    try {
      const { message } = await api.start(this.viewer, payload);
      if (this.chat !== this.viewer) this.shell.sit(this, { chat: this.viewer });
      if (message) this.store.accept(this.viewer, message);
    } catch (refusal) {
      toast(this.stage, refusal.message);
    }
  }
}
