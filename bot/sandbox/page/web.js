/** The web pages beside the chats: the shop's catalog, the newest tracking page, whatever else `links` names. */
import { h, icon, iconButton, reconcile } from "./dom.js";
import { homeward, isLoopback, isTracking, linksOf } from "./links.js";
import { sayAt } from "./words.js";

/** Names of well-known links; others are named by their key. */
const TITLES = { shop: "Catalog", tracking: "Tracking" };

/** Links that are no pages. */
const NOT_PAGES = new Set(["panes"]);

/** The panel; `onNews` is told when a page worth looking at arrives. */
export class WebPanel {
  constructor(onNews) {
    this.pages = new Map(); // key → address
    this.frames = new Map(); // key → iframe, made when first looked at
    this.shown = null;
    this.onNews = onNews;
    this.tabs = h("div", { class: "web-tabs", role: "tablist" });
    this.out = h("a", { class: "icon-button", target: "_blank", rel: "noopener" }, icon("out"));
    this.again = iconButton("reload", "", () => this.reload());
    this.label = h("h2", { class: "pane-label" });
    this.place = h("span", { class: "web-place" });
    this.body = h("div", { class: "web-body" });
    this.node = h("section", { class: "pane web", dataset: { role: "web" }, "data-testid": "pane-web" },
      this.label, h("div", { class: "stage" }, this.tabs, h("div", { class: "web-bar" }, this.place, this.again,
        this.out), this.body));
    this.render();
  }

  /** Take the pages that the state names. */
  setLinks(links) {
    for (const [key, href] of Object.entries(links)) {
      if (typeof href === "string" && !NOT_PAGES.has(key) && isLoopback(href)) this.pages.set(key, homeward(href));
    }
    this.render();
  }

  /** Messages of a chat: the newest tracking page among them opens in its tab. */
  lookAt(messages) {
    const found = messages.flatMap(linksOf).findLast(isTracking);
    const href = found && homeward(found);
    if (href === undefined || this.pages.get("tracking") === href) return;
    this.pages.set("tracking", href);
    const frame = this.frames.get("tracking");
    if (frame) frame.src = href;
    this.render();
    this.onNews();
  }

  show(key) {
    this.shown = key;
    this.render();
  }

  reload() {
    const frame = this.frames.get(this.shown);
    if (frame) frame.src = this.pages.get(this.shown);
  }

  /** Say the panel's own words in the page's language. */
  #speak() {
    const names = [[this.tabs, "Web pages"], [this.node, "Web pages"], [this.again, "Reload"],
      [this.out, "Open in a new tab"]];
    for (const [node, sentence] of names) node.ariaLabel = sayAt(document.body, sentence);
    this.label.textContent = sayAt(document.body, "Web pages");
  }

  render() {
    this.#speak();
    if (!this.pages.has(this.shown)) this.shown = [...this.pages.keys()][0] ?? null;
    const href = this.pages.get(this.shown);
    reconcile(this.tabs, [...this.pages.keys()].map((key) => this.#tab(key)));
    this.place.textContent = href ? href.replace(/^https?:\/\//, "") : "";
    this.out.href = href ?? "about:blank";
    this.node.classList.toggle("empty", href === undefined);
    if (href === undefined) {
      this.body.replaceChildren(h("p", { class: "web-empty" }, icon("window"),
        sayAt(document.body, "No web page yet. A tracking link that the bot sends opens here.")));
      return;
    }
    this.body.querySelector(".web-empty")?.remove();
    this.#frame(this.shown);
    for (const [key, frame] of this.frames) frame.hidden = key !== this.shown;
  }

  #tab(key) {
    const title = sayAt(document.body, TITLES[key] ?? key[0].toUpperCase() + key.slice(1));
    const selected = key === this.shown;
    return { key, signature: `${selected} ${title}`, build: () => h("button", { type: "button", role: "tab",
      "aria-selected": String(selected), onclick: () => this.show(key) }, title) };
  }

  #frame(key) {
    if (this.frames.has(key)) return;
    const frame = h("iframe", { src: this.pages.get(key), title: TITLES[key] ?? key, referrerpolicy: "no-referrer" });
    this.frames.set(key, frame);
    this.body.append(frame);
  }
}
