/** The list of blocked people, kept by the server for all browsers of an account, and here so that
 * nobody who is blocked shows before the server has answered. */

import { loadCode } from "../load-code.js";

const KEPT = "blocks"; // the setting of this browser

/** Events: `changed`; `set` (somebody was blocked or unblocked here). */
export class Blocks extends EventTarget {
  #me;
  #turn = 0; // counts answers that are waited for: an older one must not replace a newer one
  #isCurrent = false;
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

  /** The same for a name in a text that somebody else has shared. @param {string} name */
  isHiddenName = (name) => this.people.some((one) => one.name === name);

  /** Applies the list as this browser kept it. */
  async restore() {
    const kept = await this.#me.store?.settings.setting(KEPT);
    if (Array.isArray(kept) && this.people.length === 0) this.#apply(kept);
  }

  async load() {
    this.#turn += 1;
    const turn = this.#turn;
    const { fetchAll } = await loadCode(() => import("../pagination.js"));
    const { blocks } = await fetchAll(this.#me.api, "blocks", "blocks");
    if (turn !== this.#turn) return;
    this.#apply(blocks);
    await this.#me.store?.settings.saveSetting(KEPT, blocks);
  }

  /** Loads the list, unless it was loaded since the last connection was lost. Never rejects: without
   * an answer, the next connection asks again. */
  async refresh() {
    if (this.#isCurrent) return;
    this.#isCurrent = true;
    await this.load().catch(() => this.onDisconnect());
  }

  /** Another browser may block somebody unheard. */
  onDisconnect() {
    this.#isCurrent = false;
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
    this.dispatchEvent(new Event("set"));
  }
}
