/** Drafts: unsent text, sealed, one per room. */

export class DraftStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** @param {string} room @returns {Promise<string>} "" for none */
  async draft(room) {
    const found = await this.#scope.db.get("drafts", [this.#scope.uid, room]);
    return found ? this.#scope.openJson(found.sealed) : "";
  }

  /** @param {string} room @param {string} text "" drops the draft @returns {Promise<void>} */
  async saveDraft(room, text) {
    const { db, uid: me } = this.#scope;
    if (text === "") await db.delete("drafts", [me, room]);
    else await db.put("drafts", { me, room, sealed: await this.#scope.sealJson(text) });
  }
}
