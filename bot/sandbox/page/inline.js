/** Inline mode: "@bot words" in the composer asks the bot, its results stand above the field, a choice is sent. */
import * as api from "./api.js";
import { h, icon } from "./dom.js";
import { homeward, isLoopback } from "./links.js";
import { toast } from "./overlays.js";

/** The bot is asked when the typing rests this long. */
const PAUSE_MS = 300;

/** One composer's inline queries, shown in its list of suggestions; `onSent` empties the field. */
export class InlineQueries {
  constructor(desk, list, onSent) {
    Object.assign(this, { desk, list, onSent, asked: null, timer: null, turn: 0 });
  }

  /** What is in the field now; true when it is an inline query, whose list is no one else's. */
  take(written) {
    const name = this.desk.store.bot.username;
    const found = /^@(\w+)\s([\s\S]*)$/.exec(written);
    if (!found || found[1].toLowerCase() !== name?.toLowerCase()) {
      this.#forget();
      return false;
    }
    if (found[2] === this.asked) return true;
    this.#forget();
    this.asked = found[2];
    this.timer = setTimeout(() => this.#ask(found[2], ""), PAUSE_MS);
    return true;
  }

  #forget() {
    clearTimeout(this.timer);
    this.asked = null;
    this.turn += 1; // an answer on its way comes too late
  }

  async #ask(query, offset, before = []) {
    const { t, viewer: person, chat } = this.desk;
    const { turn } = this;
    if (before.length === 0) this.#note(t("Asking the bot…"));
    try {
      const answer = await api.inline({ person, chat, query, offset });
      if (turn === this.turn) this.#show(query, answer, before);
    } catch (refusal) {
      if (turn === this.turn) this.#note(refusal.message);
    }
  }

  #note(text) {
    this.list.show([], { head: h("p", { class: "list-note" }, text) });
  }

  #show(query, answer, before) {
    const { t } = this.desk;
    if (answer.results === null) return this.#note(t("The bot did not answer."));
    const found = [...before, ...answer.results.map((one) => this.#item(answer.query_id, one))];
    const more = answer.next_offset ? [{ title: t("More…"), run: () => this.#ask(query, answer.next_offset, found) }]
      : [];
    const none = found.length === 0 ? h("p", { class: "list-note" }, t("The bot found nothing.")) : null;
    return this.list.show([...found, ...more], { label: t("Results of the bot"), first: found.length > 0,
      head: this.#button(answer.button) ?? none });
  }

  /** The bot's own button above the results: Start with a parameter, or a Mini App. */
  #button(button) {
    if (!button) return null;
    const press = () => (button.web_app ? this.desk.openApp({ url: button.web_app.url })
      : this.desk.start(button.start_parameter));
    return h("button", { type: "button", class: "list-button", onclick: press }, button.text);
  }

  #item(queryId, result) {
    const title = result.title || result.first_name || result.caption || result.message_text
      || result.input_message_content?.message_text || result.type;
    return { title, detail: result.description ?? result.address ?? result.phone_number ?? "",
      picture: thumbnail(result), run: () => this.#choose(queryId, result) };
  }

  async #choose(queryId, result) {
    const { viewer: person, chat, thread } = this.desk;
    this.onSent();
    this.list.hide();
    try {
      const body = { person, chat, query_id: queryId, result_id: result.id, ...(thread ? { thread } : {}) };
      const { message } = await api.inlineChoose(body);
      this.desk.store.accept(chat, message);
    } catch (refusal) {
      toast(this.desk.stage, refusal.message);
    }
  }
}

/** A picture of a result when this machine has it, the shop's site too; nothing is fetched from elsewhere. */
function thumbnail(result) {
  const address = result.file_url ?? result.thumbnail_url ?? "";
  if (address !== "" && isLoopback(address)) return h("img", { class: "thumb", src: homeward(address), alt: "" });
  const signs = { location: "pin", venue: "pin", contact: "contact", photo: "photo" };
  return h("span", { class: "thumb" }, icon(signs[result.type] ?? "file"));
}
