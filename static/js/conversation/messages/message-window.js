/**
 * The part of a room's messages that is shown, judged by all that was ever seen. Pure: it is told
 * what was read, and says what is to be shown and what goes.
 */

import { SeenMessages } from "../../crypto/seen-messages.js";
import { refusedMessage } from "./decode-message.js";

/** @typedef {import("./decode-message.js").DecodedMessage} DecodedMessage */
/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("../../crypto/order.js").Verdict} Verdict */
/** @typedef {[number, number]} Span first and last seq */

export class MessageWindow {
  #seen = new SeenMessages();
  /** @type {Map<number, DecodedMessage>} by seq: what is shown, and what changes it */
  #decoded = new Map();
  /** @type {Map<number, Set<number>>} by the seq of a message: seqs of all changes of it ever seen */
  #changesOf = new Map();
  /** @type {Map<string, string>} strings that many facts share */
  #shared = new Map();
  low = 1;
  high = 0;

  /** The highest message seen, for the next header. */
  get highest() {
    return this.#seen.highest;
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
    this.#seen.forget(seqs);
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
    [this.low, this.high] = [low, high];
    const gone = [...this.#decoded].filter(([seq, read]) => !this.#needs(seq, read));
    for (const [seq] of gone) this.#decoded.delete(seq);
    return gone.map(([seq]) => seq);
  }

  /** @param {number} seq @param {DecodedMessage} read */
  #needs(seq, read) {
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
    const facts = reads.flatMap((read) => this.#take(read));
    const verdicts = this.#seen.add(facts, asked);
    const seqs = new Set([...reads.map(({ stored }) => stored.seq), ...verdicts.keys()]);
    return [...seqs].sort((a, b) => a - b).flatMap((seq) => this.#message(seq));
  }

  /** All that is held, as it is judged now. @returns {Message[]} */
  items() {
    return [...this.#decoded.keys()].sort((a, b) => a - b).flatMap((seq) => this.#message(seq));
  }

  /** Forgets what the server does not have any more. @param {number} last seq that stays */
  dropAfter(last) {
    this.#seen.dropAfter(last);
    for (const seq of this.#decoded.keys()) if (seq > last) this.#decoded.delete(seq);
    for (const changes of this.#changesOf.values())
      for (const seq of changes) if (seq > last) changes.delete(seq);
  }

  /** Keeps what was verified: the server cannot put another message in its place.
   * @param {DecodedMessage} read @returns {import("../../crypto/seen-messages.js").SeenMessage[]} */
  #take(read) {
    const { stored, id, header, good } = read;
    const { seq } = stored;
    const known = this.#seen.get(seq);
    const held = this.#decoded.get(seq);
    const opened = held?.message.kind === "locked" && held.id === id; // its key came
    if (known?.good && (known.id !== id || !good) && !opened) {
      const message = refusedMessage(stored);
      if (held?.id !== known.id) this.#decoded.set(seq, { stored, id: "", good: false, message });
      return [];
    }
    this.#decoded.set(seq, read);
    for (const target of targets(read.message)) {
      const changes = this.#changesOf.get(target) ?? new Set();
      this.#changesOf.set(target, changes.add(seq));
    }
    if (known && known.good === good) return [];
    return [{ seq, id, header: header && this.#fact(header), good }];
  }

  /** The parts of a header that judge others; kept for every message ever seen.
   * @param {import("../../crypto/message.js").Header} header
   * @returns {import("../../crypto/message.js").Header} */
  #fact({ uid, dev, e, n, pm, lh, sh, ts }) {
    const who = { uid: this.#share(uid), dev: this.#share(dev) };
    const fact = { ...who, e, n, pm, lh: [lh[0], ""], sh, ts };
    return /** @type {import("../../crypto/message.js").Header} */ (fact);
  }

  /** @param {string} text */
  #share(text) {
    const known = this.#shared.get(text);
    if (known === undefined) this.#shared.set(text, text);
    return known ?? text;
  }

  /** @param {number} seq @returns {Message[]} */
  #message(seq) {
    const read = this.#decoded.get(seq);
    const verdict = this.#seen.verdict(seq);
    return read && verdict ? [withVerdict(read, verdict)] : [];
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
