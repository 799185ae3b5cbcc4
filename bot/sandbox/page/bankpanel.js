/** The bank on the desk: pay a KHQR rightly and wrongly, refuse it, and let the bank have a bad day. */
import { h, icon, iconButton } from "./dom.js";
import { ask, hms, t } from "./toolwords.js";

const LOOK_MS = 1500; // how often the bank is looked at while the panel is open
const WAYS = [["exact", "Pay exactly"], ["short", "Short"], ["over", "Over"], ["currency", "Other currency"],
  ["late", "Late"], ["twice", "Twice"]];
const FAULTS = [["401", "No such token"], ["403", "Forbidden"], ["429", "Too many requests"], ["500", "Server error"],
  ["cannot_connect", "Cannot connect"], ["garbage", "Nonsense"], ["slow", "Slow"], ["timeout", "Time-out"],
  ["down", "Down"]];
const NAMES = new Map(FAULTS);
const MOST = 12; // QRs shown; older ones are paid on their page

/** "$12.50", "50,000៛". */
export function money(amount, currency) {
  const number = Number(amount);
  if (currency === "KHR") return `${number.toLocaleString("en")}៛`;
  return `$${number.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** The panel. */
export class BankPanel {
  constructor(store) {
    this.store = store;
    this.list = h("div", { class: "qrs", "data-testid": "qrs" });
    this.waiting = h("div", { class: "waiting", "data-testid": "bank-faults" });
    this.said = h("p", { class: "tool-said", role: "status" });
    this.node = h("div", { class: "tool" });
    this.drawn = {};
    this.timer = null;
  }

  /** Where the bank is, undefined where there is none. */
  get bank() {
    return this.store.links.tools?.bank;
  }

  onShow() {
    this.refresh();
    this.timer ??= setInterval(() => document.hidden || this.refresh(), LOOK_MS);
  }

  onHide() {
    clearInterval(this.timer);
    this.timer = null;
  }

  draw() {
    this.drawn = {};
    if (!this.bank) {
      this.node.replaceChildren(h("p", { class: "drawer-empty" }, t("There is no bank on this desk.")));
      return;
    }
    const code = h("input", { class: "tool-field", name: "payload", required: true, autocomplete: "off",
      spellcheck: "false", placeholder: t("Paste a KHQR"), "aria-label": t("Paste a KHQR"), "data-testid": "khqr" });
    const paste = h("form", { class: "tool-line", onsubmit: async (event) => {
      event.preventDefault();
      if (await this.#act("open", { payload: code.value })) code.value = "";
    } }, code, h("button", { type: "submit", class: "chip" }, t("Add")));
    this.node.replaceChildren(h("section", {}, h("h3", {}, "KHQR"), this.list, paste), this.said,
      h("section", {}, h("h3", {}, t("The bank's bad days")), this.#moods(), this.waiting));
  }

  /** Look at the QRs and at what waits to go wrong. */
  async refresh() {
    if (!this.bank) return;
    try {
      const [{ qrs, now }, { faults }] = await Promise.all([ask(`${this.bank}/control/qrs`),
        ask(`${this.bank}/control/faults`)]);
      this.#drawQrs(qrs.slice(0, MOST), now);
      this.#drawFaults(faults);
    } catch (error) {
      this.#say(error.message, true);
    }
  }

  #say(text, wrong = false) {
    this.said.textContent = text;
    this.said.classList.toggle("wrong", wrong);
  }

  async #act(path, body, done = "") {
    try {
      const found = await ask(`${this.bank}/control/${path}`, body);
      this.#say(done);
      await this.refresh();
      return found;
    } catch (error) {
      this.#say(error.message, true);
      return null;
    }
  }

  #drawQrs(qrs, now) {
    if (!this.#changed("qrs", qrs)) {
      for (const qr of qrs) this.#tick(qr, now);
      return;
    }
    const focus = focused(this.list);
    const none = h("p", { class: "drawer-empty" },
      t("No KHQR yet. One that the shop asks a link for appears here; others can be pasted."));
    this.list.replaceChildren(...(qrs.length > 0 ? qrs.map((qr) => this.#qr(qr, now)) : [none]));
    if (focus) this.list.querySelector(focus)?.focus();
  }

  #changed(what, value) {
    const sign = JSON.stringify(value);
    const same = this.drawn[what] === sign;
    this.drawn[what] = sign;
    return !same;
  }

  #qr(qr, now) {
    const amount = qr.amount === null ? t("Any amount") : money(qr.amount, qr.currency);
    const name = document.documentElement.lang === "km" && qr.merchant_km ? qr.merchant_km : qr.merchant;
    const way = ([key, label]) => h("button", { type: "button", class: key === "exact" ? "chip strong" : "chip",
      dataset: { qr: qr.id, way: key }, "data-testid": `pay-${key}`,
      onclick: () => this.#act("pay", { md5: qr.md5, way: key }) }, t(label));
    const node = h("article", { class: "qr", dataset: { id: qr.id }, "data-testid": "qr" },
      h("div", { class: "qr-head" }, h("b", { class: "qr-sum" }, amount), h("span", { class: "qr-state" })),
      h("div", { class: "qr-who" }, h("span", { dir: "auto" }, [name, qr.bill].filter(Boolean).join(" · ")),
        h("a", { class: "icon-button", href: qr.page, target: "_blank", rel: "noopener", title: t("Pay page"),
          "aria-label": t("Pay page") }, icon("out"))),
      h("div", { class: "chips" }, WAYS.map(way), h("button", { type: "button", class: "chip danger",
        dataset: { qr: qr.id, way: "reject" }, "data-testid": "pay-reject",
        onclick: () => this.#act("fail", { md5: qr.md5 }) }, t("Reject"))),
      qr.payments.map((one) => paid(one, qr)));
    this.#mark(node, qr, now);
    return node;
  }

  #tick(qr, now) {
    const node = this.list.querySelector(`[data-id="${qr.id}"]`);
    if (node) this.#mark(node, qr, now);
  }

  /** Say where a QR stands, and how long it can still be paid. */
  #mark(node, qr, now) {
    const good = qr.payments.filter(({ failed }) => !failed).length;
    const odd = qr.payments.filter(({ failed }) => !failed).map((one) => oddness(one, qr)).find(Boolean);
    const left = qr.expires === null ? null : Math.ceil(qr.expires - now);
    const [state, text] = good > 0 ? [odd ? "odd" : "paid", good > 1 ? t("paid {n} times", { n: good }) : t(odd || "paid")]
      : left !== null && left <= 0 ? ["expired", t("expired")]
        : qr.payments.length > 0 ? ["rejected", t("rejected")]
          : ["waits", left === null ? t("waits") : t("waits, {time} left", { time: clock(left) })];
    node.dataset.state = state;
    node.querySelector(".qr-state").textContent = text;
    const exact = node.querySelector("[data-way=exact]");
    exact.disabled = left !== null && left <= 0;
  }

  #moods() {
    const often = [["1", t("once")], ["3", t("{n} times", { n: 3 })], ["", t("until called off")]];
    const times = h("select", { class: "tool-field", "aria-label": t("Times") },
      often.map(([value, name]) => h("option", { value }, name)));
    const ask_ = (kind) => this.#act("faults", { kind, times: times.value === "" ? null : Number(times.value) });
    return h("div", {}, h("label", { class: "tool-fields one" }, t("Times"), times),
      h("div", { class: "chips" }, FAULTS.map(([kind, name]) => h("button", { type: "button", class: "chip",
        "data-testid": `bank-${kind}`, onclick: () => ask_(kind) }, t(name), /^\d/.test(kind) && h("small", {}, kind))),
      h("button", { type: "button", class: "chip danger", "data-testid": "bank-expire",
        onclick: () => this.#act("expire_tokens", {}, t("Tokens expired.")) }, t("All tokens expire"))));
  }

  #drawFaults(faults) {
    if (!this.#changed("faults", faults)) return;
    this.waiting.replaceChildren(...faults.map(({ n, kind, times, seconds }) => h("div", { class: "waiter",
      "data-testid": "bank-fault" }, h("span", { class: "waiter-text" }, h("b", {}, t(NAMES.get(kind) ?? kind)),
      h("small", {}, [times === null ? t("until called off") : times === 1 ? t("once") : t("{n} times", { n: times }),
        ["slow", "timeout"].includes(kind) && t("{n} s", { n: seconds })].filter(Boolean).join(" · "))),
    iconButton("close", t("Call off"), () => this.#act("faults", { clear: n })))));
  }
}

/** Which pay button holds the focus, as a selector: the list is drawn again after each payment. */
function focused(list) {
  const { qr, way } = list.contains(document.activeElement) ? document.activeElement.dataset : {};
  return qr && `[data-qr="${qr}"][data-way="${way}"]`;
}

/** What of a payment is not as its QR says, in a word; "" where nothing is. */
function oddness({ amount, currency, at }, qr) {
  if (currency !== qr.currency) return "paid in another currency";
  const gap = qr.amount === null ? 0 : Number(amount) - Number(qr.amount);
  if (gap !== 0) return gap < 0 ? "paid short" : "paid too much";
  return qr.expires !== null && at > qr.expires ? "paid late" : "";
}

/** One payment of a QR: what came, when, and what is not as the QR says. */
function paid(one, qr) {
  const { amount, currency, at, failed } = one;
  const late = qr.expires !== null && at > qr.expires;
  return h("div", { class: failed || oddness(one, qr) ? "qr-paid wrong" : "qr-paid", "data-testid": "payment" },
    h("span", {}, t(failed ? "Rejected {amount}" : "Paid {amount}", { amount: money(amount, currency) })),
    h("span", {}, late ? t("{time}, after the end", { time: hms(at) }) : hms(at)));
}

function clock(seconds) {
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} d`;
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`
    : `${minutes}:${rest}`;
}
