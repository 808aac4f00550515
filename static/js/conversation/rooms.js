/** The user's rooms: their sessions, verified on first use, and their list. */

import { KeptLines } from "./kept-lines.js";
import { fetchAll } from "./pagination.js";
import { factsOf, roomEnd } from "./room/room-end.js";
import { RoomSession } from "./room/room-session.js";
import { RoomList } from "./room-list.js";

/** @typedef {import("../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("./room-previews.js").RoomPreviews} RoomPreviews */

const KEPT_LIST = "rooms"; // a setting: the list as the server gave it last
const AT_ONCE = 6; // rooms that are described at the same time

/** Events: `changed` (the list has to be rendered again). */
export class Rooms extends EventTarget {
  #me;
  /** @type {Map<string, RoomSession>} */
  #sessions = new Map();
  /** @type {Map<string, Promise<void>>} sessions being loaded, or loaded */
  #loads = new Map();
  #isHidden;
  #lines;
  /** @type {Promise<RoomPreviews> | null} loaded with the first line that is described */
  #previews = null;
  list;
  #fetched = false;
  /** Tells whether the list has all rooms: those that the server lists, or that were kept. */
  isListed = false;
  /** @type {Promise<void> | null} while the list is fetched for the first time */
  #first = null;
  /** Rooms that the account has asked to join.
   * @type {import("./room/asked-rooms.js").AskedRoom[]} */
  asked = [];
  /** Tells whether the server's list is still to come. */
  isOutdated = true;

  /** @param {import("./account/account.js").Account} me
   * @param {(uid: string) => boolean} [isHidden] whether somebody is blocked */
  constructor(me, isHidden = () => false) {
    super();
    this.#me = me;
    this.#isHidden = isHidden;
    this.list = new RoomList(me.uid, isHidden, () => me.clock.now());
    this.#lines = new KeptLines(me.store.settings, () => this.#keptLines());
  }

