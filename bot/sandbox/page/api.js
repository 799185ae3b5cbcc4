/** The sandbox's control API (`/sandbox/…`): requests with their refusals as errors, and the live event stream. */

/** A refusal of the sandbox, with the sentence it gave. */
export class Refused extends Error {}

async function call(path, init) {
  let reply;
  try {
    reply = await fetch(`/sandbox/${path}`, init);
  } catch {
    throw new Refused("The sandbox does not answer. Is it still running?");
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

/** Send text, a contact or a location: {person, chat, text | contact, phone? | location, reply_to?}. */
export const send = (body) => post("send", body);

/** Send a file: `kind` is "photo" or "document". */
export function sendFile({ person, chat, kind, file, caption, replyTo }) {
  const form = new FormData();
  form.set("person", person);
  form.set("chat", chat);
  if (caption) form.set("caption", caption);
  if (replyTo) form.set("reply_to", replyTo);
  form.set(kind, file, file.name || `${kind}.png`);
  return call("send", { method: "POST", body: form });
}

/** Press Start, with a deep link's payload or without. */
export const start = (person, payload) => post("start", payload ? { person, payload } : { person });

/** Tap a callback button: {person, chat, message_id, data} → {callback_query_id}. */
export const tap = (body) => post("tap", body);

/** A new person: {first_name, language_code?, username?}. */
export const addPerson = (body) => post("people", body);

/**
 * Listen to the event stream; the browser reconnects by itself.
 * `onEvent(kind, data)` gets every event, `onOpen(again)` each connection (again: after a break), `onBreak` each loss.
 */
export function listen({ onEvent, onOpen, onBreak }) {
  const kinds = ["message", "edited", "deleted", "answer", "chat", "typing"];
  let opened = false;
  let source;
  const connect = () => {
    source = new EventSource("/sandbox/events");
    for (const kind of kinds) source.addEventListener(kind, (event) => onEvent(kind, JSON.parse(event.data)));
    source.addEventListener("open", () => {
      onOpen(opened);
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
