/**
 * What was verified of every message ever seen, and what it says about those shown now. A room is
 * read in windows; nothing that was seen is forgotten, so that two windows are judged as one and no
 * verdict depends on the order of reading.
 *
 * A message is judged by what comes before it: the epoch so far, its sender's accepted message, refused
 * messages that it follows, what was read. Where one of these changes, the messages that it counts for
 * are judged again, from the lowest on, and no others: reading a room in pages costs as much per page
 * whatever was seen before.
 */

import { advances, follows, senderOf } from "../../crypto/order.js";
import { SeqQueue, SeqSpans, SortedSeqs, spansOf } from "./seq-sets.js";

/** @typedef {import("../../crypto/message.js").Header} Header */
/** @typedef {import("../../crypto/order.js").Verdict} Verdict */
/** @typedef {import("../../crypto/order.js").AcceptedMessage} AcceptedMessage */
/** @typedef {import("./seq-sets.js").Span} Span */
/**
 * @typedef {object} SeenMessage what counts of a message for the others
 * @property {number} seq
 * @property {string} id "" if there is none to be read
 * @property {Header} [header] if it could be read
 * @property {boolean} good whether it is valid by itself
 */
/** @template Key @typedef {Map<Key, number | number[]>} Index seqs by what they name: mostly one each */
/**
 * @typedef {object} Judgement
 * @property {Verdict} verdict
 * @property {number} epoch the epoch after it
 * @property {SeenMessage} [tip] its sender's accepted message after it, if it is valid by itself
 */

/** One object a verdict, however many messages have it. */
const VERDICTS = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  accepted: (bits & 4) > 0,
  missing: (bits & 2) > 0,
  otherView: (bits & 1) > 0,
}));

export class SeenMessages {
  /** @type {Map<number, SeenMessage>} */
  #bySeq = new Map();
  #seqs = new SortedSeqs();
  /** Numbers that the server was asked for. */
  #asked = new SeqSpans();
  /** @type {Map<number, Judgement>} */
  #judgements = new Map();
  /** @type {Map<string, SortedSeqs>} messages that are valid by themselves, by chain */
  #chains = new Map();
  /** @type {Map<string, SortedSeqs>} messages that are refused, by id */
  #refused = new Map();
  /** @type {Index<string>} messages that follow another one of their sender, by its id */
  #followers = new Map();
  /** @type {Index<number>} messages whose sender had seen another one, by its seq */
  #viewers = new Map();
  /** Messages to be judged. */
  #waiting = new SeqQueue();
  /** @type {Set<number>} messages with another verdict than `add` has told */
  #changed = new Set();

