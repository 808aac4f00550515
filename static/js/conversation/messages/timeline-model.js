/** A room's loaded messages in order: a window that grows at both ends and marks gaps. */

import { checkStoredMessage, isTombstone } from "../../crypto/message.js";
import { MessageOrder } from "../../crypto/order.js";
import { TaskQueue } from "../queue.js";
import { MessageDecoder, refusedMessage } from "./decode-message.js";
import { missingFrom } from "./lost-messages.js";
import { MissingMessages } from "./missing-messages.js";

/** @typedef {import("./decode-message.js").StoredMessage} StoredMessage */
/** @typedef {import("./decode-message.js").DecodedMessage} DecodedMessage */
/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("../../crypto/order.js").Verdict} Verdict */
/**
 * @typedef {object} OutboxWatch the outbox, which knows what the server has acknowledged
 * @property {(read: DecodedMessage) => Promise<void>} stored told of every row that is placed
 * @property {() => number[]} expected seqs of messages that were acknowledged and not yet seen
 * @property {(seq: number) => number} sealedAt when one of these was sealed, ms
 */

const PAGE = 50;
const LARGE_PAGE = 200;
const AROUND = 20; // messages before a requested one

/** Events: `items` (added or changed; detail is a list), `reset` (discard everything shown), `lost`
 * (`lost` has changed). */
export class TimelineModel extends EventTarget {
  #me;
  #session;
  #decoder;
  #outbox;
  #order = new MessageOrder();
  /** @type {Map<number, DecodedMessage>} by seq */
  #decoded = new Map();
  #missing;
  #queue = new TaskQueue();
  #oldest = 1;
  #newest = 0;
  /** @type {boolean} */
  hasOlder = false;

  /**
   * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {OutboxWatch} watch
   */
  constructor(me, session, watch) {
    super();
    this.#me = me;
    this.#session = session;
    this.#decoder = new MessageDecoder(me, session);
    this.#outbox = watch;
    this.#missing = new MissingMessages(me, session, this.#decoder);
  }

  /** Messages of others that the server no longer has, in batches. */
  get lost() {
    return this.#missing.batches;
  }

  /** The last number without a gap before it. */
  get newest() {
    return this.#newest;
  }

  /** The newest message held, for the next header. */
  get highest() {
    return this.#order.highest;
  }

