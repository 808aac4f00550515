/** One room as this browser has verified it: log, members, keys, profile. */

import { random } from "../crypto/bytes.js";
import { makeEvent } from "../crypto/compose.js";
import { LogError, parseEvent } from "../crypto/events.js";
import { extendLog } from "../crypto/log.js";
import { openProfile } from "../crypto/profile.js";
import { Keyring } from "./keyring.js";
import { learnIdentities, signer } from "./me.js";
import { Queue } from "./queue.js";
import { rotationRequest } from "./rotation.js";

/** @typedef {import("../crypto/log.js").RoomState} RoomState */
/** @typedef {{e: number, box: string}[]} Boxes */

/** Why a room can only be read: the server cheated, or a newer version is needed. */
export const FROZEN = { cheated: "cheated", newer: "newer" };

const RACES = 10; // lost in a row: something else is wrong

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
  #profileSeq = -1;
  #queue = new Queue();
  /** @type {Promise<void> | null} */
  #rotation = null;

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

  /** Everything kept here, then what is new at the server.
   * @param {{head?: [number, string], profiles?: Boxes}} [listed] as the list of rooms says */
  async load({ head, profiles = [] } = {}) {
    await this.loadLog(head);
    await this.#openProfile(profiles);
    await this.fetchKeys();
  }

  /** The log alone, and the keys that are kept here. Throws LogError if there is none to trust.
   * @param {[number, string]} [head] as the list of rooms says */
  async loadLog(head) {
    await this.keys.load();
    const kept = await this.#me.store.log(this.id);
    if (kept) {
      this.state = kept.state;
      this.identities = kept.identities;
      await this.#pinMembers();
    }
    const known = kept && head && head[0] === kept.state.seq && head[1] === kept.state.hash;
    if (!known) await this.fetchLog();
    if (!this.state) throw new LogError("illegal", "a log that cannot be verified");
  }

  /** Fetch and verify what follows the verified head. */
  fetchLog() {
    return this.#queue.add(() => this.#extend());
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
      this.identities = known;
      for (const run of runs(events)) {
        this.state = await extendLog(this.state ?? null, run, known, this.id);
      }
      const [seq, hash] = head;
      if (
        !this.state ||
        seq < this.state.seq ||
        (seq === this.state.seq && hash !== this.state.hash)
      )
        throw new LogError("illegal", "a log that is shorter than before, or another one");
    } catch (error) {
      const newer = error instanceof LogError && error.reason === "newer";
      this.freeze(newer ? FROZEN.newer : FROZEN.cheated);
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

  /** Stop sending: only what the server alone can have done leads here. @param {string} why */
  freeze(why) {
    if (this.frozen) return;
    this.frozen = why;
    this.dispatchEvent(new Event("frozen"));
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }

  /**
   * Wraps to us and the profile's boxes; members are asked for what is missing.
   * @param {{thorough?: boolean}} [how] whether to see to it, too, that the server has a wrap of
   *   every key held here: without one, another browser of this account could not read
   */
  fetchKeys({ thorough = false } = {}) {
    return this.#queue.add(async () => {
      const lacking = this.isMember && this.keys.missing(this.state).length > 0;
      if (!this.isMember || !(thorough || lacking || this.#lacksProfile)) return;
      const found = await this.#me.api.get(`chatrooms/${this.id}/keys`);
      const fresh = await this.keys.takeWraps(this.state, found.wraps);
      const renamed = await this.#openProfile(found.profiles);
      if (fresh || renamed) this.#changed();
      await this.keys.askForMissing(this.state).catch(() => {}); // asked again when somebody comes
      if (thorough) await this.keys.keepForMyself(found.wraps);
    });
  }

  get #lacksProfile() {
    return this.#profileSeq !== this.state.profileSeq;
  }

  /** The profile counts only if the log names it; otherwise the last good one stays.
   * @param {Boxes} boxes @returns {Promise<boolean>} whether there is a new one */
  async #openProfile(boxes) {
    if (!this.#lacksProfile) return false;
    const { h, profileSeq } = this.state;
    for (const { e, box } of [...boxes].reverse()) {
      const key = this.keys.get(e);
      const opened = key && (await openProfile(key, this.id, e, box, h));
      if (!opened) continue;
      this.profile = opened.profile;
      this.#profilePlain = opened.plain;
      this.#profileSeq = profileSeq;
      return true;
    }
    return false;
  }

  /** The log has moved: an event came over the socket. */
  async moved() {
    await this.fetchLog();
    if (this.#lacksProfile) this.#profilePlain = null;
    await this.fetchKeys();
  }

  /** @param {{e: number, uid: string, kid: string}} request */
  async answerKeyRequest(request) {
    if (this.frozen || this.unapproved.length > 0) return;
    await this.keys.answer(this.state, this.identities, request);
  }

  /** @param {{e: number, to: string}} wrap */
  async wrapsCame(wrap) {
    this.keys.wasGiven(wrap);
    if (wrap.to === this.#me.kid) await this.fetchKeys();
  }

  /** Somebody has come who may hold a key that is missing here. */
  async somebodyCame() {
    if (this.keys.missing(this.state).length === 0) return;
    this.keys.askAgain();
    await this.fetchKeys();
  }

  /**
   * Append an event, again after each lost race, as long as it is still wanted.
   * @param {(state: RoomState) => Promise<{path: string, method?: "post" | "put", body: object} | null>} write
   *   makes the request for the present state; null if there is nothing left to do
   */
  async append(write) {
    for (let race = 1; ; race += 1) {
      const request = await write(this.state);
      if (request === null) return null;
      const { path, method = "post", body } = request;
      try {
        const answer = await this.#me.api[method](`chatrooms/${this.id}${path}`, body);
        await this.fetchLog();
        return answer;
      } catch (/** @type {any} */ error) {
        if (race === RACES || !["clock", "head"].includes(error.code)) throw error;
        if (error.code === "clock") this.#me.clock.set(error.extra.now);
        await this.fetchLog();
        if (this.frozen) throw error;
      }
    }
  }

  /** Begin the next epoch, if the room still needs one. */
  rotate() {
    this.#rotation ??= this.#rotate().finally(() => {
      this.#rotation = null;
    });
    return this.#rotation;
  }

  /** The loser of a race throws its key away. */
  async #rotate() {
    if (this.frozen || this.unapproved.length > 0) return;
    const next = this.state.e + 1;
    const key = random(32);
    const { escrows } = await this.#me.api.get(`chatrooms/${this.id}/keys`);
    const done = await this.append(async (state) => {
      if (state.e + 1 !== next) return null;
      return { path: "/log", body: await rotationRequest(this.#me, this, key, escrows) };
    });
    if (done) await this.keys.add(this.state, next, key);
    await this.fetchKeys();
    this.#changed();
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

/** Events in runs, so that those before the first one of a newer version still count.
 * @param {any[]} events */
function* runs(events) {
  const known = events.findIndex(({ event }) => isNewer(event));
  if (known < 0) {
    if (events.length > 0) yield events;
    return;
  }
  if (known > 0) yield events.slice(0, known);
  yield events.slice(known);
}

/** @param {string} text */
function isNewer(text) {
  try {
    parseEvent(text);
    return false;
  } catch (error) {
    return error instanceof LogError && error.reason === "newer";
  }
}
