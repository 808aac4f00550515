/**
 * The part of a room's messages that is shown, judged by all that was ever seen. Pure: it is told
 * what was read, and says what is to be shown and what goes.
 */

import { factOf, refusedMessage } from "./decode-message.js";

/** @typedef {import("./decode-message.js").DecodedMessage} DecodedMessage */
/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("../../crypto/order.js").Verdict} Verdict */
/** @typedef {[number, number]} Span first and last seq */

const MOST_SHOWN = 300; // messages; what is further off goes, and comes back when it is needed

export class MessageWindow {
  #hasEnded;
  #seen;
  #changing = false;
  /** @type {Map<number, DecodedMessage>} by seq: what is shown, and what changes it */
  #decoded = new Map();
  /** @type {Map<number, Set<number>>} by the seq of a message: seqs of all changes of it ever seen */
  #changesOf = new Map();
  low = 1;
  high = 0;
  /** The last number up to which nothing is missing. */
  newest = 0;
  /** @type {boolean} */
  hasOlder = false;

  /** @param {import("./seen-messages.js").SeenMessages} seen all that this visit to the site has seen of the
   *   room, also before the window was opened
   * @param {(ts: number) => boolean} hasEnded whether the room's rules have ended a message that was
   *   sealed then (ms): it is not shown, and only counts for others */
  constructor(seen, hasEnded) {
    this.#seen = seen;
    this.#hasEnded = hasEnded;
  }

  /** The highest message seen, for the next header. */
  get highest() {
    return this.#seen.highest;
  }

