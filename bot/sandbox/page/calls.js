/** The list of the bot's calls: live, filtered, each one opening to what was asked and what was answered. */
import { h, icon } from "./dom.js";
import { tree } from "./jsontree.js";
import { ask, hms, t } from "./toolwords.js";

const KEPT = 500;
const SHOWS = {
  all: () => true,
  errors: (call) => !call.ok,
  findings: (call) => call.findings.length > 0,
};
const NEAR_END = 40; // pixels: closer than this to the end, the list follows what is new

/** A poll that went well says nothing: it is counted, not listed. */
const isIdle = (call) => call.method === "getUpdates" && call.ok && !call.fault && call.findings.length === 0;

/** The panel. */
export class CallList {
  constructor(store) {
    this.store = store;
    this.calls = [];
    this.rows = new Map(); // n → row
    this.held = null; // what came since the pause, null when not paused
    this.which = "all";
    this.word = "";
    this.polls = false;
    this.list = h("div", { class: "call-list", role: "list", "data-testid": "calls" });
    this.empty = h("p", { class: "drawer-empty" });
    this.bar = h("div", { class: "call-bar" });
    this.node = h("div", { class: "calls" }, this.bar, this.empty, this.list);
  }

  /** Fetch what is kept; return the totals, null when the sandbox does not answer. */
  async load() {
    const found = await ask("/sandbox/calls").catch(() => null);
    if (!found) return null;
    this.calls = found.calls;
    this.rows.clear();
    this.list.replaceChildren();
    this.fill();
    return found;
  }

  /** Take calls as they happen. */
  hear({ calls, cleared }) {
    if (cleared) {
      this.calls = [];
      this.held &&= [];
      this.rows.clear();
      this.list.replaceChildren();
    }
    const last = this.calls.at(-1)?.n ?? 0;
    const fresh = calls.filter(({ n }) => n > last);
    if (this.held) this.held.push(...fresh.filter(({ n }) => n > (this.held.at(-1)?.n ?? 0)));
    else this.calls = [...this.calls, ...fresh].slice(-KEPT);
    this.fill();
  }

  /** Show "all", "errors" or "findings". */
  show(which) {
    this.which = which;
    this.draw();
  }

