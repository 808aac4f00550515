/** Work in turn: what is added runs when everything before it has ended, well or badly. */
export class TaskQueue {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  add(work) {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {}); // whoever added it hears of it; the next one is not stopped
    return turn;
  }
}
