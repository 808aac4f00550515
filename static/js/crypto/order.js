/** Rules that hold among a room's accepted messages, taken in the order of their seq. */

/** @typedef {import("./message.js").Header} Header */
/** @typedef {{seq: number, id: string, header: Header}} AcceptedMessage a message that passed alone */
/** @typedef {{header: Header, unread: number}} RefusedMessage `unread` is the last seq that was not read
 *   before it, 0 if there is none */
/** @typedef {{accepted: boolean, missing: boolean, otherView: boolean}} Verdict */

/** Judges messages one after the other, by rising seq. */
export class MessageOrder {
  /** @type {Map<number, string>} ids by seq, of every message held, accepted or not */
  #ids = new Map();
  /** @type {Map<string, AcceptedMessage>} the last one of each (uid, dev) */
  #tips = new Map();
  /** @type {Map<string, RefusedMessage>} by id */
  #refused = new Map();
  /** @type {[number, string]} */
  #highest = [0, ""];
  #last;
  #unread;
  #epoch = 0;

  /** @param {number} [after] the seq just before the first message to come */
  constructor(after = 0) {
    this.#last = after;
    this.#unread = after;
  }

  /** The seq of the newest message, or the last one that was skipped or comes before all. */
  get last() {
    return this.#last;
  }

  /**
   * The highest message held that has an id, for the next message's `sh`. A row that cannot be
   * read at all has none: naming it would make everybody refuse what names it, so that a server
   * could silence a member with one broken row.
   * @returns {[number, string]}
   */
  get highest() {
    return this.#highest;
  }

  /**
   * Leaves out the messages up to a seq, which were not read: they are not missing, and what a sender
   * said among them is not missing to their later messages.
   * @param {number} seq
   * @throws {RangeError} if that is not after the newest message
   */
  skip(seq) {
    if (seq <= this.#last) throw new RangeError("messages go in by rising seq");
    this.#last = seq;
    this.#unread = seq;
  }

  /**
   * Note a message that was refused: it is held, but sets nothing.
   * @param {number} seq @param {string} id
   * @param {Header} [header] if it could be read: what follows it is then no gap
   * @returns {boolean} whether a seq is missing before
   */
  addRefused(seq, id, header) {
    const missing = this.#place(seq, id);
    if (header) this.#refused.set(id, { header, unread: this.#unread });
    return missing;
  }

  /**
   * Judge the next message. It is not accepted where the epoch falls or its sender's own counts
   * fall; it is accepted with a gap where a number is missing.
   * @param {AcceptedMessage} placed @returns {Verdict}
   */
  add({ seq, id, header }) {
    const sender = senderOf(header);
    const tip = this.#tips.get(sender);
    const accepted = header.e >= this.#epoch && advances(header, tip);
    let missing = this.#place(seq, id);
    if (accepted) {
      const refused = (/** @type {string} */ named) => this.#refused.get(named);
      missing ||= !follows(header, tip, { unread: this.#unread, refused });
      this.#epoch = header.e;
      this.#tips.set(sender, { seq, id, header });
    } else {
      this.#refused.set(id, { header, unread: this.#unread });
    }
    const seen = this.#ids.get(header.sh[0]);
    return { accepted, missing, otherView: seen !== undefined && seen !== header.sh[1] };
  }

  /** @param {number} seq @param {string} id @returns {boolean} whether a seq is missing before */
  #place(seq, id) {
    if (seq <= this.#last) throw new RangeError("messages go in by rising seq");
    const missing = seq !== this.#last + 1;
    this.#last = seq;
    this.#ids.set(seq, id);
    if (id !== "") this.#highest = [seq, id];
    return missing;
  }
}

/** The chain that a message belongs to. @param {Header} header */
export const senderOf = ({ uid, dev }) => `${uid}|${dev}`;

/** Tells whether a message may come after the accepted one of its sender.
 * @param {Header} header @param {AcceptedMessage | undefined} tip */
export const advances = ({ n, lh, sh }, tip) =>
  tip === undefined || (n > tip.header.n && lh[0] >= tip.header.lh[0] && sh[0] >= tip.header.sh[0]);

/**
 * Tells whether n and pm lead back to the sender's message before, or to messages that were not
 * read. What was refused is not missing: a pm is a hash, so a refused message that it names is the
 * one that was sent.
 * @param {Header} header @param {AcceptedMessage | undefined} tip
 * @param {object} before what stands before the message
 * @param {number} before.unread the last seq that was not read, 0 if there is none
 * @param {(id: string) => RefusedMessage | undefined} before.refused
 */
export function follows(header, tip, { unread, refused }) {
  let { n, pm } = header;
  for (let past = refused(pm); past; past = refused(pm)) {
    if (past.header.n !== n - 1) return false;
    ({ n, pm } = past.header);
    unread = past.unread;
  }
  if (!tip) return n === 1 || unread > 0;
  if (n === tip.header.n + 1) return pm === tip.id;
  return n > tip.header.n && tip.seq < unread;
}
