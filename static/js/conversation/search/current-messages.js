/** Fetches messages with their changes applied. */

import { applyChanges } from "../messages/apply-changes.js";

/** @typedef {import("../messages/decode-message.js").Message} Message */
/** @typedef {import("../messages/decode-message.js").StoredMessage} StoredMessage */

export class CurrentMessages {
  #me;
  #session;
  #reader;
  /** @type {Map<number, Promise<Message | null>>} by seq */
  #lines = new Map();

  /** @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {import("../messages/decode-message.js").MessageDecoder} reader */
  constructor(me, session, reader) {
    this.#me = me;
    this.#session = session;
    this.#reader = reader;
  }

  /** Discards the cached forms of changed messages. */
  clear() {
    this.#lines.clear();
  }

  /** @param {number} seq @param {StoredMessage[]} [rows] its own and what changes it, if they are here */
  get(seq, rows) {
    const found = rows ? this.#read(seq, rows) : (this.#lines.get(seq) ?? this.#fetch(seq));
    this.#lines.set(seq, found);
    found.catch(() => this.#lines.delete(seq));
    return found;
  }

  /** @param {number} seq @returns {Promise<Message | null>} */
  async #fetch(seq) {
    const room = /** @type {const} */ (`chatrooms/${this.#session.id}`);
    const page = await this.#me.api.get(`${room}/messages?after=${seq - 1}&limit=1`);
    const { messages, refs = [], more_refs: more = null } = page;
    if (messages[0]?.seq !== seq) return null;
    return this.#read(seq, [messages[0], ...refs, ...(await this.#older(seq, more))]);
  }

  /**
   * Fetches changes of a message that did not fit into the response, newest first.
   * @param {number} seq
   * @param {number | null} more below which number there is more
   * @returns {Promise<StoredMessage[]>}
   */
  async #older(seq, more) {
    /** @type {StoredMessage[]} */
    const rows = [];
    for (let before = more; before !== null; ) {
      const path = /** @type {const} */ (
        `chatrooms/${this.#session.id}/refs?first=${seq}&last=${seq}&before=${before}`
      );
      const page = await this.#me.api.get(path);
      rows.push(...page.refs);
      const next = page.more_refs ?? null;
      if (next !== null && !(next < before))
        throw new Error("The server repeats a page of this list.");
      before = next;
    }
    return rows;
  }

  /** @param {number} seq @param {StoredMessage[]} rows @returns {Promise<Message | null>} */
  async #read(seq, rows) {
    const reads = await Promise.all(rows.map((row) => this.#reader.decode(row)));
    const items = reads.filter(({ good }) => good).map(({ message: item }) => item);
    items.sort((a, b) => Number(a.seq) - Number(b.seq));
    return applyChanges(items).find((line) => line.seq === seq) ?? null;
  }
}

/**
 * Groups the rows of a response by message: its own and the ones that change it. They are no more
 * trusted than rows fetched one by one; if a number has two rows, neither counts.
 * @param {StoredMessage[]} rows @returns {Map<number, StoredMessage[]>}
 */
export function groupByMessage(rows) {
  /** @type {Map<number, StoredMessage[]>} */
  const found = new Map();
  const twice = new Set();
  for (const row of rows) {
    if (found.has(row.seq)) twice.add(row.seq);
    found.set(row.seq, [row]);
  }
  for (const row of rows) {
    for (const seq of Array.isArray(row.re) ? row.re : []) found.get(seq)?.push(row);
  }
  for (const seq of twice) found.delete(seq);
  return found;
}
