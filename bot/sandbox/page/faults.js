/** What goes wrong on demand: faults that wait, who throws the bot out, limits, the clock, and the whole state. */
import { h, iconButton } from "./dom.js";
import { ask, t } from "./toolwords.js";

/** The faults: their kind, their name, whether a wait belongs to them. */
const CALLS = [["429", "Too many requests", true], ["500", "Server error"], ["502", "Bad gateway"],
  ["too_big", "File too big"], ["delay", "Slow answer", true], ["cut_before", "Cut before the effect"],
  ["cut_after", "Cut after the effect"]];
const UPDATES = [["duplicate", "Comes twice"], ["late", "Comes late", true], ["reorder", "Out of order"]];
const UPDATE_KINDS = ["message", "callback_query", "inline_query", "my_chat_member", "edited_message"];
const METHODS = ["sendMessage", "editMessageText", "sendPhoto", "editMessageMedia", "editMessageCaption",
  "answerCallbackQuery", "deleteMessage", "sendDocument", "sendMediaGroup", "getUpdates", "getFile"];
const JUMPS = [[-86_400, "−1 d"], [-3600, "−1 h"], [-300, "−5 min"], [300, "+5 min"], [3600, "+1 h"], [86_400, "+1 d"]];
const NAME = "[a-z0-9\\-]{1,40}";
const named = new Map([...CALLS, ...UPDATES].map(([kind, name]) => [kind, name]));

/** The panel. */
export class FaultsPanel {
  constructor(store) {
    this.store = store;
    this.kind = "429";
    this.waiting = h("div", { class: "waiting", "data-testid": "faults-waiting" });
    this.said = h("p", { class: "tool-said", role: "status" });
    this.node = h("div", { class: "tool" });
    this.sections = { people: h("section", {}), clock: h("section", {}), saves: h("section", {}) };
    store.addEventListener("people", () => this.node.isConnected && this.#drawPeople());
    this.timer = null;
  }

  onShow() {
    this.refresh();
    // What meets an update, and what a test asks for by HTTP, is seen by looking again.
    this.timer ??= setInterval(() => this.refresh(), 2000);
  }

  onHide() {
    clearInterval(this.timer);
    this.timer = null;
  }

  /** Look again at what waits, the clock and the saved states. */
  async refresh() {
    try {
      const [{ faults }, { now }] = await Promise.all([ask("/sandbox/faults"), ask("/sandbox/clock")]);
      this.#drawWaiting(faults);
      this.#drawClock(now - Date.now() / 1000);
    } catch (error) {
      this.#say(error.message, true);
    }
  }

  draw() {
    this.node.replaceChildren(this.#form(), h("section", {}, h("h3", {}, t("Waiting")), this.waiting), this.said,
      this.sections.people, this.#limits(), this.sections.clock, this.sections.saves);
    this.waiting.replaceChildren();
    this.drawn = null;
    this.#drawPeople();
    this.#drawSaves();
  }

  #say(text, wrong = false) {
    this.said.textContent = text;
    this.said.classList.toggle("wrong", wrong);
  }

  /** Do something, say how it went, look again. */
  async #act(path, body, done = "") {
    try {
      const found = await ask(path, body);
      this.#say(done);
      await this.refresh();
      return found;
    } catch (error) {
      this.#say(error.message, true);
      return null;
    }
  }

  #form() {
    const pick = ([kind, name]) => h("label", { class: "pick" }, h("input", { type: "radio", name: "kind", value: kind,
      checked: kind === this.kind, onchange: () => this.#choose(kind) }), h("span", {}, t(name),
    /^\d/.test(kind) && h("small", {}, kind)));
    this.options = h("div", { class: "tool-fields" });
    const form = h("form", { class: "tool-form", "data-testid": "fault-form", onsubmit: (event) => {
      event.preventDefault();
      this.#ask(new FormData(form));
    } },
    h("h3", {}, t("What goes wrong")),
    h("fieldset", {}, h("legend", {}, t("Calls of the bot")), h("div", { class: "picks" }, CALLS.map(pick))),
    h("fieldset", {}, h("legend", {}, t("Updates to the bot")), h("div", { class: "picks" }, UPDATES.map(pick))),
    this.options,
    h("button", { type: "submit", class: "button wide", "data-testid": "fault-ask" }, t("Let it happen")));
    this.#choose(this.kind);
    return form;
  }

