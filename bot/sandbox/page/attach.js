/** What can be sent besides text: a photo or file from disk, one's contact, a place. */
import * as api from "./api.js";
import { h, icon } from "./dom.js";
import { fileSize } from "./media.js";
import { formBox, menu, toast } from "./overlays.js";

/** Places to stand at: the capital, and two provinces where the fee differs. */
const PLACES = [
  ["Central Market", "Daun Penh, Phnom Penh", 11.5696, 104.921],
  ["Independence Monument", "Chamkar Mon, Phnom Penh", 11.5564, 104.9282],
  ["Russian Market", "Toul Tom Poung, Phnom Penh", 11.5404, 104.9153],
  ["Wat Phnom", "Daun Penh, Phnom Penh", 11.5761, 104.923],
  ["Olympic Stadium", "Prampi Makara, Phnom Penh", 11.5582, 104.9123],
  ["Phnom Penh Airport", "Por Sen Chey, Phnom Penh", 11.5466, 104.8441],
  ["Old Market", "Siem Reap", 13.3542, 103.8552],
  ["Battambang Station", "Battambang", 13.1027, 103.1982],
];

/** What Telegram takes as a photo. */
const PHOTO_TYPES = new Set(["image/jpeg", "image/png", "image/webp"]);

/** The attach menu of a pane. */
export function attachMenu(pane, anchor) {
  menu(pane.stage, anchor, "Attach", [
    { label: "Photo", icon: "photo", run: () => pickFile(pane, [...PHOTO_TYPES].join()) },
    { label: "File", icon: "file", run: () => pickFile(pane, "", "document") },
    { label: "Location", icon: "pin", run: () => locationBox(pane) },
    { label: "My contact", icon: "contact", run: () => sendContact(pane) },
  ]);
}

function pickFile(pane, accept, kind) {
  const input = h("input", { type: "file", accept, hidden: true, onchange: () => {
    if (input.files.length > 0) fileBox(pane, input.files[0], kind);
    input.remove();
  } });
  pane.stage.append(input);
  input.click();
}

/** Show a file before it leaves, with a caption; a picture may go as a file. */
export function fileBox(pane, file, kind) {
  const isPhoto = kind !== "document" && PHOTO_TYPES.has(file.type);
  const address = isPhoto ? URL.createObjectURL(file) : null;
  const preview = isPhoto
    ? h("img", { class: "preview", src: address, alt: file.name, onload: () => URL.revokeObjectURL(address) })
    : h("div", { class: "file" }, h("span", { class: "file-sign" }, icon("file")),
      h("span", { class: "file-text" }, h("b", {}, file.name), h("small", {}, fileSize(file.size))));
  const asFile = isPhoto && h("label", { class: "check" }, h("input", { type: "checkbox", name: "asFile" }),
    "Send as a file");
  const caption = h("label", {}, "Caption", h("input", { name: "caption", autocomplete: "off", "data-focus": true }));
  formBox(pane.stage, {
    title: isPhoto ? "Send photo" : "Send file",
    fields: [preview, caption, asFile],
    done: "Send",
    onDone: (form) => deliver(pane, () => api.sendFile({
      person: pane.viewer,
      chat: pane.chat,
      kind: isPhoto && !form.get("asFile") ? "photo" : "document",
      file,
      caption: form.get("caption"),
    })),
  });
}

/** Share the person's own phone number. */
export function sendContact(pane) {
  return quietly(pane, () => deliver(pane, () => api.send({ person: pane.viewer, chat: pane.chat, contact: true })));
}

/** Choose a place: one tap on a known one, or typed coordinates. */
export function locationBox(pane) {
  const presets = PLACES.map(([name, area, latitude, longitude]) => h("button", { type: "submit", class: "preset",
    name: "preset", onclick: () => fill(latitude, longitude) }, icon("pin"),
  h("span", { class: "file-text" }, h("b", {}, name), h("small", {}, area))));
  const fields = ["latitude", "longitude"].map((name) => h("input", { name, inputmode: "decimal", "aria-label": name,
    placeholder: name, autocomplete: "off" }));
  const fill = (...values) => values.forEach((value, at) => {
    fields[at].value = value;
  });
  formBox(pane.stage, {
    title: "Send location",
    fields: [h("div", { class: "presets" }, presets), h("div", { class: "pair" }, fields)],
    done: "Send",
    onDone: (form) => deliver(pane, () => api.send({ person: pane.viewer, chat: pane.chat, location: place(form) })),
  });
}

function place(form) {
  const [latitude, longitude] = ["latitude", "longitude"].map((name) => Number.parseFloat(form.get(name)));
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) throw new Error("Choose a place or type coordinates.");
  return { latitude, longitude };
}

async function deliver(pane, request) {
  const { chat } = pane;
  const { message } = await request();
  pane.store.accept(chat, message);
}

async function quietly(pane, run) {
  try {
    await run();
  } catch (refusal) {
    toast(pane.stage, refusal.message);
  }
}
