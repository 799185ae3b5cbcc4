/** Times as a chat shows them, and the live ones: `<time data-unix data-format>` of date_time entities. */

const DAY_MS = 86_400_000;
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

const made = new Map(); // formatters by their arguments; building one is slow

function formatter(Kind, lang, options) {
  const key = `${Kind.name} ${lang} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new Kind(lang, options));
  return made.get(key);
}

/** "10:42" in the browser's zone; `unix` in seconds. */
export function clock(unix) {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return formatter(Intl.DateTimeFormat, "en", options).format(unix * 1000);
}

/** Midnight of that day in the browser's zone, as a number that names the day. */
export function dayOf(unix) {
  return new Date(unix * 1000).setHours(0, 0, 0, 0);
}

/** "Today", "Yesterday", "3 March" or "3 March 2025". */
export function dayLabel(unix) {
  const days = Math.round((dayOf(Date.now() / 1000) - dayOf(unix)) / DAY_MS);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const date = new Date(unix * 1000);
  const thisYear = date.getFullYear() === new Date().getFullYear();
  const options = { day: "numeric", month: "long", ...(thisYear ? {} : { year: "numeric" }) };
  return formatter(Intl.DateTimeFormat, "en-GB", options).format(date);
}

/** "in 4 minutes", "12 seconds ago", in the reader's language; `unix` in seconds. */
export function relative(unix, lang, at = Date.now()) {
  const seconds = Math.round(unix - at / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS[3];
  return formatter(Intl.RelativeTimeFormat, lang, { numeric: "always" }).format(Math.trunc(seconds / size), unit);
}

/**
 * The text of a date_time entity by its format, `r|w?[dD]?[tT]?`
 * (https://core.telegram.org/bots/api#date-time-entity-formatting), or null when the bot's own text stays.
 */
export function dateTime(unix, format, lang) {
  if (!format) return null;
  if (format === "r") return relative(unix, lang);
  const options = {};
  if (format.includes("w")) options.weekday = "long";
  if (format.includes("d")) Object.assign(options, { day: "2-digit", month: "2-digit", year: "2-digit" });
  if (format.includes("D")) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  if (/[tT]/.test(format)) Object.assign(options, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (format.includes("T")) options.second = "2-digit";
  return formatter(Intl.DateTimeFormat, lang, options).format(unix * 1000);
}

/** Write every date_time below `root` as it reads now. */
export function refreshTimes(root) {
  for (const node of root.querySelectorAll("time[data-unix]")) {
    const lang = node.closest("[lang]")?.lang || "en";
    const text = dateTime(Number(node.dataset.unix), node.dataset.format, lang);
    if (text !== null && node.textContent !== text) node.textContent = text;
    if (!node.title) node.title = new Date(Number(node.dataset.unix) * 1000).toLocaleString();
  }
}

/** Keep them true, once a second, for as long as the page is open. */
export function keepTimes() {
  setInterval(() => refreshTimes(document), 1000);
}