  /** Shows the list as it was shown last, until the server answers. */
  async restore() {
    if (this.#fetched) return;
    const [rooms, lines] = await Promise.all([this.#keptList(), this.#lines.load()]);
    if (!rooms || this.#fetched) return; // the server was faster
    this.list.set(rooms);
    this.list.restore(lines);
    this.isListed = true;
    this.changed();
  }

  /**
   * Fetches one room ahead of the list, and verifies its log.
   * @param {string} id
   * @returns {Promise<boolean>} false if the server does not give it: the list says why
   */
  async loadOne(id) {
    const restored = this.restore().catch(() => {}); // the server's list follows
    const room = await this.#me.api.get(`chatrooms/${id}`).catch(() => null);
    await restored;
    if (!room) return false;
    if (!this.#fetched) {
      this.list.add(room);
      await this.#keepOne(room).catch(() => {}); // without storage it is fetched again
    }
    await this.session(id);
    return true;
  }

  /** Keeps a room for visits without a server, in case that the list does not come.
   * @param {import("../net/types.js").RoomSummary} room */
  async #keepOne(room) {
    const others = ((await this.#keptList()) ?? []).filter(({ id }) => id !== room.id);
    await this.#me.store.settings.saveSetting(KEPT_LIST, [room, ...others]);
  }

  /** Fetches the list, unless that was begun and no list is here yet. @param {string} [first] */
  async loadOnce(first) {
    if (this.#fetched) return this.load(first);
    this.#first ??= this.load(first).finally(() => {
      this.#first = null;
    });
    await this.#first;
  }

  /** Previews of rooms whose messages expire are not kept: they would outlive them. */
  #keptLines() {
    return this.list.lines.map((line) => (line.ttl > 0 ? { ...line, preview: null } : line));
  }

  close() {
    this.#lines.close();
  }

  /** Describes all rooms again, after somebody was blocked or unblocked. */
  describeAgain() {
    return this.#describeAll();
  }

  changed() {
    this.dispatchEvent(new Event("changed"));
    if (this.#fetched) this.#lines.saveSoon();
  }

  /**
   * Fetches the list, then decrypts each room's name and last message, the newest rooms first.
   * @param {string} [first] the room that is waited for; the others follow
   */
  async load(first) {
    const rooms = await this.#fetchList();
    const shown = new Set(rooms.filter((room) => this.list.shows(room)).map(({ id }) => id));
    this.list.set(rooms);
    this.#fetched = true;
    this.isListed = true;
    this.list.setKept(await this.#keptIds());
    for (const { id, accepted, last } of rooms) {
      this.#sessions.get(id)?.setAccepted(accepted !== false);
      if (!last) this.list.update(id, { preview: null }); // all of it was erased
    }
    if (this.isOutdated) this.list.restore(await this.#lines.load()); // what was counted since
    this.changed();
    if (first && this.list.has(first)) await this.session(first);
    this.#describeAll(shown);
    await this.#knock(rooms.filter(({ accepted }) => accepted !== false));
    await this.#checkAsked().catch(() => {}); // at the next list
  }

  /** Asks what became of requests to join. Loaded only where there are some. */
  async #checkAsked() {
    if (!(await this.#me.store.settings.setting("asked"))) return;
    const { checkAsked } = await import("./room/asked-rooms.js");
    this.asked = await checkAsked(this.#me);
    this.changed();
  }

  /** Shows a request to join no longer. @param {string} iid */
  async forgetAsked(iid) {
    const { forgetAsked } = await import("./room/asked-rooms.js");
    await forgetAsked(this.#me, iid);
    this.asked = this.asked.filter((one) => one.iid !== iid);
    this.changed();
  }

  /** The rooms whose logs this browser has verified and the server does not list. */
  async #keptIds() {
    const kept = await this.#me.store.rooms.keptRooms();
    return kept.filter((id) => !this.list.has(id));
  }

  /** Erases what this browser keeps of a room that the server does not list. @param {string} id */
  async forget(id) {
    await this.#me.store.rooms.dropRoom(id);
    this.#sessions.delete(id);
    this.#loads.delete(id);
    this.list.remove(id);
    this.changed();
    await this.#lines.save();
  }

  /** Fetches the list; without a server, returns it as it was last. What stands in it is ciphertext
   * or the server's word, and is verified as if it had just come. */
  async #fetchList() {
    const { api, clock, store } = this.#me;
    try {
      const { now, rooms } = await fetchAll(api, "chatrooms", "rooms");
      clock.set(now);
      await store.settings.saveSetting(KEPT_LIST, rooms);
      this.isOutdated = false;
      return rooms;
    } catch (/** @type {any} */ error) {
      const kept = error.isAway ? await this.#keptList() : undefined;
      if (!kept) throw error;
      this.isOutdated = true;
      return kept;
    }
  }

  /** @returns {Promise<import("../net/types.js").RoomSummary[] | undefined>} */
  async #keptList() {
    const kept = await this.#me.store.settings.setting(KEPT_LIST);
    return /** @type {import("../net/types.js").RoomSummary[] | undefined} */ (kept);
  }

  /** After a reset of the keys, asks rooms to let the new ones in. Loaded only then.
   * @param {Parameters<typeof import("./account/reset.js").knockAllRooms>[1]} rooms */
  async #knock(rooms) {
    if (this.#me.past.length === 0) return;
    const { knockAllRooms } = await import("./account/reset.js");
    await knockAllRooms(this.#me, rooms);
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

  /** @param {Set<string>} [shown] rooms whose lines are right already: they come last, and do not hurry */
  async #describeAll(shown = new Set()) {
    // A request is not decrypted before the user opens it.
    const accepted = this.list.items.filter((one) => one.accepted && this.list.has(one.id));
    const [right, others] = [true, false].map((is) =>
      accepted.filter(({ id }) => shown.has(id) === is),
    );
    await this.#describeEach(others, AT_ONCE);
    await this.#describeEach(right, 1);
    for (const id of this.list.keptIds) await this.#describeKept(id).catch(() => {}); // unnamed until then
  }

  /** @param {{id: string}[]} rooms @param {number} many at the same time */
  async #describeEach(rooms, many) {
    const rest = rooms.values();
    const work = async () => {
      for (const { id } of rest) await this.#describe(id).catch(() => {}); // unnamed until then
    };
    await Promise.all(Array.from({ length: many }, work));
  }

  #loadPreviews() {
    this.#previews ??= this.#makePreviews().catch((error) => {
      this.#previews = null;
      throw error;
    });
    return this.#previews;
  }

  async #makePreviews() {
    const { RoomPreviews } = await import("./room-previews.js");
    return new RoomPreviews(this.#me, this.list, this.#isHidden, () => this.changed());
  }

  /** @param {string} id */
  async #describe(id) {
    const session = await this.session(id);
    this.#updateName(session);
    await (await this.#loadPreviews()).describe(session);
  }

  /** @param {string} id */
  async #describeKept(id) {
    const session = await this.session(id);
    this.#updateName(session);
    await (await this.#loadPreviews()).describeKept(session);
  }

  /** A room's session, its log verified. @param {string} id @returns {Promise<RoomSession>} */
  async session(id) {
    const session = this.#sessions.get(id) ?? this.#begin(id);
    const loading = this.#loads.get(id) ?? session.load(this.list.room(id));
    this.#loads.set(id, loading);
    try {
      await loading;
    } catch (error) {
      this.#loads.delete(id);
      throw error;
    }
    return session;
  }

  /** @param {string} id */
  #begin(id) {
    const session = new RoomSession(this.#me, id);
    session.addEventListener("changed", () => this.#updateName(session));
    session.addEventListener("frozen", () => this.#updateName(session));
    this.#sessions.set(id, session);
    return session;
  }

  /** The session of a room, if there is one with a log. @param {string} id */
  opened(id) {
    const session = this.#sessions.get(id);
    return session?.state ? session : null;
  }

  /** @param {RoomSession} session */
  #updateName(session) {
    const { id, profile, state } = session;
    this.list.update(id, { name: state ? session.title : profile.name, since: state?.ts ?? 0 });
    if (state) {
      const stopped = this.list.room(id)?.stopped;
      const end = roomEnd(factsOf(this.#me, session, { stopped, isHidden: this.#isHidden }));
      const { ttl } = state.policy;
      this.list.update(id, { peer: session.peer, end: end?.kind ?? "", ttl });
    }
    this.changed();
  }

  /** Handles new messages: previews the last one that verifies. The room itself shows the others.
   * @param {string} id @param {StoredMessage[]} rows */
  async preview(id, rows) {
    this.changed();
    if (this.list.room(id)?.accepted === false) return;
    const session = await this.session(id);
    await (await this.#loadPreviews()).add(session, rows);
  }
}