  /** Show the fields that belong to a kind. */
  #choose(kind) {
    this.kind = kind;
    const isUpdate = UPDATES.some(([one]) => one === kind);
    const waits = [...CALLS, ...UPDATES].find(([one]) => one === kind)[2];
    const words = isUpdate ? UPDATE_KINDS : METHODS;
    this.options.replaceChildren(
      h("datalist", { id: "fault-words" }, words.map((word) => h("option", { value: word }))),
      labelled(isUpdate ? "Update" : "Method", h("input", { name: isUpdate ? "update" : "method", list: "fault-words",
        class: "tool-field", placeholder: t(isUpdate ? "any update" : "any method"), autocomplete: "off" })),
      labelled("Chat", h("select", { name: "chat", class: "tool-field" }, h("option", { value: "" }, t("any chat")),
        this.store.chats.map(({ id, title }) => h("option", { value: id }, title ?? id)))),
      labelled("Times", h("input", { name: "times", type: "number", min: 1, max: 1000, class: "tool-field",
        value: kind === "reorder" ? 2 : 1 })),
      waits && labelled("Seconds", h("input", { name: "seconds", type: "number", min: 0, max: 600, step: "any",
        value: 3, class: "tool-field" })));
  }

  #ask(form) {
    const filled = [...form].filter(([, value]) => value !== "");
    const body = Object.fromEntries(filled.map(([name, value]) => [name,
      name === "times" || name === "seconds" ? Number(value) : value]));
    return this.#act("/sandbox/faults", body);
  }

  #drawWaiting(faults) {
    const sign = JSON.stringify(faults);
    if (sign === this.drawn) return; // keeps the focus where it is
    this.drawn = sign;
    const none = h("p", { class: "drawer-empty" }, t("No fault is waiting."));
    const all = chip("Call all off", () => this.#act("/sandbox/faults", { clear: true }), "faults-clear");
    this.waiting.replaceChildren(...(faults.length === 0 ? [none]
      : [...faults.map((fault) => this.#waiter(fault)), all]));
  }

  #waiter({ n, kind, method, update, chat, times, seconds }) {
    const place = chat === null ? null : this.store.chat(Number(chat))?.title ?? chat;
    const isUpdate = UPDATES.some(([one]) => one === kind);
    const what = isUpdate ? update : METHODS.find((one) => one.toLowerCase() === method) ?? method;
    const waits = [...CALLS, ...UPDATES].find(([one]) => one === kind)?.[2];
    const about = [what === "*" ? t(isUpdate ? "any update" : "any method") : what, place,
      times === 1 ? t("once") : t("{n} times", { n: times }),
      waits && t("{n} s", { n: seconds })].filter(Boolean).join(" · ");
    return h("div", { class: "waiter", "data-testid": "fault" }, h("span", { class: "waiter-text" },
      h("b", {}, t(named.get(kind) ?? kind)), h("small", {}, about)),
    iconButton("close", t("Call off"), () => this.#act("/sandbox/faults", { clear: n })));
  }

  #drawPeople() {
    const { people, chats, bot } = this.store;
    const groups = chats.filter(({ type }) => type !== "private");
    this.sections.people.replaceChildren(h("h3", {}, t("People and groups")),
      ...people.map((person) => this.#person(person)), ...groups.map((group) => this.#group(group, bot.id)));
  }

  #person({ id, first_name: name, blocked }) {
    return line(name, blocked && t("blocked"), [chip(blocked ? "Let the bot in" : "Block the bot", async () => {
      await this.#act("/sandbox/block", { person: id, blocked: !blocked });
      await this.store.refresh();
    })]);
  }

  #group({ id, type, title, bot_status: status }, bot) {
    const out = status === "kicked" || status === "left";
    const set = async (path, body) => {
      await this.#act(path, body);
      await this.store.refresh();
    };
    return line(title, out && t("kicked out"), [
      chip(out ? "Let the bot in" : "Kick the bot", () => set("/sandbox/members", { chat: id, person: bot,
        status: out ? "administrator" : "kicked" })),
      type === "group" && chip("Upgrade to a supergroup", () => set("/sandbox/upgrade", { chat: id })),
    ]);
  }

  #limits() {
    const box = h("input", { type: "checkbox", role: "switch", checked: this.store.limits, "data-testid": "limits",
      onchange: async () => {
        const found = await this.#act("/sandbox/limits", { on: box.checked });
        if (found) this.store.limits = found.on;
      } });
    ask("/sandbox/state").then(({ limits }) => {
      box.checked = limits;
    }, () => {});
    return h("section", {}, h("h3", {}, t("Limits")), h("label", { class: "switch" }, box,
      h("span", { class: "waiter-text" }, t("Telegram's limits on sending"),
        h("small", {}, t("30 a second, about 1 a second in a chat, 20 a minute in a group")))));
  }

  #drawClock(by) {
    const off = Math.abs(by) < 2 ? 0 : Math.round(by);
    const sign = `${off} ${document.documentElement.lang}`;
    if (this.clockSign === sign) return; // keeps the focus where it is
    this.clockSign = sign;
    this.sections.clock.replaceChildren(h("h3", {}, t("Clock")),
      h("p", { class: "tool-note", "data-testid": "clock" }, off === 0 ? t("Right time")
        : t("{by} from the real time", { by: span(off) })),
      h("div", { class: "chips" }, JUMPS.map(([jump, name]) => chip(name,
        () => this.#act("/sandbox/clock", { by: jump }))),
        off !== 0 && chip("Right time", () => this.#act("/sandbox/clock", { by: -by }))));
  }

  async #drawSaves() {
    const field = h("input", { name: "name", class: "tool-field", required: true, pattern: NAME, autocomplete: "off",
      placeholder: t("Name of a saved state"), "aria-label": t("Name of a saved state") });
    const form = h("form", { class: "tool-line", onsubmit: async (event) => {
      event.preventDefault();
      const { value: name } = field;
      if (await this.#act("/sandbox/save", { name }, t("Saved as {name}.", { name }))) this.#drawSaves();
    } }, field, h("button", { type: "submit", class: "chip", "data-testid": "save" }, t("Save")));
    const { saves } = await ask("/sandbox/saves").catch(() => ({ saves: [] }));
    this.sections.saves.replaceChildren(h("h3", {}, t("State")), form,
      ...saves.map((name) => line(name, null, [chip("Load", () => this.#act("/sandbox/load", { name },
        t("Loaded {name}.", { name })))])), this.#reset());
  }

  #reset() {
    const node = h("div", { class: "chips" });
    const rest = () => node.replaceChildren(chip("Begin again", sure, "reset"));
    const sure = () => {
      node.replaceChildren(h("span", { class: "tool-note" }, t("Really begin again? Every chat is emptied.")),
        chip("Yes", async () => {
          await this.#act("/sandbox/reset", {}, t("Everything began again."));
          rest();
        }, "reset-yes"), chip("No", rest));
      node.querySelector("button").focus();
    };
    rest();
    return node;
  }
}

function labelled(name, input) {
  return h("label", {}, t(name), input);
}

function chip(name, onclick, testid) {
  return h("button", { type: "button", class: "chip", onclick, "data-testid": testid }, t(name));
}

function line(name, note, buttons) {
  return h("div", { class: "waiter" }, h("span", { class: "waiter-text" }, h("span", { dir: "auto" }, name),
    note && h("small", { class: "tool-warn" }, note)), buttons);
}

/** "+1 h 5 min", "−1 d". */
function span(seconds) {
  let rest = Math.abs(seconds);
  const parts = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]].map(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? `${count} ${unit}` : null;
  });
  return `${seconds < 0 ? "−" : "+"}${parts.filter(Boolean).slice(0, 2).join(" ")}`;
}
