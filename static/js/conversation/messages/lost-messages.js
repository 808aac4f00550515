/**
 * Messages of others that this browser has verified and the server no longer has. A deletion, a
 * restored backup or a dishonest server may be the reason, so the room is not frozen; but the
 * messages stay readable.
 */

import { sentAt } from "../../crypto/message-row.js";
import { MessageOrder } from "../../crypto/order.js";

/** @typedef {import("./decode-message.js").StoredMessage} StoredMessage */
/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {{after: number, rows: StoredMessage[]}} Kept `after`: the seq that they stood behind */
/** @typedef {{after: number, items: Message[]}} Batch the same, opened; `items` in order of seq */

const MARK = "lost";
const MOST = 500; // rows of a room; the newest are kept

export class LostMessages {
  #me;
  #session;
  #reader;
  /** @type {Kept[]} */
  #kept = [];
  /** @type {Batch[]} */
  batches = [];

  /**
   * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {import("./decode-message.js").MessageDecoder} reader
   */
  constructor(me, session, reader) {
    this.#me = me;
    this.#session = session;
    this.#reader = reader;
  }

  /** Loads the messages that earlier visits have kept, without those that have ended. */
  async load() {
    this.#kept = await dropEndedLost(this.#me, this.#session);
    await this.#open();
  }

  /**
   * Keeps rows that the server lacks now. Those kept before are skipped.
   * @param {number} after @param {StoredMessage[]} rows verified, in order of seq
   */
  async add(after, rows) {
    const known = new Set(this.#kept.flatMap((kept) => kept.rows.map(({ sig }) => sig)));
    const fresh = rows.filter(({ sig }) => !known.has(sig));
    if (fresh.length === 0) return;
    this.#kept = newest([...this.#kept, { after, rows: fresh }], MOST);
    await this.#me.store.settings.saveProgress(this.#session.id, MARK, this.#kept);
    await this.#open();
  }

  async #open() {
    this.batches = await Promise.all(this.#kept.map((kept) => this.#opened(kept)));
  }

  /** Verified as on arrival: each by itself, then in order.
   * @param {Kept} kept @returns {Promise<Batch>} */
  async #opened({ after, rows }) {
    const reads = await Promise.all(rows.map((row) => this.#reader.decode(row)));
    const order = new MessageOrder(rows[0].seq - 1);
    const items = reads.flatMap(({ stored: { seq }, id, header, good, message: item }) => {
      const accepted = good && header && order.add({ seq, id, header }).accepted;
      return accepted && !this.#session.hasEnded(item.ts) ? [{ ...item, lost: true }] : [];
    });
    return { after, items };
  }
}

/**
 * Drops the rows that the room's rules have ended.
 * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
 * @returns {Promise<Kept[]>} what is kept
 */
export async function dropEndedLost({ store }, { id, hasEnded }) {
  const found = await store.settings.progress(id, MARK);
  const kept = /** @type {Kept[] | undefined} */ (found) ?? [];
  const standing = kept
    .map(({ after, rows }) => ({ after, rows: rows.filter((row) => !hasEnded(sentAt(row))) }))
    .filter(({ rows }) => rows.length > 0);
  if (JSON.stringify(standing) !== JSON.stringify(kept))
    await store.settings.saveProgress(id, MARK, standing);
  return standing;
}

/** The newest rows of all batches. @param {Kept[]} batches @param {number} most */
function newest(batches, most) {
  let room = most;
  /** @type {Kept[]} */
  const kept = [];
  for (const { after, rows } of [...batches].reverse()) {
    if (room > 0) kept.unshift({ after, rows: rows.slice(-room) });
    room -= rows.length;
  }
  return kept;
}

/** Rows with consecutive numbers.
 * @param {StoredMessage[]} rows in order of seq @returns {StoredMessage[][]} */
export function consecutiveRuns(rows) {
  /** @type {StoredMessage[][]} */
  const found = [];
  for (const row of rows) {
    const run = found.at(-1);
    if (run?.at(-1)?.seq === row.seq - 1) run.push(row);
    else found.push([row]);
  }
  return found;
}
