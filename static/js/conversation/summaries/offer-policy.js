/** Decides when a summary is offered, or made automatically if that is allowed. */

/** @typedef {import("./summaries.js").Summaries} Summaries */
/** @typedef {{allowed: string, passed: number}} OfferSettings what was decided in this browser: `allowed`
 *   the key of the worker that may be asked without a preview, or ""; `passed` the newest message
 *   when an offer was declined */

const WHAT = "summaries"; // the name under which it is kept

export class OfferPolicy {
  #me;
  #session;
  #summaries;
  /** @type {OfferSettings} */
  #habit = { allowed: "", passed: 0 };
  /** The next message at which to count again. */
  #next = 0;

  /**
   * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {Summaries} summaries
   */
  constructor(me, session, summaries) {
    this.#me = me;
    this.#session = session;
    this.#summaries = summaries;
  }

  async load() {
    const kept = await this.#me.store.settings.progress(this.#session.id, WHAT);
    if (kept) this.#habit = /** @type {OfferSettings} */ (kept);
  }

  /** Tells whether the user allows this worker summaries without a preview each time. */
  get allowed() {
    const { worker, previousKey: formerly } = this.#summaries;
    return worker !== null && formerly === "" && this.#habit.allowed === worker.wk;
  }

  /** @param {boolean} on */
  allow(on) {
    return this.#decide({ allowed: on ? (this.#summaries.worker?.wk ?? "") : "" });
  }

  /** Declines the offer, until as many messages again were written. @param {number} newest seq */
  pass(newest) {
    return this.#decide({ passed: newest });
  }

  /** @param {Partial<OfferSettings>} change */
  async #decide(change) {
    this.#habit = { ...this.#habit, ...change };
    this.#next = 0;
    await this.#me.store.settings.saveProgress(this.#session.id, WHAT, this.#habit);
  }

  /** The newest message that the log discloses to a model, or for which the offer was declined. */
  get since() {
    const shown = this.#session.state.disclosures.map(({ to }) => to);
    return Math.max(this.#habit.passed, ...shown);
  }

  /**
   * The number of messages in an offer; 0 for no offer.
   * @param {number} newest seq
   * @returns {Promise<number>}
   */
  async due(newest) {
    const { worker, running, loaded } = this.#summaries;
    const { policy, ended } = this.#session.state;
    if (policy.ai !== "auto" || !loaded || !worker || running || ended) return 0;
    if (!this.#session.writable) return 0;
    const after = this.since;
    const enough = Math.min(policy.ain, worker.most_messages);
    if (newest - after < enough || newest < this.#next) return 0;
    const { said } = await this.#summaries.gather({ after, most: enough });
    this.#next = said.length < enough ? newest + enough - said.length : 0;
    return said.length < enough ? 0 : said.length;
  }
}
