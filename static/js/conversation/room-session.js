/** One room as this browser has verified it: log, members, keys, profile. */

import { random } from "../crypto/bytes.js";
import { makeEpoch, makeEvent } from "../crypto/compose.js";
import { LogError } from "../crypto/events.js";
import { openEscrow, sealEscrow, sealItem } from "../crypto/invite.js";
import { extendLog } from "../crypto/log.js";
import { openProfile, sealProfile } from "../crypto/profile.js";
import { wrapKey } from "../crypto/roomkeys.js";
import { Keyring } from "./keyring.js";
import { learnIdentities, signer } from "./me.js";

/** @typedef {import("../crypto/log.js").RoomState} RoomState */

/** Why a room can only be read: the server cheated, or a newer version is needed. */
export const FROZEN = { cheated: "cheated", newer: "newer" };

/**
 * Events: `changed` (log, keys or profile moved), `frozen`.
 */
export class RoomSession extends EventTarget {
  /** @type {RoomState} */
  // @ts-expect-error set by `load`, which every use awaits
  state;
  /** @type {Map<string, any>} opened identities by kid */
  identities = new Map();
  /** @type {{name: string, topic: string, avatar: any}} */
  profile = { name: "", topic: "", avatar: "" };
  /** @type {string} "" or one of FROZEN */
  frozen = "";
  /** @type {string[]} names of members whose key is not the one known: nothing is sent to them */
  unapproved = [];
  #me;
  /** @type {Uint8Array | null} the profile's committed bytes, for rotations and cards */
  #profilePlain = null;
  /** @type {Promise<void>} */
  #queue = Promise.resolve();
  #rotating = false;

  /** @param {import("./me.js").Me} me @param {string} id */
  constructor(me, id) {
    super();
    this.#me = me;
    this.id = id;
    this.keys = new Keyring(me, id);
  }

  get profilePlain() {
    return this.#profilePlain;
  }

  get isMember() {
    return this.state?.members.has(this.#me.uid) ?? false;
  }

  /** Everything kept here, then what is new at the server. @param {[number, string]} [head] */
  async load(head) {
    await this.keys.load();
    const kept = await this.#me.store.log(this.id);
    if (kept) {
      this.state = kept.state;
      this.identities = kept.identities;
    }
    const known = kept && head && head[0] === kept.state.seq && head[1] === kept.state.hash;
    if (!known) await this.fetchLog();
    await this.fetchKeys();
  }

  /** Run one thing at a time: two extensions of the same log would trip over one another.
   * @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #inTurn(work) {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  /** Fetch and verify what follows the verified head. */
  fetchLog() {
    return this.#inTurn(() => this.#extend());
  }

  async #extend() {
    for (let more = true; more && !this.frozen; ) {
      const after = this.state ? this.state.seq : -1;
      const page = await this.#me.api.get(`chatrooms/${this.id}/log?after=${after}`);
      more = page.more;
      await this.#take(page);
    }
  }

