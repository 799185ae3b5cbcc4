/** Where a person writes: text, commands, links, inline queries, the answered message, and the buttons beside them. */
import { h, icon, iconButton } from "./dom.js";
import { InlineQueries } from "./inline.js";
import { summary } from "./media.js";
import { fullName } from "./people.js";
import { Suggestions } from "./suggest.js";

/** The composer grows with its text up to this many CSS pixels. */
const MOST_HEIGHT = 160;

/**
 * One pane's composer. `desk` is the pane: t, lang, label, commands(), linkFor(text), menuButton(), onText(text,
 * replyTo), onEdit(message, text), onFiles(files), onAttach(anchor), onKeyboard(), onMenu(), follow(href).
 */
export class Composer {
  constructor(desk) {
    this.desk = desk;
    this.replyTo = null;
    this.editing = null; // the own message that is being changed
    this.asked = ""; // placeholder of a forced reply
    this.offered = ""; // placeholder of a reply keyboard
    this.drafts = new Map(); // chat-person → text not sent yet
    this.place = null;
    this.#build();
    this.inline = new InlineQueries(desk, this.list, () => this.#clear());
    this.#onInput();
  }

  #build() {
    const { desk } = this;
    this.field = h("textarea", { class: "field", rows: "1", "data-testid": "composer", dir: "auto",
      oninput: () => this.#onInput(), onkeydown: (event) => this.#onKey(event),
      onpaste: (event) => this.#onPaste(event) });
    this.slash = h("button", { type: "button", class: "icon-button slash", "aria-expanded": "false",
      onclick: () => this.#toggleCommands() }, "/");
    this.menu = h("button", { type: "button", class: "menu-button", hidden: true, "data-testid": "menu-button",
      onclick: () => desk.onMenu() });
    this.attach = iconButton("clip", "", () => desk.onAttach(this.attach), { "aria-expanded": "false",
      "aria-haspopup": "menu", "data-testid": "attach" });
    this.toggle = iconButton("keyboard", "", () => desk.onKeyboard(), { hidden: true });
    this.button = iconButton("send", "", () => this.submit(), { class: "icon-button send", "data-testid": "send" });
    this.list = new Suggestions((open) => this.slash.setAttribute("aria-expanded", String(open)));
    this.bar = h("div", { class: "reply-bar", hidden: true });
    this.node = h("div", { class: "composer" }, this.list.node, this.bar,
      h("div", { class: "composer-row" }, this.menu, this.attach, this.field, this.slash, this.toggle, this.button));
  }

  /** Say everything in the pane's language; the commands or the menu button may be new too. */
  refresh() {
    const { t } = this.desk;
    const names = [[this.slash, "Commands"], [this.attach, "Attach"], [this.toggle, "The bot's keyboard"],
      [this.button, "Send"]];
    for (const [node, label] of names) Object.assign(node, { title: t(label), ariaLabel: t(label) });
    this.field.ariaLabel = t("Message as {who}", { who: this.desk.nameOf(this.desk.viewer) });
    const button = this.desk.menuButton();
    this.menu.hidden = button === null;
    this.menu.textContent = button?.text ?? "";
    this.#showPlaceholder();
    this.#onInput();
  }

  /** Another person or chat: keep what was being written here, bring what was being written there. */
  moveTo(place) {
    if (place === this.place) return;
    this.drafts.set(this.place, this.field.value);
    this.place = place;
    this.answer(null);
    this.offered = "";
    this.field.value = this.drafts.get(place) ?? "";
    this.refresh();
  }

  /** Answer this message (or none). */
  answer(message, { focus = true, placeholder = "" } = {}) {
    this.replyTo = message?.message_id ?? null;
    this.editing = null;
    this.asked = placeholder;
    this.#showPlaceholder();
    this.#showBar("reply", message, "Do not reply");
    if (message && focus) this.field.focus({ preventScroll: true });
  }

  /** Change an own message: its words come into the field. */
  edit(message) {
    this.answer(null);
    this.editing = message;
    this.#showBar("edit", message, "Do not change it");
    this.field.value = message.text ?? message.caption ?? "";
    this.#onInput();
    this.field.focus({ preventScroll: true });
  }

  #showBar(sign, message, closing) {
    this.bar.hidden = message === null;
    if (message === null) return;
    const { t, lang } = this.desk;
    const title = sign === "edit" ? t("Change the message") : fullName(message.from);
    this.bar.replaceChildren(icon(sign), h("span", { class: "reply-text" }, h("b", {}, title),
      h("span", {}, summary(message, lang))), iconButton("close", t(closing), () => this.#clear()));
  }

  /** The placeholder a keyboard asked for, and whether its toggle is shown and pressed. */
  showKeyboard({ placeholder, available, open }) {
    this.offered = placeholder ?? "";
    this.#showPlaceholder();
    this.toggle.hidden = !available;
    this.toggle.setAttribute("aria-pressed", String(open));
  }

  #showPlaceholder() {
    this.field.placeholder = this.asked || this.offered || this.desk.t("Message");
  }

  /** Send what is written, or put a changed message back. */
  submit() {
    const text = this.field.value.trim();
    if (text === "") return;
    const { replyTo, editing } = this;
    this.#clear();
    if (editing) this.desk.onEdit(editing, text);
    else this.desk.onText(text, replyTo);
    this.field.focus({ preventScroll: true });
  }

  #clear() {
    const { editing } = this;
    this.answer(null);
    if (editing === null || this.field.value !== "") this.field.value = "";
    this.#onInput();
  }

  /** Put words into the field, as an inline button does. */
  write(text) {
    this.field.value = text;
    this.#onInput();
    this.field.focus({ preventScroll: true });
  }

  #onInput() {
    this.button.disabled = this.field.value.trim() === "";
    this.slash.hidden = this.desk.commands().length === 0 || !this.button.disabled;
    this.field.style.height = "auto";
    if (this.field.scrollHeight > 0) this.field.style.height = `${Math.min(this.field.scrollHeight, MOST_HEIGHT)}px`;
    if (!this.inline?.take(this.field.value)) this.#suggest();
  }

  #toggleCommands() {
    this.write(this.field.value === "/" ? "" : "/");
  }

  #suggest() {
    const { t } = this.desk;
    const typed = /^\/(\w*)$/.exec(this.field.value)?.[1];
    if (typed !== undefined) {
      const fitting = this.desk.commands().filter(({ command }) => command.startsWith(typed));
      this.list.show(fitting.map(({ command, description }) => ({ title: `/${command}`, detail: description,
        run: () => this.#run(command) })), { label: t("The bot's commands"), first: typed !== "" });
      return;
    }
    const link = this.desk.linkFor(this.field.value.trim());
    const opens = { title: t("Open as {who}", { who: this.desk.nameOf(this.desk.viewer) }), detail: link,
      run: () => {
        this.#clear();
        this.desk.follow(link);
      } };
    this.list.show(link === null ? [] : [opens], { label: t("Open the link"), first: true });
  }

  #run(command) {
    this.field.value = `/${command}`;
    this.submit();
  }

  #onKey(event) {
    if (event.isComposing) return;
    if (this.list.onKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && (this.replyTo !== null || this.editing !== null)) this.#clear();
    else if (event.key === "ArrowUp" && this.field.value === "") this.desk.onEditLast();
  }

  #onPaste(event) {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    this.desk.onFiles(files);
  }
}
