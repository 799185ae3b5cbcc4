/** What is known of one chat: its messages, what is being sent, its reply keyboard, who is typing. No DOM here. */

/** Milliseconds that one "typing…" lasts, as Telegram's chat action does. */
const TYPING_MS = 5000;

let turn = 0; // counts live events, so that a page fetched before an event never overwrites it

/** Now, in live events: hand it to `mergePage` as it was before the request left. */
export const now = () => turn;

/** One chat's messages and what surrounds them. */
export class Log {
  constructor() {
    this.messages = new Map(); // message_id → Message
    this.outgoing = []; // {local, text, failed}: sent, but not answered yet
    this.keyboard = null; // reply keyboard shown to this chat
    this.keyboardOf = null; // message_id that brought it
    this.loaded = false;
    this.complete = false; // the first message is here
    this.typingUntil = 0;
    this.unread = 0;
    this.touched = new Map(); // message_id → turn of the last live event
  }

  /** A message as the stream tells it. */
  put(message) {
    turn += 1;
    this.touched.set(message.message_id, turn);
    this.messages.set(message.message_id, message);
  }

  /** A message is gone. */
  drop(messageId) {
    turn += 1;
    this.touched.set(messageId, turn);
    this.messages.delete(messageId);
  }

  /** Messages of one fetched page; those that an event changed since `since` are newer here already. */
  mergePage(messages, since) {
    for (const message of messages) {
      if ((this.touched.get(message.message_id) ?? 0) <= since) this.messages.set(message.message_id, message);
    }
  }

  /** The newest page after a break of the stream: what vanished from its range was deleted meanwhile. */
  replaceTail(messages, since) {
    const kept = new Set(messages.map((message) => message.message_id));
    const overlaps = messages.some(({ message_id: id }) => this.messages.has(id));
    if (!overlaps) this.#forget(since); // so much was missed that a hole would stay: what is older is fetched again
    const first = messages[0]?.message_id ?? 0;
    for (const id of [...this.messages.keys()]) {
      if (id >= first && !kept.has(id) && (this.touched.get(id) ?? 0) <= since) this.messages.delete(id);
    }
    this.mergePage(messages, since);
  }

  #forget(since) {
    for (const id of [...this.messages.keys()]) if ((this.touched.get(id) ?? 0) <= since) this.messages.delete(id);
    this.complete = false;
  }

  /** Messages, oldest first. */
  ordered() {
    return [...this.messages.values()].sort((a, b) => a.message_id - b.message_id);
  }

  /** The newest pinned message, or undefined. */
  pinned() {
    return this.ordered().findLast((message) => message.pinned === true || message.is_pinned === true);
  }

  /** Someone types: true until TYPING_MS from now, or until their message comes. */
  startTyping() {
    this.typingUntil = Date.now() + TYPING_MS;
    return TYPING_MS;
  }
}
