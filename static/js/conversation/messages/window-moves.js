/** Moves the window of a room's timeline: to a message, to a time, to older and later ones. */

import { sentAt } from "../../crypto/message-row.js";
import { loadCode } from "../load-code.js";
import { spanOf } from "./history-reader.js";
import { noteStored } from "./incoming-messages.js";
import { KEPT_PAGE, LARGE_PAGE, missingFrom, PAGE } from "./room-history.js";

/** @typedef {import("./decode-message.js").DecodedMessage} DecodedMessage */
/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("./history-reader.js").HistoryPage} HistoryPage */
/** @typedef {import("./message-window.js").Span} Span */
/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */
/**
 * @typedef {Pick<import("./incoming-messages.js").Parts, "decoder" | "history" | "window"
 *   | "loadMissing" | "outbox" | "results" | "later" | "onAnew" | "onItems">} SharedParts
 * @typedef {SharedParts & {onShow: (span: Span) => void, onRewound: () => Promise<void>}} Parts of the
 *   timeline; `onShow` shows these numbers, and keeps what is held of them; `onRewound` handles a server
 *   that seems to have fewer messages than were seen
 */

/** Few visits need it. */
const loadFindTime = () => loadCode(() => import("./find-time.js"));

/** Its methods run one after another: the timeline's queue calls them. */
export class WindowMoves {
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

