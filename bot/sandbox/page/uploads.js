/** Files from disk: dropped, pasted or picked; shown before they leave, sent as photos, an album or files. */
import { h, icon } from "./dom.js";
import { fileSize } from "./media.js";
import { formBox, toast } from "./overlays.js";

/** What Telegram takes as a photo, and how large (https://core.telegram.org/bots/api#sending-files). */
const PHOTO_TYPES = new Set(["image/jpeg", "image/png", "image/webp"]);
const PHOTO_BYTES = 10 * 2 ** 20;
const FILE_BYTES = 50 * 2 ** 20;

/** The most in one album. */
const ALBUM = 10;

/** How a file is sent. */
function kindOf(file, asFile) {
  if (asFile) return "document";
  if (PHOTO_TYPES.has(file.type) && file.size <= PHOTO_BYTES) return "photo";
  if (file.type === "audio/ogg") return "voice";
  const [kind] = file.type.split("/");
  return kind === "video" || kind === "audio" ? kind : "document";
}

/** Which kinds may stand in one album together. */
const family = (kind) => (kind === "photo" || kind === "video" ? "visual" : kind);

/** Files as the messages or albums that they make: [[{kind, file}]], in order. */
export function bundles(files, asFiles) {
  const made = [];
  for (const file of files) {
    const one = { kind: kindOf(file, asFiles), file };
    const last = made.at(-1);
    const fits = last && last.length < ALBUM && one.kind !== "voice" && family(last[0].kind) === family(one.kind);
    if (fits) last.push(one);
    else made.push([one]);
  }
  return made;
}

/** Show files before they leave, with a caption; pictures may go as files. */
export function fileBox(pane, files, asFiles = false) {
  const { t } = pane;
  const large = files.find((file) => file.size > FILE_BYTES);
  if (large) {
    const values = { name: large.name, size: fileSize(large.size), most: fileSize(FILE_BYTES) };
    return toast(pane.stage, t("{name} is too big: {size}. Files of up to {most} can be sent.", values));
  }
  const seen = !asFiles && files.some((file) => /^(image|video)\//.test(file.type));
  const shown = h("div", { class: files.length > 1 ? "previews" : "" }, files.map((file) => preview(file, asFiles)));
  const check = seen && h("label", { class: "check" }, h("input", { type: "checkbox", name: "asFiles" }),
    t("Send as files"));
  const caption = h("label", {}, t("Caption"), h("textarea", { name: "caption", rows: 3, autocomplete: "off",
    maxlength: 1024, "data-focus": true, onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      event.target.form.requestSubmit();
    } }));
  const title = files.length > 1 ? t("Send {count} files", { count: files.length })
    : t(seen ? "Send photo" : "Send file");
  return formBox(pane.stage, { title, fields: [shown, caption, check], done: t("Send"), onDone: (form) => {
    sendAll(pane, bundles(files, asFiles || Boolean(form.get("asFiles"))), form.get("caption"));
  } });
}

/** One after the other, so that they arrive in order; the caption stands under the first. */
async function sendAll(pane, made, caption) {
  const { viewer: person, chat, thread, store, composer } = pane;
  const { replyTo } = composer;
  composer.answer(null);
  for (const [at, files] of made.entries()) {
    const first = at === 0 ? { replyTo } : {};
    const text = at === 0 ? caption : "";
    await store.sendFiles({ person, chat, thread, files, text, ...first });
  }
}

function preview(file, asFile) {
  const address = !asFile && PHOTO_TYPES.has(file.type) ? URL.createObjectURL(file) : null;
  if (address) {
    return h("img", { class: "preview", src: address, alt: file.name, onload: () => URL.revokeObjectURL(address) });
  }
  return h("div", { class: "file" }, h("span", { class: "file-sign" }, icon("file")),
    h("span", { class: "file-text" }, h("b", {}, file.name), h("small", {}, fileSize(file.size))));
}

/** Let files be dropped on a pane. */
export function acceptDrops(pane) {
  let depth = 0;
  const mark = () => pane.stage.classList.toggle("dropping", depth > 0);
  const count = (step) => (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    depth = Math.max(0, depth + step);
    mark();
  };
  pane.stage.addEventListener("dragenter", count(1));
  pane.stage.addEventListener("dragover", count(0));
  pane.stage.addEventListener("dragleave", count(-1));
  pane.stage.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    mark();
    pane.onFiles([...event.dataTransfer.files]);
  });
}
