/** Which messages are hits of a query, and their order. Pure. */

import { FORMS, hasSome, MOST, score, weighed } from "./matching.js";

/** @typedef {import("./matching.js").Matcher} Matcher */
/** @typedef {import("./room-search.js").SearchLine} SearchLine */
/** @typedef {import("./room-search.js").Wanted} Wanted */
/** @typedef {{line: SearchLine, fit: import("./matching.js").Fit}} Judged */
/** @typedef {(line: SearchLine) => import("./matching.js").Fit | null} Judge null for no hit */
/** @typedef {{line: SearchLine, score: number, tier: number}} Hit `tier`: those of a lower one come
 *   first, MOST if words are missing; `score` is then how many are there, or the relevance */

/** @param {SearchLine[]} lines @param {Judge} judge @returns {Judged[]} */
export const judgedOf = (lines, judge) =>
  lines.flatMap((line) => {
    const fit = judge(line);
    return fit ? [{ line, fit }] : [];
  });

/**
 * The hits among messages: for the newest those with all words, or forms of them; else those with
 * any, all words before forms of them, and these before some.
 * @param {Judged[]} judged @param {Matcher} matcher @param {Wanted} order
 * @param {{df: number[], total: number}} [told] what the server counted; else it is counted here
 * @returns {Hit[]}
 */
export function ranked(judged, matcher, order, told) {
  if (order === "newest" || matcher.query.groups.length === 0) {
    return judged.flatMap(({ line, fit: { tier } }) =>
      tier !== null && tier <= FORMS ? [{ line, score: 0, tier }] : [],
    );
  }
  const found = judged.filter(({ fit }) => hasSome(fit));
  const words = found.reduce((sum, { fit }) => sum + fit.length, 0);
  const has =
    (/** @type {number} */ at) =>
    (/** @type {Judged} */ { fit }) =>
      fit.exact[at] + fit.forms[at] > 0;
  const df = matcher.units.map((_, at) => found.filter(has(at)).length);
  const about = { df, total: judged.length, ...told, average: words / (found.length || 1) };
  return found.map(({ line, fit }) => ({
    line,
    score: score(weighed(fit), about),
    tier: fit.tier ?? MOST,
  }));
}

/** The messages with most of the words. @param {Judged[]} judged @returns {Hit[]} */
export const withMost = (judged) =>
  judged.flatMap(({ line, fit }) =>
    fit.tier === null ? [] : [{ line, score: fit.groups, tier: MOST }],
  );

/** The number of messages with each unit, by the rarest term of its likeliest way; of forms only, by
 * theirs. Units that were not asked for count as the others do on average.
 * @param {import("./asking.js").Unit[]} units @param {Map<string, number>} df
 * @returns {number[]} */
export function frequencies(units, df) {
  const least = (/** @type {string[]} */ terms) =>
    terms.length > 0 ? Math.min(...terms.map((term) => df.get(term) ?? 0)) : 0;
  const known = units.map(({ ways, forms }) => Math.max(0, ...ways.map(least)) || least(forms));
  const isAsked = (/** @type {number} */ at) => units[at].ways.length + units[at].forms.length > 0;
  const told = known.filter((_, at) => isAsked(at));
  const average = Math.floor(told.reduce((sum, n) => sum + n, 0) / Math.max(1, told.length));
  return known.map((n, at) => (isAsked(at) ? n : average));
}
