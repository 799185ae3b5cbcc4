/** The sandbox's control API (`/sandbox/…`): requests with their refusals as errors, and the live event stream. */

/** A refusal of the sandbox, with the sentence it gave. */
export class Refused extends Error {}

const SILENT = "The sandbox does not answer. Is it still running?";

async function call(path, init) {
  let reply;
  try {
    reply = await fetch(`/sandbox/${path}`, init);
  } catch {
    throw new Refused(SILENT);
  }
  const body = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Refused(body.error ?? body.description ?? `The sandbox answered ${reply.status}.`);
  return body;
}

function post(path, body) {
  return call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Bot, people, chats, links and commands. */
export const getState = () => call("state");

/** One page of a chat, oldest first, ending before `before` (a message_id) when given; and its reply keyboard. */
export function getMessages(chat, { before, limit }) {
  const query = new URLSearchParams({ limit });
  if (before !== undefined) query.set("before", before);
  return call(`chats/${chat}/messages?${query}`);
}

/** Send text, a contact or a location: {person, chat, text | contact, phone? | location, reply_to?, thread?}. */
export const send = (body) => post("send", body);

/**
 * Send files as one message or album: `files` is a list of {kind, file}; `onProgress` gets 0 to 1.
 * fetch() tells nothing about what has left, so this one is an XMLHttpRequest.
 */
export function sendFiles({ person, chat, files, caption, replyTo, thread }, onProgress) {
  const form = new FormData();
  const fields = { person, chat, caption, reply_to: replyTo, thread };
  for (const [name, value] of Object.entries(fields)) if (value) form.set(name, value);
  for (const { kind, file } of files) form.append(kind, file, file.name || `${kind}.png`);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/sandbox/send");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0));
    request.addEventListener("load", () => (request.status < 400 ? resolve(request.response)
      : reject(new Refused(request.response?.error ?? `The sandbox answered ${request.status}.`))));
    request.addEventListener("error", () => reject(new Refused(SILENT)));
    request.send(form);
  });
}

/** Press Start, with a deep link's payload or without. */
export const start = (person, payload) => post("start", payload ? { person, payload } : { person });

/** Tap a callback button: {person, chat, message_id, data} → {callback_query_id}. */
export const tap = (body) => post("tap", body);

/** A new person: {first_name, language_code?, username?}. */
export const addPerson = (body) => post("people", body);

/** A new group: {title, members, forum, kind}. */
export const addGroup = (body) => post("groups", body);

/** Give a person a status in a group: {chat, person, status}. */
export const setMember = (body) => post("members", body);

/** Make a basic group a supergroup: {chat}. */
export const upgrade = (body) => post("upgrade", body);

/** Block the bot or let it in again: {person, blocked}. */
export const block = (body) => post("block", body);

/** React to a message: {person, chat, message_id, emoji}; an empty emoji takes the reaction away. */
export const react = (body) => post("react", body);

/** Forward a message: {person, from_chat, message_id, chat}. */
export const forward = (body) => post("forward", body);

/** Change one's own message: {person, chat, message_id, text}. */
export const edit = (body) => post("edit", body);

/** Add the bot to a group: {person, chat, payload}. */
export const addBot = (body) => post("add_bot", body);

/** Begin a topic: {person, chat, name} → {topic}. */
export const addTopic = (body) => post("topics", body);

/** Close or open a topic, or rename it: {person, chat, thread, closed?, name?}. */
export const changeTopic = (body) => post("topic", body);

/** Give a supergroup topics or take them: {chat, on}. */
export const setForum = (body) => post("forum", body);

/** Who may be picked for a keyboard's button: {person, chat, request_id} → {users | chats, most}. */
export const candidates = (body) => post("share_candidates", body);

/** Delete a message for everyone: {person, chat, message_id}. */
export const remove = (body) => post("delete", body);

/** Pin a message or take it down: {person, chat, message_id, pinned}. */
export const pin = (body) => post("pin", body);

/** The commands a person sees in a chat. */
export const commandsFor = (person, chat) => call(`commands?${new URLSearchParams({ person, chat })}`);

/** Ask the bot inline: {person, chat, query, offset} → its results. */
export const inline = (body) => post("inline", body);

/** Send an inline result: {person, chat, query_id, result_id}. */
export const inlineChoose = (body) => post("inline_choose", body);

/** The signed address of a Mini App: {person, chat, message_id, row, column} or {person, chat, url, start_param}. */
export const webapp = (body) => post("webapp", body);

/** What a keyboard's Mini App sends: {person, chat, data, button_text}. */
export const webappData = (body) => post("webapp_data", body);

/** Let the bot write to a person, as an app asked: {person}. */
export const writeAccess = (body) => post("write_access", body);

/** Share people with the bot: {person, chat, request_id, users}. */
export const shareUsers = (body) => post("share_users", body);

/** Share a chat with the bot: {person, chat, request_id, shared}. */
export const shareChat = (body) => post("share_chat", body);

/** What the inspector hears: "calls" (detail: {calls, count, findings, cleared?}) and "open" after each connection. */
export const feed = new EventTarget();

/**
 * Listen to the event stream; the browser reconnects by itself.
 * `onEvent(kind, data)` gets every event, `onOpen(again)` each connection (again: after a break), `onBreak` each loss.
 */
export function listen({ onEvent, onOpen, onBreak }) {
  const kinds = ["message", "edited", "deleted", "answer", "chat", "typing"];
  let opened = false;
  let source;
  const connect = () => {
    source = new EventSource("/sandbox/events?calls");
    source.addEventListener("calls", ({ data }) => feed.dispatchEvent(new CustomEvent("calls", {
      detail: JSON.parse(data) })));
    for (const kind of kinds) source.addEventListener(kind, (event) => onEvent(kind, JSON.parse(event.data)));
    source.addEventListener("open", () => {
      onOpen(opened);
      feed.dispatchEvent(new Event("open"));
      opened = true;
    });
    source.addEventListener("error", () => {
      onBreak();
      // A server that is down closes the stream for good on some answers; a closed one is opened anew.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1500);
    });
  };
  connect();
}
