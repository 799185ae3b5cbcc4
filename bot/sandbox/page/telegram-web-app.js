/**
 * A stand-in for https://telegram.org/js/telegram-web-app.js, for Mini Apps tried without the network: the part of
 * `window.Telegram.WebApp` that this sandbox answers, written from https://core.telegram.org/bots/webapps.
 * A plain script, as the original: `<script src="/page/telegram-web-app.js"></script>`.
 */
"use strict";

{
  const launch = new URLSearchParams(location.hash.slice(1));
  const initData = launch.get("tgWebAppData") ?? "";
  const listeners = new Map(); // event → functions

  function post(eventType, eventData = {}) {
    if (window.parent !== window) window.parent.postMessage(JSON.stringify({ eventType, eventData }), "*");
  }

  function read(text, otherwise) {
    try {
      return JSON.parse(text);
    } catch {
      return otherwise;
    }
  }

  /** The fields of initData, objects read; not to be trusted before the server has checked the hash. */
  function unsafe() {
    const fields = Object.fromEntries(new URLSearchParams(initData));
    for (const name of ["user", "receiver", "chat"]) if (fields[name]) fields[name] = read(fields[name], null);
    return fields;
  }

  const tell = (name, value) => [...(listeners.get(name) ?? [])].forEach((run) => run.call(app, value));

  /** A button below the app; every change is told at once. */
  function bottomButton(setup, pressed, text) {
    const state = { text, color: "", textColor: "", isVisible: false, isActive: true, isProgressVisible: false };
    const change = (values) => {
      Object.assign(state, values);
      post(setup, { text: state.text, color: state.color || undefined, text_color: state.textColor || undefined,
        is_visible: state.isVisible, is_active: state.isActive, is_progress_visible: state.isProgressVisible });
      return button;
    };
    const names = { is_visible: "isVisible", is_active: "isActive", text: "text", color: "color",
      text_color: "textColor" };
    const button = {
      setText: (value) => change({ text: value }),
      show: () => change({ isVisible: true }),
      hide: () => change({ isVisible: false }),
      enable: () => change({ isActive: true }),
      disable: () => change({ isActive: false }),
      showProgress: () => change({ isProgressVisible: true }),
      hideProgress: () => change({ isProgressVisible: false }),
      setParams: (given) => change(Object.fromEntries(Object.entries(given)
        .filter(([name]) => name in names).map(([name, value]) => [names[name], value]))),
      onClick: (run) => (app.onEvent(pressed, run), button),
      offClick: (run) => (app.offEvent(pressed, run), button),
    };
    for (const name of Object.keys(state)) Object.defineProperty(button, name, { get: () => state[name] });
    return button;
  }

  function backButton() {
    const button = { isVisible: false };
    const change = (shown) => {
      button.isVisible = shown;
      post("web_app_setup_back_button", { is_visible: shown });
      return button;
    };
    return Object.assign(button, {
      show: () => change(true),
      hide: () => change(false),
      onClick: (run) => (app.onEvent("backButtonClicked", run), button),
      offClick: (run) => (app.offEvent("backButtonClicked", run), button),
    });
  }

  let popup = null; // who waits for the open popup's answer

  const app = {
    initData,
    initDataUnsafe: unsafe(),
    version: launch.get("tgWebAppVersion") ?? "6.0",
    platform: launch.get("tgWebAppPlatform") ?? "unknown",
    colorScheme: "light",
    themeParams: read(launch.get("tgWebAppThemeParams"), {}) ?? {},
    isExpanded: false,
    viewportHeight: window.innerHeight,
    isVersionAtLeast: (least) => Number.parseFloat(app.version) >= Number.parseFloat(least),
    onEvent: (name, run) => listeners.set(name, (listeners.get(name) ?? new Set()).add(run)),
    offEvent: (name, run) => listeners.get(name)?.delete(run),
    ready: () => post("web_app_ready"),
    expand: () => post("web_app_expand"),
    close: () => post("web_app_close"),
    sendData: (data) => post("web_app_data_send", { data }),
    openLink: (url) => post("web_app_open_link", { url }),
    openTelegramLink: (url) => post("web_app_open_tg_link", { path_full: new URL(url).pathname + new URL(url).search }),
    switchInlineQuery: (query, types = []) => post("web_app_switch_inline_query", { query, chat_types: types }),
    enableClosingConfirmation: () => post("web_app_setup_closing_behavior", { need_confirmation: true }),
    disableClosingConfirmation: () => post("web_app_setup_closing_behavior", { need_confirmation: false }),
    requestContact: (run) => {
      app.onEvent("contactRequested", ({ status }) => run?.(status === "sent"));
      post("web_app_request_phone");
    },
    requestWriteAccess: (run) => {
      app.onEvent("writeAccessRequested", ({ status }) => run?.(status === "allowed"));
      post("web_app_request_write_access");
    },
    showPopup: ({ title, message, buttons = [{ type: "close" }] }, run) => {
      popup = run;
      post("web_app_open_popup", { title, message, buttons });
    },
    showAlert: (message, run) => app.showPopup({ message }, () => run?.()),
    showConfirm: (message, run) => app.showPopup({ message, buttons: [{ id: "ok", type: "ok" },
      { id: "", type: "cancel" }] }, (id) => run?.(id === "ok")),
    HapticFeedback: { impactOccurred: () => {}, notificationOccurred: () => {}, selectionChanged: () => {} },
  };
  app.MainButton = bottomButton("web_app_setup_main_button", "mainButtonClicked", "CONTINUE");
  app.SecondaryButton = bottomButton("web_app_setup_secondary_button", "secondaryButtonClicked", "Cancel");
  app.BackButton = backButton();

  /** Colours as style sheets use them: `var(--tg-theme-bg-color)`. */
  function wear(theme) {
    Object.assign(app.themeParams, theme);
    const dark = Number.parseInt((theme.bg_color ?? "#ffffff").slice(1, 3), 16) < 128;
    app.colorScheme = dark ? "dark" : "light";
    const { style } = document.documentElement;
    for (const [name, value] of Object.entries(theme)) {
      style.setProperty(`--tg-theme-${name.replaceAll("_", "-")}`, value);
    }
    style.setProperty("--tg-color-scheme", app.colorScheme);
  }

  const HEARD = {
    theme_changed: ({ theme_params: theme }) => {
      wear(theme);
      tell("themeChanged");
    },
    viewport_changed: (given) => {
      Object.assign(app, { isExpanded: given.is_expanded, viewportHeight: given.height });
      tell("viewportChanged", { isStateStable: given.is_state_stable });
    },
    main_button_pressed: () => tell("mainButtonClicked"),
    secondary_button_pressed: () => tell("secondaryButtonClicked"),
    back_button_pressed: () => tell("backButtonClicked"),
    phone_requested: (given) => tell("contactRequested", given),
    write_access_requested: (given) => tell("writeAccessRequested", given),
    reload_iframe: () => location.reload(),
    popup_closed: ({ button_id: id }) => {
      const run = popup;
      popup = null;
      run?.(id ?? "");
      tell("popupClosed", { button_id: id ?? null });
    },
  };

  window.addEventListener("message", ({ source, data }) => {
    const said = source === window.parent && typeof data === "string" ? read(data, null) : null;
    if (said && Object.hasOwn(HEARD, said.eventType)) HEARD[said.eventType](said.eventData ?? {});
  });

  wear(app.themeParams);
  window.Telegram = { ...window.Telegram, WebApp: app };
  post("iframe_ready", { reload_supported: true });
  post("web_app_request_theme");
  post("web_app_request_viewport");
}
