/** What can be sent besides text: pictures and files from disk, one's contact, a place, a link to follow. */
import * as api from "./api.js";
import { h, icon } from "./dom.js";
import { formBox, menu, toast } from "./overlays.js";
import { fileBox } from "./uploads.js";

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

/** The attach menu of a pane. */
export function attachMenu(pane, anchor) {
  const { t } = pane;
  menu(pane.stage, anchor, t("Attach"), [
    { label: t("Photos or videos"), icon: "photo", run: () => pickFiles(pane, "image/*,video/*") },
    { label: t("Files"), icon: "file", run: () => pickFiles(pane, "", true) },
    { label: t("Location"), icon: "pin", run: () => locationBox(pane) },
    ...(pane.isGroup ? [] : [{ label: t("My contact"), icon: "contact", run: () => sendContact(pane) }]),
    { label: t("Open a link…"), icon: "out", run: () => linkBox(pane) },
  ]);
}

function pickFiles(pane, accept, asFiles = false) {
  const input = h("input", { type: "file", accept, multiple: true, hidden: true, onchange: () => {
    if (input.files.length > 0) fileBox(pane, [...input.files], asFiles);
    input.remove();
  } });
  pane.stage.append(input);
  input.click();
}

/** Follow a link as the pane's person: a deep link presses Start, the shop's pages open here. */
function linkBox(pane) {
  const { t, store } = pane;
  formBox(pane.stage, {
    title: t("Open as {who}", { who: pane.nameOf(pane.viewer) }),
    fields: [h("label", {}, t("Link"), h("input", { name: "link", required: true, autocomplete: "off",
      placeholder: `t.me/${store.bot.username}?start=…`, "data-focus": true }))],
    done: t("Open"),
    onDone: (form) => {
      const link = pane.linkFor(form.get("link").trim());
      if (link === null) throw new Error(t("This is no link of the bot or of this machine."));
      pane.follow(link);
    },
  });
}

/** Share the person's own phone number. */
export async function sendContact(pane) {
  try {
    await deliver(pane, { contact: true });
  } catch (refusal) {
    toast(pane.stage, refusal.message);
  }
}

/** Choose a place: one tap on a known one, or typed coordinates. */
export function locationBox(pane) {
  const { t } = pane;
  const presets = PLACES.map(([name, area, latitude, longitude]) => h("button", { type: "submit", class: "preset",
    name: "preset", onclick: () => fill(latitude, longitude) }, icon("pin"),
  h("span", { class: "file-text" }, h("b", {}, t(name)), h("small", {}, t(area)))));
  const fields = [["latitude", t("Latitude")], ["longitude", t("Longitude")]].map(([name, label]) =>
    h("input", { name, inputmode: "decimal", "aria-label": label, placeholder: label, autocomplete: "off" }));
  const fill = (...values) => values.forEach((value, at) => {
    fields[at].value = value;
  });
  formBox(pane.stage, {
    title: t("Send location"),
    fields: [h("div", { class: "presets" }, presets), h("div", { class: "pair" }, fields)],
    done: t("Send"),
    onDone: (form) => deliver(pane, { location: place(form, t) }),
  });
}

function place(form, t) {
  const [latitude, longitude] = ["latitude", "longitude"].map((name) => Number.parseFloat(form.get(name)));
  if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) return { latitude, longitude };
  throw new Error(t("Choose a place or type coordinates."));
}

async function deliver(pane, content) {
  const { chat, viewer: person, thread } = pane;
  const { message } = await api.send({ person, chat, ...content, ...(thread ? { thread } : {}) });
  pane.store.accept(chat, message);
}
