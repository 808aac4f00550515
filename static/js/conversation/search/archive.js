/**
 * A room's verified messages, for searching without the server. It grows at both ends without gaps:
 * newer messages first, then page by page back to the beginning. It is stored encrypted and resumes
 * where an earlier visit stopped.
 */

import { ArchiveStore } from "../../store/archive.js";
import { applyChanges } from "../messages/apply-changes.js";
import { contentFields, MessageDecoder } from "../messages/decode-message.js";

/** @typedef {import("../messages/decode-message.js").Message} Message */
/** @typedef {{lines: Message[], searched: number, total: number, done: boolean}} Step newest line
 *   first; how many messages were read by now, of how many */
/** @typedef {{from: number, to: number, locked: number[], epochs: number}} Mark seqs that are there,
 *   those among them whose key was not, and how many keys there were then */

const PAGE = 200;
const SEGMENT = 512; // messages that are sealed together

/** Those that write what is kept of a room, by the name of their lock. @type {Map<string, Archive>} */
const writers = new Map();

/** @param {{uid: string}} me @param {{id: string}} session */
const lockOf = (me, session) => `sotto:archive:${me.uid}:${session.id}`;

export class Archive {
  #me;
  #session;
  #reader;
  #keep;
  #kept;
  #locks;
  /** @type {Map<number, Message>} by seq */
  #items = new Map();
  /** @type {Map<number, Set<number>>} seqs of what changes a message, by its seq */
  #changes = new Map();
  /** @type {Set<number>} */
  #locked = new Set();
  #epochs = 0;
  #from = 1;
  #to = 0;
  #first = 1;
  #head = 0;
  /** @type {Promise<void> | null} */
  #opening = null;
  #owns = false;

  /**
   * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {{keep: boolean, locks?: Pick<LockManager, "request">}} how whether it outlives the page
   */
  constructor(me, session, { keep, locks }) {
    this.#me = me;
    this.#kept = me.store.part(ArchiveStore);
    this.#session = session;
    this.#reader = new MessageDecoder(me, session);
    this.#keep = keep;
    this.#locks = locks ?? globalThis.navigator?.locks;
  }

  /**
   * Deletes what is kept of messages that the room's rules have ended. Where another tab writes the
   * archive, that tab does it.
   * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {Pick<LockManager, "request">} [locks]
   */
  static async dropEnded(me, session, locks) {
    const name = lockOf(me, session);
    if (!(await me.store.settings.progress(session.id, "archive"))) return;
    const writer = writers.get(name);
    if (writer) return writer.#end();
    await (locks ?? navigator.locks).request(name, { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      const once = new Archive(me, session, { keep: true });
      once.#owns = true;
      await once.#read();
      await once.#end();
    });
  }

