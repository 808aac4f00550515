/** One room's verified state: log, members, keys, profile. */

import { hasEnded, LogError } from "../../crypto/room-state.js";
import { People } from "../account/people.js";
import { SeenMessages } from "../messages/seen-messages.js";
import { TaskQueue } from "../queue.js";
import { Keyring } from "./keyring.js";
import { nameIn, peerOf, titleOf } from "./names.js";
import { RoomProfile } from "./profile.js";
import { RoomLog } from "./room-log.js";

/** @typedef {import("../../net/types.js").LogPage} LogPage */
/** @typedef {typeof import("./append-event.js")} Writing */

/** Returns the reason why a room is read-only: the server cheated, or a newer version is needed. */
export const FROZEN = { cheated: "cheated", newer: "newer" };

/** Loads what writes events when one is written first: most visits only read. */
const loadWriting = () => import("./append-event.js");

/**
 * Events: `changed` (log, keys or profile moved), `frozen`.
 */
export class RoomSession extends EventTarget {
  #log;
  #profile;
  /** @type {string} "" or one of FROZEN */
  frozen = "";
  /** @type {{what: string, found: unknown, at: number} | null} what the server gave; null unless frozen */
  evidence = null;
  /** @type {import("../account/people.js").UntrustedIdentity[]} members that nothing may be wrapped to: nothing is
   *   sent as long as there are any */
  unapproved = [];
  /** The server denies the room, and its verified log does not say that the account has left it. */
  missing = false;
  #me;
  #isHidden;
  /** The messages that were seen of it, which every part of the page judges others by. */
  seen = new SeenMessages();
  #accepted = true;
  #queue = new TaskQueue();
  /** @type {Promise<void> | null} */
  #rotation = null;

  /** @param {import("../account/account.js").Account} me @param {string} id
   * @param {(uid: string) => boolean} [isHidden] whether somebody is blocked */
  constructor(me, id, isHidden = () => false) {
    super();
    this.#me = me;
    this.#isHidden = isHidden;
    this.id = id;
    this.#log = new RoomLog(me, id);
    this.#profile = new RoomProfile(me, id);
    this.people = new People(me);
    this.keys = new Keyring(me, id, this.people);
  }

  /** The room by its verified log. Every use awaits `load` or `loadLog`. */
  get state() {
    return this.#log.state;
  }

  /** Identities that the log names, by kid. */
  get identities() {
    return this.#log.identities;
  }

  /** Tells whether the user has accepted the room. Until then this browser does nothing in it that
   * others could notice.
   * @param {boolean} accepted */
  setAccepted(accepted) {
    this.#accepted = accepted;
  }

  /** The room's name, topic and avatar. */
  get profile() {
    return this.#profile.value;
  }

  /** The profile's committed bytes, for rotations and cards; null if unknown. */
  get profilePlain() {
    return this.#profile.plain;
  }

