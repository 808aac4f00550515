/** The state of the room list: names, previews, unread counts, presence. Pure. */

import { sentAt } from "../crypto/message-row.js";
import { hasEnded } from "../crypto/room-state.js";
import { countsAsUnread, KnownMessages } from "./counting.js";

/** @typedef {import("./types.js").KeptLine} KeptLine */
/** @typedef {import("./types.js").RoomListItem} RoomListItem */
/** @typedef {import("./types.js").RoomRecord} RoomRecord */

const NOBODY = { who: "", at: 0 };

export class RoomList {
  #uid;
  #isHidden;
  #now;
  /** @type {Map<string, RoomRecord>} by id */
  #records = new Map();

  /** @param {string} uid whose list it is
   * @param {(uid: string) => boolean} [isHidden] whether somebody is blocked
   * @param {() => number} [now] ms */
  constructor(uid, isHidden = () => false, now = Date.now) {
    this.#uid = uid;
    this.#isHidden = isHidden;
    this.#now = now;
  }

  /** Tells whether the messages of an author count. @param {string} uid */
  #counts = (uid) => countsAsUnread({ mine: uid === this.#uid, hidden: this.#isHidden(uid) });

  /** Applies the server's list. Rooms that are already known keep their state; one that the server
   * no longer lists stays, as a room that only this browser keeps, until `setKept` decides.
   * @param {import("../net/types.js").RoomSummary[]} rooms */
  set(rooms) {
    const before = this.#records;
    const listed = new Map(
      rooms.map((room) => [room.id, withServerWord(before.get(room.id), room)]),
    );
    const others = [...before].filter(([id]) => !listed.has(id));
    this.#records = new Map([...listed, ...others.map(([id, line]) => asKept(id, line))]);
  }

  /** Tells whether a line that was kept is still right, by what the server says of the room.
   * @param {import("../net/types.js").RoomSummary} room */
  shows({ id, head, msg, last }) {
    const line = this.#records.get(id);
    const isDescribed = line?.name && (line.preview || !last);
    return Boolean(isDescribed && line.room?.msg === msg && String(line.head) === String(head));
  }

  /** Adds a room that the server gave ahead of its list.
   * @param {import("../net/types.js").RoomSummary} room */
  add(room) {
    this.#records.set(room.id, withServerWord(this.#records.get(room.id), room));
  }

