/** Outboxes of rooms that are not open but have unsent messages. */

import { openHeader } from "../../crypto/message.js";
import { Outbox } from "./outbox.js";

/** @typedef {(parts: ConstructorParameters<typeof Outbox>[0]) => Outbox} MakeOutbox */

export class BackgroundOutboxes {
  #me;
  #rooms;
  #send;
  #make;
  /** @type {Map<string, Outbox>} by room */
  #outboxes = new Map();

  /**
   * @param {import("../account/account.js").Account} me @param {import("../rooms.js").Rooms} rooms
   * @param {(frame: import("../../net/frames.js").ClientFrame) => boolean} send
   * @param {MakeOutbox} [make]
   */
  constructor(me, rooms, send, make = (parts) => new Outbox(parts)) {
    this.#me = me;
    this.#rooms = rooms;
    this.#send = send;
    this.#make = make;
  }

  get outboxes() {
    return [...this.#outboxes.values()];
  }

  /** @param {string} room */
  of(room) {
    return this.#outboxes.get(room);
  }

  /** Ends a room's outbox, because the room is opened and has its own then. @param {string} room */
  drop(room) {
    this.#outboxes.get(room)?.close();
    this.#outboxes.delete(room);
  }

  /** Sends unsent messages of all rooms but the open one, which has its own outbox.
   * @param {() => string | undefined} open another room may be opened meanwhile */
  async flush(open) {
    for (const id of await this.#me.store.outbox.unsentRooms()) {
      if (id === open() || !this.#rooms.list.has(id)) continue;
      const outbox = await this.#outboxOf(id);
      if (id === open()) this.drop(id);
      else outbox.flush();
    }
  }

  /** @param {string} id */
  async #outboxOf(id) {
    const made = this.#outboxes.get(id) ?? (await this.#makeOutbox(id));
    const outbox = this.#outboxes.get(id) ?? made; // another call may have been faster
    if (outbox !== made) made.close();
    this.#outboxes.set(id, outbox);
    return outbox;
  }

  /** @param {string} id */
  async #makeOutbox(id) {
    const session = await this.#rooms.session(id);
    const [row] = await this.#me.store.messages.lastRows(id, 1);
    /** @type {[number, string]} */
    const highest = row ? [row.seq, (await openHeader(row)).id] : [0, ""];
    return this.#make({ me: this.#me, session, timeline: { highest }, send: this.#send });
  }
}
