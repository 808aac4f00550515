/** Unsent messages in the order they were written, and the ends of this browser's chains. */

/** @typedef {import("./types.js").DeviceChain} DeviceChain */
/** @typedef {import("./types.js").OutboxEntry} OutboxEntry */
/** @typedef {import("./types.js").SealedEntry} SealedEntry */

export class OutboxStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** Returns the end of this browser's chain in a room.
   * @param {string} room @returns {Promise<DeviceChain | undefined>} */
  chain(room) {
    return this.#scope.db.get("chains", [this.#scope.uid, room]);
  }

  /** @param {string} room @returns {Promise<OutboxEntry[]>} in the order they were written */
  async entries(room) {
    const records = await this.#scope.db.getAll("outbox", this.#scope.range(room));
    const entries = await Promise.all(
      records.map(async ({ me: _me, content, ...entry }) => ({
        ...entry,
        content: /** @type {OutboxEntry["content"]} */ (await this.#scope.openJson(content)),
      })),
    );
    return entries.sort((a, b) => a.at - b.at);
  }

  /** Returns the rooms with messages that wait to be sent. @returns {Promise<string[]>} */
  async unsentRooms() {
    const records = await this.#scope.db.getAll("outbox", this.#scope.range());
    const queued = records.filter(({ state }) => state === "queued");
    return [...new Set(queued.map(({ room }) => room))];
  }

  /** The words of every message that was not sent and that this browser's key opens, in the order they
   * were written. @returns {Promise<{room: string, text: string}[]>} */
  async unsentTexts() {
    const records = await this.#scope.db.getAll("outbox", this.#scope.range());
    const unsent = records.filter(({ state }) => state !== "acked").sort((a, b) => a.at - b.at);
    const opened = await Promise.allSettled(
      unsent.map(({ content }) => this.#scope.openJson(content)),
    );
    return opened.flatMap((one, at) => {
      const content = /** @type {{body?: string}} */ (one.status === "fulfilled" ? one.value : {});
      const text = content.body;
      return typeof text === "string" && text ? [{ room: unsent[at].room, text }] : [];
    });
  }

  /** @param {OutboxEntry} entry @returns {Promise<void>} */
  async addEntry(entry) {
    const { db, uid: me, space } = this.#scope;
    const content = await this.#scope.sealJson(entry.content);
    await space.require("unsent", () => db.put("outbox", { ...entry, content, me }));
  }

  /**
   * Changes an unsent message but not its content; with `chain`, in the same transaction as its
   * place in the chain. Writes nothing if another tab has seen the message arrive.
   * @param {OutboxEntry} entry @param {DeviceChain} [chain]
   * @returns {Promise<boolean>} whether the entry was there
   */
  updateEntry(entry, chain) {
    return this.#scope.space.require("unsent", () => this.#updateEntry(entry, chain));
  }

  /** @param {OutboxEntry} entry @param {DeviceChain} [chain] */
  async #updateEntry({ content: _kept, ...entry }, chain) {
    const { db, uid: me } = this.#scope;
    const transaction = db.transaction(["outbox", "chains"], "readwrite");
    const outbox = transaction.objectStore("outbox");
    const record = await outbox.get([me, entry.room, entry.cid]);
    if (record) {
      outbox.put({ ...entry, content: record.content, me });
      if (chain) transaction.objectStore("chains").put({ ...chain, me, room: entry.room });
    }
    await transaction.done;
    return record !== undefined;
  }

  /** Notes that the server has a message. @param {string} room @param {string} cid
   * @param {number} seq its number @returns {Promise<void>} */
  ackEntry(room, cid, seq) {
    return this.#scope.space.require("unsent", () => this.#ackEntry(room, cid, seq));
  }

  /** @param {string} room @param {string} cid @param {number} seq */
  async #ackEntry(room, cid, seq) {
    const transaction = this.#scope.db.transaction("outbox", "readwrite");
    const record = await transaction.store.get([this.#scope.uid, room, cid]);
    if (record) transaction.store.put({ ...record, state: "acked", seq });
    await transaction.done;
  }

  /** @param {string} room @param {string} cid @returns {Promise<void>} */
  async dropEntry(room, cid) {
    await this.#scope.db.delete("outbox", [this.#scope.uid, room, cid]);
  }
}
