/** A room's epoch keys: unwrapped and checked against the log. */

import { loadCode } from "../load-code.js";

/** @typedef {import("../../crypto/log.js").RoomState} RoomState */

const ASK_FOR = 100;

/** Loads what opens and checks keys, when one comes: those that are here were checked before. */
const loadKeys = () => loadCode(() => import("../../crypto/roomkeys.js"));

export class Keyring {
  /** @type {Map<number, Uint8Array>} */
  #keys = new Map();
  #me;
  #room;
  /** @type {Promise<import("./key-sharing.js").KeySharing> | null} */
  #sharing = null;
  /** The epoch up to which the online members were asked, so that each is asked once. */
  #requestedEpoch = 0;

  #people;

  /** @param {import("../account/account.js").Account} me @param {string} room
   * @param {import("../account/people.js").People} people */
  constructor(me, room, people) {
    this.#me = me;
    this.#people = people;
    this.#room = room;
  }

  /** @param {number} e @returns {Uint8Array | undefined} */
  get(e) {
    return this.#keys.get(e);
  }

  /** Every epoch held, ascending. */
  get epochs() {
    return [...this.#keys.keys()].sort((a, b) => a - b);
  }

  async load() {
    this.#keys = await this.#me.store.rooms.keys(this.#room);
  }

  /**
   * Keeps a key if the log committed to it.
   * @param {import("../../crypto/log.js").RoomState} state @param {number} e @param {Uint8Array} key
   * @returns {Promise<boolean>}
   */
  async add(state, e, key) {
    if (this.#keys.has(e)) return true;
    const { matchesCommitment } = await loadKeys();
    if (!(await matchesCommitment(key, this.#room, e, state.kcv.get(e)))) return false;
    await this.#me.store.rooms.saveKey(this.#room, e, key);
    this.#keys.set(e, key);
    return true;
  }

  /** Epochs whose key the account is entitled to and lacks.
   * @param {import("../../crypto/log.js").RoomState} state */
  missing(state) {
    const since = state.members.get(this.#me.uid)?.since ?? state.e + 1;
    const wanted = [];
    for (let e = since; e <= state.e; e += 1) if (!this.#keys.has(e)) wanted.push(e);
    return wanted;
  }

  /**
   * Fetches the account's wraps and asks members for missing keys.
   * @param {import("../../crypto/log.js").RoomState} state
   * @param {{e: number, to: string, ct: string}[]} wraps
   * @returns {Promise<boolean>} whether anything was new
   */
  async unwrapAll(state, wraps) {
    const before = this.#keys.size;
    for (const wrap of wraps) {
      const key = this.#keys.has(wrap.e) ? null : await this.unwrap(wrap);
      if (key) await this.add(state, wrap.e, key);
    }
    return this.#keys.size > before;
  }

  /** Opens a wrap. @param {{e: number, to: string, ct: string}} wrap
   * @returns {Promise<Uint8Array | null>} null if it is for another key, or damaged */
  async unwrap({ e, to, ct }) {
    if (to !== this.#me.kid) return null;
    const context = { room: this.#room, e, to };
    const { unwrapKey } = await loadKeys();
    return unwrapKey(ct, context, this.#me.keys.rsa.privateKey).catch(() => null);
  }

  /** Asks the online members for missing keys.
   * @param {import("../../crypto/log.js").RoomState} state */
  async requestMissing(state) {
    const e = this.missing(state).slice(-ASK_FOR);
    if (e.length === 0 || this.#requestedEpoch === state.e) return;
    this.#requestedEpoch = state.e;
    await this.#me.api.post(`chatrooms/${this.#room}/key_request`, { e });
  }

  /** Asks again, because a member came online who missed the request. */
  allowNewRequest() {
    this.#requestedEpoch = 0;
  }

  /**
   * Loads what hands keys to others, and to the account's other browsers.
   * @returns {Promise<import("./key-sharing.js").KeySharing>}
   * @throws {import("../load-code.js").MissingCodeError}
   */
  sharing() {
    this.#sharing ??= this.#loadSharing().catch((error) => {
      this.#sharing = null;
      throw error;
    });
    return this.#sharing;
  }

  async #loadSharing() {
    const { KeySharing } = await loadCode(() => import("./key-sharing.js"));
    return new KeySharing(this.#me, this.#room, this, this.#people);
  }

  /** Notes that another member has handed a key over. @param {{e: number, to: string}} wrap */
  async noteShared(wrap) {
    const sharing = await this.#sharing?.catch(() => null); // without it nobody has asked
    sharing?.noteShared(wrap);
  }
}
