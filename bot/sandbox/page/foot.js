/** Below the messages: the bot's reply keyboard, the Start button, and the answer a bot forces. */
import * as api from "./api.js";
import { locationBox, sendContact } from "./attach.js";
import { h } from "./dom.js";
import { hasKeys, replyKeyboard } from "./keys.js";
import { openApp } from "./miniapp.js";
import { pickPeopleBox } from "./newcomers.js";
import { menu, toast } from "./overlays.js";

/** The reply keyboard that this person is shown: a selective one is `for` those it names. */
const keyboardFor = ({ keyboard }, person) => ((keyboard?.for ?? [person]).includes(person) ? keyboard : null);

/** One pane's foot. */
export class Foot {
  constructor(pane) {
    this.pane = pane;
    this.forced = null; // message_id of the answer that was asked for last
    this.keys = h("div", { class: "rkeys-place", hidden: true });
    this.start = h("button", { type: "button", class: "button wide", onclick: () => pane.start() });
    this.startBox = h("div", { class: "start-box", hidden: true }, this.start);
  }

  render(log) {
    const { pane } = this;
    const unstarted = !pane.isGroup && log.loaded && log.messages.size === 0 && log.outgoing.length === 0;
    const markup = keyboardFor(log, pane.viewer);
    const open = hasKeys(markup) && !pane.store.isFolded(pane.chat) && !unstarted;
    this.startBox.hidden = !unstarted;
    this.start.textContent = pane.t("Start");
    pane.composer.node.hidden = unstarted;
    const placeholder = open ? markup.input_field_placeholder : "";
    pane.composer.showKeyboard({ placeholder, available: hasKeys(markup), open });
    this.keys.hidden = !open;
    this.#drawKeys(open, markup, log);
    this.#forceReply(log, markup);
  }

  #drawKeys(open, markup, log) {
    const { pane } = this;
    const looks = open ? JSON.stringify([pane.chat, pane.viewer, log.keyboardOf, markup]) : "";
    if (this.keys.dataset.looks === looks) return;
    this.keys.dataset.looks = looks;
    const label = pane.t("Keyboard of the bot");
    const press = (button, node, at) => this.#press(button, node, at);
    this.keys.replaceChildren(...(open ? [replyKeyboard(markup, label, press)] : []));
  }

  /** The bot wants an answer to its newest message; once something else was said, nothing is asked for any more. */
  #forceReply(log, markup) {
    const { composer, botId } = this.pane;
    const newest = log.ordered().at(-1);
    const asking = markup?.force_reply && newest?.from?.id === botId
      && (log.keyboardOf ?? newest.message_id) === newest.message_id ? newest.message_id : null;
    if (asking === this.forced) return;
    this.forced = asking;
    if (asking === null) return composer.answer(null);
    const { input_field_placeholder: placeholder } = markup;
    return composer.answer(newest, { placeholder, focus: log.keyboardOf === asking });
  }

  /** Another chat: what was forced there is not asked for here. */
  forget() {
    this.forced = null;
  }

  #press(button, node, at) {
    const { pane } = this;
    const { stage, t } = pane;
    const markup = pane.store.log(pane.chat).keyboard;
    if (markup?.one_time_keyboard) pane.store.fold(pane.chat, true);
    if (button.request_contact) sendContact(pane);
    else if (button.request_location) locationBox(pane);
    else if (button.web_app) openApp(pane, { key: true, ...at });
    else if (button.request_users || button.request_chat) this.#pick(button, node);
    else if (button.request_poll) toast(stage, t("Polls are not built into the sandbox."));
    else pane.onText(button.text, null);
    pane.render();
  }

  /** Choose among those whom the button may be given, and share them with the bot. */
  async #pick(button, anchor) {
    const { viewer: person, chat, store, stage, t } = this.pane;
    const { request_id: request } = button.request_users ?? button.request_chat;
    const asked = { person, chat, request_id: request };
    const share = async (ask, given) => store.accept(chat, (await ask({ ...asked, ...given })).message);
    const quietly = (run) => run.catch((refusal) => toast(stage, refusal.message));
    const found = await quietly(api.candidates(asked));
    if (found?.users) pickPeopleBox(this.pane, found, (users) => share(api.shareUsers, { users }));
    else if (found?.chats) {
      menu(stage, anchor, t("Choose a chat"), found.chats.map(({ id, title }) => ({ label: title,
        who: { id, name: title }, run: () => quietly(share(api.shareChat, { shared: id })) })));
    }
  }
}
