/** New messages of a room: placed at the end in order, and kept. */

import { isTombstone, sentAt } from "../../crypto/message-row.js";
import { senderOf } from "../counting.js";
import { factOf } from "./decode-message.js";
import { KEPT_PAGE, loadReader, missingFrom } from "./room-history.js";

/** @typedef {import("./decode-message.js").StoredMessage} StoredMessage */
/** @typedef {import("./decode-message.js").DecodedMessage} DecodedMessage */
/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("./types.js").KeptPage} KeptPage */
/** @typedef {import("./types.js").TimelineParts} Parts */

/** Its methods run one after another: the timeline's queue calls them. */
export class IncomingMessages {
  #me;
  #session;
  #parts;

  /**
   * @param {import("../account/account.js").Account} me
   * @param {import("../room/room-session.js").RoomSession} session
   * @param {Parts} parts
   */
  constructor(me, session, parts) {
    this.#me = me;
    this.#session = session;
    this.#parts = parts;
  }

  /** Reads what this browser has kept. @returns {Promise<KeptPage>} */
  async readKept() {
    const { state } = this.#session;
    const rows = await this.#me.store.messages.lastRows(this.#session.id, KEPT_PAGE);
    return { rows, known: await this.#parts.results.of(rows), state };
  }

  /** Shows what this browser has kept, else the newest page. @param {KeptPage} kept */
  async load(kept) {
    const { rows } = kept;
    if (rows.length === 0) return this.loadNewest();
    await recallEarlier(this.#me, this.#session, rows, this.#parts);
    await this.#resetTo(rows, rows[0].seq > 1, kept);
  }

  /** Loads the newest page. It is shown if the end is; what an older window shows stays. */
  async loadNewest() {
    const { history, window, follows } = this.#parts;
    // Read before the answer: another tab may keep what has come since.
    const kept = await this.#me.store.messages.rowsBetween(this.#session.id, 1, window.newest);
    const { newestSeen } = window;
    const page = await history.page("");
    const { messages, first, head } = page;
    const from = messages[0]?.seq ?? 1;
    const lacking = missingFrom(kept, messages, from).filter(({ seq }) => seq <= head);
    const rewound = kept.filter(({ seq }) => seq > head);
    if (!(await this.#check([...lacking, ...rewound], page))) return;
    if (!(await this.#checkAbsent(page, [from, newestSeen]))) return;
    if (rewound.length > 0 || window.hasSeenAfter(head)) window.dropAfter(head);
    if (follows() || window.size === 0 || window.high > head)
      return this.#resetTo(messages, messages.length > 0 && messages[0].seq > first);
    const isApart = window.high < from - 1;
    window.newest = Math.max(window.high, from - 1);
    await this.receive(messages);
    if (isApart) await this.#readChanges();
  }

  /** Applies to what is shown the changes between it and the newest page. */
  async #readChanges() {
    const { decoder, history, window, onItems } = this.#parts;
    const changes = await history.changes([window.low, window.high]);
    onItems(window.place(await decoder.decodeAll(changes)));
  }

  /** See `MissingMessages.checkAbsent`. @param {import("./history-reader.js").HistoryPage} page
   * @param {import("./message-window.js").Span} span */
  async #checkAbsent(page, span) {
    const { window, history, loadMissing } = this.#parts;
    const there = new Set(page.messages.map(({ seq }) => seq));
    if (history.isKept || window.verified(span).every(({ seq }) => there.has(seq))) return true;
    return (await loadMissing()).checkAbsent(page, span);
  }

  /** See `MissingMessages.check`. @param {StoredMessage[]} rows
   * @param {import("./missing-messages.js").Answer} answer */
  async #check(rows, answer) {
    return rows.length === 0 || (await this.#parts.loadMissing()).check(rows, answer);
  }

  /** @param {StoredMessage[]} rows @param {boolean} hasOlder @param {KeptPage} [kept] */
  async #resetTo(rows, hasOlder, kept) {
    const { window, onAnew } = this.#parts;
    const low = rows[0]?.seq ?? 1;
    window.newest = low - 1;
    window.hasOlder = hasOlder;
    onAnew([low, low - 1]);
    await this.receive(rows, kept);
  }

  /** Takes new rows in order. Idempotent. @param {StoredMessage[]} rows
   * @param {KeptPage} [kept] if they are what this browser keeps */
  async receive(rows, kept) {
    const { decoder, history, window, outbox, onItems, onReceived, results, later } = this.#parts;
    let fresh = rows.filter(({ seq }) => seq > window.newest);
    if (fresh.length === 0) return;
    if (hasGaps(fresh, window.newest))
      fresh = await (await loadReader()).fillGaps(history, fresh, window.newest);
    const known = kept && (await this.#knownOf(kept));
    const reads = await decoder.decodeAll(fresh, known);
    // Shown at once: nothing that this browser's storage refuses keeps a message from being seen.
    const items = this.#append(reads);
    onItems(items);
    if (!kept) await this.#keepRows(fresh).catch(() => {}); // the next visit asks for them again
    await noteStored(outbox, reads);
    onReceived(items);
    await this.#replaceDeleted(items).catch(() => {}); // when the room is next opened
    const opened = reads.filter(({ stored }) => !known?.has(stored.seq));
    later(() => results.keep(opened)); // opened again at the next visit, where that fails
  }

  /** The results opened before, where they were opened with the log of now.
   * @param {KeptPage} kept */
  #knownOf({ rows, known, state }) {
    return state === this.#session.state ? known : this.#parts.results.of(rows);
  }

  /** @param {DecodedMessage[]} reads @returns {Message[]} */
  #append(reads) {
    const { window, follows, onDropped } = this.#parts;
    const { items, gone } = window.append(reads, follows());
    onDropped(gone);
    return items;
  }

  /** @param {StoredMessage[]} rows */
  async #keepRows(rows) {
    const { messages } = this.#me.store;
    const standing = rows.filter((row) => !this.#session.hasEnded(sentAt(row)));
    await messages.saveRows(this.#session.id, standing);
    await messages.trimRows(this.#session.id, this.#parts.window.newest);
  }

  /** Replaces deleted messages, which are not kept here either, by what the server still has.
   * @param {Message[]} items */
  async #replaceDeleted(items) {
    for (const item of items) for (const seq of deleted(item)) await this.#replace(seq, item);
  }

  /** @param {number} seq of a message that is shown or kept
   * @param {Message} deletion which counts only by its author or a leader: any member and the server
   *   could take from this browser what others said */
  async #replace(seq, { leads, author }) {
    const { decoder, history, window, onItems } = this.#parts;
    const { messages } = this.#me.store;
    const held = window.get(seq)?.stored;
    const [there] = held ? [held] : await messages.rowsBetween(this.#session.id, seq, seq);
    if (!there || isTombstone(there)) return;
    if (!leads && senderOf(there.h) !== author.uid) return;
    const { row } = await history.one(seq);
    if (!row || !isTombstone(row)) return;
    await messages.saveRows(this.#session.id, [row]);
    if (held) onItems(window.place(await decoder.decodeAll([row])));
  }

  /** Decrypts locked messages again, with keys that came. */
  async retryLocked() {
    const { decoder, window, onItems } = this.#parts;
    const reads = await decoder.decodeAll(window.locked().map(({ stored }) => stored));
    onItems(window.place(reads.filter(({ message }) => message.kind !== "locked")));
  }

  /** Handles a server that seems to have fewer messages than were seen here. */
  async rewound() {
    const { history, window } = this.#parts;
    const { newestSeen } = window;
    const answer = await history.page(`&after=${newestSeen}`, 1);
    const { head } = answer;
    if (head >= newestSeen) return; // a frame that was overtaken
    const { messages } = this.#me.store;
    const kept = await messages.rowsBetween(this.#session.id, head + 1, newestSeen);
    if (!(await this.#check(kept, answer))) return;
    await messages.dropRowsAfter(this.#session.id, head);
    await this.loadNewest();
  }
}

/**
 * Lets the rows that this browser keeps before a gap judge those after it: a server makes a gap where it
 * likes. They are not shown with them.
 * @param {import("../account/account.js").Account} me
 * @param {import("../room/room-session.js").RoomSession} session
 * @param {StoredMessage[]} rows the newest ones that are kept, without a gap, at least one
 * @param {Pick<Parts, "decoder" | "results">} parts
 */
export async function recallEarlier(me, session, rows, { decoder, results }) {
  const [{ seq }] = rows;
  if (seq === 1 || rows.length >= KEPT_PAGE) return;
  const { messages } = me.store;
  const earlier = await messages.rowsBefore(session.id, seq, KEPT_PAGE - rows.length);
  const reads = await decoder.decodeAll(earlier, await results.of(earlier));
  session.seen.note(reads.map(factOf));
}

/** Tells the outbox of rows that are placed. What it cannot note is sent again with the same bytes, and
 * noted when the server answers.
 * @param {import("./timeline-model.js").OutboxWatch} outbox @param {DecodedMessage[]} reads */
export async function noteStored(outbox, reads) {
  for (const read of reads) await outbox.stored(read).catch(() => {});
}

/** Tells whether rows do not follow a number one by one. @param {StoredMessage[]} rows
 * @param {number} after seq */
const hasGaps = (rows, after) => rows.some(({ seq }, at) => seq !== after + 1 + at);

/** The messages that an item deletes. @param {Message} item @returns {number[]} */
const deleted = ({ content }) => (content?.t === "delete" ? content.of.map(([seq]) => seq) : []);
