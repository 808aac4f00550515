/** Records in the room's log which messages a member shows to a model. */

import { appendSimple } from "../room/append-event.js";

export class Disclosures {
  #me;
  #session;
  /** @type {{dis: number, name: string} | null} a disclosure whose request was not sent */
  #unused = null;

  /** @param {import("../account/account.js").Account} me
   * @param {import("../room/room-session.js").RoomSession} session */
  constructor(me, session) {
    this.#me = me;
    this.#session = session;
  }

  /**
   * Appends a `disclose` event, unless an earlier one of the same range was not used.
   * @param {{from: number, to: number}} range seqs
   * @param {string} model
   * @returns {Promise<number>} seq of the event
   * @throws {Error} if the log does not have the event afterwards
   */
  async disclose({ from, to }, model) {
    const session = this.#session;
    const name = `${from} ${to} ${model}`;
    if (this.#unused?.name === name) return this.#unused.dis;
    await appendSimple(this.#me, session, () => ({ t: "disclose", from, to, model }));
    const mine = session.state.disclosures.findLast(
      (one) => one.uid === this.#me.uid && one.from === from && one.to === to,
    );
    if (!mine) throw new Error("The log did not take the request. Try again.");
    this.#unused = { dis: mine.seq, name };
    return mine.seq;
  }

  /** Notes that the request was sent. */
  used() {
    this.#unused = null;
  }
}
