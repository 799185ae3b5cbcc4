/**
 * A Mini App in a frame over its pane, and what it says to Telegram: messages `{eventType, eventData}` by postMessage,
 * as Telegram's web client takes them (https://core.telegram.org/bots/webapps, its script telegram-web-app.js).
 */
import * as api from "./api.js";
import { h, icon, iconButton } from "./dom.js";
import { homeward, isLoopback } from "./links.js";
import { openOverlay, popupBox, toast } from "./overlays.js";
import { currentTheme, onTheme } from "./theme.js";

/** Colours told to the app; names as in ThemeParams. */
const THEMES = {
  light: { bg_color: "#ffffff", text_color: "#1d2130", hint_color: "#626a80", link_color: "#4c47b8",
    button_color: "#5a55c8", button_text_color: "#ffffff", secondary_bg_color: "#f4f5f9", header_bg_color: "#ffffff",
    bottom_bar_bg_color: "#f4f5f9", accent_text_color: "#4c47b8", section_bg_color: "#ffffff",
    section_header_text_color: "#4c47b8", section_separator_color: "#e2e4ec", subtitle_text_color: "#626a80",
    destructive_text_color: "#c2363f" },
  dark: { bg_color: "#1a1d27", text_color: "#e9ebf3", hint_color: "#9aa2b8", link_color: "#aaa6ff",
    button_color: "#6a64d6", button_text_color: "#ffffff", secondary_bg_color: "#222634", header_bg_color: "#1a1d27",
    bottom_bar_bg_color: "#222634", accent_text_color: "#aaa6ff", section_bg_color: "#1a1d27",
    section_header_text_color: "#aaa6ff", section_separator_color: "#2b3040", subtitle_text_color: "#9aa2b8",
    destructive_text_color: "#ff8b92" },
};

const COLOUR = /^#[0-9a-f]{6}$/i;

/** Open an app: `asked` says which, as the sandbox takes it: a button's place, the menu, a start_param, an address. */
export async function openApp(desk, asked) {
  try {
    const given = { person: desk.viewer, chat: desk.chat, theme: THEMES[currentTheme()], ...asked };
    const { url, kind, button_text: text } = await api.webapp(given);
    if (!isLoopback(url)) window.open(url, "_blank", "noopener");
    else new MiniApp(desk, homeward(url), kind === "key" ? text : null).open();
  } catch (refusal) {
    toast(desk.stage, refusal.message);
  }
}

/** One open app. */
class MiniApp {
  constructor(desk, url, buttonText) {
    Object.assign(this, { desk, url, buttonText, asks: false });
    this.back = iconButton("reply", desk.t("Back"), () => this.tell("back_button_pressed"), { hidden: true });
    this.main = this.#bottomButton("main_button_pressed", "miniapp-main");
    this.second = this.#bottomButton("secondary_button_pressed", "miniapp-second");
    this.frame = h("iframe", { src: url, title: desk.t("Mini App"), referrerpolicy: "no-referrer",
      allow: "clipboard-write" });
    this.onMessage = (event) => event.source === this.frame.contentWindow && this.#hear(event.data);
  }