  /** The highest message seen that has an id, for the next message's `sh`.
   * @returns {[number, string]} */
  get highest() {
    let seq = this.#seqs.before(Number.POSITIVE_INFINITY);
    while (seq !== undefined && this.#bySeq.get(seq)?.id === "") seq = this.#seqs.before(seq);
    return seq === undefined ? [0, ""] : [seq, this.#seen(seq).id];
  }

  /** @param {number} seq @returns {SeenMessage | undefined} the message seen at that number */
  get(seq) {
    return this.#bySeq.get(seq);
  }

  /** The messages seen from one number to another, in order.
   * @param {number} first @param {number} last @returns {SeenMessage[]} */
  between(first, last) {
    return this.#seqs.between(first, last).map((seq) => this.#seen(seq));
  }

  /** Forgets messages, whose numbers are missing from now on. @param {number[]} seqs */
  forget(seqs) {
    for (const seq of seqs) this.#remove(seq);
  }

  /**
   * Records messages, in place of others at their numbers.
   * @param {SeenMessage[]} messages
   * @param {Span} [asked] the first and last number that the server was asked for: what
   *   is not there is missing. Messages may stand outside of it, such as later changes
   * @returns {Map<number, Verdict>} by seq: of these messages, and of others that changed
   */
  add(messages, asked) {
    const last = new Map(messages.map((message) => [message.seq, message]));
    const added = [...last.values()].sort((a, b) => a.seq - b.seq);
    for (const { seq } of added) this.#remove(seq);
    const seqs = added.map(({ seq }) => seq);
    this.#seqs.add(seqs);
    for (const message of added) this.#record(message);
    for (const span of spansOf(seqs)) this.#cover(span);
    if (asked) this.#cover(asked);
    this.#judgeWaiting();
    for (const { seq } of added) this.#changed.add(seq);
    const told = [...this.#changed].flatMap((seq) => this.#told(seq));
    this.#changed.clear();
    return new Map(told);
  }

  /** Tells whether the server was asked for a number. @param {number} seq */
  covers(seq) {
    return this.#asked.of(seq) !== undefined;
  }

  /** Forgets the messages after a number, which the server does not have any more.
   * @param {number} last */
  dropAfter(last) {
    this.forget(this.#seqs.between(last + 1, Number.POSITIVE_INFINITY));
    this.#asked.dropAfter(last);
  }

  /** The verdict of all messages seen so far on one of them. @param {number} seq
   * @returns {Verdict | undefined} */
  verdict(seq) {
    this.#judgeWaiting();
    return this.#judgements.get(seq)?.verdict;
  }

  /** @param {number} seq of a message that was seen */
  #seen(seq) {
    return /** @type {SeenMessage} */ (this.#bySeq.get(seq));
  }

  /** @param {number} seq @returns {[number, Verdict][]} */
  #told(seq) {
    const judgement = this.#judgements.get(seq);
    return judgement ? [[seq, judgement.verdict]] : [];
  }

  // --- what is seen ----------------------------------------------------------------------------

  /** @param {SeenMessage} message */
  #record(message) {
    const { seq, header, good } = message;
    this.#bySeq.set(seq, message);
    if (header) push(this.#followers, header.pm, seq);
    if (header) push(this.#viewers, header.sh[0], seq);
    if (header && good) listOf(this.#chains, senderOf(header)).add([seq]);
    this.#waiting.add(seq);
    for (const viewer of named(this.#viewers, seq)) this.#waiting.add(viewer);
  }

  /** @param {number} seq */
  #remove(seq) {
    const message = this.#bySeq.get(seq);
    if (!message) return;
    this.#queueFollowing(message);
    for (const viewer of named(this.#viewers, seq)) this.#waiting.add(viewer);
    const { header, good } = message;
    if (header && good) listOf(this.#chains, senderOf(header)).delete(seq);
    if (header) this.#noteRefused(message, false);
    this.#bySeq.delete(seq);
    this.#judgements.delete(seq);
    this.#seqs.delete(seq);
  }

  /** @param {Span} span */
  #cover(span) {
    for (const start of this.#asked.add(...span)) {
      this.#waiting.add(start);
      // What was not read before counts up to the next accepted message of each sender.
      for (const chain of this.#chains.values()) {
        let seq = chain.after(start - 1);
        for (; seq !== undefined; seq = chain.after(seq)) {
          this.#waiting.add(seq);
          if (this.#judgements.get(seq)?.verdict.accepted) break;
        }
      }
    }
  }

  // --- judging ---------------------------------------------------------------------------------

  #judgeWaiting() {
    for (let seq = this.#waiting.take(); seq !== undefined; seq = this.#waiting.take()) {
      const message = this.#bySeq.get(seq);
      if (message) this.#judgeAgain(message);
    }
  }

  /** @param {SeenMessage} message */
  #judgeAgain(message) {
    const { seq, header } = message;
    const before = this.#judgements.get(seq);
    const now = this.#judge(message);
    this.#judgements.set(seq, now);
    if (before?.verdict !== now.verdict) this.#changed.add(seq);
    if (before?.epoch !== now.epoch || before?.tip !== now.tip) this.#queueFollowing(message);
    if (header) this.#noteRefused(message, !now.verdict.accepted);
  }

  /** @param {SeenMessage} message @returns {Judgement} */
  #judge(message) {
    const { seq, id, header, good } = message;
    const epoch = this.#judgements.get(this.#seqs.before(seq) ?? 0)?.epoch ?? 0;
    const lacksOne = this.covers(seq - 1) && !this.#bySeq.has(seq - 1);
    if (!header || !good) return { verdict: verdict(false, lacksOne, false), epoch };
    const chain = listOf(this.#chains, senderOf(header));
    const tip = this.#judgements.get(chain.before(seq) ?? 0)?.tip;
    const otherView = this.#sawAnother(seq, header.sh, id);
    if (header.e < epoch || !advances(header, accepted(tip)))
      return { verdict: verdict(false, lacksOne, otherView), epoch, tip };
    const refused = (/** @type {string} */ pm) => this.#refusedBefore(seq, pm);
    const before = { unread: this.#unreadBefore(seq), refused };
    const missing = lacksOne || !follows(header, accepted(tip), before);
    return { verdict: verdict(true, missing, otherView), epoch: header.e, tip: message };
  }

  /** @param {number} seq @param {[number, string]} sh @param {string} id */
  #sawAnother(seq, [at, seen], id) {
    const there = at < seq ? this.#bySeq.get(at)?.id : at === seq ? id : undefined;
    return there !== undefined && there !== seen;
  }

  /** @param {number} seq @param {string} id */
  #refusedBefore(seq, id) {
    const at = this.#refused.get(id)?.before(seq);
    if (at === undefined) return undefined;
    const header = /** @type {Header} */ (this.#seen(at).header);
    return { header, unread: this.#unreadBefore(at) };
  }

  /** The last number before a message that was not read. @param {number} seq */
  #unreadBefore(seq) {
    return (this.#asked.of(seq)?.[0] ?? seq) - 1;
  }

  // --- what is judged again ---------------------------------------------------------------------

  /** Lets the next message and the next of the same chain be judged. @param {SeenMessage} message */
  #queueFollowing({ seq, header, good }) {
    this.#waiting.add(this.#seqs.after(seq));
    if (header && good) this.#waiting.add(listOf(this.#chains, senderOf(header)).after(seq));
  }

  /** Notes whether a message is refused, and lets those that follow it be judged if that is new.
   * @param {SeenMessage} message @param {boolean} isRefused */
  #noteRefused({ seq, id }, isRefused) {
    const there = this.#refused.get(id);
    const wasRefused = there?.between(seq, seq).length === 1;
    if (wasRefused === isRefused) return;
    if (isRefused) listOf(this.#refused, id).add([seq]);
    else there?.delete(seq);
    this.#queueFollowers(id, seq);
  }

  /** Lets the later messages be judged that follow a message, directly or by refused ones.
   * @param {string} id @param {number} seq */
  #queueFollowers(id, seq) {
    const ids = new Set([id]);
    for (const one of ids)
      for (const follower of named(this.#followers, one)) {
        if (follower > seq) this.#waiting.add(follower);
        const itsId = this.#bySeq.get(follower)?.id;
        if (itsId !== undefined && this.#refused.has(itsId)) ids.add(itsId);
      }
  }
}

/** @param {SeenMessage | undefined} message which has a header if there is one */
const accepted = (message) => /** @type {AcceptedMessage | undefined} */ (message);

/** @param {boolean} accepted @param {boolean} missing @param {boolean} otherView @returns {Verdict} */
const verdict = (accepted, missing, otherView) =>
  VERDICTS[Number(accepted) * 4 + Number(missing) * 2 + Number(otherView)];

/** @template Key @param {Index<Key>} index @param {Key} key @param {number} seq */
function push(index, key, seq) {
  const known = index.get(key);
  if (Array.isArray(known)) known.push(seq);
  else index.set(key, known === undefined ? seq : [known, seq]);
}

/** @template Key @param {Index<Key>} index @param {Key} key @returns {number[]} */
const named = (index, key) => [index.get(key) ?? []].flat();

/** @param {Map<string, SortedSeqs>} lists @param {string} key */
function listOf(lists, key) {
  const known = lists.get(key);
  if (known) return known;
  const list = new SortedSeqs();
  lists.set(key, list);
  return list;
}
