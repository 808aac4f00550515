/** What must hold among a room's accepted messages, taken in the order of their seq. */

/** @typedef {{seq: number, id: string, header: import("./message.js").Header}} Placed */
/** @typedef {{n: number, id: string, lh: number, sh: number}} Tip last of one (uid, dev) */
/** @typedef {{accepted: boolean, missing: boolean, otherView: boolean}} Verdict */

/**
 * A window of a room's messages, from `first` on. Newer messages are judged by `push`. Older
 * pages get an `Order` of their own and are joined by `before`, since each message is judged
 * against those loaded below it.
 */
export class Order {
  /** @type {Map<string, Tip>} */
  #tips = new Map();
  /** @type {Map<number, string>} ids by seq, of every message held, verified or not */
  #held = new Map();
  #e = 0;
  #last = 0;

  /** @param {number} [after] the seq just before the first message to come */
  constructor(after = 0) {
    this.#last = after;
  }

  /** The highest message held, for the next message's `sh`. @returns {[number, string]} */
  get highest() {
    return this.#last === 0 ? [0, ""] : [this.#last, this.#held.get(this.#last) ?? ""];
  }

  /** Note a message that was refused: it is held, but sets nothing.
   * @param {number} seq @param {string} id @returns {boolean} whether a seq is missing before */
  hold(seq, id) {
    const missing = seq !== this.#last + 1;
    this.#last = Math.max(this.#last, seq);
    this.#held.set(seq, id);
    return missing;
  }

  /**
   * Judge the next message. It is not accepted where the epoch falls or its sender's own counts
   * fall; it is accepted with a gap where a number is missing.
   * @param {Placed} placed @returns {Verdict}
   */
  push({ seq, id, header }) {
    const tip = this.#tips.get(`${header.uid}|${header.dev}`);
    const [sh, shId] = header.sh;
    const accepted =
      header.e >= this.#e &&
      (tip === undefined || (header.n > tip.n && header.lh[0] >= tip.lh && sh >= tip.sh));
    const known = sh === 0 ? "" : this.#held.get(sh);
    let missing = this.hold(seq, id);
    if (accepted) {
      if (tip !== undefined && (header.n !== tip.n + 1 || header.pm !== tip.id)) missing = true;
      this.#e = header.e;
      this.#tips.set(`${header.uid}|${header.dev}`, { n: header.n, id, lh: header.lh[0], sh });
    }
    return { accepted, missing, otherView: known !== undefined && known !== shId };
  }
}
