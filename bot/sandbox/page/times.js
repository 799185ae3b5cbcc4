/** Times as a chat shows them, and the live ones: `<time data-unix data-format>` of date_time entities. */
import { isKhmer, langOf, say } from "./words.js";

const DAY_MS = 86_400_000;
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** Khmer by hand: browsers carry it or not, and a chat must not depend on that. */
const KHMER_UNITS = { day: "ថ្ងៃ", hour: "ម៉ោង", minute: "នាទី", second: "វិនាទី" };
const KHMER_MONTHS = ["មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា",
  "ធ្នូ"];
const KHMER_DAYS = ["អាទិត្យ", "ច័ន្ទ", "អង្គារ", "ពុធ", "ព្រហស្បតិ៍", "សុក្រ", "សៅរ៍"];

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
export function dayLabel(unix, lang) {
  const days = Math.round((dayOf(Date.now() / 1000) - dayOf(unix)) / DAY_MS);
  if (days === 0) return say(lang, "Today");
  if (days === 1) return say(lang, "Yesterday");
  const date = new Date(unix * 1000);
  return longDate(date, lang, date.getFullYear() !== new Date().getFullYear());
}

function longDate(date, lang, withYear) {
  if (isKhmer(lang)) {
    return `${date.getDate()} ${KHMER_MONTHS[date.getMonth()]}${withYear ? ` ${date.getFullYear()}` : ""}`;
  }
  const options = { day: "numeric", month: "long", ...(withYear ? { year: "numeric" } : {}) };
  return formatter(Intl.DateTimeFormat, "en-GB", options).format(date);
}

/** When a chat's last line came: "10:42" today, else the day. */
export function shortTime(unix, lang) {
  return dayOf(unix) === dayOf(Date.now() / 1000) ? clock(unix) : dayLabel(unix, lang);
}

/** "in 4 minutes", "12 seconds ago", in the reader's language; `unix` in seconds. */
export function relative(unix, lang, at = Date.now()) {
  const seconds = Math.round(unix - at / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS[3];
  const count = Math.trunc(seconds / size);
  if (!isKhmer(lang)) return formatter(Intl.RelativeTimeFormat, "en", { numeric: "always" }).format(count, unit);
  return count < 0 ? `${-count} ${KHMER_UNITS[unit]}មុន` : `ក្នុង ${count} ${KHMER_UNITS[unit]}`;
}

/**
 * The text of a date_time entity by its format, `r|w?[dD]?[tT]?`
 * (https://core.telegram.org/bots/api#date-time-entity-formatting), or null when the bot's own text stays.
 */
export function dateTime(unix, format, lang) {
  if (!format) return null;
  if (format === "r") return relative(unix, lang);
  const date = new Date(unix * 1000);
  const khmer = isKhmer(lang);
  const parts = [];
  if (format.includes("w")) {
    parts.push(khmer ? `ថ្ងៃ${KHMER_DAYS[date.getDay()]}` : part(date, { weekday: "long" }));
  }
  if (format.includes("d")) parts.push(part(date, { day: "2-digit", month: "2-digit", year: "2-digit" }));
  if (format.includes("D")) parts.push(longDate(date, lang, true));
  const seconds = format.includes("T") ? { second: "2-digit" } : {};
  if (/[tT]/.test(format)) parts.push(part(date, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...seconds }));
  return parts.join(khmer ? " " : ", ");
}

const part = (date, options) => formatter(Intl.DateTimeFormat, "en-GB", options).format(date);

/** Write every date_time below `root` as it reads now; `lang` where `root` stands nowhere yet. */
export function refreshTimes(root, lang) {
  for (const node of root.querySelectorAll("time[data-unix]")) {
    const text = dateTime(Number(node.dataset.unix), node.dataset.format, lang ?? langOf(node));
    if (text !== null && node.textContent !== text) node.textContent = text;
    if (!node.title) node.title = new Date(Number(node.dataset.unix) * 1000).toLocaleString();
  }
}

/** Keep them true, once a second, for as long as the page is open. */
export function keepTimes() {
  setInterval(() => refreshTimes(document), 1000);
}
