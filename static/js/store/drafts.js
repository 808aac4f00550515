/** Drafts: unsent text and what it is for, sealed, one per room. */

/**
 * @typedef {{seq: number | null, id: string, text: string, author: {name: string},
 *   mentions?: string[], ts?: number}} NamedLine
 * @typedef {object} StoredDraft see ui/composer/composer.js
 * @property {string} text
 * @property {{kind: "answer" | "edit", line: NamedLine} | null} [mode]
 * @property {string} [before]
 */

export class DraftStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** @param {string} room @returns {Promise<StoredDraft | null>} */
  async draft(room) {
    const found = await this.#scope.db.get("drafts", [this.#scope.uid, room]);
    /** @type {StoredDraft | string | null} */
    const draft = found ? await this.#scope.openJson(found.sealed) : null;
    return typeof draft === "string" ? { text: draft } : draft; // earlier versions kept the text
  }

  /** Every draft that this browser's key opens. @returns {Promise<{room: string, text: string}[]>} */
  async all() {
    const { db } = this.#scope;
    const kept = await db.getAll("drafts", this.#scope.range());
    const read = await Promise.allSettled(kept.map(({ room }) => this.draft(room)));
    return read.flatMap((one, at) => {
      const text = one.status === "fulfilled" && one.value?.text;
      return text ? [{ room: kept[at].room, text }] : [];
    });
  }

  /** @param {string} room @param {StoredDraft | null} draft null drops it @returns {Promise<void>} */
  async saveDraft(room, draft) {
    const { db, uid: me, space } = this.#scope;
    if (draft === null) return db.delete("drafts", [me, room]);
    const sealed = await this.#scope.sealJson(draft);
    await space.require("draft", () => db.put("drafts", { me, room, sealed }));
  }
}
