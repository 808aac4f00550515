/** Rules that hold among a room's accepted messages, taken in the order of their seq. */

/** @typedef {import("./message.js").Header} Header */
/** @typedef {{seq: number, id: string, header: Header}} AcceptedMessage a message that passed alone */
/** @typedef {{seq: number, n: number, id: string, lh: number, sh: number}} ChainHead last of one (uid, dev) */
/** @typedef {{accepted: boolean, missing: boolean, otherView: boolean}} Verdict */

/** Judges messages one after the other, by rising seq. */
export class MessageOrder {
  /** @type {Map<number, string>} ids by seq, of every message held, accepted or not */
  #ids = new Map();
  /** @type {Map<string, ChainHead>} */
  #heads = new Map();
  /** @type {Map<string, {header: Header, unread: number}>} of what was refused, by id; `unread` is
   *   the last seq that was skipped before it */
  #refused = new Map();
  /** @type {[number, string]} */
  #highest = [0, ""];
  #fromStart;
  #last;
  #unread = 0;
  #epoch = 0;

  /** @param {number} [after] the seq just before the first message to come */
  constructor(after = 0) {
    this.#fromStart = after === 0;
    this.#last = after;
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
    const sender = `${header.uid}|${header.dev}`;
    const tip = this.#heads.get(sender);
    const accepted = header.e >= this.#epoch && advances(header, tip);
    let missing = this.#place(seq, id);
    if (accepted) {
      missing ||= !this.#follows(header, tip);
      this.#epoch = header.e;
      this.#heads.set(sender, { seq, n: header.n, id, lh: header.lh[0], sh: header.sh[0] });
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

  /**
   * Tells whether n and pm lead back to the sender's message before, or to messages that were not
   * read. What was refused is not missing: a pm is a hash, so a refused message that it names is the
   * one that was sent.
   * @param {Header} header @param {ChainHead | undefined} tip
   */
  #follows(header, tip) {
    let { n, pm } = header;
    let unread = this.#unread;
    for (let past = this.#refused.get(pm); past; past = this.#refused.get(pm)) {
      if (past.header.n !== n - 1) return false;
      ({ n, pm } = past.header);
      unread = past.unread;
    }
    if (!tip) return n === 1 || !this.#fromStart || unread > 0;
    if (n === tip.n + 1) return pm === tip.id;
    return n > tip.n && tip.seq < unread;
  }
}

/** @param {Header} header @param {ChainHead | undefined} tip */
const advances = ({ n, lh, sh }, tip) =>
  tip === undefined || (n > tip.n && lh[0] >= tip.lh && sh[0] >= tip.sh);
