/** A timer that polls with growing delays. */

const FIRST_DELAY = 1000; // ms
const MAX_DELAY = 8000; // ms
const GROWTH = 1.3;

export class PollTimer {
  #work;
  #count = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} work */
  constructor(work) {
    this.#work = work;
  }

  /** Runs the work once, after the next delay. */
  schedule() {
    this.stop();
    const delay = Math.min(MAX_DELAY, FIRST_DELAY * GROWTH ** this.#count);
    this.#count += 1;
    this.#timer = setTimeout(this.#work, delay);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** Stops, and starts with the first delay again next time. */
  reset() {
    this.stop();
    this.#count = 0;
  }
}
