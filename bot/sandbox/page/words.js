/** The page's own words, in the language of whoever reads them: English sentences name themselves, Khmer is beside. */
import { KHMER } from "./khmer.js";

const KEY = "sandbox-words";

/** Is this language Khmer? Every other one reads English here. */
export const isKhmer = (lang) => /^km\b/i.test(lang ?? "");

/** A sentence in a language; `{name}` stands for `values.name`. */
export function say(lang, sentence, values = {}) {
  const chosen = isKhmer(lang) ? KHMER[sentence] ?? sentence : sentence;
  return chosen.replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** The language in which an element stands: its own, or its nearest ancestor's. */
export const langOf = (node) => node.closest("[lang]")?.lang ?? "en";

/** A sentence in the language of the place where it will stand. */
export const sayAt = (node, sentence, values) => say(langOf(node), sentence, values);

/** The language of the bars around the panes: this browser's own choice, else the browser's language. */
export function pageLang() {
  const kept = localStorage.getItem(KEY);
  if (kept === "en" || kept === "km") return kept;
  return isKhmer(navigator.language) ? "km" : "en";
}

/** Swap English and Khmer in the bars, and remember it. */
export function toggleLang() {
  localStorage.setItem(KEY, pageLang() === "km" ? "en" : "km");
  keepLang();
}

/** Say it to the browser too. */
export function keepLang() {
  document.documentElement.lang = pageLang();
}
