/** A person's rooms: each one's session, verified when first asked for, and the list of them. */

import { Reader } from "./reading.js";
import { knockEverywhere } from "./reset.js";
import { RoomList } from "./room-list.js";
import { RoomSession } from "./room-session.js";

/** Events: `changed` (something that the list shows). */
export class Rooms extends EventTarget {
  #me;
  /** @type {Map<string, RoomSession>} */
  #sessions = new Map();
  /** @type {Map<string, Promise<void>>} sessions being loaded, or loaded */
  #loads = new Map();
  list;

  /** @param {import("./me.js").Me} me */
  constructor(me) {
    super();
    this.#me = me;
    this.list = new RoomList(me.uid);
  }

  changed() {
    this.dispatchEvent(new Event("changed"));
  }

  /**
   * Fetch the list, then open each room's name and last line, one after another.
   * @param {string} [first] the room that is waited for; the others follow
   */
  async load(first) {
    const { now, rooms } = await this.#me.api.get("chatrooms");
    this.#me.clock.set(now);
    this.list.set(rooms);
    this.changed();
    if (first && this.list.has(first)) await this.session(first);
    this.#describeAll();
    await knockEverywhere(this.#me, rooms);
  }

  /** A new key of a person was found right. @param {string} kid */
  async approve(kid) {
    const sessions = [...this.#sessions.values()].filter(({ state }) => state);
    for (const session of sessions) await session.approve(kid);
  }

  async #describeAll() {
    for (const id of this.list.ids) await this.#describe(id).catch(() => {}); // unnamed until then
  }

  /** @param {string} id */
  async #describe(id) {
    const session = await this.session(id);
    this.#named(session);
    const { last } = this.list.room(id) ?? {};
    if (last) await this.preview(id, last);
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
    session.addEventListener("changed", () => this.#named(session));
    this.#sessions.set(id, session);
    return session;
  }

  /** The session of a room, if there is one with a log. @param {string} id */
  opened(id) {
    const session = this.#sessions.get(id);
    return session?.state ? session : null;
  }

  /** @param {RoomSession} session */
  #named({ id, profile, state }) {
    this.list.note(id, { name: profile.name, since: state?.ts ?? 0 });
    this.changed();
  }

  /** A room's newest message in one line, if it verifies: the room itself shows what does not.
   * @param {string} id @param {import("../crypto/message.js").Row} row */
  async preview(id, row) {
    this.changed();
    const session = this.opened(id);
    if (!session) return;
    const { item } = await new Reader(this.#me, session).read(row);
    if (item.kind !== "message") return;
    const who = item.mine ? "" : `${item.author.name}: `;
    this.list.note(id, { preview: { text: who + item.text, ts: item.ts } });
    this.changed();
  }
}
