/** Finds the first message of a time. The server names one; signed times prove it, or find another. */

/** @typedef {{around: number, first: number, head: number}} Place the message that the server names,
 *   and its oldest and newest */

const CLOCKS_DIFFER = 600_000; // ms

/**
 * Tells whether signed times allow that the server names the first message of a time.
 * @param {Place} place
 * @param {number} at ms
 * @param {(seq: number) => number} sentAt when a message was sent, in ms; 0 if that is not known
 * @returns {boolean}
 */
export function isBorneOut({ around, head }, at, sentAt) {
  const late = sentAt(around) >= at - CLOCKS_DIFFER;
  const early = sentAt(around - 1) < at + CLOCKS_DIFFER;
  return early && (around === head || late);
}

/**
 * Finds the first message of a time by halving, from verified messages alone.
 * @param {Pick<Place, "first" | "head">} place
 * @param {number} at ms
 * @param {(seq: number) => Promise<number>} sentAt when a message was sent, in ms; 0 if that is not
 *   known
 * @returns {Promise<number>} its seq; that of the newest one if none is so late
 */
export async function firstSince({ first, head }, at, sentAt) {
  let [low, high] = [first, head + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await sentAt(middle)) >= at) high = middle;
    else low = middle + 1;
  }
  return Math.min(low, head);
}
