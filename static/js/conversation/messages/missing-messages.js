/** Checks what the server returns against what was kept and verified: expiry, loss, or fraud. */

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
   * @returns {Promise<StoredMessage[]>} */
  async forgottenChanges(span, page) {
    const named = new Set([...page.messages, ...page.changes].map(({ seq }) => seq));
    const seqs = this.#window.forgottenChanges(span).filter((seq) => !named.has(seq));
    const found = await Promise.all(seqs.map((seq) => this.#history.one(seq)));
    return found.flatMap(({ row }) => (row ? [row] : []));
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
   * Checks cached messages that the server does not return. Freezes the room if one of the user's
   * own is missing that may not have expired; keeps those of others as lost.
   * @param {StoredMessage[]} rows in order of seq
   * @param {Answer} answer
   * @returns {Promise<boolean>} whether to go on with what the server has; else what is here stays
   */
  async check(rows, answer) {
    if (rows.length === 0) return true;
    const { allowedAbsence } = await loadExpiry();
    const may = await allowedAbsence(this.#me, this.#session, answer.first);
    if (this.#session.state.ended) return false; // a closed room stays readable
    /** @type {StoredMessage[]} */
    const lost = [];
    const decoded = await Promise.all(rows.map((row) => this.#decoder.decode(row)));
    for (const { stored, good, message } of decoded) {
      if (!good || may(stored.seq, message.ts)) continue;
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

  /** @param {number} seq of an own message @param {Answer} answer */
  #freeze(seq, { first, messages }) {
    this.#session.freeze(FROZEN.cheated, "message", { seq, first, messages });
  }
}
