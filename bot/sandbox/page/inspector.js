/** The drawer beside the chats: each call of the bot as it happens, what goes wrong on demand, and the bank. */
import { feed } from "./api.js";
import { BankPanel } from "./bankpanel.js";
import { CallList } from "./calls.js";
import { h, iconButton } from "./dom.js";
import { FaultsPanel } from "./faults.js";
import { shell } from "./main.js";
import { onLanguage, t } from "./toolwords.js";

const KEY = "sandbox-inspector"; // the tab that was open when this browser last looked, "" when the drawer was closed
const SPAN_MS = 3000; // calls a second are counted over this long

/** How fast the bot calls and how many findings there are, beside the drawer's button. */
class Pulse {
  constructor(button) {
    this.samples = [];
    this.findings = 0;
    this.rate = h("span", { class: "pulse-rate", "data-testid": "call-rate" });
    this.count = h("button", { type: "button", class: "pulse-findings", "data-testid": "findings-total" });
    button.before(h("span", { class: "pulse" }, this.rate, this.count));
    setInterval(() => this.samples.length > 1 && this.draw(), 1000);
  }

  /** Take a sample: calls and findings in all. */
  take({ count, findings }) {
    this.samples.push([performance.now(), count]);
    this.findings = findings;
    this.draw();
  }

  draw() {
    const since = performance.now() - SPAN_MS;
    while (this.samples.length > 1 && this.samples[1][0] < since) this.samples.shift();
    const calls = this.samples.length > 1 ? this.samples.at(-1)[1] - this.samples[0][1] : 0;
    if (this.samples.length > 1 && this.samples.at(-1)[0] < since) this.samples.splice(0, this.samples.length - 1);
    const speed = calls / (SPAN_MS / 1000);
    this.rate.textContent = t("{n} calls a second", { n: speed < 9.95 ? speed.toFixed(1) : Math.round(speed) });
    this.count.hidden = this.findings === 0;
    this.count.textContent = this.findings === 1 ? t("1 finding") : t("{n} findings", { n: this.findings });
  }
}

/** The drawer with its three panels. */
class Inspector {
  constructor() {
    this.node = document.getElementById("inspector");
    this.button = document.getElementById("open-inspector");
    this.pulse = new Pulse(this.button);
    this.panels = { calls: new CallList(shell.store), faults: new FaultsPanel(shell.store),
      bank: new BankPanel(shell.store) };
    this.tab = localStorage.getItem(KEY) || "calls";
    if (!this.panels[this.tab]) this.tab = "calls";
    this.button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.pulse.count.addEventListener("click", () => this.#findings());
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    feed.addEventListener("calls", ({ detail }) => this.#hear(detail));
    feed.addEventListener("open", () => this.load());
    onLanguage(() => this.draw());
    this.draw();
    if (localStorage.getItem(KEY) && window.innerWidth > 900) this.open(this.tab, false);
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /** Fetch the calls kept so far; live ones follow. */
  async load() {
    const found = await this.panels.calls.load();
    if (found) this.pulse.take(found);
  }

  open(tab = this.tab, focus = true) {
    this.tab = tab;
    this.node.hidden = false;
    this.#remember();
    this.draw();
    if (focus) this.node.querySelector("[aria-selected=true]").focus();
  }

  close() {
    this.panels[this.tab].onHide?.();
    this.node.hidden = true;
    this.#remember();
    this.button.focus();
  }

  #remember() {
    localStorage.setItem(KEY, this.isOpen ? this.tab : "");
    this.button.setAttribute("aria-expanded", String(this.isOpen));
    document.body.classList.toggle("inspecting", this.isOpen);
  }

  #findings() {
    this.open("calls");
    this.panels.calls.show("findings");
  }

  #hear(detail) {
    this.panels.calls.hear(detail);
    this.pulse.take(detail);
    if (this.isOpen && this.tab === "faults" && detail.calls.some(({ fault }) => fault)) this.panels.faults.refresh();
  }

  draw() {
    this.button.title = t("Inspector");
    this.button.setAttribute("aria-label", t("Inspector"));
    this.pulse.draw();
    const names = { calls: "Calls", faults: "Faults", bank: "Bank" };
    const tabs = h("div", { class: "drawer-tabs", role: "tablist", "aria-label": t("Inspector"),
      onkeydown: (event) => this.#onTabKey(event) }, Object.keys(names).map((tab) => h("button", { type: "button",
      role: "tab", "aria-selected": String(tab === this.tab), tabindex: tab === this.tab ? "0" : "-1",
      "aria-controls": "drawer-panel", "data-testid": `inspector-${tab}`, onclick: () => this.open(tab) },
    t(names[tab]))));
    const panel = this.panels[this.tab];
    Object.values(this.panels).forEach((other) => other !== panel && other.onHide?.());
    this.node.replaceChildren(h("div", { class: "drawer-bar" }, tabs,
      iconButton("close", t("Close"), () => this.close(), { "data-testid": "inspector-close" })),
    h("div", { class: "drawer-panel", id: "drawer-panel", role: "tabpanel" }, panel.node));
    panel.draw();
    if (this.isOpen) panel.onShow?.();
  }

  #onTabKey(event) {
    const tabs = Object.keys(this.panels);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) this.open(tabs.at((tabs.indexOf(this.tab) + step) % tabs.length));
  }
}

/** The drawer of this page. */
export const inspector = new Inspector();
await inspector.load();
