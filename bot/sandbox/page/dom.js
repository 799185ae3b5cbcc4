/**
 * Small helpers over the DOM: build elements, draw icons, keep a keyed list in step.
 *
 * Strings given as children always become text nodes, so nothing that a person or a bot wrote is ever read as HTML.
 */

const SVG = "http://www.w3.org/2000/svg";
const drawn = new WeakMap(); // element → {key, signature} of the item it shows

/** Build an element; props named `on…` are listeners, `dataset` is an object, false and null are left out. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "class") node.className = value;
  else if (name === "dataset") Object.assign(node.dataset, value);
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** An icon from the sprite in index.html; decorative, so hidden from screen readers. */
export function icon(name, className = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A round button that shows an icon and says its label to screen readers. */
export function iconButton(name, label, onclick, props = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...props },
    icon(name));
}

/**
 * Make the children of `parent` show `items` ({key, signature, build(isNew)}) in order.
 * An element is kept while its signature stays the same, so that reading, selecting and focus are not disturbed.
 */
export function reconcile(parent, items) {
  const old = new Map([...parent.children].map((node) => [drawn.get(node)?.key, node]));
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const before = old.get(item.key);
    old.delete(item.key);
    const node = draw(before, item);
    if (before === cursor && before !== undefined) cursor = node.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
  for (const stale of old.values()) stale.remove();
}

function draw(before, item) {
  if (before && drawn.get(before).signature === item.signature) return before;
  const node = item.build(before === undefined);
  drawn.set(node, { key: item.key, signature: item.signature });
  if (before) {
    const focus = focusIndex(before);
    before.replaceWith(node);
    if (focus >= 0) node.querySelectorAll("button")[focus]?.focus();
  }
  return node;
}

/** Which button of an element holds the focus, so that a redrawn message hands it on; −1 when none does. */
function focusIndex(node) {
  if (!node.contains(document.activeElement)) return -1;
  return [...node.querySelectorAll("button")].indexOf(document.activeElement);
}
