/**
 * Answers to members who ask for epoch keys. Requests must not cost more than they need: all that
 * arrive within a moment are answered in one HTTP request, and a repeated one is ignored for a
 * minute.
 */

const ANSWER_WITHIN = 3000; // ms, at random, so that not all who hold a key answer at once
const ASKED_AGAIN = 60_000; // ms before the same request is answered again
const REMEMBERED = 10_000; // answers

/** @typedef {{e: number, to: string}} Wanted an epoch, and the kid that asks for its key */

const nameOf = (/** @type {Wanted} */ { e, to }) => `${e}|${to}`;

export class KeyHandover {
  /** @type {Map<string, Wanted>} */
  #wanted = new Map();
  /** @type {Map<string, number>} when each request was answered last, by anybody; ms */
  #answered = new Map();
  /** @type {Promise<void> | null} */
  #answering = null;
  #give;

  /** @param {(wanted: Wanted[]) => Promise<void>} give hands these keys over */
  constructor(give) {
    this.#give = give;
  }

  /** Handles a member's request for a key.
   * @param {Wanted} wanted @returns {Promise<void>} once it is answered */
  ask(wanted) {
    const name = nameOf(wanted);
    const last = this.#answered.get(name);
    if (last !== undefined && Date.now() - last < ASKED_AGAIN) return Promise.resolve();
    this.#wanted.set(name, wanted);
    this.#answering ??= this.#answer().finally(() => {
      this.#answering = null;
    });
    return this.#answering;
  }

  async #answer() {
    while (this.#wanted.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * ANSWER_WITHIN));
      const wanted = [...this.#wanted.values()];
      this.#wanted.clear();
      if (wanted.length > 0) await this.#handOver(wanted);
    }
  }

  /** @param {Wanted[]} wanted */
  async #handOver(wanted) {
    for (const one of wanted) this.#note(one); // now: they may ask again meanwhile
    try {
      await this.#give(wanted);
    } catch (error) {
      for (const one of wanted) this.#answered.delete(nameOf(one));
      throw error;
    }
  }

  /** Another member has handed the key over. @param {Wanted} given */
  wasGiven(given) {
    if (this.#wanted.delete(nameOf(given))) this.#note(given);
  }

  /** @param {Wanted} answered */
  #note(answered) {
    this.#answered.set(nameOf(answered), Date.now());
    if (this.#answered.size <= REMEMBERED) return;
    const [oldest] = this.#answered.keys();
    this.#answered.delete(oldest);
  }
}
