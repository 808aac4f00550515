/** Which messages count as unread for a person, wherever their number is shown. Pure. */

/**
 * Tells whether a message counts: somebody else wrote it, the room shows it, and it is no change of
 * another one.
 * @param {{mine: boolean, hidden: boolean, change?: boolean}} message
 */
export const countsAsUnread = ({ mine, hidden, change = false }) => !mine && !hidden && !change;

/**
 * The messages of a room that can be unread, as far as they are known here. The server counts all
 * that change no other one and are not erased, the account's own included.
 */
export class KnownMessages {
  /** @type {Map<number, string>} the author's uid by seq */
  #authors = new Map();

  /** @param {number} seq @param {string} uid */
  add(seq, uid) {
    this.#authors.set(seq, uid);
  }

  /** Replaces what is known of a part of the room. Returns the messages of it that are gone.
   * @param {number} from @param {number} to @param {{seq: number, uid: string}[]} messages */
  replace(from, to, messages) {
    const here = new Set(messages.map(({ seq }) => seq));
    const gone = this.#between(from - 1, to).filter((seq) => !here.has(seq));
    for (const seq of gone) this.#authors.delete(seq);
    for (const { seq, uid } of messages) this.add(seq, uid);
    return gone;
  }

  /** Forgets messages that were read. Returns their number. @param {number} read */
  forget(read) {
    const old = this.#between(0, read);
    for (const seq of old) this.#authors.delete(seq);
    return old.length;
  }

  /**
   * The number of unread messages that count.
   * @param {{read: number, unread: number}} room as the server counts
   * @param {(uid: string) => boolean} counts whether messages of an author do
   */
  count({ read, unread }, counts) {
    const after = this.#between(read, Number.POSITIVE_INFINITY);
    const counted = after.filter((seq) => counts(String(this.#authors.get(seq))));
    return Math.max(0, unread - after.length) + counted.length;
  }

  /** @param {number} low @param {number} high @returns {number[]} after `low`, up to `high` */
  #between = (low, high) => [...this.#authors.keys()].filter((seq) => seq > low && seq <= high);
}
