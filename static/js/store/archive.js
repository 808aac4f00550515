/** Decrypted messages for searching in the browser: sealed segments, and their range. */

/** @typedef {import("../conversation/messages/decode-message.js").Message} Message */
/** @typedef {Omit<Message, "text">} ArchivedMessage */

export class ArchiveStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** Returns a room's segments. @param {string} room @returns {Promise<ArchivedMessage[][]>} */
  async archive(room) {
    const kept = await this.#scope.db.getAll("archive", this.#scope.range(room));
    return Promise.all(
      kept.map(
        ({ sealed }) => /** @type {Promise<ArchivedMessage[]>} */ (this.#scope.openJson(sealed)),
      ),
    );
  }

  /**
   * Stores segments of a room's messages and their range, in one transaction.
   * @param {string} room
   * @param {Map<number, ArchivedMessage[] | null>} segments by number; null drops one
   * @param {unknown} progress
   * @returns {Promise<boolean>} false where the storage is full
   */
  saveArchive(room, segments, progress) {
    return this.#scope.space.keep("messages", () => this.#saveArchive(room, segments, progress));
  }

  /** @param {string} room @param {Map<number, ArchivedMessage[] | null>} segments
   * @param {unknown} progress */
  async #saveArchive(room, segments, progress) {
    const { db, uid: me } = this.#scope;
    const sealed = await Promise.all(
      [...segments].map(async ([segment, value]) => ({
        segment,
        sealed: value && (await this.#scope.sealJson(value)),
      })),
    );
    const transaction = db.transaction(["archive", "marks"], "readwrite");
    const archive = transaction.objectStore("archive");
    for (const { segment, sealed: box } of sealed) {
      if (box) archive.put({ me, room, segment, sealed: box });
      else archive.delete([me, room, segment]);
    }
    transaction.objectStore("marks").put({ me, room, what: "archive", value: progress });
    await transaction.done;
  }

  /** @param {string} room @returns {Promise<void>} */
  async dropArchive(room) {
    const transaction = this.#scope.db.transaction(["archive", "marks"], "readwrite");
    transaction.objectStore("archive").delete(this.#scope.range(room));
    transaction.objectStore("marks").delete([this.#scope.uid, room, "archive"]);
    await transaction.done;
  }
}
