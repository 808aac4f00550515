/**
 * What was verified of every message ever seen, and what it says about those shown now. A room is
 * read in windows; nothing that was seen is forgotten, so that two windows are judged as one and no
 * verdict depends on the order of reading.
 */

import { MessageOrder } from "./order.js";

/** @typedef {import("./message.js").Header} Header */
/** @typedef {import("./order.js").Verdict} Verdict */
/**
 * @typedef {object} SeenMessage what counts of a message for the others
 * @property {number} seq
 * @property {string} id "" if there is none to be read
 * @property {Header} [header] if it could be read
 * @property {boolean} good whether it is valid by itself
 */

export class SeenMessages {
  #after;
  /** @type {Map<number, SeenMessage>} */
  #bySeq = new Map();
  /** @type {[number, number][]} what the server was asked for, in order and apart */
  #spans = [];
  /** @type {Map<number, Verdict>} */
  #verdicts = new Map();
  #order;
  #fresh = true;

  /** @param {number} [after] the seq before the first message that may still exist */
  constructor(after = 0) {
    this.#after = after;
    this.#order = new MessageOrder(after);
  }

  /** The highest message seen that has an id, for the next message's `sh`.
   * @returns {[number, string]} */
  get highest() {
    this.#judge();
    return this.#order.highest;
  }

  /** @param {number} seq @returns {SeenMessage | undefined} the message seen at that number */
  get(seq) {
    return this.#bySeq.get(seq);
  }

  /** The messages seen from one number to another, in order.
   * @param {number} first @param {number} last @returns {SeenMessage[]} */
  between(first, last) {
    const found = [...this.#bySeq.values()].filter(({ seq }) => first <= seq && seq <= last);
    return found.sort((a, b) => a.seq - b.seq);
  }

  /** Forgets messages, whose numbers are missing from now on. @param {number[]} seqs */
  forget(seqs) {
    if (seqs.length === 0) return;
    for (const seq of seqs) this.#bySeq.delete(seq);
    this.#fresh = false;
  }

  /**
   * Records messages, in place of others at their numbers.
   * @param {SeenMessage[]} messages
   * @param {[number, number]} [asked] the first and last number that the server was asked for: what
   *   is not there is missing. Messages may stand outside of it, such as later changes
   * @returns {Map<number, Verdict>} by seq: of these messages, and of others that changed
   */
  add(messages, asked) {
    if (messages.length === 0 && !asked) return new Map();
    this.#judge();
    const before = this.#verdicts;
    const next = this.#follows(messages, asked);
    for (const message of messages) {
      if (message.seq <= this.#after) continue;
      this.#bySeq.set(message.seq, message);
      const inside = asked && asked[0] <= message.seq && message.seq <= asked[1];
      if (!inside) this.#cover(message.seq, message.seq);
    }
    if (asked) this.#cover(...asked);
    if (next) return this.#append(messages);
    this.#fresh = false;
    this.#judge();
    const added = new Set(messages.map(({ seq }) => seq));
    return new Map(
      [...this.#verdicts].filter(([seq, now]) => added.has(seq) || !same(now, before.get(seq))),
    );
  }

  /** Tells whether the server was asked for a number. @param {number} seq */
  covers(seq) {
    return this.#spans.some(([first, last]) => first <= seq && seq <= last);
  }

  /** Forgets the messages after a number, which the server does not have any more.
   * @param {number} last */
  dropAfter(last) {
    for (const seq of this.#bySeq.keys()) if (seq > last) this.#bySeq.delete(seq);
    this.#spans = this.#spans
      .filter(([first]) => first <= last)
      .map(([first, end]) => [first, Math.min(end, last)]);
    this.#fresh = false;
  }

  /** The verdict of all messages seen so far on one of them. @param {number} seq
   * @returns {Verdict | undefined} */
  verdict(seq) {
    this.#judge();
    return this.#verdicts.get(seq);
  }

  /** Tells whether messages stand at the end of what is known, so that no other is judged anew.
   * @param {SeenMessage[]} messages @param {[number, number]} [asked] */
  #follows(messages, asked) {
    const [first] = messages;
    if (!first || asked) return false;
    const rising = messages.every(({ seq }, at) => at === 0 || seq > messages[at - 1].seq);
    const end = this.#spans.at(-1)?.[1] ?? this.#after;
    return rising && first.seq === this.#order.last + 1 && end === this.#order.last;
  }

  /** @param {SeenMessage[]} messages */
  #append(messages) {
    /** @type {Map<number, Verdict>} */
    const fresh = new Map();
    for (const message of messages) {
      if (message.seq > this.#order.last + 1 && !this.covers(message.seq - 1))
        this.#order.skip(message.seq - 1);
      fresh.set(message.seq, place(this.#order, message));
    }
    for (const [seq, verdict] of fresh) this.#verdicts.set(seq, verdict);
    return fresh;
  }

  /** @param {number} first @param {number} last */
  #cover(first, last) {
    /** @type {[number, number][]} */
    const apart = [];
    let [low, high] = [first, last];
    for (const [start, end] of this.#spans) {
      if (end + 1 < low || high + 1 < start) apart.push([start, end]);
      else [low, high] = [Math.min(low, start), Math.max(high, end)];
    }
    this.#spans = [...apart, /** @type {[number, number]} */ ([low, high])].sort(
      ([a], [b]) => a - b,
    );
  }

  /** Judges everything in order, unless nothing has changed. */
  #judge() {
    if (this.#fresh) return;
    this.#fresh = true;
    this.#order = new MessageOrder(this.#after);
    this.#verdicts = new Map();
    const messages = [...this.#bySeq.values()].sort((a, b) => a.seq - b.seq);
    let at = 0;
    for (const [first, last] of this.#spans) {
      if (first - 1 > this.#order.last) this.#order.skip(first - 1);
      for (; at < messages.length && messages[at].seq <= last; at += 1)
        this.#verdicts.set(messages[at].seq, place(this.#order, messages[at]));
    }
  }
}

/** @param {MessageOrder} order @param {SeenMessage} message @returns {Verdict} */
function place(order, { seq, id, header, good }) {
  if (good && header) return order.add({ seq, id, header });
  return { accepted: false, missing: order.addRefused(seq, id, header), otherView: false };
}

/** @param {Verdict} a @param {Verdict | undefined} b */
const same = (a, b) =>
  a.accepted === b?.accepted && a.missing === b.missing && a.otherView === b.otherView;
