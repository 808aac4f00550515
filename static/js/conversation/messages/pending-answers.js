/** Messages that were sent and wait for the server's answer, by cid. */

/** @typedef {import("../../net/types.js").AckFrame} AckFrame */
/** @typedef {import("../../net/types.js").ErrorFrame} ErrorFrame */
/** @typedef {Pick<AckFrame, "type" | "cid" | "seq" | "rotate"> | ErrorFrame} Answer */

const TIMEOUT = 15_000; // ms

export class PendingAnswers {
  /** @type {Map<string, (answer: Answer | null) => void>} by cid */
  #waiting = new Map();

  /**
   * Sends a message and waits for its answer.
   * @param {string} cid
   * @param {() => boolean} send returns false without a connection
   * @param {() => void} onTimeout
   * @returns {Promise<Answer | null>} null without an answer
   */
  wait(cid, send, onTimeout) {
    return new Promise((resolve) => {
      const finish = (/** @type {Answer | null} */ answer) => {
        clearTimeout(timer);
        this.#waiting.delete(cid);
        resolve(answer);
      };
      const timer = setTimeout(() => {
        onTimeout();
        finish(null);
      }, TIMEOUT);
      this.#waiting.set(cid, finish);
      if (!send()) finish(null);
    });
  }

  /** Gives an answer to the message that waits for it. @param {Answer} answer */
  resolve(answer) {
    this.#waiting.get(answer.cid ?? "")?.(answer);
  }

  /** Ends all waits, because the connection is gone. */
  cancelAll() {
    for (const finish of this.#waiting.values()) finish(null);
  }
}
