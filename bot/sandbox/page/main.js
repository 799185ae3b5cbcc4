/** The page: three people side by side and the web pages beside them, over one store. */
import * as api from "./api.js";
import { h, icon, iconButton, reconcile } from "./dom.js";
import { closeMenus, formBox } from "./overlays.js";
import { Pane } from "./pane.js";
import { avatar, fullName, members, seats } from "./people.js";
import { Store } from "./store.js";
import { currentTheme, keepTheme, toggleTheme } from "./theme.js";
import { keepTimes } from "./times.js";
import { WebPanel } from "./web.js";

const ROLES = { customer: "Customer", staff: "Staff group", admin: "Admin chat", web: "Web" };
const ICONS = { customer: "phone", staff: "people", admin: "badge", web: "window" };
const narrow = window.matchMedia("(max-width: 900px)");
const seatKey = (role) => `sandbox-seat-${role}`;

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

  #onPeople() {
    const places = seats(this.store);
    this.web.setLinks(this.store.links);
    for (const pane of this.panes) {
      const seat = places[pane.role];
      pane.node.classList.toggle("vacant", seat === null);
      if (seat !== null) this.#seat(pane, seat);
      pane.composer.refresh();
      pane.render();
    }
    this.#renderTop();
    this.#renderTabs();
  }

  /** Keep who sits there; else who sat there last time; else the given seat. */
  #seat(pane, seat) {
    const knows = (id) => this.store.person(id) !== undefined;
    const wanted = pane.viewer ?? Number(localStorage.getItem(seatKey(pane.role)));
    const person = knows(wanted) && this.#maySpeak(seat, wanted) ? wanted : seat.person;
    pane.sit({ chat: this.store.chat(seat.chat)?.type === "supergroup" ? seat.chat : person, person });
  }

  #maySpeak(seat, person) {
    const chat = this.store.chat(seat.chat);
    return !chat || chat.type === "private" || members(this.store, chat).some(({ id }) => id === person);
  }

  #sit(pane, person) {
    localStorage.setItem(seatKey(pane.role), person);
    pane.sit({ chat: pane.isGroup ? pane.chat : person, person });
    this.#renderTabs();
  }

  /** Unread messages of the people who could sit in this private pane, but do not. */
  elsewhere(pane) {
    if (pane.role !== "customer") return 0;
    return this.#customers().reduce((sum, { id }) => sum + (id === pane.chat ? 0 : this.store.log(id).unread), 0);
  }

  #customers() {
    const admin = this.panes[2].isGroup ? null : this.panes[2].chat;
    return this.store.people.filter(({ id }) => id !== admin);
  }

  /** Who can sit in a pane, and what else its chip offers. */
  personMenu(pane) {
    const people = pane.isGroup ? members(this.store, this.store.chat(pane.chat))
      : pane.role === "customer" ? this.#customers() : [this.store.person(pane.viewer)].filter(Boolean);
    const items = people.map((person) => ({
      label: fullName(person),
      detail: person.username ? `@${person.username}` : person.language_code,
      who: { id: person.id, name: fullName(person) },
      badge: pane.isGroup || person.id === pane.chat ? 0 : this.store.log(person.id).unread,
      checked: person.id === pane.viewer,
      run: () => this.#sit(pane, person.id),
    }));
    const theme = { label: currentTheme() === "dark" ? "Light theme" : "Dark theme", icon: "theme", run: toggleTheme };
    const add = { label: "Add person…", icon: "add", run: () => this.#addPerson(pane) };
    return pane.role === "customer" ? [...items, add, theme] : [...items, theme];
  }

  #addPerson(pane) {
    const languages = [["en", "English"], ["km", "ខ្មែរ (Khmer)"]];
    formBox(pane.stage, {
      title: "Add a person",
      fields: [
        h("label", {}, "First name", h("input", { name: "first_name", required: true, maxlength: 64,
          autocomplete: "off", "data-focus": true })),
        h("label", {}, "Username (optional)", h("input", { name: "username", pattern: "[A-Za-z][A-Za-z0-9_]{3,31}",
          autocomplete: "off", title: "4 to 32 letters, digits or _" })),
        h("label", {}, "Language of their Telegram", h("select", { name: "language_code" },
          languages.map(([value, text]) => h("option", { value }, text)))),
      ],
      done: "Add",
      onDone: async (form) => {
        const person = await api.addPerson(Object.fromEntries([...form].filter(([, value]) => value !== "")));
        await this.store.refresh();
        this.#sit(pane, person.id);
      },
    });
  }

  #onLog(detail) {
    const { chat } = detail;
    for (const pane of this.panes) {
      if (pane.chat === chat) pane.onLog(detail);
      else if (pane.role === "customer") pane.render();
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
    document.body.classList.toggle("offline", !live);
    this.topbar.replaceChildren(avatar(bot.id, bot.first_name || "?", "small"),
      h("b", { class: "brand" }, bot.first_name), h("span", { class: "handle" }, `@${bot.username}`),
      h("span", { class: "live", role: "status" }, live ? "Sandbox · live" : "Reconnecting…"));
    document.getElementById("tools").replaceChildren(iconButton("window", "Web pages", () => document.body.classList.toggle("web-open"),
        { class: "icon-button web-toggle" }),
      iconButton("theme", "Light or dark", toggleTheme));
  }

  #unread(role) {
    const pane = this.panes.find((one) => one.role === role);
    if (!pane) return this.news ? "•" : "";
    const count = (pane.chat === null ? 0 : this.store.log(pane.chat).unread) + this.elsewhere(pane);
    return count === 0 ? "" : String(count);
  }

  #renderTabs() {
    reconcile(this.tabs, Object.keys(ROLES).map((role) => {
      const [unread, current] = [this.#unread(role), role === this.role];
      return { key: role, signature: `${unread} ${current}`, build: () => h("button", { type: "button",
        "aria-current": current ? "page" : null, dataset: { role }, "data-testid": `tab-${role}`,
        onclick: () => this.view(role) }, icon(ICONS[role]), h("span", {}, ROLES[role]),
      unread && h("span", { class: "badge" }, unread)) };
    }));
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
keepTimes();
/** The whole page, for the panels beside the chats. */
export const shell = new Shell();
await shell.store.open();
await followStart(shell);
