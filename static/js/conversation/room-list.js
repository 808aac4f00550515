/** The state of the room list: names, previews, unread counts, presence. Pure. */

/**
 * @typedef {object} RoomListItem one line of the room list
 * @property {string} id
 * @property {string} name
 * @property {string} last
 * @property {number} time ms, 0 for none
 * @property {number} unread
 * @property {boolean} mentioned whether an unread message mentions the account
 * @property {number} online others who are here
 * @property {boolean} closed for good
 * @property {boolean} accepted false for a request that waits for an answer
 * @property {{uid: string, name: string} | null} askedBy who sent a request that waits: the
 *   server's word
 * @property {{uid: string, name: string} | null} peer the other one, in a direct room
 * @property {number} knocks who ask to be let in
 *
 * @typedef {object} RoomRecord what is known of one room
 * @property {import("../net/types.js").RoomSummary} room as the server lists it
 * @property {string} name
 * @property {number} since ms, of its newest log event
 * @property {{text: string, ts: number} | null} preview
 * @property {{uid: string, name: string} | null} [peer] as the room's log says; until it is
 *   verified the server's word stands in
 * @property {string[]} online uids
 * @property {number[]} mentions seqs of messages that mention the account
 */

export class RoomList {
  #uid;
  /** @type {Map<string, RoomRecord>} by id */
  #records = new Map();

  /** @param {string} uid whose list it is */
  constructor(uid) {
    this.#uid = uid;
  }

  /** Applies the server's list. Rooms that are already known keep their state.
   * @param {import("../net/types.js").RoomSummary[]} rooms */
  set(rooms) {
    const before = this.#records;
    this.#records = new Map(
      rooms.map((room) => {
        const known = before.get(room.id);
        const fresh = { name: "", since: 0, preview: null, online: [], mentions: [] };
        return [room.id, { ...fresh, ...known, room }];
      }),
    );
  }

  get ids() {
    return [...this.#records.keys()];
  }

  /** @param {string} id */
  has(id) {
    return this.#records.has(id);
  }

  /** @param {string} id @returns {import("../net/types.js").RoomSummary | undefined} as the server lists it */
  room(id) {
    return this.#records.get(id)?.room;
  }

  /** @param {string} id @param {Partial<RoomRecord>} what */
  update(id, what) {
    const line = this.#records.get(id);
    if (line) Object.assign(line, what);
  }

  /** Adds messages that mention the account. @param {string} id @param {number[]} seqs */
  mention(id, seqs) {
    this.#records.get(id)?.mentions.push(...seqs);
  }

  /** @param {string} id @returns {string[]} uids */
  online(id) {
    return this.#records.get(id)?.online ?? [];
  }

  /** @param {string} id */
  readMark(id) {
    return this.room(id)?.read ?? 0;
  }

  /** Applies the server's counts, which are right after frames were missed.
   * @param {string} id @param {{read: number, unread: number}} head */
  count(id, { read, unread }) {
    const room = this.room(id);
    if (room && read >= room.read) Object.assign(room, { read, unread });
  }

  /** Handles new messages, in the order of seq.
   * @param {string} id
   * @param {{seq: number, uid: string, re?: number[]}[]} messages
   * @returns {boolean} whether any of them is new */
  received(id, messages) {
    const room = this.room(id);
    if (!room) return false;
    const fresh = messages.filter(({ seq }) => seq > room.msg);
    for (const { seq, uid, re } of fresh) {
      room.msg = seq;
      if (uid !== this.#uid && !re && seq > room.read) room.unread += 1;
    }
    return fresh.length > 0;
  }

  /** Marks everything up to `seq` as read, here or in another browser.
   * @param {string} id
   * @param {number} seq @returns {boolean} whether that is news */
  read(id, seq) {
    const room = this.room(id);
    if (!room || seq <= room.read) return false;
    room.read = seq;
    if (seq >= room.msg) room.unread = 0;
    return true;
  }

  /** @returns {RoomListItem[]} newest first */
  get items() {
    return [...this.#records.values()]
      .sort((a, b) => moved(b) - moved(a))
      .map(({ room, name, preview, online, mentions, peer = room.peer ?? null }) => ({
        id: room.id,
        name: name || (peer?.name ?? ""),
        last: preview?.text ?? "",
        time: preview?.ts ?? 0,
        unread: room.accepted === false ? 0 : room.unread,
        mentioned: mentions.some((seq) => seq > room.read),
        closed: room.closed ?? false,
        accepted: room.accepted ?? true,
        askedBy: room.asked_by ?? null,
        peer,
        knocks: room.knocks ?? 0,
        online: online.filter((uid) => uid !== this.#uid).length,
      }));
  }

  get unread() {
    return this.items.reduce((sum, { unread }) => sum + unread, 0);
  }
}

/** @param {RoomRecord} line */
const moved = ({ preview, since }) => Math.max(preview?.ts ?? 0, since);
