/** The list of blocked people, kept by the server for all browsers of an account, and here so that
 * nobody who is blocked shows before the server has answered. */

import { loadCode } from "../load-code.js";

const KEPT = "blocks"; // the setting of this browser

/** Events: `changed`. */
export class Blocks extends EventTarget {
  #me;
  /** @type {{uid: string, name: string}[]} */
  people = [];
  /** @type {Set<string>} */
  #uids = new Set();

  /** @param {Pick<import("./account.js").Account, "api"> &
   *   Partial<Pick<import("./account.js").Account, "store">>} me */
  constructor(me) {
    super();
    this.#me = me;
  }

  /** @returns {Set<string>} */
  get uids() {
    return this.#uids;
  }

  /** Tells whether somebody is blocked: nothing of theirs shows by itself. @param {string} uid */
  isHidden = (uid) => this.#uids.has(uid);

  /** Applies the list as this browser kept it. */
  async restore() {
    const kept = await this.#me.store?.settings.setting(KEPT);
    if (Array.isArray(kept) && this.people.length === 0) this.#apply(kept);
  }

  async load() {
    const { fetchAll } = await loadCode(() => import("../pagination.js"));
    const { blocks } = await fetchAll(this.#me.api, "blocks", "blocks");
    this.#apply(blocks);
    await this.#me.store?.settings.saveSetting(KEPT, blocks);
  }

  /** @param {{uid: string, name: string}[]} people */
  #apply(people) {
    const before = [...this.#uids].sort().join();
    this.people = people;
    this.#uids = new Set(people.map(({ uid }) => uid));
    if ([...this.#uids].sort().join() !== before) this.dispatchEvent(new Event("changed"));
  }

  /** @param {string} uid @param {boolean} on */
  async set(uid, on) {
    await (on ? this.#me.api.put(`blocks/${uid}`, {}) : this.#me.api.delete(`blocks/${uid}`));
    await this.load();
  }
}
