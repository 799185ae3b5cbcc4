/** Presses on inline keys: what a key does here, the spinner until the bot answers, and the answer's toast or alert. */
import * as api from "./api.js";
import { chatsOf } from "./chatlist.js";
import { readLink } from "./links.js";
import { openApp } from "./miniapp.js";
import { alertBox, menu, popupBox, sheet, toast } from "./overlays.js";
import { chatTitle } from "./people.js";

/** A spinner stops by itself after this long, as in Telegram's apps. */
const PATIENCE_MS = 10_000;

/** One pane's presses. */
export class Taps {
  constructor(pane) {
    this.pane = pane;
    this.waiting = new Map(); // key name → {query (null until known), timer}
    this.early = new Set(); // answers that were faster than the reply to their own tap
  }

  isBusy(name) {
    return this.waiting.has(name);
  }

  /** Names of the busy keys of one message, as one string. */
  busyNames(message) {
    const start = `${message.chat?.id}\u0000${message.message_id}\u0000`;
    return [...this.waiting.keys()].filter((name) => name.startsWith(start)).join();
  }

  /** Press a key of a message; `at` is its place {row, column}. */
  async press(message, button, name, at) {
    const { pane } = this;
    const query = button.switch_inline_query ?? button.switch_inline_query_chosen_chat?.query;
    if (button.url !== undefined) await this.#open(message, button.url, at);
    else if (button.web_app) openApp(pane, { message_id: message.message_id, ...at });
    else if (button.copy_text !== undefined) await this.#copy(button.copy_text.text ?? button.copy_text);
    else if (button.callback_data !== undefined) await this.#tap(message, button, name);
    else if (button.switch_inline_query_current_chat !== undefined) {
      pane.writeInline(button.switch_inline_query_current_chat);
    } else if (query !== undefined) this.#inlineElsewhere(query);
    else toast(pane.stage, pane.t("This kind of button is not built into the sandbox."));
  }

  /** Open a link button; one that logs in asks first, and opens the plain page for who says no. */
  async #open(message, url, at) {
    const { stage, t, viewer: person, chat } = this.pane;
    const known = await api.tap({ person, chat, message_id: message.message_id, ...at }).catch(() => ({}));
    if (!known.login_url) return this.follow(url);
    const values = { site: new URL(url).host, who: this.pane.nameOf(person) };
    const buttons = [{ id: "no", text: t("Open without") }, { id: "yes", text: t("Log in") }];
    const chosen = await popupBox(stage, { message: t("Log in to {site} as {who}?", values), buttons });
    return chosen && this.follow(chosen === "yes" ? known.login_url : url);
  }

  /** Choose a chat, go there and begin the inline query. */
  #inlineElsewhere(query) {
    const { pane } = this;
    const chats = chatsOf(pane).map((chat) => {
      const name = chatTitle(pane.store, chat);
      const go = () => {
        pane.shell.sit(pane, { chat: chat.id });
        pane.writeInline(query);
      };
      return { label: name, who: { id: chat.type === "private" ? pane.botId : chat.id, name }, run: go };
    });
    menu(pane.stage, pane.composer.attach, pane.t("Choose a chat"), chats);
  }

  /** Follow an address: Start for a deep link, an app in a frame, a sheet for this machine's pages, else a new tab. */
  follow(href) {
    const { pane } = this;
    const { stage, store } = pane;
    const link = readLink(href, store.bot.username);
    if (link.kind === "start") pane.start(link.payload);
    else if (link.kind === "app") openApp(pane, { start_param: link.payload });
    else if (link.kind === "group") this.#addToGroup(link.payload);
    else if (link.kind === "loopback") sheet(stage, link.url);
    else if (link.kind === "outside") window.open(link.url, "_blank", "noopener");
    else toast(stage, pane.t("This link opens an app: {link}", { link: link.url }));
  }

  /** A link that adds the bot to a group: choose which. */
  #addToGroup(payload) {
    const { pane } = this;
    const { viewer, stage } = pane;
    const add = async (chat) => {
      try {
        await api.addBot({ chat, person: viewer, payload });
        pane.shell.sit(pane, { chat });
      } catch (refusal) {
        toast(stage, refusal.message);
      }
    };
    const groups = chatsOf(pane).filter(({ type }) => type !== "private");
    menu(stage, pane.composer.attach, pane.t("Add the bot to a group"), groups.map(({ id, title }) =>
      ({ label: title, who: { id, name: title }, run: () => add(id) })));
  }

  async #copy(text) {
    const { stage, t } = this.pane;
    try {
      await navigator.clipboard.writeText(text);
      toast(stage, t("Copied"));
    } catch {
      toast(stage, t("The browser did not let me copy: {text}", { text }));
    }
  }

  async #tap(message, button, name) {
    if (this.waiting.has(name)) return;
    const tap = { query: null, timer: setTimeout(() => this.#settle(name), PATIENCE_MS) };
    this.waiting.set(name, tap);
    this.pane.render();
    const { viewer: person, chat } = this.pane;
    try {
      const answer = await api.tap({ person, chat, message_id: message.message_id, data: button.callback_data });
      tap.query = answer.callback_query_id;
      if (this.early.delete(tap.query)) this.#settle(name);
    } catch (refusal) {
      this.#settle(name);
      toast(this.pane.stage, refusal.message);
    }
  }

  #settle(name) {
    clearTimeout(this.waiting.get(name)?.timer);
    if (this.waiting.delete(name)) this.pane.render();
  }

  /** How sure is it that this answer belongs here? 3: its key waits; 2: a key waits for its id; 1: same person. */
  claim(answer) {
    const taps = [...this.waiting.values()];
    if (taps.some((tap) => tap.query === answer.callback_query_id)) return 3;
    if (answer.person !== this.pane.viewer) return 0;
    return taps.some((tap) => tap.query === null) ? 2 : 1;
  }

  /** The bot's answer: stop the spinner, say the text, follow the address. */
  onAnswer(answer) {
    const { callback_query_id: query, text, show_alert: loud, url } = answer;
    const name = [...this.waiting].find(([, tap]) => tap.query === query)?.[0];
    if (name !== undefined) this.#settle(name);
    else if ([...this.waiting.values()].some((tap) => tap.query === null)) this.early.add(query);
    if (text) (loud ? alertBox : toast)(this.pane.stage, text);
    if (url) this.follow(url);
  }
}
