/** Checks what the server returns against what was kept and verified: expiry, loss, or fraud. */

import { WireError } from "../../crypto/bytes.js";
import { isTombstone } from "../../crypto/message-row.js";
import { loadCode } from "../load-code.js";
import { FROZEN } from "../room/room-session.js";

/** @typedef {import("./decode-message.js").DecodedMessage} DecodedMessage */
/** @typedef {import("./history-reader.js").HistoryPage} HistoryPage */
/** @typedef {import("./message-window.js").Span} Span */
/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {{first: number, messages: StoredMessage[]}} Answer what the server gave: the oldest
 *   seq that it has, and messages */
/**
 * @typedef {object} Seen what the checks compare with
 * @property {import("./decode-message.js").MessageDecoder} decoder
 * @property {import("./message-window.js").MessageWindow} window
 * @property {import("./timeline-model.js").OutboxWatch} outbox
 * @property {import("./room-history.js").RoomHistory} history
 * @property {() => void} onLost told when messages of others turn out to be lost
 */

/** Parts that are needed once something is missing. Without them nothing goes on. */
const loadExpiry = () => loadCode(() => import("./expiry.js"));
const loadLost = () => loadCode(() => import("./lost-messages.js"));

export class MissingMessages {
  #me;
  #session;
  #decoder;
  #window;
  #outbox;
  #history;
  #onLost;
  /** @type {import("./lost-messages.js").LostMessages | null} */
  #lost = null;

  /**
   * @param {import("../account/account.js").Account} me
   * @param {import("../room/room-session.js").RoomSession} session
   * @param {Seen} seen
   */
  constructor(me, session, { decoder, window, outbox, history, onLost }) {
    this.#me = me;
    this.#session = session;
    this.#decoder = decoder;
    this.#window = window;
    this.#outbox = outbox;
    this.#history = history;
    this.#onLost = onLost;
  }

  /** Messages of others that the server no longer has, in batches. */
  get batches() {
    return this.#lost?.batches ?? [];
  }

  /** Loads the lost messages that earlier visits have kept. */
  async load() {
    await this.#loadLost();
  }

  /** Lets go of lost messages that the room's rules have ended meanwhile. */
  async end() {
    await this.#lost?.load();
  }

