/** The part of a conversation that a summary is about, in words: by its times, else by its length. */

import { summaryStrings as strings } from "../strings/summary.js";
import { clock, day, dayKey } from "../time.js";

/**
 * @param {{from: number, to: number, since?: number, until?: number}} summary `from` and `to`: seqs;
 *   `since` and `until`: when the first and the last message were sent, ms, 0 if it is not known
 */
export function summaryRange({ from, to, since = 0, until = 0 }) {
  if (since === 0 || until === 0) return strings.summary.about(from, to);
  const [first, last] = [clock(since), clock(until)];
  if (dayKey(since) !== dayKey(until)) return `${day(since)}, ${first} – ${day(until)}, ${last}`;
  return first === last ? `${day(since)}, ${first}` : `${day(since)}, ${first} – ${last}`;
}
