/**
 * Results of verifying and decrypting earlier, sealed in this browser. A result counts only
 * for the very row, place, log and code that it came from; all else is verified and decrypted again.
 */

import { hash64 } from "../../crypto/hash.js";
import { isTombstone } from "../../crypto/message-row.js";

/** @typedef {import("./decode-message.js").DecodedMessage} DecodedMessage */
/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("../../crypto/open-message.js").OpenedMessage} OpenedMessage */
/** @typedef {{mark: string, id: string, content: import("../../crypto/content.js").Content}} Result
 *   `mark`: a hash of everything that the result depends on */

export class KeptResults {
  #me;
  #session;

  /** @param {import("../account/account.js").Account} me
   * @param {Pick<import("../room/room-session.js").RoomSession, "id" | "state">} session */
  constructor(me, session) {
    this.#me = me;
    this.#session = session;
  }

  /**
   * Returns the results that count for rows.
   * @param {StoredMessage[]} rows in order of seq
   * @returns {Promise<Map<number, OpenedMessage>>} by seq
   */
  async of(rows) {
    const [first, last] = [rows[0]?.seq, rows.at(-1)?.seq];
    if (!this.#me.code || first === undefined || last === undefined) return new Map();
    const kept = await this.#me.store.messages.opened(this.#session.id, first, last);
    const found = new Map();
    await Promise.all(
      rows.map(async (row) => {
        const opened = await this.#opened(row, /** @type {Result} */ (kept.get(row.seq)));
        if (opened) found.set(row.seq, opened);
      }),
    );
    return found;
  }

  /**
   * Keeps results of rows that this browser keeps. Only what is right and readable is kept: a later
   * visit tries the others again.
   * @param {DecodedMessage[]} reads
   */
  async keep(reads) {
    if (!this.#me.code) return;
    const opened = reads.flatMap(({ good, stored: row, id, message: { content } }) =>
      good && content ? [{ row, id, content }] : [],
    );
    if (opened.length === 0) return;
    const results = await Promise.all(
      opened.map(async ({ row, id, content }) => {
        const mark = await this.#mark(row);
        return { row, value: { mark, id, content } };
      }),
    );
    await this.#me.store.messages.saveOpened(this.#session.id, results);
  }

  /** @param {StoredMessage} row @param {Result | undefined} result
   * @returns {Promise<OpenedMessage | null>} */
  async #opened(row, result) {
    if (!result || result.mark !== (await this.#mark(row))) return null;
    const { id, content } = result;
    // Its mark says that this very text was parsed strictly, and verified.
    return { outcome: "ok", id, header: JSON.parse(row.h), content };
  }

  /** JSON keeps apart what stands beside each other. @param {StoredMessage} row */
  #mark(row) {
    const { state, id } = this.#session;
    const { seq, h, iv, sig } = row;
    const ct = isTombstone(row) ? null : row.ct;
    const about = [this.#me.code, this.#me.uid, id, state.seq, state.hash];
    return hash64("kept", JSON.stringify([...about, seq, h, iv, ct, sig]));
  }
}
