/** An album: pictures and films as a grid, files one below the other. */
import { h } from "./dom.js";
import { attachments, isVisual, sizeOf } from "./media.js";

/** How many stand in each row, by how many there are; Telegram shows up to ten. */
const ROWS = { 2: [2], 3: [1, 2], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [2, 2, 3], 8: [2, 3, 3], 9: [3, 3, 3],
  10: [2, 2, 3, 3] };

/** A wide picture in a row takes more of it than a narrow one, within reason. */
const shareOf = (message) => {
  const { width, height } = sizeOf(message) ?? {};
  return width && height ? Math.min(1.8, Math.max(0.6, width / height)) : 1;
};

/** The parts of an album as one node. */
export function albumGrid(parts, desk) {
  if (!parts.every(isVisual)) {
    return h("div", { class: "album-files" }, parts.map((part) => tile(part, desk, "album-file")));
  }
  const rest = [...parts];
  const rows = (ROWS[parts.length] ?? [parts.length]).map((count) => rest.splice(0, count));
  return h("div", { class: "album", "data-testid": "album", role: "group",
    "aria-label": desk.t("Album of {count}", { count: parts.length }) },
  rows.map((row) => h("div", { class: "album-row" }, row.map((part) => {
    const node = tile(part, desk, "album-tile");
    node.style.flexGrow = shareOf(part);
    return node;
  }))));
}

/** One part; it carries its own number, so that a quote can lead to it and a reply can name it. */
const tile = (part, desk, className) =>
  h("div", { class: className, dataset: { messageId: part.message_id } }, attachments(part, desk));
