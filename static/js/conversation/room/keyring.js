/** A room's epoch keys: unwrapped, checked against the log, shared with members. */

import { equal } from "../../crypto/bytes.js";
import { matchesCommitment, unwrapKey, wrapKey } from "../../crypto/roomkeys.js";
import { KeyHandover } from "./key-handover.js";

/** @typedef {import("../../crypto/log.js").RoomState} RoomState */
/** @typedef {import("../../crypto/identity.js").OpenedIdentity} OpenedIdentity */

const ASK_FOR = 100;
const GIVE_AT_ONCE = 500; // wraps in one request

export class Keyring {
  /** @type {Map<number, Uint8Array>} */
  #keys = new Map();
  #me;
  #room;
  /** @type {Map<string, {identity: OpenedIdentity, state: RoomState}>} who asked, by kid */
  #requests = new Map();
  #handover = new KeyHandover((wanted) => this.#answerRequests(wanted));
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
      const key = this.#keys.has(wrap.e) ? null : await this.#unwrap(wrap);
      if (key) await this.add(state, wrap.e, key);
    }
    return this.#keys.size > before;
  }

  /** @param {{e: number, to: string, ct: string}} wrap @returns {Promise<Uint8Array | null>} */
  async #unwrap({ e, to, ct }) {
    if (to !== this.#me.kid) return null;
    const context = { room: this.#room, e, to };
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
   * Wraps every held key to the account itself, for its other browsers.
   * @param {{e: number, to: string, ct: string}[]} [wraps] that the server has already
   */
  async backUpToServer(wraps = []) {
    const wrapped = new Set();
    for (const wrap of wraps) {
      const held = this.#keys.get(wrap.e);
      if (!held || wrapped.has(wrap.e)) continue;
      const key = await this.#unwrap(wrap);
      if (key && equal(key, held)) wrapped.add(wrap.e);
    }
    const { kid, keys } = this.#me;
    const lacking = this.epochs.filter((e) => !wrapped.has(e));
    await this.#shareEpochs(lacking, kid, keys.rsa.spki);
  }

  /** @param {number[]} epochs @param {string} to @param {Uint8Array} spki */
  #shareEpochs(epochs, to, spki) {
    return this.#postWraps(epochs.map((e) => ({ e, to, spki })));
  }

  /** @param {{e: number, to: string, spki: Uint8Array}[]} wanted */
  async #postWraps(wanted) {
    for (let at = 0; at < wanted.length; at += GIVE_AT_ONCE) {
      const wraps = [];
      for (const { e, to, spki } of wanted.slice(at, at + GIVE_AT_ONCE)) {
        const key = this.#keys.get(e);
        if (key) wraps.push({ e, to, ct: await wrapKey(key, { room: this.#room, e, to }, spki) });
      }
      if (wraps.length > 0) await this.#me.api.post(`chatrooms/${this.#room}/wraps`, { wraps });
    }
  }

  /**
   * Hands a member the held keys that they are entitled to, or those of some epochs.
   * @param {import("../../crypto/log.js").RoomState} state
   * @param {import("../../crypto/identity.js").OpenedIdentity} identity
   * @param {number[]} [epochs]
   * @throws {import("../account/people.js").UntrustedIdentityError}
   */
  async share(state, identity, epochs = this.epochs) {
    const { uid, kid, rsa } = identity;
    const member = state.members.get(uid);
    if (member?.kid !== kid) return;
    await this.#people.requireTrusted(identity, state);
    const entitled = epochs.filter((e) => e >= member.since && e <= state.e);
    await this.#shareEpochs(entitled, kid, rsa);
  }

  /**
   * Hands a key to a member who asked for it, unless another member is first. Rejects with a
   * DoubtError if their identity is not trusted.
   * @param {import("../../crypto/log.js").RoomState} state @param {Map<string, import("../../crypto/identity.js").OpenedIdentity>} identities
   * @param {{e: number, uid: string, kid: string}} request
   */
  async answerRequest(state, identities, { e, uid, kid }) {
    const member = state.members.get(uid);
    if (!this.#keys.has(e) || member?.kid !== kid || member.since > e || uid === this.#me.uid) {
      return;
    }
    const identity = identities.get(kid);
    if (!identity) return;
    this.#requests.set(kid, { identity, state });
    const answered = this.#handover.ask({ e, to: kid }); // at once: another member may be faster
    answered.catch(() => {}); // it is awaited below, unless they are in doubt
    await this.#people.requireTrusted(identity, state);
    await answered;
  }

  /** @param {import("./key-handover.js").Wanted[]} wanted */
  async #answerRequests(wanted) {
    const asking = this.#requests;
    this.#requests = new Map();
    const given = [];
    for (const { e, to } of wanted) {
      const asked = asking.get(to);
      const known = asked && (await this.#isTrusted(asked));
      if (known) given.push({ e, to, spki: asked.identity.rsa });
    }
    await this.#postWraps(given);
  }

  /** @param {{identity: OpenedIdentity, state: RoomState}} asked */
  async #isTrusted({ identity, state }) {
    try {
      await this.#people.requireTrusted(identity, state);
      return true;
    } catch {
      return false; // another member may trust them, and answer
    }
  }

  /** Notes that another member has handed a key over. @param {{e: number, to: string}} wrap */
  noteShared(wrap) {
    this.#handover.wasGiven(wrap);
  }
}
