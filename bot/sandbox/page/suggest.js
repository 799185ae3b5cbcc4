/** The list above the composer: commands, a link to open, inline results. Arrow keys choose, Enter takes, Esc shuts. */
import { h } from "./dom.js";

/** One composer's list; `onOpen(open)` hears whether it is there. */
export class Suggestions {
  constructor(onOpen) {
    this.items = [];
    this.chosen = -1;
    this.onOpen = onOpen;
    this.node = h("div", { class: "commands", role: "listbox", hidden: true });
  }

  get open() {
    return !this.node.hidden;
  }

  /**
   * Show items {title, detail?, picture?: node, run}; none shuts the list. `first`: choose the first at once.
   * `head` is a node above them that is no choice.
   */
  show(items, { label, first = false, head = null } = {}) {
    this.items = items;
    this.chosen = first && items.length > 0 ? 0 : -1;
    this.node.hidden = items.length === 0 && head === null;
    if (label) this.node.setAttribute("aria-label", label);
    this.options = items.map((item) => h("button", { type: "button", role: "option", tabindex: "-1",
      "data-testid": "suggestion", onclick: () => item.run() }, item.picture,
    h("b", {}, item.title), item.detail && h("span", {}, item.detail)));
    this.node.replaceChildren(...[head, ...this.options].filter(Boolean));
    this.#mark();
    this.onOpen(this.open);
  }

  hide() {
    this.show([]);
  }

  #mark() {
    this.options.forEach((node, at) => node.setAttribute("aria-selected", String(at === this.chosen)));
    this.options[this.chosen]?.scrollIntoView({ block: "nearest" });
  }

  /** A key pressed in the field; true when the list took it. */
  onKey(event) {
    if (!this.open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = this.items.length;
    if (step !== undefined && count > 0) {
      this.chosen = this.chosen < 0 && step < 0 ? count - 1 : (this.chosen + step + count) % count;
      this.#mark();
      return true;
    }
    if (event.key === "Escape") {
      this.hide();
      return true;
    }
    const takes = (event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.chosen >= 0;
    if (takes) this.items[this.chosen].run();
    return takes;
  }
}
