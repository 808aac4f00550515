/** Fills the list of rooms: as it was shown last, then as the server gives it, with names and previews. */

import { KeptLines } from "./kept-lines.js";
import { fetchAll } from "./pagination.js";

/** @typedef {import("../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("../net/types.js").RoomSummary} RoomSummary */
/** @typedef {import("./room-previews.js").RoomPreviews} RoomPreviews */

const KEPT_LIST = "rooms"; // a setting: the list as the server gave it last
const AT_ONCE = 6; // rooms that are described at the same time

export class ListLoader {
  #me;
  #rooms;
  #isHidden;
  #lines;
  /** @type {Promise<RoomPreviews> | null} loaded with the first line that is described */
  #previews = null;
  /** @type {Promise<void> | null} while the list is fetched for the first time */
  #first = null;
  /** Tells whether the list is the one that was fetched, or that stands in for it. */
  isFetched = false;
  /** Tells whether the list has all rooms: those that the server lists, or that were kept. */
  isListed = false;
  /** Tells whether the server's list is still to come. */
  isOutdated = true;
  /** Rooms that the account has asked to join.
   * @type {import("./room/asked-rooms.js").AskedRoom[]} */
  asked = [];

  /** @param {import("./account/account.js").Account} me
   * @param {import("./rooms.js").Rooms} rooms whose list it fills
   * @param {(uid: string) => boolean} isHidden whether somebody is blocked */
  constructor(me, rooms, isHidden) {
    this.#me = me;
    this.#rooms = rooms;
    this.#isHidden = isHidden;
    this.#lines = new KeptLines(me.store.settings, () => this.#keptLines());
  }

  /** Shows the list as it was shown last, until the server answers. A room that was fetched ahead stays
   * as it is, and is kept for visits without a server, in case that the list does not come. */
  async restore() {
    if (this.isFetched) return;
    const [kept, lines] = await Promise.all([this.#keptList(), this.#lines.load()]);
    if (this.isFetched) return; // the server came first
    const { list } = this.#rooms;
    const ahead = list.ids.map((id) => ({ .../** @type {RoomSummary} */ (list.room(id)) }));
    if (kept) {
      list.set(kept);
      list.restore(lines);
      for (const room of ahead) this.#addAgain(room);
      this.isListed = true;
      this.#rooms.changed();
    }
    const fresh = new Set(ahead.map(({ id }) => id));
    const others = (kept ?? []).filter(({ id }) => !fresh.has(id));
    if (ahead.length > 0)
      await this.#me.store.settings.saveSetting(KEPT_LIST, [...ahead, ...others]);
  }

  /** @param {RoomSummary} room that the server gave ahead of its list */
  #addAgain(room) {
    this.#rooms.list.add(room);
    const session = this.#rooms.opened(room.id);
    if (session) this.#rooms.updateName(session);
  }

  /** Fetches the list, unless that was begun and no list is here yet. @param {string} [first] */
  async loadOnce(first) {
    if (this.isFetched) return this.load(first);
    this.#first ??= this.load(first).finally(() => {
      this.#first = null;
    });
    await this.#first;
  }

  /** Previews of rooms whose messages expire are not kept: they would outlive them. */
  #keptLines() {
    const { lines } = this.#rooms.list;
    return lines.map((line) => (line.ttl > 0 ? { ...line, preview: null } : line));
  }

  /** Keeps the lines in a moment, once they are the server's. */
  saveSoon() {
    if (this.isFetched) this.#lines.saveSoon();
  }

  /** Keeps the lines now. */
  async save() {
    await this.#lines.save();
  }

  close() {
    this.#lines.close();
  }

  /**
   * Fetches the list, then decrypts each room's name and last message, the newest rooms first.
   * @param {string} [first] the room that is waited for; the others follow
   */
  async load(first) {
    const rooms = await this.#fetchList();
    const shown = new Set(rooms.filter((room) => this.#rooms.list.shows(room)).map(({ id }) => id));
    this.#rooms.list.set(rooms);
    this.isFetched = true;
    this.isListed = true;
    this.#rooms.list.setKept(await this.#keptIds());
    for (const { id, accepted, last } of rooms) {
      this.#rooms.setAccepted(id, accepted !== false);
      if (!last) this.#rooms.list.update(id, { preview: null }); // all of it was erased
    }
    if (this.isOutdated) this.#rooms.list.restore(await this.#lines.load()); // what was counted since
    this.#rooms.changed();
    if (first && this.#rooms.list.has(first))
      this.#rooms.updateName(await this.#rooms.session(first));
    this.describeAll(shown);
    await this.#knock(rooms.filter(({ accepted }) => accepted !== false));
    await this.#checkAsked().catch(() => {}); // at the next list
  }

  /** Asks what became of requests to join. Loaded only where there are some. */
  async #checkAsked() {
    if (!(await this.#me.store.settings.setting("asked"))) return;
    const { checkAsked } = await import("./room/asked-rooms.js");
    this.asked = await checkAsked(this.#me);
    this.#rooms.changed();
  }

  /** Shows a request to join no longer. @param {string} iid */
  async forgetAsked(iid) {
    const { forgetAsked } = await import("./room/asked-rooms.js");
    await forgetAsked(this.#me, iid);
    this.asked = this.asked.filter((one) => one.iid !== iid);
    this.#rooms.changed();
  }

  /** The rooms whose logs this browser has verified and the server does not list. */
  async #keptIds() {
    const kept = await this.#me.store.rooms.keptRooms();
    return kept.filter((id) => !this.#rooms.list.has(id));
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
    } catch (error) {
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

  /** Names all rooms and previews their last messages.
   * @param {Set<string>} [shown] rooms whose lines are right already: they come last, and do not hurry */
  async describeAll(shown = new Set()) {
    // A request is not decrypted before the user opens it.
    const accepted = this.#rooms.list.items.filter(
      (one) => one.accepted && this.#rooms.list.has(one.id),
    );
    const [right, others] = [true, false].map((is) =>
      accepted.filter(({ id }) => shown.has(id) === is),
    );
    await this.#describeEach(others, AT_ONCE);
    await this.#describeEach(right, 1);
    for (const id of this.#rooms.list.keptIds) await this.#describeKept(id).catch(() => {}); // unnamed until then
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
    return new RoomPreviews(this.#me, this.#rooms.list, this.#isHidden, () =>
      this.#rooms.changed(),
    );
  }

  /** @param {string} id */
  async #describe(id) {
    const session = await this.#rooms.session(id);
    this.#rooms.updateName(session);
    await this.#dropEnded(session);
    await (await this.#loadPreviews()).describe(session);
  }

  /** @param {string} id */
  async #describeKept(id) {
    const session = await this.#rooms.session(id);
    this.#rooms.updateName(session);
    await this.#dropEnded(session);
    await (await this.#loadPreviews()).describeKept(session);
  }

  /** Deletes what this browser keeps of messages that the room's rules have ended, also where the room
   * is not opened. @param {import("./room/room-session.js").RoomSession} session */
  async #dropEnded(session) {
    if (session.state.policy.ttl === 0) return;
    const { dropEnded } = await import("./messages/drop-ended.js");
    await dropEnded(this.#me, session);
  }

  /** Handles new messages: previews the last one that verifies. The room itself shows the others.
   * @param {string} id @param {StoredMessage[]} rows */
  async preview(id, rows) {
    this.#rooms.changed();
    if (this.#rooms.list.room(id)?.accepted === false) return;
    const session = await this.#rooms.session(id);
    await (await this.#loadPreviews()).add(session, rows);
  }
}
