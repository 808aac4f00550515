/**
 * Messages as the server stores them: ciphertext, the newest of each room. Beside a row stands, sealed,
 * what was opened of it: it goes with the row.
 */

const MOST_ROWS = 2000; // of a room

/** @typedef {import("../crypto/message.js").StoredMessage} StoredMessage */

export class MessageStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** @param {string} room @param {StoredMessage[]} rows @returns {Promise<boolean>} false where the
   *   storage is full */
  saveRows(room, rows) {
    return this.#scope.space.keep("messages", () => this.#saveRows(room, rows));
  }

  /** @param {string} room @param {StoredMessage[]} rows */
  async #saveRows(room, rows) {
    const { db, uid: me } = this.#scope;
    const transaction = db.transaction(["rows", "opened"], "readwrite");
    for (const row of rows) {
      transaction.objectStore("rows").put({ ...row, me, room });
      transaction.objectStore("opened").delete([me, room, row.seq]);
    }
    await transaction.done;
  }

  /**
   * Keeps those of some rows that are among the newest of a room. What is kept already stays as it is.
   * @param {string} room @param {StoredMessage[]} rows @param {number} newest seq
   * @returns {Promise<boolean>} false where the storage is full
   */
  addRows(room, rows, newest) {
    const wanted = rows.filter(({ seq }) => seq > newest - MOST_ROWS && seq <= newest);
    if (wanted.length === 0) return Promise.resolve(true);
    return this.#scope.space.keep("messages", () => this.#addRows(room, wanted));
  }

  /** @param {string} room @param {StoredMessage[]} rows */
  async #addRows(room, rows) {
    const { db, uid: me } = this.#scope;
    const transaction = db.transaction("rows", "readwrite");
    const { store } = transaction;
    const known = await Promise.all(rows.map(({ seq }) => store.getKey([me, room, seq])));
    for (const [at, row] of rows.entries()) if (!known[at]) store.put({ ...row, me, room });
    await transaction.done;
  }

  /**
   * Keeps what was opened of rows, sealed. It is left out where the row is no longer kept as it was.
   * @param {string} room
   * @param {{row: StoredMessage, value: unknown}[]} opened
   * @returns {Promise<boolean>} false where the storage is full
   */
  saveOpened(room, opened) {
    return this.#scope.space.keep("messages", () => this.#saveOpened(room, opened));
  }

  /** @param {string} room @param {{row: StoredMessage, value: unknown}[]} opened */
  async #saveOpened(room, opened) {
    const { db, uid: me } = this.#scope;
    const sealed = await Promise.all(opened.map(({ value }) => this.#scope.sealJson(value)));
    const transaction = db.transaction(["rows", "opened"], "readwrite");
    const rows = transaction.objectStore("rows");
    const kept = await Promise.all(opened.map(({ row }) => rows.get([me, room, row.seq])));
    for (const [at, { row }] of opened.entries()) {
      const { seq } = row;
      const there = kept[at];
      if (there && sameRow(there, row))
        transaction.objectStore("opened").put({ me, room, seq, sealed: sealed[at] });
    }
    await transaction.done;
  }

  /**
   * Returns what was opened of rows from one number to another. Records that this browser's key does
   * not open are ignored.
   * @param {string} room @param {number} from seq @param {number} to seq, included
   * @returns {Promise<Map<number, unknown>>} by seq
   */
  async opened(room, from, to) {
    const { db, uid } = this.#scope;
    const range = IDBKeyRange.bound([uid, room, from], [uid, room, to]);
    const found = new Map();
    const open = async (/** @type {{seq: number, sealed: import("./at-rest.js").Sealed}} */ one) =>
      found.set(one.seq, await this.#scope.openJson(one.sealed));
    await Promise.allSettled((await db.getAll("opened", range)).map(open));
    return found;
  }

  /**
   * Returns the newest rows, ascending and without a gap.
   * @param {string} room @param {number} limit
   * @returns {Promise<StoredMessage[]>}
   */
  async lastRows(room, limit) {
    const { uid } = this.#scope;
    const { store } = this.#scope.db.transaction("rows");
    const newest = await store.openKeyCursor(this.#scope.range(room), "prev");
    if (!newest || limit < 1) return [];
    // A cursor that visits each row takes as many turns as there are rows.
    const [, , last] = newest.key;
    const from = Math.max(0, last - limit + 1);
    const rows = await store.getAll(IDBKeyRange.bound([uid, room, from], [uid, room, last]));
    const gap = rows.findLastIndex(({ seq }, at) => at > 0 && rows[at - 1].seq !== seq - 1);
    return rows.slice(Math.max(0, gap)).map(withoutKeys);
  }

  /**
   * Returns the newest rows before a number, ascending, whatever is missing between them.
   * @param {string} room @param {number} seq @param {number} limit
   * @returns {Promise<StoredMessage[]>}
   */
  async rowsBefore(room, seq, limit) {
    if (limit < 1) return [];
    const { db, uid } = this.#scope;
    const before = IDBKeyRange.bound([uid, room], [uid, room, seq], false, true);
    const keys = (await db.getAllKeys("rows", before)).slice(-limit);
    if (keys.length === 0) return [];
    const range = IDBKeyRange.bound(keys[0], keys[keys.length - 1]);
    return (await db.getAll("rows", range)).map(withoutKeys);
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
    const { uid } = this.#scope;
    await this.#drop(IDBKeyRange.bound([uid, room, last], [uid, room, []], true));
  }

  /** Drops some rows. @param {string} room @param {number[]} seqs @returns {Promise<void>} */
  async dropRows(room, seqs) {
    const { db, uid } = this.#scope;
    const transaction = db.transaction(["rows", "opened"], "readwrite");
    for (const seq of seqs)
      for (const name of /** @type {const} */ (["rows", "opened"]))
        transaction.objectStore(name).delete([uid, room, seq]);
    await transaction.done;
  }

  /** Keeps only the newest rows of a room. @param {string} room @param {number} newest seq
   * @returns {Promise<void>} */
  async trimRows(room, newest) {
    const { uid } = this.#scope;
    await this.#drop(IDBKeyRange.bound([uid, room], [uid, room, newest - MOST_ROWS]));
  }

  /** @param {IDBKeyRange} range */
  async #drop(range) {
    const transaction = this.#scope.db.transaction(["rows", "opened"], "readwrite");
    for (const name of /** @type {const} */ (["rows", "opened"]))
      transaction.objectStore(name).delete(range);
    await transaction.done;
  }
}

/** @param {StoredMessage} a @param {StoredMessage} b */
const sameRow = (a, b) =>
  "ct" in a && "ct" in b && a.h === b.h && a.iv === b.iv && a.ct === b.ct && a.sig === b.sig;

/** @param {StoredMessage & {me: string, room: string}} record @returns {StoredMessage} */
const withoutKeys = ({ me: _me, room: _room, ...row }) => row;
