/** Messages as the server stores them: ciphertext, the newest of each room. */

const MOST_ROWS = 2000; // of a room

/** @typedef {import("../crypto/message.js").StoredMessage} StoredMessage */

export class MessageStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** @param {string} room @param {StoredMessage[]} rows @returns {Promise<void>} */
  async saveRows(room, rows) {
    const transaction = this.#scope.db.transaction("rows", "readwrite");
    for (const row of rows) transaction.store.put({ ...row, me: this.#scope.uid, room });
    await transaction.done;
  }

  /**
   * Returns the newest rows, ascending and without a gap.
   * @param {string} room @param {number} limit
   * @returns {Promise<StoredMessage[]>}
   */
  async lastRows(room, limit) {
    /** @type {StoredMessage[]} */
    const rows = [];
    const { store } = this.#scope.db.transaction("rows");
    let cursor = await store.openCursor(this.#scope.range(room), "prev");
    while (cursor && rows.length < limit) {
      const row = withoutKeys(cursor.value);
      if (rows.length > 0 && row.seq !== rows[0].seq - 1) break;
      rows.unshift(row);
      cursor = await cursor.continue();
    }
    return rows;
  }

  /**
   * Returns the rows from one number to another, ascending.
   * @param {string} room @param {number} from seq @param {number} to seq, included
   * @returns {Promise<StoredMessage[]>}
   */
  async rowsBetween(room, from, to) {
    if (from > to) return [];
    const { db, uid } = this.#scope;
    const range = IDBKeyRange.bound([uid, room, from], [uid, room, to]);
    return (await db.getAll("rows", range)).map(withoutKeys);
  }

  /** Drops the rows after a number, because the server has other ones. @param {string} room
   * @param {number} last seq that stays @returns {Promise<void>} */
  async dropRowsAfter(room, last) {
    const { db, uid } = this.#scope;
    await db.delete("rows", IDBKeyRange.bound([uid, room, last], [uid, room, []], true));
  }

  /** Keeps only the newest rows of a room. @param {string} room @param {number} newest seq
   * @returns {Promise<void>} */
  async trimRows(room, newest) {
    const { db, uid } = this.#scope;
    await db.delete("rows", IDBKeyRange.bound([uid, room], [uid, room, newest - MOST_ROWS]));
  }
}

/** @param {StoredMessage & {me: string, room: string}} record @returns {StoredMessage} */
const withoutKeys = ({ me: _me, room: _room, ...row }) => row;