  /** The highest number that was seen, here or by the list of rooms. */
  get newestSeen() {
    return Math.max(this.newest, this.#seen.newest);
  }

  /** Tells whether messages after a number were seen, here or by the list of rooms. @param {number} head */
  hasSeenAfter(head) {
    return this.newestSeen > head;
  }

  /** Tells whether there are later messages than those that are shown. */
  get hasNewer() {
    return this.high < this.newest;
  }

  /** Tells whether the first message here is not the room's first: earlier ones have expired. */
  get startsLate() {
    return !this.hasOlder && this.low > 1;
  }

  /** The number of messages in the window. */
  get size() {
    return Math.max(0, this.high - this.low + 1);
  }

  /** @param {number} seq */
  shows = (seq) => this.low <= seq && seq <= this.high;

  /** A message that is shown or changes one. @param {number} seq */
  get(seq) {
    return this.#decoded.get(seq);
  }

  /** Messages without their key. @returns {DecodedMessage[]} */
  locked() {
    return [...this.#decoded.values()].filter(({ message }) => message.kind === "locked");
  }

  /** Verified messages among these numbers. @param {Span} span */
  verified([first, last]) {
    return this.#seen.between(first, last).filter(({ good }) => good);
  }

  /** Forgets messages that the server leaves out: they are missing from now on.
   * @param {number[]} seqs */
  forget(seqs) {
    this.#change(() => this.#seen.forget(seqs));
    for (const seq of seqs) this.#decoded.delete(seq);
  }

  /** The message that was verified where the server now gives another one, if there is one.
   * @param {DecodedMessage} read */
  contradicted({ stored: { seq }, id }) {
    const known = this.#seen.get(seq);
    return known?.good && known.id !== id ? known : undefined;
  }

  /**
   * Shows other numbers. What is neither among them nor changes one of them is forgotten, but for
   * what judging needs.
   * @param {number} low @param {number} high
   * @returns {number[]} the seqs that are gone
   */
  show(low, high) {
    [this.low, this.high] = [this.#firstStanding(low, high), high];
    if (this.low > low) this.hasOlder = false; // what is older has ended, too
    const gone = [...this.#decoded].filter(([seq, read]) => !this.#needs(seq, read));
    for (const [seq] of gone) this.#decoded.delete(seq);
    return gone.map(([seq]) => seq);
  }

  /** Lets go of messages that have ended meanwhile. @returns {number[]} the seqs that are gone */
  end() {
    return this.show(this.low, this.high);
  }

  /** @param {number} low @param {number} high */
  #firstStanding(low, high) {
    for (let seq = low; seq <= high; seq += 1) {
      const read = this.#decoded.get(seq);
      if (!read || !this.#isOver(read)) return seq;
    }
    return low > high ? low : high + 1;
  }

  /** A refused message says no time that counts. @param {DecodedMessage} read */
  #isOver({ good, header }) {
    return good && header !== undefined && this.#hasEnded(header.ts);
  }

  /** Returns the numbers that can be shown together from an older one on. @param {number} first @returns {Span} */
  spanFrom(first) {
    return [first, Math.min(this.high, first + MOST_SHOWN - 1)];
  }

  /** Returns the numbers that can be shown together up to a later one. @param {number} last @returns {Span} */
  spanUpTo(last) {
    return [Math.max(this.low, last - MOST_SHOWN + 1), last];
  }

  /** @param {number} seq @param {DecodedMessage} read */
  #needs(seq, read) {
    if (this.#isOver(read)) return false;
    return this.shows(seq) || targets(read.message).some(this.shows);
  }

  /** Seqs of changes that were seen of messages among these numbers and are not held.
   * @param {Span} span @returns {number[]} */
  forgottenChanges([first, last]) {
    const found = new Set();
    for (const [target, changes] of this.#changesOf) {
      if (target < first || target > last) continue;
      for (const seq of changes) if (!this.#decoded.has(seq)) found.add(seq);
    }
    return [...found];
  }

  /**
   * Takes what was read, at any place.
   * @param {DecodedMessage[]} reads
   * @param {Span} [asked] the numbers that the server was asked for: what is not there is missing
   * @returns {Message[]} these messages and others in another light, as far as they are shown or
   *   change something
   */
  place(reads, asked) {
    for (const read of reads) this.#hold(read);
    const verdicts = this.#change(() => this.#seen.note(reads.map(factOf), asked));
    const seqs = new Set([...reads.map(({ stored }) => stored.seq), ...verdicts.keys()]);
    return [...seqs].sort((a, b) => a - b).flatMap((seq) => this.#message(seq));
  }

  /**
   * Takes new messages at the end. They are shown if the end is: where that is too much, the reader who
   * follows loses the oldest ones, and others keep what they read.
   * @param {DecodedMessage[]} reads ascending, at least one
   * @param {boolean} follows whether the reader stands at the newest message
   * @returns {{items: Message[], gone: number[]}} as `place` and `show` give them
   */
  append(reads, follows) {
    const { low, high, hasNewer } = this;
    const first = this.newest + 1;
    const last = reads[reads.length - 1].stored.seq;
    const whole = reads.length === last - first + 1;
    this.newest = last;
    const items = this.place(reads, whole ? undefined : [first, last]);
    const grows = !hasNewer && (follows || last - low < MOST_SHOWN);
    const [from, to] = grows ? this.spanUpTo(last) : [low, high];
    this.hasOlder ||= from > low;
    return { items, gone: this.show(from, to) };
  }

  /** Lets the window change what was seen: it says by itself what is in another light then.
   * @template Result @param {() => Result} change @returns {Result} */
  #change(change) {
    this.#changing = true;
    try {
      return change();
    } finally {
      this.#changing = false;
    }
  }

  /** The messages held that are in another light by what others have read of the room, such as its list.
   * @param {number[]} seqs with a new verdict @returns {Message[]} */
  judgedByOthers(seqs) {
    return this.#changing ? [] : seqs.flatMap((seq) => this.#message(seq));
  }

  /** All that is held, as it is judged now. @returns {Message[]} */
  items() {
    return [...this.#decoded.keys()].sort((a, b) => a - b).flatMap((seq) => this.#message(seq));
  }

  /** Forgets what the server does not have any more. @param {number} last seq that stays */
  dropAfter(last) {
    this.#change(() => this.#seen.dropAfter(last));
    for (const seq of this.#decoded.keys()) if (seq > last) this.#decoded.delete(seq);
    for (const changes of this.#changesOf.values())
      for (const seq of changes) if (seq > last) changes.delete(seq);
  }

  /** Holds what was read. What was verified stays: the server cannot put another message in its place.
   * @param {DecodedMessage} read */
  #hold(read) {
    const { stored } = read;
    const { seq } = stored;
    if (this.#seen.contradicts(factOf(read))) {
      const message = refusedMessage(stored);
      if (this.#decoded.get(seq)?.id !== this.#seen.get(seq)?.id)
        this.#decoded.set(seq, { stored, id: "", good: false, message });
      return;
    }
    this.#decoded.set(seq, read);
    for (const target of targets(read.message)) {
      const changes = this.#changesOf.get(target) ?? new Set();
      this.#changesOf.set(target, changes.add(seq));
    }
  }

  /** @param {number} seq @returns {Message[]} */
  #message(seq) {
    const read = this.#decoded.get(seq);
    const verdict = this.#seen.verdict(seq);
    return read && verdict && !this.#isOver(read) ? [withVerdict(read, verdict)] : [];
  }
}

/** The seqs of the messages that a message changes. @param {Message} message @returns {number[]} */
export function targets({ kind, content }) {
  if (kind !== "change" || !content || !("of" in content)) return [];
  if (content.t === "delete") return content.of.map(([seq]) => seq);
  return [/** @type {import("./decode-message.js").Ref} */ (content.of)[0]];
}

/** @param {DecodedMessage} read @param {Verdict} verdict @returns {Message} */
const withVerdict = ({ stored: row, message, good }, { accepted, missing, otherView }) =>
  accepted && good
    ? { ...message, gap: missing, otherView }
    : { ...refusedMessage(row), gap: missing };