  #bottomButton(pressed, testid) {
    return h("button", { type: "button", class: "button wide", hidden: true, "data-testid": testid,
      onclick: () => this.tell(pressed) });
  }

  /** Lay it over the pane; its first answer to the app waits until it asks. */
  open() {
    const { t, store, stage } = this.desk;
    const bar = h("div", { class: "sheet-bar" }, iconButton("close", t("Close the app"), () => this.#leave()),
      this.back, h("span", { class: "sheet-place" }, h("b", {}, store.bot.first_name), " ", t("Mini App")),
      iconButton("reload", t("Reload"), () => this.tell("reload_iframe")));
    const content = [bar, this.frame, h("div", { class: "miniapp-buttons" }, this.second, this.main)];
    window.addEventListener("message", this.onMessage);
    this.unhear = onTheme(() => this.#sendTheme());
    this.shut = openOverlay(stage, { label: t("Mini App"), className: "sheet", content, testid: "miniapp",
      onClose: () => this.#gone() });
    this.frame.closest(".overlay").classList.add("half");
  }

  /** Close it for good; an app that asked for it lets the person confirm. */
  async #leave() {
    const { t, stage } = this.desk;
    const buttons = [{ id: "stay", text: t("Stay") }, { id: "leave", text: t("Leave"), type: "destructive" }];
    const message = t("What you changed may not be kept.");
    if (this.asks && (await popupBox(stage, { message, buttons })) !== "leave") return;
    this.shut();
  }

  #gone() {
    window.removeEventListener("message", this.onMessage);
    this.unhear();
  }

  /** Say something to the app. */
  tell(eventType, eventData = {}) {
    this.frame.contentWindow?.postMessage(JSON.stringify({ eventType, eventData }), new URL(this.url).origin);
  }

  #hear(data) {
    let said;
    try {
      said = typeof data === "string" ? JSON.parse(data) : data;
    } catch {
      return; // not of this protocol
    }
    if (Object.hasOwn(HEARD, said?.eventType ?? "")) HEARD[said.eventType](this, said.eventData ?? {});
  }

  #sendTheme() {
    this.tell("theme_changed", { theme_params: THEMES[currentTheme()] });
  }

  /** What HEARD below does for the app. */
  does = {
    theme: () => this.#sendTheme(),
    viewport: () => this.tell("viewport_changed", { height: this.frame.clientHeight, width: this.frame.clientWidth,
      is_expanded: !this.frame.closest(".overlay").classList.contains("half"), is_state_stable: true }),
    expand: () => {
      this.frame.closest(".overlay").classList.remove("half");
      requestAnimationFrame(this.does.viewport);
    },
    leave: () => this.shut(),
    send: async (data) => {
      const { viewer: person, chat, store, stage, t } = this.desk;
      if (this.buttonText === null) return toast(stage, t("Only an app of the bot's keyboard may send data."));
      this.shut();
      const sent = await api.webappData({ person, chat, data, button_text: this.buttonText })
        .catch((refusal) => toast(stage, refusal.message));
      return sent?.message && store.accept(chat, sent.message);
    },
    popup: async ({ title, message, buttons }) => {
      const id = await popupBox(this.desk.stage, { title, message, buttons: buttons ?? [] });
      this.tell("popup_closed", id === null ? {} : { button_id: id });
    },
    ask: async (question, yes, run) => {
      const { t, stage, store } = this.desk;
      const buttons = [{ id: "no", text: t("Cancel") }, { id: "yes", text: yes }];
      if ((await popupBox(stage, { message: question, buttons })) !== "yes") return false;
      const { message } = await run();
      store.accept(message.chat.id, message);
      return true;
    },
    phone: async () => {
      const { t, viewer: person, chat } = this.desk;
      const send = () => api.send({ person, chat, contact: true });
      const sent = await this.does.ask(t("Share your phone number with the bot?"), t("Share"), send);
      this.tell("phone_requested", { status: sent ? "sent" : "cancelled" });
    },
    write: async () => {
      const { t, viewer: person } = this.desk;
      const allow = () => api.writeAccess({ person });
      const allowed = await this.does.ask(t("Allow the bot to write to you?"), t("Allow"), allow);
      this.tell("write_access_requested", { status: allowed ? "allowed" : "cancelled" });
    },
  };
}

/** A bottom button as the app wants it. */
function dress(node, { is_visible: shown, is_active: active = true, text, color, text_color: ink,
  is_progress_visible: busy }) {
  node.hidden = !shown || !text;
  node.disabled = !active;
  node.toggleAttribute("aria-busy", Boolean(busy));
  node.replaceChildren(text ?? "", busy ? icon("clock") : "");
  node.style.background = COLOUR.test(color ?? "") ? color : "";
  node.style.color = COLOUR.test(ink ?? "") ? ink : "";
}

/** What an app may say, by event type. */
const HEARD = {
  iframe_ready: (app) => app.does.theme(),
  web_app_ready: (app) => app.frame.classList.add("ready"),
  web_app_expand: (app) => app.does.expand(),
  web_app_close: (app) => app.does.leave(),
  web_app_request_theme: (app) => app.does.theme(),
  web_app_request_viewport: (app) => app.does.viewport(),
  web_app_setup_main_button: (app, given) => dress(app.main, given),
  web_app_setup_secondary_button: (app, given) => dress(app.second, given),
  web_app_setup_back_button: (app, given) => {
    app.back.hidden = !given.is_visible;
  },
  web_app_setup_closing_behavior: (app, given) => {
    app.asks = Boolean(given.need_confirmation);
  },
  web_app_data_send: (app, given) => app.does.send(String(given.data ?? "")),
  web_app_open_link: (app, given) => /^https?:/.test(given.url) && window.open(given.url, "_blank", "noopener"),
  web_app_open_tg_link: (app, given) => {
    app.does.leave();
    app.desk.follow(`https://t.me${given.path_full}`);
  },
  web_app_open_popup: (app, given) => app.does.popup(given),
  web_app_switch_inline_query: (app, given) => {
    app.does.leave();
    app.desk.writeInline(given.query ?? "");
  },
  web_app_request_phone: (app) => app.does.phone(),
  web_app_request_write_access: (app) => app.does.write(),
  web_app_invoke_custom_method: (app, given) =>
    app.tell("custom_method_invoked", { req_id: given.req_id, error: "UNSUPPORTED" }),
};
