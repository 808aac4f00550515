/** Runs tasks one after another, also after failures. */
export class TaskQueue {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  add(work) {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {}); // the caller gets the error; the next task still runs
    return turn;
  }
}
