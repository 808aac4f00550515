/** The user's rooms: their sessions, verified on first use, and their list. */

import { loadCode } from "./load-code.js";
import { factsOf, roomEnd } from "./room/room-end.js";
import { RoomList } from "./room-list.js";

/** @typedef {import("../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("./list-loader.js").ListLoader} ListLoader */
/** @typedef {import("./room/room-session.js").RoomSession} RoomSession */

/** A list that was kept is shown before this is here. */
const loadSession = () => loadCode(() => import("./room/room-session.js"));

/** Events: `changed` (the list has to be rendered again). */
export class Rooms extends EventTarget {
  #me;
  /** @type {Map<string, RoomSession>} */
  #sessions = new Map();
  /** @type {Map<string, Promise<void>>} sessions being loaded, or loaded */
  #loads = new Map();
  /** Rooms whose messages were read in this visit. @type {Set<string>} */
  #read = new Set();
  #isHidden;
  list;
  /** @type {ListLoader | null} what fills the list, loaded once a room is shown */
  #loader = null;
  /** @type {Promise<ListLoader> | null} */
  #loading = null;
  #closed = false;

  /** @param {import("./account/account.js").Account} me
   * @param {(uid: string) => boolean} [isHidden] whether somebody is blocked */
  constructor(me, isHidden = () => false) {
    super();
    this.#me = me;
    this.#isHidden = isHidden;
    this.list = new RoomList(me.uid, isHidden, () => me.clock.now());
  }

  /** Tells whether the list has all rooms: those that the server lists, or that were kept. */
  get isListed() {
    return this.#loader?.isListed ?? false;
  }

  /** Tells whether the server's list is still to come. */
  get isOutdated() {
    return this.#loader?.isOutdated ?? true;
  }

  /** Rooms that the account has asked to join. */
  get asked() {
    return this.#loader?.asked ?? [];
  }

  #loadLoader() {
    this.#loading ??= this.#makeLoader().catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #makeLoader() {
    const { ListLoader } = await loadCode(() => import("./list-loader.js"));
    this.#loader = new ListLoader(this.#me, this, this.#isHidden);
    if (this.#closed) this.#loader.close();
    return this.#loader;
  }

  /**
   * Fetches one room ahead of the list, and verifies its log.
   * @param {string} id
   * @returns {Promise<boolean>} false if the server does not give it: the list says why
   */
  async loadOne(id) {
    const room = await this.#me.api.get(`chatrooms/${id}`).catch(() => null);
    if (!room) return false;
    if (!this.#loader?.isFetched) this.list.add(room);
    await this.session(id);
    return true;
  }

  /** Fetches again what the server says of one room, beside its log. @param {string} id */
  async loadAgain(id) {
    const room = await this.#me.api.get(`chatrooms/${id}`);
    if (!this.list.has(id)) return;
    this.list.add(room);
    this.opened(id)?.noteListed();
  }

  /** See `ListLoader.restore`. */
  async restore() {
    await (await this.#loadLoader()).restore();
  }

  /** See `ListLoader.load`. @param {string} [first] */
  async load(first) {
    await (await this.#loadLoader()).load(first);
  }

  /** See `ListLoader.loadOnce`. @param {string} [first] */
  async loadOnce(first) {
    await (await this.#loadLoader()).loadOnce(first);
  }

  /** Describes all rooms again, after somebody was blocked or unblocked. */
  describeAgain() {
    return this.#loader?.describeAll();
  }

  /** See `ListLoader.preview`. @param {string} id @param {StoredMessage[]} rows */
  async preview(id, rows) {
    await (await this.#loadLoader()).preview(id, rows);
  }

  /** See `ListLoader.forgetAsked`. @param {string} iid */
  async forgetAsked(iid) {
    await (await this.#loadLoader()).forgetAsked(iid);
  }

  close() {
    this.#closed = true;
    this.#loader?.close();
  }

  changed() {
    this.dispatchEvent(new Event("changed"));
    this.#loader?.saveSoon();
  }

  /** Erases what this browser keeps of a room that the server does not list. @param {string} id */
  async forget(id) {
    await this.#me.store.rooms.dropRoom(id);
    this.#sessions.delete(id);
    this.#loads.delete(id);
    this.list.remove(id);
    this.changed();
    await this.#loader?.save();
  }

  /** Applies the approval of a person's new key. @param {string} kid */
  async approve(kid) {
    const sessions = [...this.#sessions.values()].filter(({ state }) => state);
    for (const session of sessions) await session.approve(kid);
  }

  /** Checks trust in everybody again after a decision of the user. */
  async recheckTrust() {
    const sessions = [...this.#sessions.values()].filter(({ state }) => state);
    for (const session of sessions) await session.recheckTrust();
  }

  /** A room's session, its log verified. @param {string} id @returns {Promise<RoomSession>} */
  async session(id) {
    const { RoomSession } = await loadSession();
    const session = this.#sessions.get(id) ?? this.#begin(id, RoomSession);
    const before = this.#loads.get(id);
    const loading = before ?? session.load(this.list.room(id));
    this.#loads.set(id, loading);
    try {
      await loading;
    } catch (error) {
      this.#loads.delete(id);
      throw error;
    }
    if (before && this.#isGone(session)) await session.refresh().catch(() => {}); // with the next list
    return session;
  }

  /** Tells whether the server lists a room no longer and its log, as it was read, does not say why: it
   * went while nobody was connected. @param {RoomSession} session */
  #isGone({ id, isOut, state }) {
    return this.#loader?.isFetched && !this.list.has(id) && !isOut && !state.ended;
  }

  /** @param {string} id @param {typeof import("./room/room-session.js").RoomSession} RoomSession */
  #begin(id, RoomSession) {
    const session = new RoomSession(this.#me, id, this.#isHidden);
    session.addEventListener("changed", () => this.updateName(session));
    session.addEventListener("frozen", () => this.#onFrozen(session));
    this.#sessions.set(id, session);
    return session;
  }

  /** @param {RoomSession} session */
  #onFrozen(session) {
    this.updateName(session);
    if (this.#loader?.isFetched) this.#loader.save(); // a list reads no messages: the next one says so, too
  }

  /** Notes that the messages of a room were read, and judged, in this visit. @param {RoomSession} session */
  noteRead(session) {
    this.#read.add(session.id);
    this.updateName(session);
  }

  /** The session of a room, if there is one with a log. @param {string} id */
  opened(id) {
    const session = this.#sessions.get(id);
    return session?.state ? session : null;
  }

  /** Tells a room's session whether the user has accepted the room. @param {string} id
   * @param {boolean} accepted */
  setAccepted(id, accepted) {
    this.#sessions.get(id)?.setAccepted(accepted);
  }

  /** Shows in the list what a session has verified. @param {RoomSession} session */
  updateName(session) {
    const { id, profile, state } = session;
    this.list.update(id, { name: state ? session.title : profile.name, since: state?.ts ?? 0 });
    if (state) {
      const listed = this.list.room(id);
      const end = roomEnd(factsOf(this.#me, session, { listed }));
      const { ttl } = state.policy;
      // A room that had stopped has not come right by itself: it may have, once it is read.
      const stays = !end && this.list.endOf(id) === "frozen" && !this.#read.has(id);
      const { kind = stays ? "frozen" : "", who = "", at = 0 } = end ?? {};
      this.list.update(id, { peer: session.peer, end: kind, endedBy: { who, at }, ttl });
    }
    this.changed();
  }
}