  /** Lets go of messages that have ended, here and in what is kept. */
  async #end() {
    const touched = new Set(this.#dropEnded().map(segmentOf));
    if (this.#owns && touched.size > 0) await this.#save(touched);
  }

  /** @returns {number[]} seqs */
  #dropEnded() {
    const ended = [...this.#items].filter(([, { ts }]) => this.#session.hasEnded(ts));
    for (const [seq] of ended) this.#items.delete(seq);
    return ended.map(([seq]) => seq);
  }

  /** Yields the stored messages, then the others of the server. @param {AbortSignal} signal
   * @returns {AsyncGenerator<Step>} */
  async *walk(signal) {
    this.#opening ??= this.#open();
    await this.#opening;
    await this.#end();
    await this.#catchUp(signal);
    await this.#unlock(signal);
    yield this.#step(this.#from, this.#to);
    while (this.#from > this.#first) {
      const until = this.#from - 1;
      await this.#fetch(`before=${this.#from}`, signal);
      if (this.#from > until) return; // the server says there is more and has none
      yield this.#step(this.#from, until);
    }
  }

  /** The texts of the messages that are here. @returns {Generator<string>} */
  *texts() {
    for (const { kind, text } of this.#items.values()) if (kind === "message") yield text;
  }

  async #open() {
    if (!this.#keep) return;
    const name = lockOf(this.#me, this.#session);
    this.#owns = await this.#own(name);
    if (this.#owns) writers.set(name, this);
    await this.#read();
  }

  async #read() {
    const room = this.#session.id;
    const mark = /** @type {Mark | undefined} */ (
      await this.#me.store.settings.progress(room, "archive")
    );
    if (!mark) return;
    for (const segment of await this.#kept.archive(room)) {
      for (const kept of segment)
        if (kept.content) this.#add({ ...kept, text: contentFields(kept.content).text });
    }
    this.#from = mark.from;
    this.#to = mark.to;
    this.#epochs = mark.epochs;
    for (const seq of mark.locked) this.#locked.add(seq);
  }

  /** One open tab writes the archive; the others only read it.
   * @param {string} name @returns {Promise<boolean>} */
  #own(name) {
    return new Promise((resolve) => {
      this.#locks
        .request(name, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock && new Promise(() => {});
        })
        .catch(() => resolve(false));
    });
  }

  /** @param {AbortSignal} signal */
  async #catchUp(signal) {
    const fresh = this.#to < this.#from;
    await this.#fetch(fresh ? "" : `after=${this.#to}`, signal);
    for (let before = -1; this.#to < this.#head && this.#to > before; ) {
      before = this.#to;
      await this.#fetch(`after=${this.#to}`, signal);
    }
  }

  /** Decrypts messages whose keys have arrived. @param {AbortSignal} signal */
  async #unlock(signal) {
    const held = this.#session.keys.epochs.length;
    if (held === this.#epochs) return;
    this.#epochs = held;
    const tried = new Set();
    for (const seq of [...this.#locked].sort((a, b) => a - b)) {
      if (tried.has(seq)) continue;
      const rows = await this.#fetch(`after=${seq - 1}`, signal);
      for (const row of rows) tried.add(row.seq);
    }
  }

  /** @param {string} where @param {AbortSignal} signal
   * @returns {Promise<import("../messages/decode-message.js").StoredMessage[]>} */
  async #fetch(where, signal) {
    signal.throwIfAborted();
    const path = /** @type {const} */ (
      `chatrooms/${this.#session.id}/messages?limit=${PAGE}&${where}`
    );
    const { messages, first, head } = await this.#me.api.get(path);
    signal.throwIfAborted();
    const touched = await this.#addPage(messages, first, head);
    if (this.#owns) await this.#save(touched);
    return messages;
  }

  /** @param {import("../messages/decode-message.js").StoredMessage[]} rows ascending @param {number} first
   * @param {number} head @returns {Promise<Set<number>>} segments that are not as they were */
  async #addPage(rows, first, head) {
    const reads = await Promise.all(rows.map((row) => this.#reader.decode(row)));
    /** @type {Set<number>} */
    const touched = new Set();
    for (const { stored: row, good, message: item } of reads) {
      this.#locked.delete(row.seq);
      if (item.kind === "locked") this.#locked.add(row.seq);
      if (!good || !item.content) this.#items.delete(row.seq);
      else this.#add(item);
      touched.add(segmentOf(row.seq));
    }
    for (const { message: item } of reads)
      for (const seq of this.#removeDeleted(item)) touched.add(segmentOf(seq));
    if (rows.length > 0) {
      const fresh = this.#to < this.#from;
      this.#from = fresh ? rows[0].seq : Math.min(this.#from, rows[0].seq);
      this.#to = Math.max(this.#to, rows[rows.length - 1].seq);
    }
    [this.#first, this.#head] = [Math.max(1, first), head];
    for (const seq of [...this.#expire(), ...this.#dropEnded()]) touched.add(segmentOf(seq));
    return touched;
  }

  /** @param {Message} item */
  #add(item) {
    const seq = Number(item.seq);
    this.#items.set(seq, item);
    for (const target of targetsOf(item)) {
      this.#changes.set(target, (this.#changes.get(target) ?? new Set()).add(seq));
    }
  }

  /** Removes the messages that a message deletes.
   * @param {Message} item @returns {number[]} their seqs */
  #removeDeleted(item) {
    if (item.content?.t !== "delete") return [];
    return item.content.of.flatMap(([seq, id]) => {
      const found = this.#items.get(seq);
      const may = found?.author.uid === item.author.uid || item.leads;
      const named = found?.id === id && seq < Number(item.seq) && found.content?.t !== "delete";
      if (!may || !named) return [];
      this.#items.delete(seq);
      return [seq];
    });
  }

  /** Removes messages that the room's policy lets expire. @returns {number[]} */
  #expire() {
    if (this.#from >= this.#first) return [];
    this.#from = this.#first;
    const gone = [...this.#items.keys()].filter((seq) => seq < this.#first);
    for (const seq of gone) this.#items.delete(seq);
    return gone;
  }

  /** @param {Set<number>} touched */
  async #save(touched) {
    /** @type {Map<number, import("../../store/archive.js").ArchivedMessage[] | null>} */
    const segments = new Map([...touched].map((segment) => [segment, null]));
    for (const [seq, item] of this.#items) {
      const segment = segmentOf(seq);
      if (!segments.has(segment)) continue;
      const { text: _again, ...kept } = item;
      segments.set(segment, [...(segments.get(segment) ?? []), kept]);
    }
    /** @type {Mark} */
    const mark = {
      from: this.#from,
      to: this.#to,
      locked: [...this.#locked],
      epochs: this.#epochs,
    };
    await this.#kept.saveArchive(this.#session.id, segments, mark);
  }

  /** @param {number} from @param {number} to @returns {Step} */
  #step(from, to) {
    const inside = [...this.#items.keys()].filter((seq) => seq >= from && seq <= to);
    const later = inside.flatMap((seq) => [...(this.#changes.get(seq) ?? [])]);
    const items = [...new Set([...inside, ...later])]
      .sort((a, b) => a - b)
      .map((seq) => this.#items.get(seq))
      .filter((item) => item !== undefined);
    const said = applyChanges(items).filter(({ kind }) => kind === "message");
    return {
      lines: said.reverse(),
      searched: this.#to - this.#from + 1,
      total: Math.max(0, this.#head - this.#first + 1),
      done: this.#from <= this.#first,
    };
  }
}

/** @param {number} seq */
const segmentOf = (seq) => Math.floor(seq / SEGMENT);

/** The messages that an item changes. @param {Message} item @returns {number[]} */
const targetsOf = ({ content }) => {
  if (!content || content.t === "text" || content.t === "poll") return [];
  const refs = content.t === "delete" ? content.of : [content.of];
  return refs.map(([seq]) => seq);
};