  /** @param {{events: any[], identities: any[], head: [number, string]}} page */
  async #take({ events, identities, head }) {
    try {
      const known = new Map(this.identities);
      await learnIdentities(identities, known);
      const before = this.state ?? null;
      const next = events.length > 0 ? await extendLog(before, events, known, this.id) : before;
      const [seq, hash] = head;
      if (!next || seq < next.seq || (seq === next.seq && hash !== next.hash)) {
        throw new LogError("illegal", "a log that is shorter than before");
      }
      this.identities = known;
      this.state = next;
    } catch (error) {
      this.#freeze(error instanceof LogError ? error.reason : "illegal");
      return;
    }
    await this.#me.store.saveLog(this.id, this.state, this.identities);
    await this.#pinMembers();
    if (events.length > 0) this.#changed();
  }

  /** The first key seen of a person is trusted; another one, in any room, must be approved. */
  async #pinMembers() {
    const strangers = [];
    for (const [uid, { kid, name }] of this.state.members) {
      const pin = await this.#me.store.pin(uid);
      if (!pin) await this.#me.store.savePin({ uid, kid, n: this.identities.get(kid).n });
      else if (pin.kid !== kid) strangers.push(name);
    }
    this.unapproved = strangers;
  }

  /** @param {"illegal" | "newer"} reason */
  #freeze(reason) {
    this.freeze(reason === "newer" ? FROZEN.newer : FROZEN.cheated);
  }

  /** Stop sending: only what the server alone can have done leads here. @param {string} why */
  freeze(why) {
    if (this.frozen) return;
    this.frozen = why;
    this.dispatchEvent(new Event("frozen"));
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }

  /** Wraps to us and the profile's boxes; members are asked for what is missing. */
  fetchKeys() {
    return this.#inTurn(async () => {
      const stale = this.#profilePlain === null && this.state?.h;
      if (!this.isMember || (this.keys.missing(this.state).length === 0 && !stale)) return;
      const found = await this.#me.api.get(`chatrooms/${this.id}/keys`);
      const fresh = await this.keys.takeWraps(this.state, found.wraps);
      await this.#openProfile(found.profiles);
      await this.keys.askForMissing(this.state);
      if (fresh) this.#changed();
    });
  }

  /** The profile counts only if the log names it; otherwise the last good one stays.
   * @param {{e: number, box: string}[]} boxes */
  async #openProfile(boxes) {
    for (const { e, box } of [...boxes].reverse()) {
      const key = this.keys.get(e);
      const opened = key && (await openProfile(key, this.id, e, box, this.state.h));
      if (opened) {
        this.profile = opened.profile;
        this.#profilePlain = opened.plain;
        return;
      }
    }
  }

  /** The log has moved: an event came over the socket. */
  async moved() {
    const before = this.state?.h;
    await this.fetchLog();
    if (this.state.h !== before) this.#profilePlain = null;
    await this.fetchKeys();
  }

  /** @param {{e: number, uid: string, kid: string}} request */
  answerKeyRequest(request) {
    return this.keys.answer(this.state, this.identities, request);
  }

  /** @param {{e: number, to: string}} wrap */
  async wrapsCame(wrap) {
    this.keys.wasGiven(wrap);
    if (wrap.to === this.#me.kid) await this.fetchKeys();
  }

  /**
   * Append an event, again after each lost race, as long as it is still wanted.
   * @param {(state: RoomState) => Promise<{path: string, method?: "post" | "put", body: object} | null>} write
   *   makes the request for the present state; null if there is nothing left to do
   */
  async append(write) {
    for (;;) {
      const request = await write(this.state);
      if (request === null) return null;
      const { path, method = "post", body } = request;
      try {
        const answer = await this.#me.api[method](`chatrooms/${this.id}${path}`, body);
        await this.fetchLog();
        return answer;
      } catch (/** @type {any} */ error) {
        if (error.code === "clock") this.#me.clock.set(error.extra.now);
        else if (error.code !== "head") throw error;
        await this.fetchLog();
        if (this.frozen) throw error;
      }
    }
  }

  /** Begin the next epoch, if the room still needs one. The loser of a race throws its key away. */
  async rotate() {
    if (this.#rotating) return;
    this.#rotating = true;
    try {
      const before = this.state.e;
      const key = random(32);
      const escrows = (await this.#me.api.get(`chatrooms/${this.id}/keys`)).escrows;
      const done = await this.append(async (state) =>
        state.e === before
          ? { path: "/log", body: await this.#rotation(state, key, escrows) }
          : null,
      );
      if (done) await this.keys.add(this.state, before + 1, key);
      await this.fetchKeys();
    } finally {
      this.#rotating = false;
    }
  }

  /** @param {RoomState} state @param {Uint8Array} key @param {any[]} escrows */
  async #rotation(state, key, escrows) {
    const e = state.e + 1;
    const signed = await makeEpoch(state, key, signer(this.#me));
    const wraps = await Promise.all(
      [...state.members.values()].map(async ({ kid: to }) => {
        const spki = this.identities.get(to).rsa;
        return { e, to, ct: await wrapKey(key, { room: this.id, e, to }, spki) };
      }),
    );
    const plain = state.h ? this.#profilePlain : null;
    const profile = plain && { e, box: await sealProfile(key, this.id, e, plain) };
    const invites = await this.#extendLinks(state, e, key, escrows);
    return { ...signed, wraps, invites, ...(profile ? { profile } : {}) };
  }

  /** @param {RoomState} state @param {number} e @param {Uint8Array} key
   * @param {{iid: string, e: number, box: string}[]} escrows */
  async #extendLinks(state, e, key, escrows) {
    const links = new Map();
    for (const { iid, e: old, box } of escrows) {
      const invite = state.invites.get(iid);
      const held = this.keys.get(old);
      if (!held || !invite || invite.closed) continue;
      const Kinv = await openEscrow(held, this.id, iid, old, box).catch(() => null);
      if (Kinv) links.set(iid, Kinv);
    }
    return Promise.all(
      [...links].map(async ([iid, Kinv]) => ({
        iid,
        escrow: await sealEscrow(key, this.id, iid, e, Kinv),
        item: await sealItem(/** @type {any} */ ({ iid, Kinv }), this.id, e, key),
      })),
    );
  }

  async leave() {
    await this.append(async (state) => ({
      path: "/log",
      body: await makeEvent(state, { t: "leave" }, signer(this.#me)),
    })).catch((error) => {
      // The room is not ours any more: its log cannot be read after the event was taken.
      if (error.status !== 404) throw error;
    });
    await this.#me.store.dropRoom(this.id);
  }
}