  #fits(call) {
    return (this.polls || !isIdle(call)) && SHOWS[this.which](call)
      && call.method.toLowerCase().includes(this.word.toLowerCase());
  }

  draw() {
    this.rows.clear();
    this.list.replaceChildren();
    const filter = h("input", { type: "search", class: "tool-field", placeholder: t("Filter by method"),
      "aria-label": t("Filter by method"), value: this.word, "data-testid": "call-filter",
      oninput: () => {
        this.word = filter.value.trim();
        this.fill();
      } });
    const names = Object.entries({ all: "All", errors: "Errors", findings: "Findings" });
    const kinds = names.map(([key, name]) => chip(t(name), this.which === key, () => this.show(key),
      { "data-testid": `show-${key}` }));
    this.pollChip = chip("", this.polls, () => {
      this.polls = !this.polls;
      this.draw();
    }, { "data-testid": "show-polls" });
    this.bar.replaceChildren(h("div", { class: "call-line" }, filter,
      chip(t(this.held ? "Resume" : "Pause"), this.held !== null, () => this.#pause(),
        { "data-testid": "calls-pause" }),
      chip(t("Clear"), false, () => ask("/sandbox/calls", undefined, "DELETE"), { "data-testid": "calls-clear" })),
    h("div", { class: "chips" }, kinds, this.pollChip));
    this.fill();
    this.list.scrollTop = this.list.scrollHeight;
  }

  #pause() {
    if (this.held) this.calls = [...this.calls, ...this.held].slice(-KEPT);
    this.held = this.held ? null : [];
    this.draw();
  }

  /** Bring the list in step with the calls: rows that no longer belong go, new ones come at the end. */
  fill() {
    const follows = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END;
    const fitting = this.calls.filter((call) => this.#fits(call));
    const wanted = new Set(fitting.map(({ n }) => n));
    for (const [n, row] of this.rows) {
      if (wanted.has(n)) continue;
      row.remove();
      this.rows.delete(n);
    }
    let before = null;
    for (const call of fitting) {
      const row = this.rows.get(call.n) ?? this.#row(call);
      this.rows.set(call.n, row);
      if (row.previousSibling !== before || !row.isConnected) before ? before.after(row) : this.list.prepend(row);
      before = row;
    }
    const polls = this.calls.filter(isIdle).length;
    if (this.pollChip) this.pollChip.textContent = `getUpdates × ${polls}`;
    this.pollChip?.toggleAttribute("hidden", polls === 0);
    this.empty.hidden = fitting.length > 0;
    this.empty.textContent = t(this.calls.some((call) => !isIdle(call)) ? "No call fits this filter."
      : "No call yet. What the bot asks of Telegram is listed here as it happens.");
    if (follows) this.list.scrollTop = this.list.scrollHeight;
  }

  #place(chat) {
    if (chat === null) return "";
    const known = this.store.chat(Number(chat));
    return known ? `${known.title ?? chat}` : String(chat);
  }

  #row(call) {
    const state = call.ok ? call.findings.length > 0 ? "odd" : "ok" : "bad";
    const head = h("summary", { class: "call-head" },
      h("span", { class: "call-sign", role: "img", "aria-label": call.ok ? "ok" : String(call.code) }),
      h("b", { class: "call-name" }, call.method),
      h("span", { class: "call-chat", dir: "auto" }, this.#place(call.chat)),
      h("span", { class: "call-ms" }, `${call.ms < 10 ? call.ms.toFixed(1) : Math.round(call.ms)} ms`),
      h("span", { class: "call-at" }, hms(call.at)),
      call.error && h("span", { class: "call-error" }, `${call.code || ""} ${call.error}`.trim()),
      call.fault && h("span", { class: "call-fault" }, t("Fault: {kind}", { kind: call.fault })),
      call.findings.map((finding) => h("span", { class: "call-finding" }, finding)));
    const row = h("details", { class: "call", role: "listitem", dataset: { state, method: call.method },
      "data-testid": "call" }, head);
    row.addEventListener("toggle", () => row.open && row.childElementCount === 1 && this.#unfold(row, call));
    return row;
  }

  async #unfold(row, call) {
    const body = h("div", { class: "call-body" });
    row.append(body);
    try {
      body.append(...details(await ask(`/sandbox/calls/${call.n}`)));
    } catch (error) {
      body.append(h("p", { class: "form-error" }, error.message));
    }
  }
}

function chip(label, pressed, onclick, props = {}) {
  return h("button", { type: "button", class: "chip", "aria-pressed": String(pressed), onclick, ...props }, label);
}

function details(call) {
  const parts = [h("h4", {}, t("Arguments")), Object.keys(call.arguments).length > 0 ? tree(call.arguments)
    : h("p", { class: "call-none" }, t("none"))];
  if (call.files.length > 0) {
    parts.push(h("h4", {}, t("Files")), h("ul", { class: "call-files" }, call.files.map(({ argument, name, size }) =>
      h("li", {}, icon("file"), `${argument}: ${name} · `, t("{n} bytes", { n: size.toLocaleString("en") })))));
  }
  parts.push(h("h4", {}, t("Answer")), tree(call.answer));
  parts.push(h("div", { class: "call-tools" },
    copier("Copy as curl", () => curl(call), "copy-curl"),
    copier("Copy the answer", () => JSON.stringify(call.answer, null, 2), "copy-answer")));
  return parts;
}

function copier(label, text, testid) {
  const button = h("button", { type: "button", class: "chip", "data-testid": testid, onclick: async () => {
    await navigator.clipboard.writeText(text());
    button.lastChild.textContent = t("Copied");
    setTimeout(() => {
      button.lastChild.textContent = t(label);
    }, 1500);
  } }, icon("copy"), t(label));
  return button;
}

/** A call as a line for a shell; the token is the shell's variable TOKEN. */
export function curl({ method, arguments: given, files }) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const address = `curl -sS "${location.origin}/bot$TOKEN/${method}"`;
  if (files.length === 0) {
    return `${address} -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(given))}`;
  }
  const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  return [address, ...Object.entries(given).map(([name, value]) => `--form-string ${quoted(`${name}=${text(value)}`)}`),
    ...files.map(({ argument, name }) => `-F ${quoted(`${argument}=@${name}`)}`)].join(" ");
}
