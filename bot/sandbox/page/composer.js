/** Where a person writes: text, commands, the answered message, and the buttons beside them. */
import { h, icon, iconButton } from "./dom.js";
import { summary } from "./media.js";
import { fullName } from "./people.js";

/** The composer grows with its text up to this many CSS pixels. */
const MOST_HEIGHT = 160;

/**
 * One pane's composer. `desk` has onText(text, replyTo), onFiles(files), onAttach(anchor), onKeyboard(),
 * commands() and a name for the pane.
 */
export class Composer {
  constructor(desk) {
    this.desk = desk;
    this.replyTo = null;
    this.asked = ""; // placeholder of a forced reply
    this.offered = ""; // placeholder of a reply keyboard
    this.drafts = new Map(); // chat-person → text not sent yet
    this.place = null;
    this.chosen = -1;
    this.field = h("textarea", { class: "field", rows: "1", "data-testid": "composer", placeholder: "Message",
      "aria-label": `Message as the ${desk.name}`, dir: "auto", oninput: () => this.#onInput(),
      onkeydown: (event) => this.#onKey(event), onpaste: (event) => this.#onPaste(event) });
    this.slash = h("button", { type: "button", class: "icon-button slash", "aria-label": "Commands", title: "Commands",
      "aria-expanded": "false", onclick: () => this.#toggleCommands() }, "/");
    this.attach = iconButton("clip", "Attach", () => desk.onAttach(this.attach), { "aria-expanded": "false" });
    this.toggle = iconButton("keyboard", "Bot's keyboard", () => desk.onKeyboard(), { hidden: true });
    this.button = iconButton("send", "Send", () => this.submit(), { class: "icon-button send", "data-testid": "send" });
    this.list = h("div", { class: "commands", role: "listbox", "aria-label": "The bot's commands", hidden: true });
    this.bar = h("div", { class: "reply-bar", hidden: true });
    this.node = h("div", { class: "composer" }, this.list, this.bar,
      h("div", { class: "composer-row" }, this.attach, this.field, this.slash, this.toggle, this.button));
    this.#onInput();
  }

  /** Another person or chat: keep what was being written here, bring what was being written there. */
  moveTo(place) {
    if (place === this.place) return;
    this.drafts.set(this.place, this.field.value);
    this.place = place;
    this.field.value = this.drafts.get(place) ?? "";
    this.answer(null);
    this.#onInput();
  }

  /** Answer this message (or none). */
  answer(message, { focus = true, placeholder = "" } = {}) {
    this.replyTo = message?.message_id ?? null;
    this.asked = placeholder;
    this.#showPlaceholder();
    this.bar.hidden = message === null;
    if (message === null) return;
    this.bar.replaceChildren(icon("reply"), h("span", { class: "reply-text" }, h("b", {}, fullName(message.from)),
      h("span", {}, summary(message))), iconButton("close", "Do not reply", () => this.answer(null)));
    if (focus) this.field.focus({ preventScroll: true });
  }

  /** The placeholder a keyboard asked for, and whether its toggle is shown and pressed. */
  showKeyboard({ placeholder, available, open }) {
    this.offered = placeholder;
    this.#showPlaceholder();
    this.toggle.hidden = !available;
    this.toggle.setAttribute("aria-pressed", String(open));
  }

  #showPlaceholder() {
    this.field.placeholder = this.asked || this.offered || "Message";
  }

  /** Send what is written. */
  submit() {
    const text = this.field.value.trim();
    if (text === "") return;
    const { replyTo } = this;
    this.field.value = "";
    this.answer(null);
    this.#onInput();
    this.desk.onText(text, replyTo);
    this.field.focus({ preventScroll: true });
  }

  #onInput() {
    this.field.style.height = "auto";
    if (this.field.scrollHeight > 0) this.field.style.height = `${Math.min(this.field.scrollHeight, MOST_HEIGHT)}px`;
    this.button.disabled = this.field.value.trim() === "";
    this.slash.hidden = this.desk.commands().length === 0 || !this.button.disabled;
    this.#suggest();
  }

  /** The state came or changed: commands may be there now. */
  refresh() {
    this.#onInput();
  }

  #toggleCommands() {
    this.field.value = this.field.value === "/" ? "" : "/";
    this.#onInput();
    this.field.focus({ preventScroll: true });
  }

  #suggest() {
    const typed = /^\/(\w*)$/.exec(this.field.value)?.[1];
    const fitting = typed === undefined ? [] : this.desk.commands().filter(({ command }) => command.startsWith(typed));
    this.chosen = fitting.length > 0 && typed !== "" ? 0 : -1;
    this.list.hidden = fitting.length === 0;
    this.slash.setAttribute("aria-expanded", String(fitting.length > 0));
    this.list.replaceChildren(...fitting.map(({ command, description }) => h("button", { type: "button",
      role: "option", dataset: { command }, onclick: () => this.#run(command) },
    h("b", {}, `/${command}`), h("span", {}, description))));
    this.#mark();
  }

  #mark() {
    [...this.list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === this.chosen)));
    this.list.children[this.chosen]?.scrollIntoView({ block: "nearest" });
  }

  #run(command) {
    this.field.value = `/${command}`;
    this.submit();
  }

  #onKey(event) {
    if (event.isComposing) return;
    if (!this.list.hidden && this.#onListKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.replyTo !== null) this.answer(null);
  }

  /** Arrow keys choose a command, Tab and Enter take it, Esc shuts the list; true when the key was used. */
  #onListKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = this.list.children.length;
    if (step !== undefined) {
      this.chosen = (this.chosen + step + count) % count;
      this.#mark();
      return true;
    }
    if (event.key === "Escape") {
      this.list.hidden = true;
      return true;
    }
    if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.chosen >= 0) {
      this.#run(this.list.children[this.chosen].dataset.command);
      return true;
    }
    return false;
  }

  #onPaste(event) {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    this.desk.onFiles(files);
  }
}
