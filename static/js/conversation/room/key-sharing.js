/** Hands a room's epoch keys to members who may have them, and to the account's other browsers. */

import { equal } from "../../crypto/bytes.js";
import { wrapKey } from "../../crypto/roomkeys.js";
import { KeyHandover } from "./key-handover.js";

/** @typedef {import("../../crypto/log.js").RoomState} RoomState */
/** @typedef {import("../../crypto/identity.js").OpenedIdentity} OpenedIdentity */

const GIVE_AT_ONCE = 500; // wraps in one request

export class KeySharing {
  #me;
  #room;
  #keyring;
  #people;
  /** @type {Map<string, {identity: OpenedIdentity, state: RoomState}>} who asked, by kid */
  #requests = new Map();
  #handover = new KeyHandover((wanted) => this.#answerRequests(wanted));

  /** @param {import("../account/account.js").Account} me @param {string} room
   * @param {import("./keyring.js").Keyring} keyring
   * @param {import("../account/people.js").People} people */
  constructor(me, room, keyring, people) {
    this.#me = me;
    this.#room = room;
    this.#keyring = keyring;
    this.#people = people;
  }

  /**
   * Wraps every held key to the account itself, for its other browsers.
   * @param {{e: number, to: string, ct: string}[]} [wraps] that the server has already
   */
  async backUpToServer(wraps = []) {
    const wrapped = new Set();
    for (const wrap of wraps) {
      const held = this.#keyring.get(wrap.e);
      if (!held || wrapped.has(wrap.e)) continue;
      const key = await this.#keyring.unwrap(wrap);
      if (key && equal(key, held)) wrapped.add(wrap.e);
    }
    const { kid, keys } = this.#me;
    const lacking = this.#keyring.epochs.filter((e) => !wrapped.has(e));
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
        const key = this.#keyring.get(e);
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
   * @throws {import("../account/trust-decisions.js").UntrustedIdentityError}
   */
  async share(state, identity, epochs = this.#keyring.epochs) {
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
    if (!this.#keyring.get(e) || member?.kid !== kid || member.since > e || uid === this.#me.uid) {
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