  /** @returns {import("../../crypto/log.js").MemberState | undefined} the account's own membership */
  get mine() {
    return this.state?.members.get(this.#me.uid);
  }

  /** Tells whether the account is a member under this browser's key. */
  get isMember() {
    return this.mine?.kid === this.#me.kid;
  }

  /** Tells whether the server no longer gives the room to this account: this browser shows what it
   * keeps. */
  get isOut() {
    return this.missing || (this.state !== undefined && this.mine === undefined);
  }

  /** The other person of a direct room; null in other rooms. */
  get peer() {
    return peerOf(this, this.#me.uid);
  }

  /** Tells whether the account has blocked the other person of a direct room: nothing is sent to them. */
  get isBlocked() {
    const { peer } = this;
    return peer !== null && this.#isHidden(peer.uid);
  }

  /**
   * Tells whether the room's rules, as they were last verified, have ended a message. That goes on
   * where the room has ended for the account. Neither clock ends one by itself: a server whose clock runs
   * ahead could have browsers destroy what they keep.
   * @param {number} ts when it was sealed, ms
   */
  hasEnded = (ts) =>
    hasEnded(this.state.policy.ttl, ts, Math.min(Date.now(), this.#me.clock.now()));

  /** The room's name; without one, or without the key to it, the names of a few other members. */
  get title() {
    return titleOf(this, this.#me.uid);
  }

  /** The name of a present or former member, "" if unknown. @param {string} uid */
  nameOf(uid) {
    return nameIn(this, uid);
  }

  /** Tells whether messages can be queued here: nothing blocks them permanently. */
  get writable() {
    const stopped = this.frozen || this.state.ended || this.unapproved.length > 0;
    return this.isMember && this.#accepted && !stopped && !this.missing && !this.isBlocked;
  }

  /** The account is a member under a key from before a reset and waits for confirmation. */
  get awaitsReset() {
    return this.mine !== undefined && this.#me.past.includes(this.mine.kid);
  }

  /** The account is a member under keys that another browser has made: those here are replaced. */
  get isReplaced() {
    return this.mine !== undefined && !this.isMember && !this.awaitsReset;
  }

  /** Loads the stored state, then the server's news.
   * @param {{head?: [number, string], profiles?: import("../../net/types.js").ProfileBox[], accepted?: boolean}} [listed] as the list of rooms says
   */
  async load({ head, profiles = [], accepted = true } = {}) {
    this.#accepted = accepted;
    await this.loadLog(head);
    await this.#profile.open(this.state, this.keys, profiles);
    await this.fetchKeys();
  }

  /** Takes up keys that were kept since it was loaded, by another tab or by what made the room here.
   * @param {import("../../net/types.js").ProfileBox[]} profiles as the list of rooms says */
  async takeUpKeys(profiles) {
    if (this.keys.missing(this.state).length === 0) return;
    await this.keys.load();
    await this.#profile.open(this.state, this.keys, profiles);
    this.#emitChanged();
  }

  /** Loads the log and the stored keys only. Throws LogError if no log verifies.
   * @param {[number, string]} [head] as the list of rooms says */
  async loadLog(head) {
    await this.keys.load();
    const kept = await this.#log.load();
    if (kept) await this.updateUnapproved();
    const { seq, hash } = this.state ?? {};
    const known = kept && head && head[0] === seq && head[1] === hash;
    if (!known && !(kept && !head && this.#hasEnded))
      await this.#fetchLogOrMiss().catch((error) => {
        if (!kept || !error.isAway) throw error; // the list that was kept may be older than the log
      });
    if (!this.state) throw new LogError("illegal", "a log that cannot be verified");
  }

  /** Tells whether the verified log says that the account has nothing more to read here. */
  get #hasEnded() {
    return this.state.ended || this.mine === undefined;
  }

  /** Fetches the log. Where the server denies a room whose log was verified before, what is kept
   * stays. */
  async #fetchLogOrMiss() {
    try {
      await this.fetchLog();
      if (!this.missing) return;
      this.missing = false;
      this.#emitChanged();
    } catch (error) {
      if (error.status !== 404 || !this.state) throw error;
      this.missing = this.mine !== undefined;
      this.#emitChanged();
    }
  }

  /** Fetches and verifies the events after the verified head. */
  fetchLog() {
    return this.#queue.add(() => this.#fetchPages());
  }

  async #fetchPages() {
    for (let more = true; more && !this.frozen; ) {
      const page = await this.#log.fetchPage();
      more = page.more;
      await this.#applyPage(page);
    }
  }

  /** @param {LogPage} page */
  async #applyPage(page) {
    const problem = await this.#log.extend(page);
    if (problem)
      return this.freeze(problem === "newer" ? FROZEN.newer : FROZEN.cheated, "log", page);
    await this.#log.save();
    await this.updateUnapproved();
    if (page.events.length > 0) this.#emitChanged();
  }

  /** See RoomLog. @param {number} seq */
  eventsFrom(seq) {
    return this.#log.eventsFrom(seq);
  }

  /** Pins each person's first key; another one, in any room, must be approved. */
  async updateUnapproved() {
    this.unapproved = await this.people.untrusted(this.state, this.identities);
  }

  /** Approves a person's new key. @param {string} kid */
  async approve(kid) {
    const identity = this.identities.get(kid);
    if (identity) await (await this.people.decisions()).approve(identity);
    await this.recheckTrust();
  }

  /** Approves a member's older key in this room. @param {string} kid */
  async acceptOlder(kid) {
    const identity = this.identities.get(kid);
    if (identity) await (await this.people.decisions()).acceptOlder(identity, this.state);
    await this.recheckTrust();
  }

  /** Checks trust again after a decision of the user. */
  async recheckTrust() {
    await this.updateUnapproved();
    this.#emitChanged();
  }

  /**
   * Freezes the room: reserved for acts that only the server can have done.
   * @param {string} why @param {string} [what] was wrong: "log", "message"
   * @param {unknown} [found] what the server gave
   */
  freeze(why, what = "", found = null) {
    if (this.frozen) return;
    this.frozen = why;
    this.evidence = { what, found, at: Math.floor(this.#me.clock.now()) };
    this.dispatchEvent(new Event("frozen"));
  }

  /** The server says something else of the room than before, beside its log. */
  noteListed() {
    this.#emitChanged();
  }

  #emitChanged() {
    this.dispatchEvent(new Event("changed"));
  }

  /**
   * Fetches the account's wraps and the profile's boxes, and asks members for missing keys.
   * @param {{thorough?: boolean}} [how] whether to upload missing wraps, too, of every key held
   *   here, without which another browser of this account could not read, and to finish what
   *   the member who rotated has left undone
   */
  fetchKeys({ thorough = false } = {}) {
    return this.#queue.add(async () => {
      const lacking = this.isMember && this.keys.missing(this.state).length > 0;
      const wanted = thorough || lacking || this.#profile.isOutdated(this.state);
      if (!this.isMember || this.missing || !wanted) return;
      const { exchangeKeys } = await import("./key-maintenance.js");
      await exchangeKeys(this.#me, this, {
        thorough,
        profile: this.#profile,
        isAccepted: () => this.#accepted,
        onChanged: () => this.#emitChanged(),
      });
    });
  }

  /** Fetches new log events after a frame announced one. */
  async refresh() {
    await this.#fetchLogOrMiss();
    if (this.isOut) return;
    this.#profile.dropOutdated(this.state);
    await this.fetchKeys();
  }

  /** Records an epoch that was begun here, whose key is now held.
   * @param {number} e @param {Uint8Array} key */
  async addEpochKey(e, key) {
    await this.keys.add(this.state, e, key);
    this.#emitChanged();
  }

  /** @param {{e: number, uid: string, kid: string}} request */
  async answerKeyRequest(request) {
    if (this.frozen || !this.#accepted) return;
    await this.#rotation?.catch(() => {}); // its key may be the one that is asked for
    const sharing = await this.keys.sharing();
    await sharing.answerRequest(this.state, this.identities, request);
  }

  /** @param {{e: number, to: string}} wrap */
  async onWraps(wrap) {
    await this.keys.noteShared(wrap);
    if (wrap.to === this.#me.kid) await this.fetchKeys();
  }

  /** Asks a member who came online for missing keys. */
  async onMemberOnline() {
    if (this.keys.missing(this.state).length === 0) return;
    this.keys.allowNewRequest();
    await this.fetchKeys();
  }

  /** See append-event.js. @param {Parameters<Writing["appendEvent"]>[2]} write */
  async append(write) {
    const { appendEvent } = await loadWriting();
    return appendEvent(this.#me, this, write);
  }

  /** Begins the next epoch, if the room still needs one.
   * @param {(done: number) => void} [onProgress] from 0 to 1 */
  rotate(onProgress) {
    this.#rotation ??= this.#rotate(onProgress).finally(() => {
      this.#rotation = null;
    });
    return this.#rotation;
  }

  /** @param {(done: number) => void} [onProgress] */
  async #rotate(onProgress) {
    if (this.frozen || !this.#accepted || this.unapproved.length > 0) return;
    const { beginEpoch } = await loadWriting();
    await beginEpoch(this.#me, this, onProgress);
    await this.fetchKeys();
    this.#emitChanged();
  }

  /** Leaves. This browser keeps what could be read here until then. */
  async leave() {
    const { appendLeave } = await loadWriting();
    await appendLeave(this.#me, this);
  }
}