  async #loadLost() {
    const { LostMessages } = await loadLost();
    if (this.#lost) return this.#lost;
    const lost = new LostMessages(this.#me, this.#session, this.#decoder);
    await lost.load();
    this.#lost = lost;
    return lost;
  }

  /** Checks that acknowledged messages are where the server said, also outside the window.
   * @param {number[]} seqs */
  async checkAcknowledged(seqs) {
    for (const seq of seqs) {
      const here = this.#window.get(seq);
      if (here) {
        await this.#outbox.stored(here);
        continue;
      }
      const { row, first, messages } = await this.#history.one(seq);
      if (row) await this.#outbox.stored(await this.#decoder.decode(row));
      else await this.#checkOwn(seq, this.#outbox.sealedAt(seq), { first, messages });
    }
  }

  /** Handles messages that were verified in this visit and that the server leaves out now: they are
   * missing from now on. @param {HistoryPage} page @param {Span} span the numbers that it answers for
   * @returns {Promise<boolean>} whether to go on: not if an own one may not be gone */
  async checkAbsent(page, span) {
    const there = new Set(page.messages.map(({ seq }) => seq));
    const absent = this.#window.verified(span).filter(({ seq }) => !there.has(seq));
    for (const { seq, header } of absent)
      if (header?.uid === this.#me.uid) await this.#checkOwn(seq, header.ts, page);
    if (this.#session.frozen) return false;
    this.#window.forget(absent.map(({ seq }) => seq));
    return true;
  }

  /** Freezes the room if the server gives another message where an own one was verified.
   * @param {DecodedMessage[]} reads @param {HistoryPage} page
   * @returns {boolean} whether the room is frozen */
  contradicts(reads, page) {
    for (const read of reads) {
      const known = this.#window.contradicted(read);
      if (known?.header?.uid === this.#me.uid) this.#freeze(known.seq, page);
    }
    return this.#session.frozen !== "";
  }

  /** Reads the changes of messages that were seen before and that the server does not name now.
   * @param {Span} span the numbers of the messages @param {HistoryPage} page
   * @returns {Promise<StoredMessage[]>}
   * @throws {WireError} if one is neither at the server nor kept here: what it changed would come back */
  async forgottenChanges(span, page) {
    const named = new Set([...page.messages, ...page.changes].map(({ seq }) => seq));
    const seqs = this.#window.forgottenChanges(span).filter((seq) => !named.has(seq));
    return (await Promise.all(seqs.map((seq) => this.#change(seq)))).flat();
  }

  /** A change that was verified before. One of the user's own may not be gone; one of others that is
   * gone stays as it is kept here. @param {number} seq @returns {Promise<StoredMessage[]>} */
  async #change(seq) {
    const known = this.#window.verified([seq, seq])[0];
    const { row, ...answer } = await this.#history.one(seq);
    const read = row && (await this.#decoder.decode(row));
    if (read?.good && read.id === known?.id) return [read.stored];
    if (known?.header?.uid === this.#me.uid) await this.#checkOwn(seq, known.header.ts, answer);
    const kept = await this.#me.store.messages.rowsBetween(this.#session.id, seq, seq);
    const isOver = !known?.header || this.#session.hasEnded(known.header.ts);
    if (kept.length === 0 && !isOver && !this.#session.frozen)
      throw new WireError("a change that was read before is gone");
    return kept;
  }

  /**
   * Checks an acknowledged message of the user's own that is not at its number. Freezes the room
   * unless it may have expired.
   * @param {number} seq @param {number} sealedAt ms @param {Answer} answer
   */
  async #checkOwn(seq, sealedAt, answer) {
    const { allowedAbsence } = await loadExpiry();
    const may = await allowedAbsence(this.#me, this.#session, answer.first);
    if (!may(seq, sealedAt)) this.#freeze(seq, answer);
  }

  /**
   * Checks cached messages that the server does not return, or of which it returns other bytes. Freezes
   * the room if one of the user's own is missing that may not have expired; keeps those of others as lost.
   * @param {StoredMessage[]} given in order of seq
   * @param {Answer} answer
   * @returns {Promise<boolean>} whether to go on with what the server has; else what is here stays
   */
  async check(given, answer) {
    const absent = await this.#absentFrom(given, answer);
    if (absent.length === 0) return true;
    const { allowedAbsence } = await loadExpiry();
    const may = await allowedAbsence(this.#me, this.#session, answer.first);
    if (this.#session.state.ended) return false; // a closed room stays readable
    /** @type {StoredMessage[]} */
    const lost = [];
    for (const { stored, message } of absent) {
      if (may(stored.seq, message.ts)) continue;
      if (message.mine) {
        this.#freeze(stored.seq, answer);
        return false;
      }
      if (!isTombstone(stored)) lost.push(stored);
    }
    if (lost.length === 0) return true;
    const { consecutiveRuns } = await loadLost();
    const kept = await this.#loadLost();
    for (const run of consecutiveRuns(lost)) await kept.add(run[0].seq - 1, run);
    this.#onLost();
    return true;
  }

  /** Verified messages that an answer lacks: what it gives at their numbers is neither they nor what is left
   * of them. @param {StoredMessage[]} rows kept here @param {Answer} answer
   * @returns {Promise<DecodedMessage[]>} */
  async #absentFrom(rows, { messages }) {
    const there = new Map(messages.map((row) => [row.seq, row]));
    const open = (/** @type {StoredMessage | undefined} */ row) => row && this.#decoder.decode(row);
    const compared = rows.map(async (row) => {
      const [kept, now] = await Promise.all([this.#decoder.decode(row), open(there.get(row.seq))]);
      // An own one that is only damaged is one grey line: no other message has its place.
      const still = now?.id === kept.id && (now.good || kept.message.mine);
      return kept.good && !still ? [kept] : [];
    });
    return (await Promise.all(compared)).flat();
  }

  /** @param {number} seq of an own message @param {Answer} answer */
  #freeze(seq, { first, messages }) {
    this.#session.freeze(FROZEN.cheated, "message", { seq, first, messages });
  }
}
