/** A room's messages in order, a window of them: it moves anywhere, and shows its gaps. */

import { isTombstone } from "../../crypto/message.js";
import { loadCode } from "../load-code.js";
import { TaskQueue } from "../queue.js";
import { MessageDecoder } from "./decode-message.js";
import { fillGaps, HistoryReader, LARGE_PAGE, missingFrom, PAGE } from "./history-reader.js";
import { KeptResults } from "./kept-results.js";
import { MessageWindow } from "./message-window.js";
import { MissingMessages } from "./missing-messages.js";

/** @typedef {import("./decode-message.js").StoredMessage} StoredMessage */
/** @typedef {import("./decode-message.js").DecodedMessage} DecodedMessage */
/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("./history-reader.js").HistoryPage} HistoryPage */
/** @typedef {import("./message-window.js").Span} Span */
/**
 * @typedef {object} OutboxWatch the outbox, which knows what the server has acknowledged
 * @property {(read: DecodedMessage) => Promise<void>} stored told of every row that is placed
 * @property {() => number[]} expected seqs of messages that were acknowledged and not yet seen
 * @property {(seq: number) => number} sealedAt when one of these was sealed, ms
 */

/** Parts that few visits need. */
const loadFindTime = () => loadCode(() => import("./find-time.js"));
const loadKeptHistory = () => loadCode(() => import("./kept-history.js"));

const MOST_SHOWN = 300; // messages; what is further off goes, and comes back when it is needed

/**
 * Events: `items` (added or changed; detail is a list), `dropped` (detail: seqs that are not held any
 * more), `received` (new messages, whether or not they are shown; detail is a list), `reset` (all
 * that was shown is void), `lost` (`lost` has changed).
 */