  /** Shows the messages around one, unless it is shown. @param {number} seq */
  async goTo(seq) {
    if (!this.#parts.window.shows(seq)) await this.#goTo(`&around=${seq}`);
  }

  /** See `TimelineModel.read`. @param {number} seq @returns {Promise<Message[]>} */
  async read(seq) {
    const { window, onItems, onShow } = this.#parts;
    const { page } = await this.#page(`&around=${seq}`, 1);
    if (page.around !== seq) return [];
    const reads = await this.#verified(page, [seq, seq], seq);
    if (!reads || page.messages.length === 0) return [];
    const items = window.place(reads, [seq, seq]);
    onShow([window.low, window.high]);
    onItems(items);
    const here = new Set(reads.map(({ stored }) => stored.seq));
    return items.filter((item) => here.has(Number(item.seq)));
  }

  /** See `TimelineModel.goToTime`. @param {number} at ms @returns {Promise<number>} */
  async goToTime(at) {
    const { firstSince, isBorneOut } = await loadFindTime();
    const page = await this.#goTo(`&at=${at}`);
    const shownAt = (/** @type {number} */ seq) => this.#parts.window.get(seq)?.message.ts ?? 0;
    if (page.around === 0 || isBorneOut(page, at, shownAt)) return page.around;
    const seq = await firstSince(page, at, (middle) => this.#readTime(middle));
    await this.goTo(seq);
    return seq;
  }

  /** Shows the newest messages: those that this browser keeps, as when a room is opened, else the
   * server's. */
  async goToNewest() {
    const { hasNewer, newest } = this.#parts.window;
    if (!hasNewer || (await this.#showKept(newest))) return;
    await this.#goTo(`&before=${newest + 1}`);
  }

  /** @param {number} newest seq that came @returns {Promise<boolean>} false if it is not kept */
  async #showKept(newest) {
    const { decoder, window, results, onAnew, onItems, onShow } = this.#parts;
    const rows = await this.#me.store.messages.lastRows(this.#session.id, KEPT_PAGE);
    if (rows.at(-1)?.seq !== newest) return false;
    const reads = await decoder.decodeAll(rows, await results.of(rows));
    const span = /** @type {Span} */ ([rows[0].seq, newest]);
    window.hasOlder = span[0] > 1;
    onAnew(span);
    const items = window.place(reads, span);
    onShow(span);
    onItems(items);
    return true;
  }

  /** Adds a page of older messages. @param {boolean} few only as many as a view lacks */
  async older(few) {
    const { window } = this.#parts;
    if (!window.hasOlder) return;
    const { low } = window;
    const { page, rewound } = await this.#page(`&before=${low}`, few ? PAGE : LARGE_PAGE);
    if (rewound) return;
    const from = page.messages[0]?.seq ?? low;
    const hasOlder = from < low && from > page.first;
    const shown = window.spanFrom(from);
    const how = { shown, hasOlder, since: hasOlder ? from : 1 };
    if (!(await this.#takePage(page, [from, low - 1], how))) window.hasOlder = false;
  }

  /** Adds a page of later messages. */
  async newer() {
    const { window } = this.#parts;
    if (!window.hasNewer) return;
    const { low, high, newest } = window;
    const { page, rewound } = await this.#page(`&after=${high}`, LARGE_PAGE);
    if (rewound) return;
    const messages = page.messages.filter(({ seq }) => seq <= newest);
    const to = messages.at(-1)?.seq ?? newest;
    const shown = window.spanUpTo(to);
    const hasOlder = window.hasOlder || shown[0] > low;
    await this.#takePage({ ...page, messages }, [high + 1, to], { shown, hasOlder });
  }

  /**
   * Reads a page. Where the server has fewer messages than were seen before it was asked, this is handled
   * first.
   * @param {string} query @param {number} limit
   * @returns {Promise<{page: HistoryPage, rewound: boolean}>}
   */
  async #page(query, limit) {
    const { window, history, onRewound } = this.#parts;
    const { newestSeen } = window;
    const page = await history.page(query, limit);
    const rewound = page.head < newestSeen && !history.isKept;
    if (rewound) await onRewound();
    return { page, rewound };
  }

  /** @param {string} query @returns {Promise<HistoryPage>} */
  async #goTo(query) {
    const { page } = await this.#page(query, LARGE_PAGE);
    if (this.#session.frozen) return page;
    const [low, high] = spanOf(page);
    if (high === 0) return page;
    if (page.messages.length === 0) return this.#stay(page, [low, high]);
    const { newest } = this.#parts.window;
    const grows = low <= newest + 1 && high > newest;
    const hasOlder = low > page.first;
    const how = {
      anew: true,
      shown: /** @type {Span} */ ([low, high]),
      hasOlder,
      since: hasOlder ? low : 1,
    };
    await this.#takePage(page, [low, high], { ...how, newest: grows ? high : 0 });
    return page;
  }

  /** Takes a page on which the server has nothing: what is shown stays, and lacks these numbers if it
   * had them. @param {HistoryPage} page @param {Span} span */
  async #stay(page, span) {
    const { low, high, hasOlder } = this.#parts.window;
    await this.#takePage(page, span, { shown: [low, high], hasOlder });
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
    const { window, outbox, later, onAnew, onItems, onShow } = this.#parts;
    const reads = await this.#verified(page, span, since);
    if (!reads) return false;
    window.hasOlder = hasOlder;
    window.newest = Math.max(window.newest, newest);
    if (anew) onAnew(shown);
    const items = window.place(reads, span[0] > span[1] ? undefined : span);
    onShow(shown);
    onItems(items);
    later(() => this.#keep(reads)); // asked for again at the next visit, where that fails
    await noteStored(outbox, reads);
    return true;
  }

  /**
   * Opens a page, and compares it with what was kept here and verified.
   * @param {HistoryPage} page @param {Span} span the numbers that it answers for
   * @param {number} since from which number on the server has nothing else
   * @returns {Promise<DecodedMessage[] | null>} null if the room stops here
   */
  async #verified(page, span, since) {
    const missing = await this.#parts.loadMissing();
    const { id } = this.#session;
    const kept = await this.#me.store.messages.rowsBetween(id, since, span[1]);
    if (!(await missing.check(missingFrom(kept, page.messages, since), page))) return null;
    if (!(await missing.checkAbsent(page, span))) return null;
    const forgotten = await missing.forgottenChanges(span, page);
    const reads = await this.#open(page, forgotten, kept);
    return missing.contradicts(reads, page) ? null : reads;
  }

  /** Keeps what was read, as on arrival: later answers are compared with it, and it stays readable where
   * the server takes it back. What is not valid by itself is not worth it.
   * @param {DecodedMessage[]} reads */
  async #keep(reads) {
    const { window } = this.#parts;
    const rows = reads
      .filter((read) => read.good && !window.contradicted(read))
      .filter(({ stored }) => !this.#session.hasEnded(sentAt(stored)))
      .map(({ stored }) => stored);
    await this.#me.store.messages.addRows(this.#session.id, rows, window.newest);
  }

  /** Verifies and decrypts a page, but for what earlier visits have opened of the rows kept here.
   * @param {HistoryPage} page @param {StoredMessage[]} others @param {StoredMessage[]} kept */
  async #open({ messages, changes }, others, kept) {
    const { decoder, results, later } = this.#parts;
    const here = new Set(kept.map(({ seq }) => seq));
    const known = await results.of(messages.filter(({ seq }) => here.has(seq)));
    const reads = await decoder.decodeAll([...messages, ...changes, ...others], known);
    const opened = reads.filter(({ stored: { seq } }) => here.has(seq) && !known.has(seq));
    if (opened.length > 0) later(() => results.keep(opened));
    return reads;
  }

  /** @param {number} seq @returns {Promise<number>} ms; 0 if it is not there or cannot be verified */
  async #readTime(seq) {
    const { row } = await this.#parts.history.one(seq);
    return row ? (await this.#parts.decoder.decode(row)).message.ts : 0;
  }
}
