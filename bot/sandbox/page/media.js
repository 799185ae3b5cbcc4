/** What a message carries besides text: pictures, films, sounds, files, places, contacts, the quoted message. */
import { h, icon } from "./dom.js";
import { lightbox } from "./overlays.js";
import { avatar, fullName } from "./people.js";
import { say } from "./words.js";

/** The widest and the highest a picture is shown, in CSS pixels. */
const PHOTO_WIDTH = 320;
const PHOTO_HEIGHT = 390;
const PHOTO_LEAST = 160;

/** Kinds with a name of their own, in the order they are looked for. */
const NAMES = { photo: "Photo", video: "Video", animation: "GIF", video_note: "Video message", sticker: "Sticker",
  voice: "Voice message", audio: "Audio", document: "File", venue: "Place", location: "Location", contact: "Contact",
  poll: "Poll", dice: "Dice", invoice: "Invoice", story: "Story" };

/** What is drawn as a picture: in albums side by side. */
const VISUAL = ["photo", "video", "animation", "video_note"];

/** Which kind of content a message holds, or undefined for text. */
export const kindOf = (message) => Object.keys(NAMES).find((kind) => message[kind] !== undefined);

/** Is it a picture or a film? */
export const isVisual = (message) => VISUAL.includes(kindOf(message));

/** The width and height of a message's picture or film, as far as they are known. */
export function sizeOf(message) {
  const kind = kindOf(message);
  return kind === "photo" ? message.photo.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a))
    : message[kind];
}

/** The width a picture takes in the chat, in CSS pixels, its proportions kept. */
export function photoWidth(size) {
  if (!size?.width || !size?.height) return PHOTO_WIDTH;
  const fitting = Math.min(PHOTO_WIDTH, (PHOTO_HEIGHT * size.width) / size.height);
  return Math.max(PHOTO_LEAST, Math.round(fitting));
}

/** Everything above a message's text, as a list of nodes. */
export function attachments(message, desk) {
  const kind = kindOf(message);
  if (kind === undefined) return [];
  const draw = DRAW[kind];
  return [draw ? draw(message, desk)
    : h("div", { class: "file" }, icon("file"), h("span", {}, desk.t(NAMES[kind])))];
}

const DRAW = {
  photo,
  video: film,
  animation: film,
  video_note: film,
  voice: sound,
  audio: sound,
  document: documentRow,
  location: (message, desk) => locationCard(message.location, desk.t("Location")),
  venue: ({ venue }) => locationCard(venue.location, venue.title, venue.address),
  contact: ({ contact }) => contactCard(contact),
};

function photo(message, desk) {
  const size = sizeOf(message);
  const alt = message.caption ? `${desk.t("Photo")}: ${message.caption.slice(0, 80)}` : desk.t("Photo");
  // decoding=sync: when an edit redraws the message, the picture stays instead of blinking.
  const image = h("img", { src: message.file_url, alt, width: size?.width, height: size?.height, decoding: "sync" });
  if (size?.width && size?.height) image.style.aspectRatio = `${size.width} / ${size.height}`;
  const button = h("button", { type: "button", class: "photo", "aria-label": desk.t("Enlarge the photo"),
    onclick: () => !uncover(button) && lightbox(message.file_url, alt, desk.t("Close the photo")) }, image);
  return covered(button, message);
}

/** The native player; a GIF goes round by itself, without a sound. */
function film(message, desk) {
  const kind = kindOf(message);
  const loops = kind === "animation" ? { loop: true, autoplay: true } : {};
  const player = h("video", { src: message.file_url, controls: true, preload: "metadata", playsinline: true,
    "aria-label": desk.t(NAMES[kind]), ...loops });
  player.muted = kind === "animation";
  const { width, height } = message[kind];
  if (width && height) player.style.aspectRatio = `${width} / ${height}`;
  return covered(h("div", { class: `photo film ${kind}` }, player), message);
}

/** A spoiler's picture is blurred until it is asked for. */
function covered(node, message) {
  if (message.has_media_spoiler) node.classList.add("covered");
  node.addEventListener("click", () => uncover(node));
  return node;
}

function uncover(node) {
  const was = node.classList.contains("covered");
  node.classList.remove("covered");
  return was;
}

function sound(message, desk) {
  const kind = kindOf(message);
  const { performer, title, file_name: name } = message[kind];
  const label = [performer, title].filter(Boolean).join(" – ") || name || desk.t(NAMES[kind]);
  return h("div", { class: "sound" }, h("b", {}, label),
    h("audio", { src: message.file_url, controls: true, preload: "metadata", "aria-label": label }));
}

function documentRow(message, desk) {
  const { file_name: name = desk.t("File"), file_size: size } = message.document;
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
function locationCard({ latitude, longitude }, title, address) {
  const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  return h("figure", { class: "place" },
    h("div", { class: "map", role: "img", "aria-label": `${title}: ${place}` },
      icon("map", "map-art"), icon("drop", "map-pin")),
    h("figcaption", {}, h("b", {}, title), h("small", {}, address ?? place)));
}

function contactCard(contact) {
  const name = fullName(contact);
  return h("div", { class: "contact" }, avatar(contact.user_id ?? 0, name),
    h("span", { class: "file-text" }, h("b", {}, name), h("small", {}, contact.phone_number)));
}

/** One line that stands for a message: in quotes, pins, lists and tabs. */
export function summary(message, lang) {
  const text = message.text ?? message.caption;
  if (text) return text.replaceAll(/\s+/g, " ").slice(0, 120);
  const kind = kindOf(message);
  if (kind === "document" && message.document.file_name) return message.document.file_name;
  return say(lang, NAMES[kind] ?? "Message");
}

/** The quoted message above an answer; a click leads to it. A topic's first line is no quote. */
export function quote(message, desk) {
  const original = message.reply_to_message;
  if (!original || original.forum_topic_created) return null;
  const said = message.quote?.text ?? summary(original, desk.lang);
  return h("button", { type: "button", class: message.quote ? "quote part" : "quote",
    onclick: () => desk.onJump(original.message_id) },
  h("b", {}, fullName(original.from)), h("span", {}, said));
}

/** Where a forwarded message comes from, or the bot it was sent through; null for neither. */
export function origin(message, desk) {
  const from = message.forward_origin;
  if (from) {
    const who = from.sender_user ? fullName(from.sender_user)
      : from.sender_user_name ?? from.sender_chat?.title ?? from.chat?.title ?? "";
    return h("div", { class: "origin" }, desk.t("Forwarded from {who}", { who }));
  }
  if (!message.via_bot) return null;
  return h("div", { class: "origin" }, desk.t("via @{bot}", { bot: message.via_bot.username }));
}