  /** The rooms that the server lists, as they are shown now. @returns {KeptLine[]} */
  get lines() {
    return [...this.#records].flatMap(([id, { room, known, online: _now, ...described }]) => {
      if (room === null) return [];
      const { head, msg, read, unread } = room;
      const aside = Math.max(0, unread - known.count(room, this.#counts));
      return [{ ...described, id, head, msg, read, unread, aside }];
    });
  }

  /** Shows rooms as they were shown last, until they are described again.
   * @param {KeptLine[]} lines */
  restore(lines) {
    for (const { id, msg, read, unread, aside = 0, ...described } of lines) {
      const { room = null, known } = this.#records.get(id) ?? {};
      if (room && known && room.msg <= msg) {
        Object.assign(room, { msg, read, unread });
        known.aside = aside;
      }
      this.update(id, described);
    }
  }

  /** Lists rooms that only this browser keeps. @param {string[]} ids all that it keeps */
  setKept(ids) {
    const kept = new Set(ids);
    for (const [id, { room }] of this.#records)
      if (room === null && !kept.has(id)) this.#records.delete(id);
    for (const id of ids) if (!this.#records.has(id)) this.#records.set(...asKept(id, fresh()));
  }

  /** Removes a room that only this browser kept. @param {string} id */
  remove(id) {
    this.#records.delete(id);
  }

  /** The rooms that the server lists. */
  get ids() {
    return [...this.#records].filter(([, { room }]) => room !== null).map(([id]) => id);
  }

  /** The rooms that only this browser keeps. */
  get keptIds() {
    return [...this.#records].filter(([, { room }]) => room === null).map(([id]) => id);
  }

  /** Tells whether the server lists a room. @param {string} id */
  has(id) {
    return this.room(id) !== undefined;
  }

  /** @param {string} id @returns {import("../net/types.js").RoomSummary | undefined} as the server lists it */
  room(id) {
    return this.#records.get(id)?.room ?? undefined;
  }

  /** The reason why nothing could be written in a room when it was last looked at. @param {string} id */
  endOf(id) {
    return this.#records.get(id)?.end ?? "";
  }

  /** @param {string} id @param {Partial<RoomRecord>} what */
  update(id, what) {
    const line = this.#records.get(id);
    if (line) Object.assign(line, what);
  }

  /** Replaces the messages that mention the account, from one number on.
   * @param {string} id @param {number} first seq @param {number[]} seqs */
  mention(id, first, seqs) {
    const before = this.#records.get(id)?.mentions.filter((seq) => seq < first) ?? [];
    this.update(id, { mentions: [...before, ...seqs] });
  }

  /** Replaces what is known of the room's newest messages: some may be erased, or be new.
   * @param {string} id @param {{seq: number, uid: string, counts: boolean}[]} messages in order, all
   *   of a part of the room; `counts`: whether the server counts it */
  know(id, messages) {
    const record = this.#records.get(id);
    const [first, last] = [messages[0], messages.at(-1)];
    if (!record?.room || !first || !last) return;
    const { read, unread } = record.room;
    const standing = messages.filter(({ counts }) => counts);
    const gone = record.known.replace(first.seq, last.seq, standing);
    record.room.unread = Math.max(0, unread - gone.filter((seq) => seq > read).length);
  }

  /** The number of unread messages whose author is not known here. @param {string} id */
  unknown(id) {
    const { room = null, known } = this.#records.get(id) ?? {};
    return room && known ? known.unknown(room) : 0;
  }

  /** @param {string} id @returns {string[]} uids, without blocked people */
  online(id) {
    const here = this.#records.get(id)?.online ?? [];
    return here.filter((uid) => !this.#isHidden(uid));
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
      if (re || seq <= room.read) continue;
      room.unread += 1;
      this.#records.get(id)?.known.add(seq, uid);
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
    const read = this.#records.get(id)?.known.forget(seq) ?? 0;
    room.unread = seq >= room.msg ? 0 : Math.max(0, room.unread - read);
    return true;
  }

  /** @returns {RoomListItem[]} newest first */
  get items() {
    return [...this.#records]
      .sort(([, a], [, b]) => moved(b) - moved(a))
      .map(([id, line]) => this.#item(id, line));
  }

  /** @param {string} id @param {RoomRecord} line @returns {RoomListItem} */
  #item(id, line) {
    const { room, name, mentions, end, endedBy = NOBODY } = line;
    const preview = this.#hasExpired(line) ? null : line.preview;
    const peer = line.peer === undefined ? (room?.peer ?? null) : line.peer;
    const waits = room?.accepted === false;
    return {
      id,
      name: name || (peer?.name ?? ""),
      who: preview?.who ?? "",
      last: preview?.text ?? "",
      mentions: preview?.mentions ?? [],
      time: preview?.ts ?? 0,
      unread: room === null || waits ? 0 : line.known.count(room, this.#counts),
      mentioned: room !== null && mentions.some((seq) => seq > room.read),
      closed: room?.closed ?? false,
      accepted: !waits,
      askedBy: room?.asked_by ?? null,
      peer,
      knocks: room?.knocks ?? 0,
      online: this.online(id).filter((uid) => uid !== this.#uid).length,
      end,
      endedBy,
      kept: room === null,
    };
  }

  /** Tells whether the message of the preview has been deleted by the room's rules: the server says
   * nothing of each. @param {RoomRecord} record */
  #hasExpired({ preview, ttl = 0 }) {
    return preview !== null && hasEnded(ttl, preview.ts, this.#now());
  }

  get unread() {
    return this.items.reduce((sum, { unread }) => sum + unread, 0);
  }
}

/** @returns {RoomRecord} */
const fresh = () => ({
  room: null,
  name: "",
  since: 0,
  preview: null,
  online: [],
  mentions: [],
  known: new KnownMessages(),
  end: "",
  ttl: 0,
});

/** A line with what the server says now. It names deleted accounts of former members for one room alone, not
 * in its list, and no such account comes back.
 * @param {RoomRecord | undefined} before @param {import("../net/types.js").RoomSummary} room @returns {RoomRecord} */
function withServerWord(before, room) {
  const past = Object.entries(before?.room?.ended ?? {}).filter(([, how]) => how === "deleted");
  const all =
    past.length > 0 ? { ...room, ended: { ...Object.fromEntries(past), ...room.ended } } : room;
  return { ...fresh(), ...before, room: all };
}

/** @param {string} id @param {RoomRecord} line @returns {[string, RoomRecord]} */
const asKept = (id, line) => [id, { ...line, room: null, online: [] }];

/** When something happened in a room last: until its messages are verified, the server's word.
 * @param {RoomRecord} record */
const moved = ({ room, preview, since }) =>
  Math.max(preview?.ts ?? (room?.last ? sentAt(room.last) : 0), since);
