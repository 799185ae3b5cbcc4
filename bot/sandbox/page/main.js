/** The page: three chats side by side and the web pages beside them, over one store. */
import * as api from "./api.js";
import { h, icon, iconButton, reconcile } from "./dom.js";
import { addPersonBox } from "./newcomers.js";
import { closeMenus } from "./overlays.js";
import { Pane } from "./pane.js";
import { avatar, fullName, hasChat, seats } from "./people.js";
import { Store } from "./store.js";
import { currentTheme, keepTheme, toggleTheme } from "./theme.js";
import { keepTimes } from "./times.js";
import { WebPanel } from "./web.js";
import { keepLang, pageLang, say, toggleLang } from "./words.js";

const ROLES = { customer: "Customer", staff: "Staff group", admin: "Admin chat", web: "Web" };
const ICONS = { customer: "phone", staff: "people", admin: "badge", web: "window" };
const narrow = window.matchMedia("(max-width: 900px)");
const seatKey = (role) => `sandbox-seat-${role}`;
const chatKey = (role) => `sandbox-chat-${role}`;

/** Puts the panes, the top bar and the bottom tabs together. */
class Shell {
  constructor() {
    this.store = new Store();
    this.news = false; // a web page arrived that nobody looked at yet
    this.panes = ["customer", "staff", "admin"].map((role) => new Pane(role, ROLES[role], this.store, this));
    this.web = new WebPanel(() => this.#onWebNews());
    this.topbar = document.getElementById("topbar");
    this.tabs = document.getElementById("tabs");
    document.getElementById("desk").append(...this.panes.map((pane) => pane.node), this.web.node);
    this.#listen();
  }

  #listen() {
    const { store } = this;
    const shows = (chat) => (pane) => pane.chat === chat && this.isVisible(pane.role);
    store.isSeen = (chat) => !document.hidden && this.panes.some(shows(chat));
    store.addEventListener("people", () => this.#onPeople());
    store.addEventListener("live", () => this.#renderTop());
    store.addEventListener("log", ({ detail }) => this.#onLog(detail));
    store.addEventListener("answer", ({ detail }) => this.#onAnswer(detail));
    narrow.addEventListener("change", () => this.view(this.role));
    document.addEventListener("visibilitychange", () => this.#markSeen());
    document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus());
    new BroadcastChannel("sandbox").addEventListener("message", ({ data }) => this.view(data.view));
  }

  get role() {
    return document.body.dataset.view;
  }

  /** Is this pane on the screen? */
  isVisible(role) {
    return !narrow.matches || this.role === role;
  }

  /** On a narrow screen: bring this pane to the front. */
  view(role) {
    document.body.dataset.view = role;
    if (role === "web") this.news = false;
    this.#markSeen();
    this.panes.forEach((pane) => pane.render());
    this.#renderTabs();
  }

  #markSeen() {
    if (document.hidden) return;
    for (const pane of this.panes) {
      if (pane.chat !== null && this.isVisible(pane.role)) this.store.markSeen(pane.chat);
    }
  }

  /** The language of the bars; each pane has its person's. */
  get lang() {
    return pageLang();
  }

  #onPeople() {
    const places = seats(this.store);
    this.web.setLinks(this.store.links);
    for (const pane of this.panes) {
      const seat = places[pane.role];
      pane.node.classList.toggle("vacant", seat === null);
      if (seat !== null) this.#seat(pane, seat);
      pane.composer.refresh();
      pane.onPeople();
    }
    this.#renderTop();
    this.#renderTabs();
  }

  /** Keep who sits there before which chat; else who sat there last time; else the given seat. */
  #seat(pane, seat) {
    const last = (key) => Number(localStorage.getItem(key(pane.role)));
    const known = (id) => this.store.person(id) !== undefined;
    const person = [pane.viewer, last(seatKey), seat.person].find(known) ?? null;
    const moved = (id) => this.store.chat(id)?.moved_to ?? id;
    const chats = [pane.chat, last(chatKey), seat.chat, person].map(moved);
    const open = (id) => this.store.chat(id) && hasChat(this.store.chat(id), person);
    pane.sit({ chat: chats.find(open) ?? person, person });
  }

  /** Sit another person into a pane, or open another chat of theirs; someone not in the chat goes to their own. */
  sit(pane, { person = pane.viewer, chat = pane.isGroup ? pane.chat : person }) {
    const open = this.store.chat(chat);
    const goal = open && hasChat(open, person) ? chat : person;
    localStorage.setItem(seatKey(pane.role), person);
    localStorage.setItem(chatKey(pane.role), goal);
    pane.sit({ chat: goal, person });
    this.#renderTabs();
  }

  /** Unread private messages of the people who could sit in this pane, but do not; told in the customer's. */
  elsewhere(pane) {
    if (pane.role !== "customer") return 0;
    const shown = new Set(this.panes.map(({ chat }) => chat));
    return this.store.people.reduce((sum, { id }) => sum + (shown.has(id) ? 0 : this.store.log(id).unread), 0);
  }

  /** Who can sit in a pane (in a group its members first), and what else its chip offers. */
  personMenu(pane) {
    const { t } = pane;
    const inside = ({ id }) => pane.isGroup && hasChat(this.store.chat(pane.chat), id);
    const people = [...this.store.people].sort((a, b) => Number(inside(b)) - Number(inside(a)));
    const items = people.map((person) => ({
      label: fullName(person),
      detail: person.username ? `@${person.username}` : person.language_code,
      who: { id: person.id, name: fullName(person) },
      badge: person.id === pane.chat ? 0 : this.store.log(person.id).unread,
      checked: person.id === pane.viewer,
      run: () => this.sit(pane, { person: person.id }),
    }));
    const added = (person, chat) => this.sit(pane, { person: person.id, chat });
    return [...items,
      { label: t("Add a person…"), icon: "add", run: () => addPersonBox(pane, added) },
      { label: t(currentTheme() === "dark" ? "Light theme" : "Dark theme"), icon: "theme", run: toggleTheme },
      { label: t("Page in English or Khmer"), icon: "words", run: () => this.#swapLang() }];
  }

  #swapLang() {
    toggleLang();
    this.#onPeople();
  }

  #onLog(detail) {
    const { chat } = detail;
    for (const pane of this.panes) {
      if (pane.chat === chat) pane.onLog(detail);
      else pane.render();
    }
    if (chat === this.panes[0].chat) this.web.lookAt(this.store.log(chat).ordered());
    this.#renderTabs();
  }

  #onAnswer(answer) {
    const [best] = this.panes.map((pane) => [pane.taps.claim(answer), pane]).sort((a, b) => b[0] - a[0]);
    if (best[0] > 0) best[1].taps.onAnswer(answer);
  }

