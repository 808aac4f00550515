/** The list of blocked people, kept by the server for all browsers of an account. */

import { fetchAll } from "../pagination.js";

/** Events: `changed`. */
export class Blocks extends EventTarget {
  #me;
  /** @type {{uid: string, name: string}[]} */
  people = [];

  /** @param {Pick<import("./account.js").Account, "api">} me */
  constructor(me) {
    super();
    this.#me = me;
  }

  /** @returns {Set<string>} */
  get uids() {
    return new Set(this.people.map(({ uid }) => uid));
  }

  async load() {
    const { blocks } = await fetchAll(this.#me.api, "blocks", "blocks");
    this.people = blocks;
    this.dispatchEvent(new Event("changed"));
  }

  /** @param {string} uid @param {boolean} on */
  async set(uid, on) {
    await (on ? this.#me.api.put(`blocks/${uid}`, {}) : this.#me.api.delete(`blocks/${uid}`));
    await this.load();
  }
}
