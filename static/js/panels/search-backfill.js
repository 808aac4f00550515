/** Makes search tokens for older messages while somebody searches, and shows how far that is. */

import { Backfill } from "../conversation/search/backfill.js";
import { createBackfillStatus } from "../ui/search/backfill.js";

/** @typedef {import("../ui/search/backfill.js").BackfillStatus} BackfillStatus */

export class BackfillPanel {
  #backfill;
  /** @type {BackfillStatus} */
  #status = { state: "none", done: 0, taken: 0, problem: "" };
  #stop = new AbortController();
  #started = false;
  #view = createBackfillStatus({ onStart: () => this.#run(), onStop: () => this.#stop.abort() });

  /** @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/room/room-session.js").RoomSession} session */
  constructor(me, session) {
    this.#backfill = new Backfill(me, session);
  }

  get node() {
    return this.#view.node;
  }

  /** Starts the work if there is any; once a visit. An error is ignored: the next visit retries. */
  async start() {
    if (this.#started) return;
    this.#started = true;
    const waiting = await this.#backfill.waiting().catch(() => 0);
    if (waiting > 0) await this.#run();
  }

  /** @param {Partial<BackfillStatus>} change */
  #update(change) {
    this.#status = { ...this.#status, ...change };
    this.#view.update(this.#status);
  }

  async #run() {
    this.#stop = new AbortController();
    this.#update({ state: "busy", problem: "" });
    try {
      const taken = await this.#backfill.run(this.#stop.signal, (done) => this.#update({ done }));
      this.#update({ state: "done", taken });
    } catch (error) {
      const problem = error.name === "AbortError" ? "" : error.message;
      this.#update({ state: "paused", problem });
    }
  }
}
