/**
 * What was verified of every message of a room ever seen in this visit to the site, and what it says about
 * those shown now. A room is read in windows, and its newest messages by the list of rooms; nothing that was
 * seen is forgotten, so that all of it is judged as one and no verdict depends on the order of reading.
 *
 * A message is judged by what comes before it: the epoch so far, its sender's accepted message, refused
 * messages that it follows, what was read. Where one of these changes, the messages that it counts for
 * are judged again, from the lowest on, and no others: reading a room in pages costs as much per page
 * whatever was seen before.
 */

import { advances, follows, senderOf } from "../../crypto/order.js";
import { listOf, named, push, SeqQueue, SeqSpans, SortedSeqs, spansOf } from "./seq-sets.js";

/** @typedef {import("../../crypto/message.js").Header} Header */
/** @typedef {import("../../crypto/order.js").Verdict} Verdict */
/** @typedef {import("../../crypto/order.js").AcceptedMessage} AcceptedMessage */
/** @typedef {import("./seq-sets.js").Span} Span */
/**
 * @template Key
 * @typedef {import("./seq-sets.js").Index<Key>} Index
 */
/**
 * @typedef {object} SeenMessage what counts of a message for the others
 * @property {number} seq
 * @property {string} id "" if there is none to be read
 * @property {Header} [header] if it could be read
 * @property {boolean} good whether it is valid by itself
 * @property {boolean} [locked] whether it could not be decrypted yet: with its key it may turn out not to be
 */
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

/** Events: `judged` (messages came or went; detail: seqs of those that have a new verdict). */
export class SeenMessages extends EventTarget {
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
  /** @type {Map<string, string>} strings that many headers share */
  #shared = new Map();

  /** The highest number seen, 0 for none. */
  get newest() {
    return this.#seqs.before(Number.POSITIVE_INFINITY) ?? 0;
  }

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

  /** Tells whether another message was verified at a number, or this one where it now fails: the server
   * cannot put another message in the place of a verified one.
   * @param {Pick<SeenMessage, "seq" | "id" | "good">} message */
  contradicts({ seq, id, good }) {
    const known = this.#bySeq.get(seq);
    return known?.good === true && (known.id !== id || (!good && !known.locked));
  }

  /** Tells whether a message says more than what was seen at its number. @param {SeenMessage} message */
  #isNew({ seq, good, locked = false }) {
    const known = this.#bySeq.get(seq);
    return known?.good !== good || (known.locked === true && !locked);
  }

  /** Tells whether a message is valid by itself and accepted by all that was seen.
   * @param {Pick<SeenMessage, "seq" | "id" | "good">} message */
  accepts({ seq, id, good }) {
    return good && this.#bySeq.get(seq)?.id === id && this.verdict(seq)?.accepted === true;
  }

  /** Records messages by themselves, but for those that contradict what was verified or say nothing new.
   * @param {SeenMessage[]} messages @param {Span} [asked] as for `add`
   * @returns {Map<number, Verdict>} as of `add` */
  note(messages, asked) {
    const fresh = messages.filter((one) => !this.contradicts(one) && this.#isNew(one));
    return this.add(fresh, asked);
  }

  /** Forgets messages, whose numbers are missing from now on. @param {number[]} seqs */
  forget(seqs) {
    for (const seq of seqs) this.#remove(seq);
    this.#judgeWaiting();
    this.#emitJudged(this.#changed);
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
    const told = new Map([...this.#changed].flatMap((seq) => this.#told(seq)));
    this.#changed.clear();
    if (told.size > 0) this.#emitJudged(told.keys());
    return told;
  }

  /** @param {Iterable<number>} seqs */
  #emitJudged(seqs) {
    this.dispatchEvent(new CustomEvent("judged", { detail: [...seqs] }));
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

  /** @param {SeenMessage} given */
  #record({ seq, id, header: whole, good, locked }) {
    const header = whole && this.#judging(whole);
    this.#bySeq.set(seq, { seq, id, header, good, ...(locked && { locked }) });
    if (header) push(this.#followers, header.pm, seq);
    if (header) push(this.#viewers, header.sh[0], seq);
    if (header && good) listOf(this.#chains, senderOf(header)).add([seq]);
    this.#waiting.add(seq);
    for (const viewer of named(this.#viewers, seq)) this.#waiting.add(viewer);
  }

  /** The parts of a header that judge others; kept for every message ever seen.
   * @param {Header} header @returns {Header} */
  #judging({ uid, dev, e, n, pm, lh, sh, ts }) {
    const who = { uid: this.#share(uid), dev: this.#share(dev) };
    return /** @type {Header} */ ({ ...who, e, n, pm, lh: [lh[0], ""], sh, ts });
  }

  /** @param {string} text */
  #share(text) {
    const known = this.#shared.get(text);
    if (known === undefined) this.#shared.set(text, text);
    return known ?? text;
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
