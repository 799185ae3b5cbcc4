/** What lies over a pane or the page: dialogs, sheets with a web page, menus, toasts, a photo enlarged. */
import { h, icon, iconButton } from "./dom.js";
import { avatar } from "./people.js";
import { sayAt } from "./words.js";

const TOAST_MS = 3500;
const FOCUSABLE = "button:not([disabled]), input, select, textarea, a[href], iframe, [tabindex='0']";

/**
 * Lay a dialog over `host` (a positioned element); Esc, the backdrop and the returned function close it.
 * The focus moves in, stays in, and goes back where it was.
 */
export function openOverlay(host, { label, role = "dialog", className = "", content, testid, onClose = () => {} }) {
  const before = document.activeElement;
  const card = h("div", { class: `overlay-card ${className}`, role, "aria-label": label, "aria-modal": "true",
    tabindex: "-1", "data-testid": testid }, content);
  const overlay = h("div", { class: `overlay over-${className}` }, card);
  const close = () => {
    if (!overlay.isConnected) return;
    overlay.remove();
    if (before?.isConnected) before.focus();
    onClose();
  };
  overlay.addEventListener("click", (event) => event.target === overlay && close());
  overlay.addEventListener("keydown", (event) => onOverlayKey(event, card, close));
  host.append(overlay);
  (card.querySelector("[data-focus]") ?? card.querySelector(FOCUSABLE) ?? card).focus({ preventScroll: true });
  return close;
}

