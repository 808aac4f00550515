/** A summary that the browser's own model writes of what is collected: its course and its text. */

/** @typedef {import("./collect-messages.js").CollectedMessages} CollectedMessages */
/** @typedef {Pick<import("./browser-model.js").BrowserModel, "isOffered" | "write">} Writer */
/**
 * @typedef {object} Writing
 * @property {"idle" | "loading" | "writing" | "done" | "failed"} state
 * @property {number} loaded how much of the model, 0 … 1
 * @property {number} done parts that are written
 * @property {number} total parts
 * @property {string} text
 */

/** @type {Writing} */
const IDLE = { state: "idle", loaded: 0, done: 0, total: 0, text: "" };

export class BrowserSummary {
  #model;
  #onChanged;
  #offered = false;
  /** @type {CollectedMessages | null} */
  #collected = null;
  /** @type {AbortController | null} */
  #running = null;
  #writing = IDLE;

  /** @param {Writer} model @param {() => void} onChanged */
  constructor(model, onChanged) {
    this.#model = model;
    this.#onChanged = onChanged;
  }

  /** Asks the browser whether it has a model. */
  async look() {
    if (this.#offered || !(await this.#model.isOffered())) return;
    this.#offered = true;
    this.#onChanged();
  }

  /** The course of a summary of these messages; null where the browser has no model.
   * @param {CollectedMessages | null} collected @returns {Writing | null} */
  of(collected) {
    if (collected !== this.#collected) {
      this.stop();
      this.#collected = collected;
    }
    return this.#offered && collected ? this.#writing : null;
  }

  /** Writes one of the messages that `of` was asked about last. */
  async write() {
    const collected = this.#collected;
    if (!collected || this.#running) return;
    const running = new AbortController();
    this.#running = running;
    const { signal } = running;
    this.#set({ ...IDLE, state: "loading" });
    try {
      const text = await this.#model.write(collected.said, {
        signal,
        onLoading: (loaded) => !signal.aborted && this.#set({ ...this.#writing, loaded }),
        onPart: (done, total) =>
          !signal.aborted && this.#set({ ...this.#writing, state: "writing", done, total }),
      });
      if (signal.aborted) return;
      this.#set({ ...IDLE, ...(text.trim() ? { state: "done", text } : { state: "failed" }) });
    } catch {
      if (signal.aborted) return;
      this.#set({ ...IDLE, state: "failed" });
    }
    this.#running = null;
  }

  /** Ends the writing, and forgets what was written. */
  stop() {
    this.#running?.abort();
    this.#running = null;
    this.#writing = IDLE;
  }

  /** @param {Writing} writing */
  #set(writing) {
    this.#writing = writing;
    this.#onChanged();
  }
}
