/** What a message carries besides text: photo, document, location, contact, reply quote. */
import { h, icon } from "./dom.js";
import { lightbox } from "./overlays.js";
import { avatar, fullName } from "./people.js";

/** The widest and the highest a photo is shown, in CSS pixels. */
const PHOTO_WIDTH = 320;
const PHOTO_HEIGHT = 390;
const PHOTO_LEAST = 160;

/** Kinds that are not drawn yet, with what to say instead. */
const OTHERS = { video: "Video", animation: "GIF", sticker: "Sticker", voice: "Voice message", audio: "Audio",
  video_note: "Video message", poll: "Poll", dice: "Dice", venue: "Place", invoice: "Invoice", story: "Story" };

/** The width a photo takes in the chat, in CSS pixels, its proportions kept. */
export function photoWidth(size) {
  if (!size?.width || !size?.height) return PHOTO_WIDTH;
  const fitting = Math.min(PHOTO_WIDTH, (PHOTO_HEIGHT * size.width) / size.height);
  return Math.max(PHOTO_LEAST, Math.round(fitting));
}

/** The largest size of a message's photo, or undefined. */
export const largest = (message) => message.photo?.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));

/** Everything above a message's text, as a list of nodes. */
export function attachments(message) {
  const found = [];
  if (message.photo) found.push(photo(message));
  else if (message.document) found.push(documentRow(message));
  if (message.location) found.push(locationCard(message.location));
  if (message.contact) found.push(contactCard(message.contact));
  const other = Object.keys(OTHERS).find((kind) => message[kind] !== undefined && !message.document);
  if (other && !message.location) found.push(h("div", { class: "file" }, icon("file"), h("span", {}, OTHERS[other])));
  return found;
}

function photo(message) {
  const size = largest(message);
  const alt = message.caption ? `Photo: ${message.caption.slice(0, 80)}` : "Photo";
  // decoding=sync: when an edit redraws the message, the picture stays instead of blinking.
  const image = h("img", { src: message.file_url, alt, width: size?.width, height: size?.height, decoding: "sync" });
  if (size?.width && size?.height) image.style.aspectRatio = `${size.width} / ${size.height}`;
  return h("button", { type: "button", class: "photo", "aria-label": "Enlarge the photo",
    onclick: () => lightbox(message.file_url, alt) }, image);
}

function documentRow(message) {
  const { file_name: name = "File", file_size: size } = message.document;
  return h("a", { class: "file", href: message.file_url, download: name, target: "_blank" },
    h("span", { class: "file-sign" }, icon("file")),
    h("span", { class: "file-text" }, h("b", {}, name), h("small", {}, size === undefined ? "" : fileSize(size))));
}

/** "12 B", "3.4 KB", "1.2 MB". */
export function fileSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A drawn map: no tiles, since nothing here reaches beyond this machine. */
function locationCard({ latitude, longitude }) {
  const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  return h("figure", { class: "place" },
    h("div", { class: "map", role: "img", "aria-label": `Map at ${place}` },
      icon("map", "map-art"), icon("drop", "map-pin")),
    h("figcaption", {}, h("b", {}, "Location"), h("small", {}, place)));
}

function contactCard(contact) {
  const name = fullName(contact);
  return h("div", { class: "contact" }, avatar(contact.user_id ?? 0, name),
    h("span", { class: "file-text" }, h("b", {}, name), h("small", {}, contact.phone_number)));
}

/** One line that stands for a message: in quotes, pins and tabs. */
export function summary(message) {
  const text = message.text ?? message.caption;
  if (text) return text.replaceAll(/\s+/g, " ").slice(0, 120);
  if (message.photo) return "Photo";
  if (message.document) return message.document.file_name ?? "File";
  if (message.location) return "Location";
  if (message.contact) return "Contact";
  return Object.entries(OTHERS).find(([kind]) => message[kind] !== undefined)?.[1] ?? "Message";
}

/** The quoted message above an answer; a click leads to it. */
export function quote(message, onJump) {
  const original = message.reply_to_message;
  if (!original) return null;
  return h("button", { type: "button", class: "quote", onclick: () => onJump(original.message_id) },
    h("b", {}, fullName(original.from)), h("span", {}, summary(original)));
}
