/** JSON as a tree that folds: objects and lists are `<details>`, everything else a coloured word. */
import { h } from "./dom.js";

const OPEN_ITEMS = 12; // a longer list starts folded

/** A value as a tree; the first `open` levels are unfolded. */
export function tree(value, open = 2) {
  return h("div", { class: "json" }, node(value, null, open));
}

function node(value, name, open) {
  const key = name === null ? null : h("span", { class: "json-key" }, `${name}: `);
  if (value === null || typeof value !== "object") return h("div", { class: "json-row" }, key, leaf(value));
  const entries = Object.entries(value);
  const [first, last] = Array.isArray(value) ? "[]" : "{}";
  if (entries.length === 0) return h("div", { class: "json-row" }, key, h("span", {}, first + last));
  const hint = h("span", { class: "json-hint" }, `${first}${entries.length}${last}`);
  const fold = h("details", { class: "json-fold", open: open > 0 && entries.length <= OPEN_ITEMS },
    h("summary", {}, key, hint));
  // Branches are built when they are first unfolded, so that a large answer costs nothing until then.
  const fill = () => fold.childElementCount === 1
    && fold.append(h("div", { class: "json-branch" }, entries.map(([one, inner]) => node(inner, one, open - 1))));
  if (fold.open) fill();
  fold.addEventListener("toggle", fill);
  return fold;
}

function leaf(value) {
  return h("span", { class: `json-${value === null ? "null" : typeof value}` }, JSON.stringify(value));
}
