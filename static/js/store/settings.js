/** Settings of this browser, and the progress of work in rooms. */

export class SettingStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** @param {string} name @returns {Promise<unknown>} undefined for none */
  async setting(name) {
    return (await this.#scope.db.get("settings", [this.#scope.uid, name]))?.value;
  }

  /** @param {string} name @param {unknown} value @returns {Promise<boolean>} false where the storage
   *   is full */
  saveSetting(name, value) {
    const { db, uid: me, space } = this.#scope;
    return space.keep("messages", () => db.put("settings", { me, name, value }));
  }

  /** @param {string} name @returns {Promise<unknown>} undefined for none */
  async sealedSetting(name) {
    const kept = await this.setting(name);
    return kept && this.#scope.openJson(/** @type {import("./at-rest.js").Sealed} */ (kept));
  }

  /** Keeps a value that only this browser's account can read.
   * @param {string} name @param {unknown} value @returns {Promise<void>} */
  async saveSealedSetting(name, value) {
    await this.saveSetting(name, await this.#scope.sealJson(value));
  }

  /**
   * Returns the progress of some work in a room.
   * @param {string} room @param {string} what the work's name
   * @returns {Promise<unknown>} undefined if it has not begun
   */
  async progress(room, what) {
    return (await this.#scope.db.get("marks", [this.#scope.uid, room, what]))?.value;
  }

  /** @param {string} room @param {string} what @param {unknown} value @returns {Promise<boolean>}
   *   false where the storage is full */
  saveProgress(room, what, value) {
    const { db, uid: me, space } = this.#scope;
    return space.keep("messages", () => db.put("marks", { me, room, what, value }));
  }

  /** @param {string} room @param {string} what @returns {Promise<unknown>} undefined for none */
  async sealedProgress(room, what) {
    const kept = await this.progress(room, what);
    return kept && this.#scope.openJson(/** @type {import("./at-rest.js").Sealed} */ (kept));
  }

  /** Keeps something of a room that only this browser's account can read.
   * @param {string} room @param {string} what @param {unknown} value @returns {Promise<void>} */
  async saveSealedProgress(room, what, value) {
    await this.saveProgress(room, what, await this.#scope.sealJson(value));
  }
}