export class TimelineModel extends EventTarget {
  #me;
  #session;
  #decoder;
  #outbox;
  #server;
  /** @type {import("./kept-history.js").KeptHistory | null} */
  #kept = null;
  #results;
  #window = new MessageWindow();
  #missing;
  #queue = new TaskQueue();
  #newest = 0;
  /** @type {boolean} */
  hasOlder = false;
  /** Tells whether the reader stands at the newest message, and goes on with what comes. */
  isFollowing = () => true;

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
    this.#server = new HistoryReader(me, session.id);
    this.#results = new KeptResults(me, session);
    this.#missing = new MissingMessages(me, session, {
      decoder: this.#decoder,
      window: this.#window,
      outbox: watch,
      reader: () => this.#reader(),
    });
  }

  /** The server's pages; those of this browser where the server gives none. */
  async #reader() {
    if (!this.#session.isOut) return this.#server;
    const { KeptHistory } = await loadKeptHistory();
    this.#kept ??= new KeptHistory(this.#me, this.#session.id);
    return this.#kept;
  }

  /** @param {string} query @param {number} [limit] @returns {Promise<HistoryPage>} */
  async #page(query, limit) {
    return (await this.#reader()).page(query, limit);
  }

  /** @param {number} seq */
  async #one(seq) {
    return (await this.#reader()).one(seq);
  }

  /** Messages of others that the server no longer has, in batches. */
  get lost() {
    return this.#missing.batches;
  }

  /** The last number up to which nothing is missing. */
  get newest() {
    return this.#newest;
  }

  /** The newest message held, for the next header. */
  get highest() {
    return this.#window.highest;
  }

  /** Tells whether a number is among those that are shown. @param {number} seq */
  shows(seq) {
    return this.#window.shows(seq);
  }

  /** Tells whether there are later messages than those that are shown. */
  get hasNewer() {
    return this.#window.high < this.#newest;
  }

  /** Tells whether the first message here is not the room's first: earlier ones have expired. */
  get startsLate() {
    return !this.hasOlder && this.#window.low > 1;
  }

  // --- the window ------------------------------------------------------------------------------

  /**
   * Loads what this browser has kept, else the newest page; then, if there is something unread, shows
   * the messages around the first of it.
   * @param {number} [unread] seq of the first unread message, 0 for none
   */
  load(unread = 0) {
    return this.#queue.add(async () => {
      await this.#missing.load();
      const kept = await this.#me.store.messages.lastRows(this.#session.id, PAGE);
      if (kept.length > 0) await this.#resetTo(kept, kept[0].seq > 1, { kept: true });
      else await this.#loadNewest();
      // Without an answer what was kept is shown, and what was missed follows it later.
      if (unread > 0 && !this.shows(unread)) await this.#goTo(`&around=${unread}`).catch(() => {});
      await this.#missing.checkAcknowledged(this.#outbox.expected());
    });
  }

  /** Starts again from the newest page, because too much was missed. What an older window shows
   * stays. */
  reload() {
    return this.#queue.add(() => this.#loadNewest());
  }

  /**
   * Shows the messages around one, wherever it is.
   * @param {number} seq
   * @returns {Promise<boolean>} whether it is there
   */
  goTo(seq) {
    return this.#queue.add(async () => {
      if (!this.shows(seq)) await this.#goTo(`&around=${seq}`);
      return this.#window.get(seq) !== undefined && this.shows(seq);
    });
  }

  /**
   * Shows the messages around the first one of a time. The server names it; where the times that the
   * senders signed contradict it, it is found by halving.
   * @param {number} at ms
   * @returns {Promise<number>} its seq; that of the newest one if none is so late, 0 in an empty room
   */
  goToTime(at) {
    return this.#queue.add(async () => {
      const { firstSince, isBorneOut } = await loadFindTime();
      const page = await this.#goTo(`&at=${at}`);
      const shownAt = (/** @type {number} */ seq) => this.#window.get(seq)?.message.ts ?? 0;
      if (page.around === 0 || isBorneOut(page, at, shownAt)) return page.around;
      const seq = await firstSince(page, at, (middle) => this.#readTime(middle));
      if (!this.shows(seq)) await this.#goTo(`&around=${seq}`);
      return seq;
    });
  }

  /**
   * Reads a message wherever it is, with all later changes that the server names, and judges them
   * by all that was seen. What is shown stays.
   * @param {number} seq
   * @returns {Promise<Message[]>} in order of seq
   */
  read(seq) {
    return this.#queue.add(async () => {
      const page = await this.#page(`&around=${seq}`, 1);
      if (page.messages[0]?.seq !== seq) return [];
      const reads = await this.#decode([...page.messages, ...page.changes]);
      const items = this.#window.place(reads, [seq, seq]);
      this.#show(this.#window.low, this.#window.high);
      this.#emitItems(items);
      const here = new Set(reads.map(({ stored }) => stored.seq));
      return items.filter((item) => here.has(Number(item.seq)));
    });
  }

  /** Shows the newest messages. */
  goToNewest() {
    return this.#queue.add(async () => {
      if (this.hasNewer) await this.#goTo(`&before=${this.#newest + 1}`);
    });
  }

  /** Adds a page of older messages. */
  older() {
    return this.#queue.add(async () => {
      if (!this.hasOlder) return;
      const { low, high } = this.#window;
      const page = await this.#page(`&before=${low}`, LARGE_PAGE);
      const from = page.messages[0]?.seq ?? low;
      const hasOlder = from < low && from > page.first;
      const shown = /** @type {Span} */ ([from, Math.min(high, from + MOST_SHOWN - 1)]);
      const how = { shown, hasOlder, since: hasOlder ? from : 1 };
      if (!(await this.#takePage(page, [from, low - 1], how))) this.hasOlder = false;
    });
  }

  /** Adds a page of later messages. */
  newer() {
    return this.#queue.add(async () => {
      if (!this.hasNewer) return;
      const { low, high } = this.#window;
      const page = await this.#page(`&after=${high}`, LARGE_PAGE);
      const messages = page.messages.filter(({ seq }) => seq <= this.#newest);
      const to = messages.at(-1)?.seq ?? this.#newest;
      const shown = /** @type {Span} */ ([Math.max(low, to - MOST_SHOWN + 1), to]);
      const hasOlder = this.hasOlder || shown[0] > low;
      await this.#takePage({ ...page, messages }, [high + 1, to], { shown, hasOlder });
    });
  }

  /** @param {string} query @returns {Promise<HistoryPage>} */
  async #goTo(query) {
    const page = await this.#page(query, LARGE_PAGE);
    const [low, high] = spanOf(page);
    if (high === 0) return page;
    const grows = low <= this.#newest + 1 && high > this.#newest;
    const how = {
      anew: true,
      shown: /** @type {Span} */ ([low, high]),
      hasOlder: low > page.first,
    };
    if (!(await this.#takePage(page, [low, high], { ...how, newest: grows ? high : 0 })))
      return page;
    if (grows) await this.#me.store.messages.saveRows(this.#session.id, page.messages);
    return page;
  }

  /**
   * Takes a page, after what was kept here is compared with it.
   * @param {HistoryPage} page
   * @param {Span} span the numbers that it answers for
   * @param {object} how
   * @param {Span} how.shown what is shown then
   * @param {boolean} how.hasOlder whether there is more before it
   * @param {boolean} [how.anew] whether the page takes the place of all that is shown
   * @param {number} [how.since] from which number on the server has nothing else
   * @param {number} [how.newest] up to which number nothing is missing then
   * @returns {Promise<boolean>} whether it is taken: not if the room stops here
   */
  async #takePage(page, span, { shown, hasOlder, anew = false, since = span[0], newest = 0 }) {
    const { id } = this.#session;
    const kept = await this.#me.store.messages.rowsBetween(id, since, span[1]);
    if (!(await this.#checkMissing(missingFrom(kept, page.messages, since), page))) return false;
    if (!(await this.#missing.checkAbsent(page, span))) return false;
    const forgotten = await this.#missing.forgottenChanges(span, page);
    const reads = await this.#decode([...page.messages, ...page.changes, ...forgotten]);
    if (this.#missing.contradicts(reads, page)) return false;
    this.hasOlder = hasOlder;
    this.#newest = Math.max(this.#newest, newest);
    if (anew) this.#startAnew(shown);
    const items = this.#window.place(reads, span[0] > span[1] ? undefined : span);
    this.#show(...shown);
    for (const read of reads) await this.#outbox.stored(read);
    this.#emitItems(items);
    return true;
  }

  /** @param {Span} span */
  #startAnew([low, high]) {
    this.#window.show(low, high);
    this.dispatchEvent(new Event("reset"));
    this.#emitItems(this.#window.items());
  }

  /** @param {number} low @param {number} high */
  #show(low, high) {
    const gone = this.#window.show(low, high);
    this.dispatchEvent(new CustomEvent("dropped", { detail: gone }));
  }

  /** @param {number} seq @returns {Promise<number>} ms; 0 if it is not there or cannot be verified */
  async #readTime(seq) {
    const { row } = await this.#one(seq);
    return row ? (await this.#decoder.decode(row)).message.ts : 0;
  }

  // --- what comes ------------------------------------------------------------------------------

  async #loadNewest() {
    // Read before the answer: another tab may keep what has come since.
    const kept = await this.#me.store.messages.rowsBetween(this.#session.id, 1, this.#newest);
    const page = await this.#page("");
    const { messages, first, head } = page;
    const from = messages[0]?.seq ?? 1;
    const lacking = missingFrom(kept, messages, from).filter(({ seq }) => seq <= head);
    const rewound = kept.filter(({ seq }) => seq > head);
    if (!(await this.#checkMissing([...lacking, ...rewound], page))) return;
    if (rewound.length > 0 || head < this.#newest) this.#window.dropAfter(head);
    if (this.isFollowing() || this.#window.size === 0 || this.#window.high > head)
      return this.#resetTo(messages, messages.length > 0 && messages[0].seq > first);
    this.#newest = Math.max(this.#window.high, from - 1);
    await this.#receive(messages);
  }

  /** @param {StoredMessage[]} rows @param {boolean} hasOlder
   * @param {{kept?: boolean}} [from] */
  async #resetTo(rows, hasOlder, from) {
    const low = rows[0]?.seq ?? 1;
    this.#newest = low - 1;
    this.hasOlder = hasOlder;
    this.#startAnew([low, low - 1]);
    await this.#receive(rows, from);
  }

  /** Takes new rows in order. Idempotent. @param {StoredMessage[]} rows */
  receive(rows) {
    return this.#queue.add(() => this.#receive(rows));
  }

  /** @param {StoredMessage[]} rows
   * @param {{kept?: boolean}} [from] whether they are what this browser keeps */
  async #receive(rows, { kept = false } = {}) {
    let fresh = rows.filter(({ seq }) => seq > this.#newest);
    if (fresh.length === 0) return;
    fresh = await fillGaps(await this.#reader(), fresh, this.#newest);
    const known = kept ? await this.#results.of(fresh) : undefined;
    const reads = await this.#decode(fresh, known);
    const items = this.#append(reads);
    for (const read of reads) await this.#outbox.stored(read);
    if (!kept) await this.#keepRows(fresh);
    this.#emitItems(items);
    this.dispatchEvent(new CustomEvent("received", { detail: items }));
    await this.#replaceDeleted(items).catch(() => {}); // when the room is next opened
    const opened = reads.filter(({ stored }) => !known?.has(stored.seq));
    await this.#results.keep(opened).catch(() => {}); // opened again at the next visit
  }

  /** @param {StoredMessage[]} rows */
  async #keepRows(rows) {
    const { messages } = this.#me.store;
    await messages.saveRows(this.#session.id, rows);
    await messages.trimRows(this.#session.id, this.#newest);
  }

  /** Puts rows at the end. They are shown if the end is: where that is too much, the reader who
   * follows loses the oldest ones, and others keep what they read.
   * @param {DecodedMessage[]} reads @returns {Message[]} */
  #append(reads) {
    const { low, high } = this.#window;
    const first = this.#newest + 1;
    const last = reads[reads.length - 1].stored.seq;
    const whole = reads.length === last - first + 1;
    const atEnd = !this.hasNewer;
    this.#newest = last;
    const items = this.#window.place(reads, whole ? undefined : [first, last]);
    const grows = atEnd && (this.isFollowing() || last - low < MOST_SHOWN);
    const from = grows ? Math.max(low, last - MOST_SHOWN + 1) : low;
    this.hasOlder ||= from > low;
    this.#show(from, grows ? last : high);
    return items;
  }

  /** @param {StoredMessage[]} rows
   * @param {Map<number, import("../../crypto/open-message.js").OpenedMessage>} [known] by seq */
  #decode(rows, known) {
    return Promise.all(rows.map((row) => this.#decoder.decode(row, known?.get(row.seq))));
  }

  /** Replaces deleted messages, which are not kept here either, by what the server still has.
   * @param {Message[]} items */
  async #replaceDeleted(items) {
    for (const seq of items.flatMap(deleted)) {
      const held = this.#window.get(seq);
      if (!held || isTombstone(held.stored)) continue;
      const { row } = await this.#one(seq);
      if (!row || !isTombstone(row)) continue;
      await this.#me.store.messages.saveRows(this.#session.id, [row]);
      this.#emitItems(this.#window.place(await this.#decode([row])));
    }
  }

  /** @param {Message[]} items */
  #emitItems(items) {
    const detail = items.filter(({ seq }) => this.#window.get(Number(seq)));
    if (detail.length > 0) this.dispatchEvent(new CustomEvent("items", { detail }));
  }

  /** Decrypts locked messages again, with keys that came. */
  retryLocked() {
    return this.#queue.add(async () => {
      const reads = await this.#decode(this.#window.locked().map(({ stored }) => stored));
      const opened = reads.filter(({ message }) => message.kind !== "locked");
      this.#emitItems(this.#window.place(opened));
    });
  }

  // --- acknowledged and missing --------------------------------------------------------------------

  /** Checks that acknowledged messages are at their numbers, within what is loaded. */
  checkAcknowledged() {
    return this.#queue.add(() =>
      this.#missing.checkAcknowledged(this.#outbox.expected().filter((seq) => seq <= this.#newest)),
    );
  }

  /**
   * Handles a server that seems to have fewer messages than were seen here. If one of the user's
   * own is gone, it cheats or restored an old copy; messages of others stay readable and are marked
   * as lost. A closed room's messages stay as they are.
   */
  rewound() {
    return this.#queue.add(async () => {
      const answer = await this.#page(`&after=${this.#newest}`, 1);
      const { head } = answer;
      if (head >= this.#newest) return; // a frame that was overtaken
      const { id } = this.#session;
      const kept = await this.#me.store.messages.rowsBetween(id, head + 1, this.#newest);
      if (!(await this.#checkMissing(kept, answer))) return;
      await this.#me.store.messages.dropRowsAfter(id, head);
      await this.#loadNewest();
    });
  }

  /**
   * Checks messages that were kept here and that the server does not return.
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

/** The numbers that a page answers for: the one in its middle was asked for, whether it came or not.
 * @param {HistoryPage} page @returns {Span} */
function spanOf({ messages, around, first, head }) {
  const seqs = messages.map(({ seq }) => seq);
  if (around >= Math.max(first, 1) && around <= head) seqs.push(around);
  return [Math.min(...seqs), Math.max(0, ...seqs)];
}
