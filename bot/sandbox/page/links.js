/** What a link does here: one to the bot presses Start or opens its app, a loopback address a sheet, the rest a tab. */

/** This machine's names that the content security policy can let into a frame. */
const LOOPBACK = new Set(["localhost", "127.0.0.1"]);

/** Does this address stay on this machine? */
export function isLoopback(url) {
  try {
    const { protocol, hostname } = new URL(url, location.href);
    return /^https?:$/.test(protocol) && LOOPBACK.has(hostname);
  } catch {
    return false;
  }
}

/**
 * A loopback address under the name by which this page itself was opened (localhost or 127.0.0.1),
 * so that both are one site to the browser: cookies, storage and deep links work in the frame.
 */
export function homeward(href) {
  const url = new URL(href, location.href);
  if (LOOPBACK.has(location.hostname)) url.hostname = location.hostname;
  return url.href;
}

/**
 * Read an address: {kind: "start" | "app" | "group", payload} for a link to this bot, {kind: "loopback" | "outside",
 * url}, or {kind: "refused", url} for what a browser must not follow (javascript:, data:, app schemes).
 */
export function readLink(href, botName) {
  let url;
  try {
    url = new URL(href, location.href);
  } catch {
    return { kind: "refused", url: href };
  }
  const own = botLink(url, botName);
  if (own !== null) return own;
  if (!/^https?:$/.test(url.protocol)) return { kind: "refused", url: href };
  return isLoopback(url.href) ? { kind: "loopback", url: homeward(url.href) } : { kind: "outside", url: url.href };
}

/**
 * What a link to this bot does: `https://t.me/<bot>?start=…` (or tg://resolve, or this page's own `/?start=…`) presses
 * Start, `?startgroup=` adds it to a group, `?startapp=` (or `/<bot>/<app>`) opens its Mini App; null for other links.
 */
function botLink(url, botName) {
  const name = botName.toLowerCase();
  const here = isLoopback(url.href) && url.port === location.port && url.pathname === "/";
  if (here) return url.searchParams.has("start") ? { kind: "start", payload: url.searchParams.get("start") } : null;
  const [path, app] = url.pathname.slice(1).split("/");
  const web = /^(t|telegram)\.me$/.test(url.hostname) && path.toLowerCase() === name;
  const scheme = url.protocol === "tg:" && url.searchParams.get("domain")?.toLowerCase() === name;
  if (!web && !scheme) return null;
  const param = (key) => url.searchParams.get(key);
  const appName = web ? app : param("appname");
  if (param("startapp") !== null || appName) return { kind: "app", payload: param("startapp") ?? "", app: appName };
  if (param("startgroup") !== null) return { kind: "group", payload: param("startgroup") };
  return { kind: "start", payload: param("start") ?? "" };
}

/** A written text as an address of this bot or of this machine, its scheme put before it; null for anything else. */
export function localLink(text, botName) {
  if (!/^\S+$/.test(text) || !/[./]/.test(text)) return null;
  const href = /^[a-z]+:/i.test(text) && !/^[\w.-]+:\d/.test(text) ? text : `https://${text}`;
  const { kind, url } = readLink(href.replace(/^https:\/\/(localhost|127\.0\.0\.1)/, "http://$1"), botName);
  if (kind === "loopback") return url;
  return ["start", "app", "group"].includes(kind) ? href : null;
}

/** A tracking page, by its path: the web panel keeps the newest one open. */
export function isTracking(href) {
  return isLoopback(href) && new URL(href, location.href).pathname.startsWith("/t/");
}

/** Every address in a message: its buttons' and its text's. */
export function linksOf(message) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  const buttons = rows.flat().map((button) => button.url);
  const text = message.text ?? message.caption ?? "";
  const entities = message.entities ?? message.caption_entities ?? [];
  return [...buttons, ...entities.map((entity) => addressOf(entity, text))].filter(Boolean);
}

/** A link entity's address; offsets count UTF-16 units, as strings do here. */
function addressOf({ type, url, offset, length }, text) {
  return type === "url" ? text.slice(offset, offset + length) : url;
}