function onOverlayKey(event, card, close) {
  if (event.key === "Escape") {
    event.stopPropagation();
    close();
  }
  if (event.key !== "Tab") return;
  const stops = [...card.querySelectorAll(FOCUSABLE)];
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

/** A sentence that comes and goes by itself. */
export function toast(host, text) {
  host.querySelector(":scope > .toast")?.remove();
  const node = h("div", { class: "toast", role: "status", "data-testid": "toast" }, text);
  host.append(node);
  setTimeout(() => node.remove(), TOAST_MS);
}

/** A sentence that waits for OK. */
export function alertBox(host, text) {
  let close = () => {};
  const ok = h("button", { type: "button", class: "button", onclick: () => close() }, sayAt(host, "OK"));
  const content = [h("p", {}, text), h("div", { class: "actions" }, ok)];
  close = openOverlay(host, { label: text, role: "alertdialog", className: "alert", content, testid: "alert" });
}

/** What the buttons of a popup say when the app gave them no text of their own. */
const POPUP_WORDS = { ok: "OK", close: "Close", cancel: "Cancel" };

/** A question with up to three buttons {id, type, text}; resolves to the chosen id, null when it was put away. */
export function popupBox(host, { title, message, buttons }) {
  return new Promise((resolve) => {
    let close = () => {};
    let chosen = null;
    const press = (id) => () => {
      chosen = id ?? "";
      close();
    };
    const keys = (buttons.length > 0 ? buttons : [{ type: "close" }]).map(({ id, type = "default", text }) =>
      h("button", { type: "button", class: `button ${type === "destructive" ? "danger" : "quiet"}`,
        onclick: press(id) }, sayAt(host, POPUP_WORDS[type] ?? text ?? "OK")));
    const content = [title ? h("h2", {}, title) : null, h("p", {}, message), h("div", { class: "actions" }, keys)];
    close = openOverlay(host, { label: message, role: "alertdialog", className: "alert",
      content: content.filter(Boolean), testid: "popup", onClose: () => resolve(chosen) });
  });
}

/** A web page in a sheet that slides over the pane, as Telegram opens a Mini App. */
export function sheet(host, url) {
  let close = () => {};
  const { host: place, pathname } = new URL(url);
  const bar = h("div", { class: "sheet-bar" },
    iconButton("close", sayAt(host, "Close the page"), () => close()),
    h("span", { class: "sheet-place" }, place, h("b", {}, pathname)),
    h("a", { class: "icon-button", href: url, target: "_blank", rel: "noopener",
      title: sayAt(host, "Open in a new tab"), "aria-label": sayAt(host, "Open in a new tab") }, icon("out")));
  const frame = h("iframe", { src: url, title: `${sayAt(host, "Web page")} ${pathname}`,
    referrerpolicy: "no-referrer" });
  close = openOverlay(host, { label: sayAt(host, "Web page"), className: "sheet", content: [bar, frame],
    testid: "sheet" });
}

/** A photo as large as the window allows. */
export function lightbox(src, alt, closing) {
  let close = () => {};
  const button = iconButton("close", closing, () => close());
  const image = h("img", { src, alt, onclick: () => close() });
  close = openOverlay(document.body, { label: alt || "Photo", className: "lightbox", content: [button, image] });
}

/** A box with a title, fields and two buttons; `onDone` gets the fields' FormData, and may refuse by throwing. */
export function formBox(host, { title, fields, done, onDone }) {
  let close = () => {};
  const error = h("p", { class: "form-error", role: "alert" });
  const form = h("form", { class: "form", onsubmit: async (event) => {
    event.preventDefault();
    try {
      await onDone(new FormData(form));
      close();
    } catch (refusal) {
      error.textContent = refusal.message;
    }
  } },
  h("h2", {}, title), fields, error,
  h("div", { class: "actions" },
    h("button", { type: "button", class: "button quiet", onclick: () => close() }, sayAt(host, "Cancel")),
    h("button", { type: "submit", class: "button" }, done)));
  close = openOverlay(host, { label: title, className: "box", content: form });
}

/**
 * A menu beside `anchor`: items are {label, detail?, icon?, who?: {id, name}, badge?, checked?, run}, or
 * {build(close)} for a node of its own.
 * Arrow keys move, Esc closes and gives the focus back.
 */
export function menu(host, anchor, label, items) {
  closeMenus();
  const node = h("div", { class: "menu", role: "menu", "aria-label": label });
  const close = () => {
    node.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", onOutside, true);
  };
  const onOutside = (event) => !node.contains(event.target) && !anchor.contains(event.target) && close();
  node.closeMenu = close;
  node.append(...items.map((item) => item.build?.(close) ?? menuItem(item, close, anchor)));
  node.addEventListener("keydown", (event) => onMenuKey(event, node, close, anchor));
  document.addEventListener("pointerdown", onOutside, true);
  host.append(node);
  anchor.setAttribute("aria-expanded", "true");
  place(node, host, anchor);
  (node.querySelector(":scope > [aria-checked=true]") ?? node.querySelector("button"))?.focus({ preventScroll: true });
}

/** Close whatever menu is open; true when there was one. */
export function closeMenus() {
  const open = [...document.querySelectorAll(".menu")];
  open.forEach((node) => node.closeMenu());
  return open.length > 0;
}

function menuItem(item, close, anchor) {
  const picture = item.who ? avatar(item.who.id, item.who.name, "small") : item.icon && icon(item.icon);
  return h("button", {
    type: "button",
    role: item.checked === undefined ? "menuitem" : "menuitemradio",
    "aria-checked": item.checked === undefined ? null : String(item.checked),
    onclick: () => {
      close();
      anchor.focus();
      item.run();
    },
  }, picture, h("span", { class: "menu-text" }, item.label, item.detail && h("small", {}, item.detail)),
  item.badge ? h("span", { class: "badge" }, String(item.badge)) : null, item.checked ? icon("check") : null);
}

function onMenuKey(event, node, close, anchor) {
  const stops = [...node.querySelectorAll("button")];
  const here = stops.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const goal = step === undefined ? { Home: 0, End: -1 }[event.key] : here + step;
  if (goal !== undefined) stops.at(goal % stops.length)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") {
    close();
    anchor.focus();
  } else return;
  event.stopPropagation();
  event.preventDefault();
}

/** Under the anchor when it stands in the upper half of its host, else above it; never past the host's edges. */
function place(node, host, anchor) {
  const outer = host.getBoundingClientRect();
  // A finger's screen shows no button for answering: there the menu stands by its message.
  const shown = anchor.getClientRects().length > 0 ? anchor : anchor.parentElement;
  const inner = shown.getBoundingClientRect();
  const [above, below] = [inner.top - outer.top - node.offsetHeight - 6, inner.bottom - outer.top + 6];
  const within = (wanted, room, size) => `${Math.max(8, Math.min(wanted, room - size - 8))}px`;
  node.style.left = within(inner.left - outer.left, outer.width, node.offsetWidth);
  node.style.top = within(inner.top - outer.top < outer.height / 2 ? below : above, outer.height, node.offsetHeight);
}
