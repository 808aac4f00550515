/** Sent messages that await the server's response, by cid. */

/** @typedef {import("../../net/frames.js").AckFrame} AckFrame */
/** @typedef {import("../../net/frames.js").ErrorFrame} ErrorFrame */
/** @typedef {Pick<AckFrame, "type" | "cid" | "seq" | "rotate"> | ErrorFrame} Answer */

const TIMEOUT = 15_000; // ms

export class PendingAnswers {
  /** @type {Map<string, (answer: Answer | null) => void>} by cid */
  #waiting = new Map();

  /**
   * Sends a message and waits for its response.
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

  /** Resolves the message that a response belongs to. @param {Answer} answer */
  resolve(answer) {
    this.#waiting.get(answer.cid ?? "")?.(answer);
  }

  /** Ends all waits after the connection is lost. */
  cancelAll() {
    for (const finish of this.#waiting.values()) finish(null);
  }
}
