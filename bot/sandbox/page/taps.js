/** Presses on inline keys: what a key does here, the spinner until the bot answers, and the answer's toast or alert. */
import * as api from "./api.js";
import { readLink } from "./links.js";
import { alertBox, sheet, toast } from "./overlays.js";

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

  /** Press a key of a message. */
  async press(message, button, name) {
    const url = button.url ?? button.web_app?.url ?? button.login_url?.url;
    if (url !== undefined) this.follow(url);
    else if (button.copy_text !== undefined) await this.#copy(button.copy_text.text ?? button.copy_text);
    else if (button.callback_data !== undefined) await this.#tap(message, button, name);
    else toast(this.pane.stage, "This kind of button is not built into the sandbox yet.");
  }

  /** Follow an address: Start for a deep link, a sheet for this machine's pages, a new tab for the rest. */
  follow(href) {
    const { stage, store } = this.pane;
    const link = readLink(href, store.bot.username);
    if (link.kind === "start") this.pane.start(link.payload);
    else if (link.kind === "loopback") sheet(stage, link.url);
    else if (link.kind === "outside") window.open(link.url, "_blank", "noopener");
    else toast(stage, `This link opens an app: ${link.url}`);
  }

  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      toast(this.pane.stage, "Copied");
    } catch {
      toast(this.pane.stage, `The browser did not let me copy: ${text}`);
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
