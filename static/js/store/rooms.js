/** Verified logs and keys of rooms. */

/** @typedef {import("../crypto/log.js").RoomState} RoomState */
/** @typedef {Map<string, import("../crypto/identity.js").OpenedIdentity>} Identities by kid */

const WHOLE = /** @type {const} */ (["logs", "chains", "drafts"]); // one record a room
const PARTS = /** @type {const} */ ([
  "keys",
  "outbox",
  "rows",
  "opened",
  "asks",
  "archive",
  "marks",
]);

export class RoomStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /**
   * Returns a room's verified log.
   * @param {string} room
   * @returns {Promise<{state: RoomState, identities: Identities} | undefined>}
   */
  log(room) {
    return this.#scope.db.get("logs", [this.#scope.uid, room]);
  }

  /**
   * Keeps a verified log, unless another tab has kept more of it already.
   * @param {string} room @param {RoomState} state @param {Identities} identities
   * @returns {Promise<boolean>} false where the storage is full: the next visit verifies it again
   */
  saveLog(room, state, identities) {
    return this.#scope.space.keep("messages", () => this.#saveLog(room, state, identities));
  }

  /** @param {string} room @param {RoomState} state @param {Identities} identities */
  async #saveLog(room, state, identities) {
    const { db, uid } = this.#scope;
    const transaction = db.transaction("logs", "readwrite");
    const kept = await transaction.store.get([uid, room]);
    if (!(kept && kept.state.seq > state.seq))
      transaction.store.put({ me: uid, room, state, identities });
    await transaction.done;
  }

  /** Returns the seq of each room's newest verified event.
   * @returns {Promise<Record<string, number>>} seq by room */
  async verifiedHeads() {
    const logs = await this.#scope.db.getAll("logs", this.#scope.range());
    return Object.fromEntries(logs.map(({ room, state }) => [room, state.seq]));
  }

  /** Returns the rooms whose verified logs are here. @returns {Promise<string[]>} ids */
  async keptRooms() {
    const keys = await this.#scope.db.getAllKeys("logs", this.#scope.range());
    return keys.map(([, room]) => room);
  }

  /** @param {string} room @returns {Promise<Map<number, Uint8Array>>} keys by epoch */
  async keys(room) {
    const found = new Map();
    for (const { e, sealed } of await this.#scope.db.getAll("keys", this.#scope.range(room))) {
      found.set(e, await this.#scope.open(sealed));
    }
    return found;
  }

  /** @param {string} room @param {number} e @param {Uint8Array} key that the server has, wrapped
   * @returns {Promise<boolean>} false where the storage is full */
  async saveKey(room, e, key) {
    const { db, uid: me, space } = this.#scope;
    const sealed = await this.#scope.seal(key);
    return space.keep("keys", () => db.put("keys", { me, room, e, sealed }));
  }

  /** Drops a key that the log no longer commits to. @param {string} room @param {number} e
   * @returns {Promise<void>} */
  async dropKey(room, e) {
    await this.#scope.db.delete("keys", [this.#scope.uid, room, e]);
  }

  /**
   * Drops the verified state of a room, and starts again as a new device. Unsent messages stay;
   * those that the server had acknowledged count as failed, so that the person decides.
   * @param {string} room @param {string} dev id of the new device
   * @returns {Promise<void>}
   */
  resetRoom(room, dev) {
    return this.#scope.space.require("unsent", () => this.#resetRoom(room, dev));
  }

  /** @param {string} room @param {string} dev */
  async #resetRoom(room, dev) {
    const { db, uid } = this.#scope;
    const range = this.#scope.range(room);
    const transaction = db.transaction(
      ["logs", "rows", "opened", "chains", "outbox", "archive", "marks"],
      "readwrite",
    );
    transaction.objectStore("logs").delete([uid, room]);
    for (const name of /** @type {const} */ (["rows", "opened", "archive", "marks"]))
      transaction.objectStore(name).delete(range);
    /** @type {[number, string]} */
    const sh = [0, ""];
    transaction.objectStore("chains").put({ dev, n: 0, pm: "", lh: 0, sh, me: uid, room });
    const outbox = transaction.objectStore("outbox");
    for (const { sealed: _old, seq: _gone, ...entry } of await outbox.getAll(range)) {
      outbox.put({ ...entry, state: entry.state === "acked" ? "failed" : entry.state });
    }
    await transaction.done;
  }

  /** Drops everything that is kept of a room. @param {string} room
   * @returns {Promise<void>} */
  async dropRoom(room) {
    const transaction = this.#scope.db.transaction([...WHOLE, ...PARTS], "readwrite");
    for (const name of WHOLE) await transaction.objectStore(name).delete([this.#scope.uid, room]);
    for (const name of PARTS) await transaction.objectStore(name).delete(this.#scope.range(room));
    await transaction.done;
  }
}
