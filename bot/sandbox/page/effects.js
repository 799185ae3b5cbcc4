/** Message effects: a burst of the effect's emoji over the pane when such a message comes in. */
import { h } from "./dom.js";

/** Telegram's free effects by their ids, as its apps send them. */
const EFFECTS = {
  "5104841245755180586": "🔥",
  "5107584321108051014": "👍",
  "5104858069142078462": "👎",
  "5159385139981059251": "❤️",
  "5046509860389126442": "🎉",
  "5046589136895476101": "💩",
};

const PIECES = 14;
const LASTS_MS = 1800;
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Play a message's effect over `host`; who asked for less motion sees one emoji that fades, and nothing flies. */
export function playEffect(host, message) {
  const emoji = EFFECTS[message.effect_id];
  if (emoji === undefined) return;
  const pieces = Array.from({ length: still.matches ? 1 : PIECES }, (_, at) => piece(emoji, at));
  const node = h("div", { class: still.matches ? "effect still" : "effect", "aria-hidden": "true",
    "data-testid": "effect" }, pieces);
  host.append(node);
  setTimeout(() => node.remove(), LASTS_MS);
}

/** One emoji; its place and pace follow from its number, so that a picture of it is the same every time. */
function piece(emoji, at) {
  const node = h("i", {}, emoji);
  node.style.setProperty("--x", `${(at * 37) % 100}%`);
  node.style.setProperty("--delay", `${(at * 61) % 500}ms`);
  node.style.setProperty("--turn", `${((at * 53) % 80) - 40}deg`);
  node.style.setProperty("--size", `${22 + ((at * 29) % 22)}px`);
  return node;
}
