/** Pages of the messages that this browser keeps of a room, in the shape of the server's pages. */

import { sentAt } from "../../crypto/message-row.js";
import { KEPT_PAGE, LARGE_PAGE } from "./room-history.js";

/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("./history-reader.js").HistoryPage} HistoryPage */

const EVERYTHING = 1_000_000; // more than a browser keeps of a room

/** Stands in for a `HistoryReader` in rooms that the server no longer gives to the account. */
export class KeptHistory {
  #me;
  #id;

  /** @param {import("../account/account.js").Account} me @param {string} id of the room */
  constructor(me, id) {
    this.#me = me;
    this.#id = id;
  }

  #rows() {
    return this.#me.store.messages.lastRows(this.#id, EVERYTHING);
  }

  /**
   * @param {string} query "", "&before=…", "&after=…", "&around=…" or "&at=…"
   * @param {number} [limit]
   * @returns {Promise<HistoryPage>}
   */
  async page(query, limit = KEPT_PAGE) {
    const rows = await this.#rows();
    const asked = new URLSearchParams(query);
    const [first, head] = [rows[0]?.seq ?? 0, rows.at(-1)?.seq ?? 0];
    const around = middle(rows, asked);
    const messages = pick(rows, asked, around, Math.min(limit, LARGE_PAGE));
    return { messages, changes: changesOf(rows, messages), first, head, around };
  }

  /** Reads the later messages that change some others. @param {import("./message-window.js").Span} span
   * the numbers of these @returns {Promise<StoredMessage[]>} */
  async changes([first, last]) {
    const rows = await this.#rows();
    return changesOf(
      rows,
      rows.filter(({ seq }) => first <= seq && seq <= last),
    );
  }

  /** Reads one message, if it is kept. @param {number} seq
   * @returns {Promise<{row: StoredMessage | undefined, first: number, messages: StoredMessage[]}>} */
  async one(seq) {
    const rows = await this.#rows();
    const row = rows.find((one) => one.seq === seq);
    return { row, first: rows[0]?.seq ?? 0, messages: row ? [row] : [] };
  }
}

/** The message that a page is around, 0 for other pages.
 * @param {StoredMessage[]} rows @param {URLSearchParams} asked */
function middle(rows, asked) {
  if (rows.length === 0) return 0;
  const newest = rows[rows.length - 1].seq;
  const at = asked.get("at");
  if (at !== null) return rows.find((row) => sentAt(row) >= Number(at))?.seq ?? newest;
  const seq = asked.get("around");
  return seq === null ? 0 : Math.min(Math.max(Number(seq), rows[0].seq), newest);
}

/** @param {StoredMessage[]} rows @param {URLSearchParams} asked @param {number} around
 * @param {number} limit */
function pick(rows, asked, around, limit) {
  if (around > 0) {
    const low = around - Math.floor(limit / 2);
    return rows.filter(({ seq }) => seq >= low && seq < low + limit);
  }
  const after = asked.get("after");
  if (after !== null) return rows.filter(({ seq }) => seq > Number(after)).slice(0, limit);
  const before = Number(asked.get("before") ?? Number.POSITIVE_INFINITY);
  return rows.filter(({ seq }) => seq < before).slice(-limit);
}

/** Later messages that change some of a page. @param {StoredMessage[]} rows
 * @param {StoredMessage[]} page */
function changesOf(rows, page) {
  const here = new Set(page.map(({ seq }) => seq));
  const last = page.at(-1)?.seq ?? 0;
  return rows.filter(({ seq, re = [] }) => seq > last && re.some((of) => here.has(of)));
}