  /** Loads the cached messages, else the newest page. */
  load() {
    return this.#queue.add(async () => {
      await this.#missing.load();
      const kept = await this.#me.store.messages.lastRows(this.#session.id, PAGE);
      if (kept.length > 0) await this.#resetTo(kept, kept[0].seq > 1);
      else await this.#loadNewest();
      await this.#checkAcknowledged(this.#outbox.expected());
    });
  }

  /** Starts again from the newest page, because too much was missed. */
  reload() {
    return this.#queue.add(() => this.#loadNewest());
  }

  async #loadNewest() {
    // Read before the request: another tab may cache newer messages meanwhile.
    const kept = await this.#me.store.messages.rowsBetween(this.#session.id, 1, this.#newest);
    const { messages, first, head } = await this.#fetch("");
    const from = messages[0]?.seq ?? 1;
    const lacking = missingFrom(kept, messages, from).filter(({ seq }) => seq <= head);
    const rewound = kept.filter(({ seq }) => seq > head);
    if (!(await this.#checkMissing([...lacking, ...rewound], { first, messages }))) return;
    await this.#resetTo(messages, messages.length > 0 && messages[0].seq > first);
  }

  /** @param {StoredMessage[]} rows @param {boolean} hasOlder */
  async #resetTo(rows, hasOlder) {
    this.#oldest = rows[0]?.seq ?? 1;
    this.#newest = this.#oldest - 1;
    this.#order = new MessageOrder(this.#newest);
    this.#decoded.clear();
    this.hasOlder = hasOlder;
    this.dispatchEvent(new Event("reset"));
    await this.#receive(rows);
  }

  /** @param {string} query @param {number} [limit] */
  async #fetch(query, limit = PAGE) {
    const { id } = this.#session;
    const page = await this.#me.api.get(`chatrooms/${id}/messages?limit=${limit}${query}`);
    for (const row of page.messages) checkStoredMessage(row);
    return page;
  }

  /** Adds new rows in order. Idempotent. @param {StoredMessage[]} rows */
  receive(rows) {
    return this.#queue.add(() => this.#receive(rows));
  }

  /** @param {StoredMessage[]} rows */
  async #receive(rows) {
    let fresh = rows.filter(({ seq }) => seq > this.#newest);
    if (fresh.length === 0) return;
    fresh = await this.#fillGaps(fresh);
    const reads = await Promise.all(fresh.map((row) => this.#decoder.decode(row)));
    const items = reads.map((read) => this.#append(read));
    for (const read of reads) await this.#outbox.stored(read);
    await this.#me.store.messages.saveRows(this.#session.id, fresh);
    await this.#me.store.messages.trimRows(this.#session.id, this.#newest);
    this.#emitItems(items);
    await this.#replaceDeleted(items).catch(() => {}); // when the room is next opened
  }

  /** Replaces deleted messages by the tombstones that the server still has.
   * @param {Message[]} items */
  async #replaceDeleted(items) {
    for (const seq of items.flatMap(deleted)) {
      const held = this.#decoded.get(seq);
      if (!held || isTombstone(held.stored)) continue;
      const { messages } = await this.#fetch(`&after=${seq - 1}`, 1);
      if (messages[0]?.seq !== seq || !isTombstone(messages[0])) continue;
      await this.#me.store.messages.saveRows(this.#session.id, messages);
      this.#emitItems(this.#merge([await this.#decoder.decode(messages[0])]));
    }
  }

  /** Fetches messages missing among new rows; those that the server lacks stay gaps.
   * @param {StoredMessage[]} rows ascending @returns {Promise<StoredMessage[]>} */
  async #fillGaps(rows) {
    const all = new Map(rows.map((row) => [row.seq, row]));
    const last = /** @type {StoredMessage} */ (rows.at(-1)).seq;
    for (let seq = this.#newest + 1; seq < last; seq += 1) {
      if (all.has(seq)) continue;
      const { messages } = await this.#fetch(`&after=${seq - 1}`);
      for (const row of messages) all.set(row.seq, row);
      if (messages.length === 0) break;
      seq = messages[0].seq;
    }
    return [...all.values()].sort((a, b) => a.seq - b.seq);
  }

  /** Appends a row. @param {DecodedMessage} read @returns {Message} */
  #append(read) {
    const { stored: row, id, header, good } = read;
    this.#newest = row.seq;
    this.#decoded.set(row.seq, read);
    if (good && header) return withVerdict(read, this.#order.add({ seq: row.seq, id, header }));
    const missing = this.#order.addRefused(row.seq, id, header);
    return withVerdict(read, { accepted: false, missing, otherView: false });
  }

  /** @param {Message[]} items */
  #emitItems(items) {
    if (items.length > 0) this.dispatchEvent(new CustomEvent("items", { detail: items }));
  }

  /** Loads a page of older messages; a large one on the way to a requested message.
   * @param {number} [until] its seq */
  older(until = this.#oldest) {
    return this.#queue.add(async () => {
      if (!this.hasOlder) return;
      const limit = Math.min(LARGE_PAGE, Math.max(PAGE, this.#oldest - until + AROUND));
      const { messages, first } = await this.#fetch(`&before=${this.#oldest}`, limit);
      const oldest = messages[0]?.seq ?? this.#oldest;
      const hasOlder = messages.length > 0 && oldest > first;
      const from = hasOlder ? oldest : 1;
      const kept = await this.#me.store.messages.rowsBetween(
        this.#session.id,
        from,
        this.#oldest - 1,
      );
      const lacking = missingFrom(kept, messages, from);
      if (!(await this.#checkMissing(lacking, { first, messages }))) {
        this.hasOlder = false;
        return;
      }
      const reads = await Promise.all(
        messages.map((/** @type {StoredMessage} */ row) => this.#decoder.decode(row)),
      );
      [this.#oldest, this.hasOlder] = [oldest, hasOlder];
      for (const read of reads) await this.#outbox.stored(read);
      this.#emitItems(this.#merge(reads));
    });
  }

  /** Verifies rows at any position. Verdicts on other rows may change, too.
   * @param {DecodedMessage[]} reads @returns {Message[]} */
  #merge(reads) {
    if (reads.length === 0) return [];
    for (const read of reads) this.#decoded.set(read.stored.seq, read);
    const verdicts = this.#order.merge(
      reads.map(({ stored: { seq }, id, header, good }) =>
        good && header
          ? { seq, id, header }
          : { seq, id, header, held: /** @type {true} */ (true) },
      ),
    );
    const held = reads.filter(({ good }) => !good).map(({ message: item }) => item);
    const changed = [...verdicts].map(([seq, verdict]) =>
      withVerdict(/** @type {DecodedMessage} */ (this.#decoded.get(seq)), verdict),
    );
    return [...held, ...changed];
  }

  /** Decrypts locked messages again, with keys that came. */
  retryLocked() {
    return this.#queue.add(async () => {
      const locked = [...this.#decoded.values()].filter(
        ({ message: item }) => item.kind === "locked",
      );
      const reads = await Promise.all(locked.map(({ stored: row }) => this.#decoder.decode(row)));
      this.#emitItems(this.#merge(reads.filter(({ message: item }) => item.kind !== "locked")));
    });
  }

  // --- acknowledged and missing --------------------------------------------------------------------

  /** Checks that acknowledged messages are at their numbers in the loaded window. */
  checkAcknowledged() {
    return this.#queue.add(() =>
      this.#checkAcknowledged(this.#outbox.expected().filter((seq) => seq <= this.#newest)),
    );
  }

  /** Checks that the user's acknowledged messages are at their numbers, also outside the window.
   * @param {number[]} seqs */
  async #checkAcknowledged(seqs) {
    for (const seq of seqs) {
      const here = this.#decoded.get(seq);
      if (here) {
        await this.#outbox.stored(here);
        continue;
      }
      const { messages, first } = await this.#fetch(`&after=${seq - 1}`, 1);
      if (messages[0]?.seq === seq)
        await this.#outbox.stored(await this.#decoder.decode(messages[0]));
      else await this.#missing.checkOwn(seq, this.#outbox.sealedAt(seq), { first, messages });
    }
  }

  /** Tells whether earlier messages than the first one here have expired. */
  get startsLate() {
    return !this.hasOlder && this.#oldest > 1;
  }

  /**
   * Handles a server that seems to have fewer messages than were seen here. If one of the user's
   * own is gone, it cheats or restored an old copy; messages of others stay readable and are marked
   * as lost. A closed room's messages stay as they are.
   */
  rewound() {
    return this.#queue.add(async () => {
      const answer = await this.#fetch(`&after=${this.#newest}`, 1);
      const { head, first } = answer;
      if (head >= this.#newest) return; // an outdated frame
      const { id } = this.#session;
      const kept = await this.#me.store.messages.rowsBetween(id, head + 1, this.#newest);
      if (!(await this.#checkMissing(kept, { first, messages: answer.messages }))) return;
      await this.#me.store.messages.dropRowsAfter(id, head);
      await this.#loadNewest();
    });
  }

  /**
   * Checks cached messages that the server does not return.
   * @param {StoredMessage[]} rows in order of seq
   * @param {import("./missing-messages.js").Answer} answer
   * @returns {Promise<boolean>} whether to go on with what the server has
   */
  async #checkMissing(rows, answer) {
    const result = await this.#missing.check(rows, answer);
    if (result === "lost") this.dispatchEvent(new Event("lost"));
    return result !== "stop";
  }
}

/** The messages that an item deletes. @param {Message} item @returns {number[]} */
const deleted = ({ content }) => (content?.t === "delete" ? content.of.map(([seq]) => seq) : []);

/** @param {DecodedMessage} read @param {Verdict} verdict @returns {Message} */
const withVerdict = ({ stored: row, message: item }, { accepted, missing, otherView }) =>
  accepted ? { ...item, gap: missing, otherView } : { ...refusedMessage(row), gap: missing };