  #onWebNews() {
    this.news = !(narrow.matches && this.role === "web");
    this.#renderTabs();
  }

  #renderTop() {
    const { bot, live } = this.store;
    const t = (sentence) => say(this.lang, sentence);
    document.body.classList.toggle("offline", !live);
    document.body.dataset.offline = t("Reconnecting…");
    this.topbar.replaceChildren(avatar(bot.id, bot.first_name || "?", "small"),
      h("h1", { class: "brand" }, bot.first_name), h("span", { class: "handle" }, `@${bot.username}`),
      h("span", { class: "live", role: "status" }, t(live ? "Sandbox · live" : "Reconnecting…")));
    const words = h("button", { type: "button", class: "icon-button words", "data-testid": "words",
      "aria-label": t("Page in English or Khmer"), title: t("Page in English or Khmer"),
      onclick: () => this.#swapLang() }, this.lang === "km" ? "EN" : "ខ្មែរ");
    document.getElementById("tools").replaceChildren(
      iconButton("window", t("Web pages"), () => document.body.classList.toggle("web-open"),
        { class: "icon-button web-toggle" }),
      words, iconButton("theme", t("Light or dark"), toggleTheme, { "data-testid": "theme" }));
    const inspector = document.getElementById("open-inspector");
    for (const name of ["ariaLabel", "title"]) inspector[name] = t("Inspector");
  }

  #unread(role) {
    const pane = this.panes.find((one) => one.role === role);
    if (!pane) return this.news ? "•" : "";
    const count = (pane.chat === null ? 0 : this.store.log(pane.chat).unread) + this.elsewhere(pane);
    return count === 0 ? "" : String(count);
  }

  #renderTabs() {
    const inspector = { key: "inspector", signature: this.lang, build: () => h("button", { type: "button",
      "data-testid": "tab-inspector", onclick: () => document.getElementById("open-inspector").click() },
    icon("inspect"), h("span", {}, say(this.lang, "Inspector"))) };
    this.tabs.ariaLabel = say(this.lang, "Panes");
    reconcile(this.tabs, [...Object.keys(ROLES).map((role) => {
      const [unread, current] = [this.#unread(role), role === this.role];
      return { key: role, signature: `${unread} ${current} ${this.lang}`, build: () => h("button", { type: "button",
        "aria-current": current ? "page" : null, dataset: { role }, "data-testid": `tab-${role}`,
        onclick: () => this.view(role) }, icon(ICONS[role]), h("span", {}, say(this.lang, ROLES[role])),
      unread && h("span", { class: "badge" }, unread)) };
    }), inspector]);
    const total = this.panes.reduce((sum, pane) => sum + Number(this.#unread(pane.role)), 0);
    document.title = `${total > 0 ? `(${total}) ` : ""}${this.store.bot.first_name || "Sandbox"} · sandbox`;
  }
}

/** `/?start=…` presses Start for the customer; in the web panel it does so for the page around it, and goes back. */
async function followStart(shell) {
  const payload = new URLSearchParams(location.search).get("start");
  if (payload === null) return false;
  const person = Number(localStorage.getItem(seatKey("customer"))) || seats(shell.store).customer.person;
  await api.start(person, payload);
  if (window.top !== window) {
    new BroadcastChannel("sandbox").postMessage({ view: "customer" });
    history.back();
    return true;
  }
  history.replaceState(null, "", "/");
  return false;
}

keepTheme();
keepLang();
keepTimes();
/** The whole page, for the panels beside the chats. */
export const shell = new Shell();
await shell.store.open();
await followStart(shell);
