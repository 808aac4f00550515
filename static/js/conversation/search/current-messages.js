/** Messages as they read now: their rows with those that change them, opened and put together. */

import { fold } from "../messages/apply-changes.js";

/** @typedef {import("../messages/apply-changes.js").Line} Line */
/** @typedef {import("../messages/decode-message.js").Row} Row */

export class Present {
  #me;
  #session;
  #reader;
  /** @type {Map<number, Promise<Line | null>>} by seq */
  #lines = new Map();

  /** @param {import("../account/account.js").Me} me @param {import("../room/room-session.js").RoomSession} session
   * @param {import("../messages/decode-message.js").Reader} reader */
  constructor(me, session, reader) {
    this.#me = me;
    this.#session = session;
    this.#reader = reader;
  }

  /** Messages have changed: what was read of them is out of date. */
  forget() {
    this.#lines.clear();
  }

  /** @param {number} seq @param {Row[]} [rows] its own and what changes it, if they are here */
  line(seq, rows) {
    const found = rows ? this.#read(seq, rows) : (this.#lines.get(seq) ?? this.#fetch(seq));
    this.#lines.set(seq, found);
    found.catch(() => this.#lines.delete(seq));
    return found;
  }

  /** @param {number} seq @returns {Promise<Line | null>} */
  async #fetch(seq) {
    const room = `chatrooms/${this.#session.id}`;
    const page = await this.#me.api.get(`${room}/messages?after=${seq - 1}&limit=1`);
    const { messages, refs = [], more_refs: more = null } = page;
    if (messages[0]?.seq !== seq) return null;
    return this.#read(seq, [messages[0], ...refs, ...(await this.#older(seq, more))]);
  }

  /**
   * What changes a message and did not fit into the answer that brought it, newest first.
   * @param {number} seq
   * @param {number | null} more below which number there is more
   * @returns {Promise<Row[]>}
   */
  async #older(seq, more) {
    /** @type {Row[]} */
    const rows = [];
    for (let before = more; before !== null; ) {
      const path = `chatrooms/${this.#session.id}/refs?first=${seq}&last=${seq}&before=${before}`;
      const page = await this.#me.api.get(path);
      rows.push(...page.refs);
      const next = page.more_refs ?? null;
      if (next !== null && !(next < before)) throw new Error("The server goes round in circles.");
      before = next;
    }
    return rows;
  }

  /** @param {number} seq @param {Row[]} rows @returns {Promise<Line | null>} */
  async #read(seq, rows) {
    const reads = await Promise.all(rows.map((row) => this.#reader.read(row)));
    const items = reads.filter(({ good }) => good).map(({ item }) => item);
    items.sort((a, b) => Number(a.seq) - Number(b.seq));
    return fold(items).find((line) => line.seq === seq) ?? null;
  }
}

/**
 * By message: its row and those that change it. They came with an answer, and are believed as
 * little as if they had been asked for one by one; of a number that has two rows neither is.
 * @param {Row[]} rows @returns {Map<number, Row[]>}
 */
export function together(rows) {
  /** @type {Map<number, Row[]>} */
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
