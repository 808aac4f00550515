/** Reports that the person types: at most every few seconds, and once when it ends. */

const TYPING_EVERY = 3000; // ms
const STOP_AFTER = 5000; // ms without a key

export class TypingNotifier {
  #onTyping;
  #sentAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #stopping;

  /** @param {(on: boolean) => void} onTyping */
  constructor(onTyping) {
    this.#onTyping = onTyping;
  }

  /** Notes that the person typed, or stopped. @param {boolean} on */
  set(on) {
    clearTimeout(this.#stopping);
    if (!on) {
      if (this.#sentAt) this.#onTyping(false);
      this.#sentAt = 0;
      return;
    }
    this.#stopping = setTimeout(() => this.set(false), STOP_AFTER);
    if (Date.now() - this.#sentAt > TYPING_EVERY) {
      this.#sentAt = Date.now();
      this.#onTyping(true);
    }
  }
}
