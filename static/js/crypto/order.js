/** Rules among a room's accepted messages, checked in the order of their seq. */

/** @typedef {import("./message.js").Header} Header */
/** @typedef {{seq: number, id: string, header: Header}} AcceptedMessage a message that passed alone */
/** @typedef {{seq: number, id: string, header?: Header, held: true}} RefusedMessage one that was refused */
/** @typedef {{n: number, id: string, lh: number, sh: number}} ChainHead last of one (uid, dev) */
/** @typedef {{accepted: boolean, missing: boolean, otherView: boolean}} Verdict */

/**
 * A window of a room's messages. `push` checks newer ones; `merge` adds older pages, and messages
 * that could not be opened before, and checks all of them again in order.
 */
export class MessageOrder {
  /** @type {(AcceptedMessage | RefusedMessage)[]} by seq */
  #rows = [];
  /** @type {Map<number, Verdict>} of what was pushed, by seq */
  #verdicts = new Map();
  /** @type {Map<number, string>} ids by seq, of every message held, accepted or not */
  #ids = new Map();
  /** @type {Map<string, ChainHead>} */
  #heads = new Map();
  /** @type {Map<string, Header>} of what was refused, by id */
  #refused = new Map();
  #first;
  #last;
  #epoch = 0;

  /** @param {number} [after] the seq just before the first message to come */
  constructor(after = 0) {
    this.#first = after;
    this.#last = after;
  }

  /**
   * The highest message held that has an id, for the next message's `sh`. An unreadable row has
   * none: everybody would refuse a message that names it, so a server could silence a member with
   * one broken row.
   * @returns {[number, string]}
   */
  get highest() {
    const named = this.#rows.findLast(({ id }) => id !== "");
    return named ? [named.seq, named.id] : [0, ""];
  }

  /**
   * Records a refused message: it is held, but changes no state.
   * @param {number} seq @param {string} id
   * @param {Header} [header] if it could be read: what follows it is then no gap
   * @returns {boolean} whether a seq is missing before
   */
  addRefused(seq, id, header) {
    const missing = this.#place({ seq, id, header, held: true });
    if (header) this.#refused.set(id, header);
    return missing;
  }

  /**
   * Checks the next message. Refuses it if the epoch or one of its sender's counters decreases;
   * accepts it with a gap if a number is missing.
   * @param {AcceptedMessage} placed @returns {Verdict}
   */
  add(placed) {
    const { seq, id, header } = placed;
    const sender = `${header.uid}|${header.dev}`;
    const tip = this.#heads.get(sender);
    const accepted = header.e >= this.#epoch && advances(header, tip);
    let missing = this.#place(placed);
    if (accepted) {
      missing ||= !this.#follows(header, tip);
      this.#epoch = header.e;
      this.#heads.set(sender, { n: header.n, id, lh: header.lh[0], sh: header.sh[0] });
    } else {
      this.#refused.set(id, header);
    }
    const seen = this.#ids.get(header.sh[0]);
    const verdict = { accepted, missing, otherView: seen !== undefined && seen !== header.sh[1] };
    this.#verdicts.set(seq, verdict);
    return verdict;
  }

  /**
   * Adds messages at any position, replacing those of the same seq.
   * @param {(AcceptedMessage | RefusedMessage)[]} rows
   * @returns {Map<number, Verdict>} by seq: of the new ones, and of others that changed
   */
  merge(rows) {
    const before = this.#verdicts;
    const bySeq = new Map([...this.#rows, ...rows].map((row) => [row.seq, row]));
    this.#restart(Math.min(this.#first, ...rows.map(({ seq }) => seq - 1)));
    for (const row of [...bySeq.values()].sort((a, b) => a.seq - b.seq)) {
      if ("held" in row) this.addRefused(row.seq, row.id, row.header);
      else this.add(row);
    }
    const fresh = new Set(rows.map(({ seq }) => seq));
    return new Map(
      [...this.#verdicts].filter(([seq, now]) => fresh.has(seq) || !same(now, before.get(seq))),
    );
  }

  /** @param {number} after */
  #restart(after) {
    this.#rows = [];
    this.#verdicts = new Map();
    this.#ids.clear();
    this.#heads.clear();
    this.#refused.clear();
    this.#first = after;
    this.#last = after;
    this.#epoch = 0;
  }

  /** @param {AcceptedMessage | RefusedMessage} row @returns {boolean} whether a seq is missing before */
  #place(row) {
    if (row.seq <= this.#last) throw new RangeError("messages go in by rising seq");
    const missing = row.seq !== this.#last + 1;
    this.#last = row.seq;
    this.#rows.push(row);
    this.#ids.set(row.seq, row.id);
    return missing;
  }

  /**
   * Tells whether n and pm lead back to the sender's previous message. A refused message is not
   * missing: pm is a hash, so a refused message that it names is the one that was sent.
   * @param {Header} header @param {ChainHead | undefined} tip
   */
  #follows(header, tip) {
    let { n, pm } = header;
    for (let past = this.#refused.get(pm); past; past = this.#refused.get(pm)) {
      if (past.n !== n - 1) return false;
      ({ n, pm } = past);
    }
    if (tip) return n === tip.n + 1 && pm === tip.id;
    return n === 1 || this.#first > 0; // earlier ones may be in pages not loaded
  }
}

/** @param {Header} header @param {ChainHead | undefined} tip */
const advances = ({ n, lh, sh }, tip) =>
  tip === undefined || (n > tip.n && lh[0] >= tip.lh && sh[0] >= tip.sh);

/** @param {Verdict} a @param {Verdict | undefined} b */
const same = (a, b) =>
  a.accepted === b?.accepted && a.missing === b.missing && a.otherView === b.otherView;
