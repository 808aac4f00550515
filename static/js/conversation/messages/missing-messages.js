/** Checks on messages that the server had and does not return: expiry, loss, or fraud. */

import { isTombstone } from "../../crypto/message.js";
import { FROZEN } from "../room/room-session.js";
import { allowedAbsence } from "./expiry.js";
import { consecutiveRuns, LostMessages } from "./lost-messages.js";

/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {{first: number, messages: StoredMessage[]}} Answer what the server gave: the oldest
 *   seq that it has, and messages */

export class MissingMessages {
  #me;
  #session;
  #decoder;
  #lost;

  /**
   * @param {import("../account/account.js").Account} me
   * @param {import("../room/room-session.js").RoomSession} session
   * @param {import("./decode-message.js").MessageDecoder} decoder
   */
  constructor(me, session, decoder) {
    this.#me = me;
    this.#session = session;
    this.#decoder = decoder;
    this.#lost = new LostMessages(me, session, decoder);
  }

  /** Messages of others that the server no longer has, in batches. */
  get batches() {
    return this.#lost.batches;
  }

  /** Loads the lost messages that earlier visits have kept. */
  load() {
    return this.#lost.load();
  }

  /**
   * Checks an acknowledged message of the user's own that is not at its number. Freezes the room
   * unless it may have expired.
   * @param {number} seq @param {number} sealedAt ms @param {Answer} answer
   */
  async checkOwn(seq, sealedAt, answer) {
    const may = await allowedAbsence(this.#me, this.#session, answer.first);
    if (!may(seq, sealedAt)) this.#freeze(seq, answer);
  }

  /** Freezes the room: the server gives another message where an own one was verified.
   * @param {number} seq @param {Answer} answer */
  replaced(seq, answer) {
    this.#freeze(seq, answer);
  }

  /**
   * Checks cached messages that the server does not return. Freezes the room if one of the user's
   * own is missing that may not have expired; keeps those of others as lost.
   * @param {StoredMessage[]} rows in order of seq
   * @param {Answer} answer
   * @returns {Promise<"continue" | "lost" | "stop">} `lost`: continue, messages of others were
   *   lost; `stop`: keep what is here
   */
  async check(rows, answer) {
    if (rows.length === 0) return "continue";
    const may = await allowedAbsence(this.#me, this.#session, answer.first);
    if (this.#session.state.ended) return "stop"; // a closed room stays readable
    /** @type {StoredMessage[]} */
    const lost = [];
    const decoded = await Promise.all(rows.map((row) => this.#decoder.decode(row)));
    for (const { stored, good, message } of decoded) {
      if (!good || may(stored.seq, message.ts)) continue;
      if (message.mine) {
        this.#freeze(stored.seq, answer);
        return "stop";
      }
      if (!isTombstone(stored)) lost.push(stored);
    }
    for (const run of consecutiveRuns(lost)) await this.#lost.add(run[0].seq - 1, run);
    return lost.length > 0 ? "lost" : "continue";
  }

  /** @param {number} seq of an own message @param {Answer} answer */
  #freeze(seq, { first, messages }) {
    this.#session.freeze(FROZEN.cheated, "message", { seq, first, messages });
  }
}
