/** Which messages count as unread for a person, wherever their number is shown. Pure. */

/**
 * Tells whether a message counts: somebody else wrote it, the room shows it, and it is no change of
 * another one.
 * @param {{mine: boolean, hidden: boolean, change?: boolean}} message
 */
export const countsAsUnread = ({ mine, hidden, change = false }) => !mine && !hidden && !change;

/** Returns the sender that a header names, unverified: for the typing indicator and counts only.
 * @param {string} header */
export function senderOf(header) {
  try {
    return String(JSON.parse(header).uid);
  } catch {
    return "";
  }
}

/**
 * The messages of a room that can be unread, as far as they are known here. The server counts all
 * that change no other one and are not erased, the account's own included.
 */
export class KnownMessages {
  /** @type {Map<number, string>} the author's uid by seq */
  #authors = new Map();
  /** Unread messages that did not count when the room was shown last; 0 once authors are known. */
  aside = 0;

  /** @param {number} seq @param {string} uid */
  add(seq, uid) {
    this.#authors.set(seq, uid);
  }

  /** Replaces what is known of a part of the room. Returns the messages of it that are gone.
   * @param {number} from @param {number} to @param {{seq: number, uid: string}[]} messages */
  replace(from, to, messages) {
    this.aside = 0;
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

  /** The number of unread messages whose author is not known here.
   * @param {{read: number, unread: number}} room as the server counts */
  unknown({ read, unread }) {
    return Math.max(0, unread - this.#between(read, Number.POSITIVE_INFINITY).length);
  }

  /**
   * The number of unread messages that count.
   * @param {{read: number, unread: number}} room as the server counts
   * @param {(uid: string) => boolean} counts whether messages of an author do
   */
  count(room, counts) {
    const after = this.#between(room.read, Number.POSITIVE_INFINITY);
    const counted = after.filter((seq) => counts(String(this.#authors.get(seq))));
    return Math.max(0, this.unknown(room) - this.aside) + counted.length;
  }

  /** @param {number} low @param {number} high @returns {number[]} after `low`, up to `high` */
  #between = (low, high) => [...this.#authors.keys()].filter((seq) => seq > low && seq <= high);
}

/** Lines that stand for a message. */
const COUNTED = new Set(["message", "locked", "newer"]);

/**
 * Where the unread messages of a visit begin: at the read mark when the room was opened, and anew for
 * what comes while nobody looks. That is a hidden page, or the time without a connection.
 */
export class UnreadStart {
  #seen;
  #newest = 0;
  #missed = false; // the connection was lost
  /** The last number before the line; -1 for no line. */
  after;

  /** @param {number} mark the read mark @param {boolean} unread whether there is something unread */
  constructor(mark, unread) {
    this.after = unread ? mark : -1;
    this.#seen = mark;
  }

  /** @param {number} seq up to which everything has been in view */
  see(seq) {
    this.#seen = Math.max(this.#seen, seq);
  }

  /** Begins, once the first page is there. @param {number} newest seq */
  start(newest) {
    this.#newest = newest;
  }

  /** Notes that the connection is lost: what comes next may be several messages that nobody saw. */
  lose() {
    this.#missed = true;
  }

  /**
   * Takes messages that come. The line moves if what was unread before was seen.
   * @param {{seq: number | null, mine: boolean, kind: string}[]} messages
   * @param {boolean} hidden whether the page is
   */
  arrive(messages, hidden) {
    const fresh = messages.filter(({ seq }) => Number(seq) > this.#newest);
    if (fresh.length === 0) return;
    this.#newest = Math.max(...fresh.map(({ seq }) => Number(seq)));
    const unseen = hidden || (this.#missed && fresh.length > 1);
    this.#missed = false;
    const counts = fresh.some(({ mine, kind }) => !mine && COUNTED.has(kind));
    if (unseen && counts && this.#seen > this.after) this.after = this.#seen;
  }
}

const LINK = /^#m([^\W_]+)(?!\w)/;

/**
 * The message that the end of an address names, `#m12`.
 * @param {string} hash
 * @returns {number} its seq; 0 if it names none, NaN if it is damaged
 */
export function linkedMessage(hash) {
  const [, digits = ""] = LINK.exec(hash) ?? [];
  if (!hash.startsWith("#m")) return 0;
  const seq = /^[1-9]\d*$/.test(digits) ? Number(digits) : Number.NaN;
  return Number.isSafeInteger(seq) ? seq : Number.NaN;
}
