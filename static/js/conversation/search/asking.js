/**
 * Which blind tokens to ask a server for. The client checks what comes against the whole query.
 * client/sotto/protocol/search_asking.py has the same. Pure.
 */

import { DROPPED, words } from "../../crypto/tokens.js";
import { LEAST, MOST_TERMS } from "./query.js";
import { ANY_PERSON } from "./search-pictures.js";

/** @typedef {import("./query.js").Item} Item */
/** @typedef {import("./matching.js").Matcher} Matcher */
/** @typedef {{ways: string[][], forms: string[]}} Unit terms by which messages with one unit of a
 *   query are counted, and those of its forms: messages have all terms of one of `ways` */
/** @typedef {(matcher: Matcher, item: Item, loose: boolean) => string[][]} WaysOf */
/** @typedef {{terms: string[], older: boolean, finished: boolean}} Clause terms that messages have
 *   together; `older`: of messages with tokens of version 1 only, `finished`: of long ones */

const LONGEST = 5; // letters of a beginning that has a token
const MOST_CLAUSES = 4;
/** Of more pairs of characters in one item only every second is asked for. */
const FEW_PAIRS = 4;

/**
 * Sets of terms: all hits have every term of at least one of them. None if the tokens of version 2
 * cannot tell, so that this browser has to look at every message.
 * @param {Matcher} matcher
 * @param {{loose?: boolean, older?: boolean}} [how] also for messages with forms of the words; also
 *   for messages that have tokens of version 1 only
 * @returns {string[][]}
 */
export function clauses(matcher, { loose = false, older = true } = {}) {
  const found = askedClauses(matcher, loose);
  return found.filter((one) => older || !one.older).map(({ terms }) => terms);
}

/** The same, each with what it is for. @param {Matcher} matcher @param {boolean} loose
 * @returns {Clause[]} */
export function askedClauses(matcher, loose) {
  const found = clausesBy(matcher, waysOf, loose);
  if (found.length === 0) return [];
  const finished = without(clausesBy(matcher, finishedWays, loose), found);
  const older = without(clausesBy(matcher, waysOfVersion1, loose), [...found, ...finished]);
  return [
    ...found.map((terms) => ({ terms, older: false, finished: false })),
    ...finished.map((terms) => ({ terms, older: false, finished: true })),
    ...older.map((terms) => ({ terms, older: true, finished: false })),
  ];
}

/** @param {string[][]} sets @param {string[][]} known @returns {string[][]} */
const without = (sets, known) => distinct([...known, ...sets]).slice(known.length);

/** @param {Matcher} matcher @param {WaysOf} ways @param {boolean} loose @returns {string[][]} */
function clausesBy(matcher, ways, loose) {
  /** @type {string[]} */
  const single = [];
  /** @type {string[][][]} */
  const several = [];
  for (const group of matcher.query.groups) {
    const found = group.map((item) => ways(matcher, item, loose));
    if (found.some((one) => one.length === 0)) continue;
    const all = found.flat();
    if (all.length === 1) single.push(...all[0]);
    else several.push(all);
  }
  const chosen = several.sort((a, b) => a.length - b.length || sizeOf(b) - sizeOf(a))[0];
  if (!chosen || (single.length > 0 && chosen.length > MOST_CLAUSES))
    return single.length > 0 ? [longest(single)] : [];
  return chosen.map((way) => longest([...way, ...single]));
}

/** The length of the longest term that every message has: longer ones are rarer.
 * @param {string[][]} ways */
const sizeOf = (ways) =>
  Math.min(...ways.map((way) => Math.max(...way.map((term) => Array.from(term).length))));

/** The terms for an order by relevance, at most 16 together; longer ones first.
 * @param {Matcher} matcher @returns {Unit[]} */
export function askedUnits(matcher) {
  const ways = matcher.units.map((unit) =>
    distinct([waysOf, finishedWays, waysOfVersion1].flatMap((by) => by(matcher, unit, false))),
  );
  const forms = matcher.units.map((unit) =>
    [...beginnings(matcher, unit).values()]
      .map((start) => `p:${start}`)
      .concat(...others(matcher, unit)),
  );
  const kept = new Set(longest(ways.flat(2)));
  for (const term of byLength(forms.flat())) if (kept.size < MOST_TERMS) kept.add(term);
  return ways.map((all, at) => ({
    ways: all.filter((way) => way.every((term) => kept.has(term))),
    forms: forms[at].filter((term) => kept.has(term)),
  }));
}

/** @param {Unit} unit @returns {string[]} */
export const termsOf = ({ ways, forms }) => [...new Set([...ways.flat(), ...forms])];

/** @param {string[][]} sets @returns {string[][]} */
const distinct = (sets) => [...new Map(sets.map((terms) => [terms.join("\n"), terms])).values()];

/** The ways in which messages may have an item: its atoms, or all of it as one word. None if it has
 * no tokens: common words, single characters. @type {WaysOf} */
const waysOf = (matcher, item, loose) => waysFor(matcher, item, loose, false);

/** The ways with all letters of the last word: in long messages only the first words have tokens of
 * their beginnings. @type {WaysOf} */
const finishedWays = (matcher, item, loose) => waysFor(matcher, item, loose, true);

/** @param {Matcher} matcher @param {Item} item @param {boolean} loose @param {boolean} finished
 * @returns {string[][]} */
function waysFor(matcher, item, loose, finished) {
  /** @type {string[]} */
  const found = [];
  /** @type {string[]} */
  const pairs = [];
  const starts = loose ? beginnings(matcher, item) : new Map();
  for (const [at, { text, plain, paired }] of item.atoms.entries()) {
    const following = item.atoms[at + 1];
    if (paired) pairs.push(...(following?.glued ? [`w:${text}${following.text}`] : []));
    else if (DROPPED.has(plain) || text === ANY_PERSON) continue;
    else if (item.prefix && !following) {
      if (finished) found.push(`w:${text}`);
      else if (Array.from(text).length >= LEAST) found.push(`p:${starts.get(text) ?? begin(text)}`);
    } else found.push(starts.has(text) ? `p:${starts.get(text)}` : `w:${text}`);
  }
  const { whole, prefix } = item;
  const short = finished || Array.from(whole).length < LEAST || !prefix;
  const joined = whole ? [[short ? `w:${whole}` : `p:${begin(whole)}`]] : [];
  const all = [...found, ...some(pairs)];
  const ways = [...(all.length > 0 ? [all] : []), ...joined];
  return distinct([...ways, ...(loose && ways.length > 0 ? others(matcher, item) : [])]);
}

/** The ways in which messages may have forms of a word that begin otherwise.
 * @param {Matcher} matcher @param {Item} item @returns {string[][]} */
function others(matcher, { atoms, quoted }) {
  if (atoms.length > 1 || quoted) return [];
  const start = matcher.beginning(atoms[0]);
  const forms = [...matcher.relatives(atoms[0]).keys()];
  return forms.filter((form) => !start || !form.startsWith(start)).map((form) => [`w:${form}`]);
}

/** The one way in which messages with older tokens may have an item. None if version 2 has none: a
 * message without such a token is to be read, too. @type {WaysOf} */
function waysOfVersion1(matcher, item, loose) {
  if (waysOf(matcher, item, loose).length === 0) return [];
  /** @type {string[]} */
  const found = [];
  /** @type {string[]} */
  const pairs = [];
  const known = words(item.source);
  const starts = loose ? beginnings(matcher, item) : new Map();
  for (const [at, { text: word, pair }] of known.entries()) {
    const { length } = Array.from(word);
    if (pair) pairs.push(...(length > 1 ? [`w:${word}`] : []));
    else if (item.prefix && at === known.length - 1 && length >= LEAST)
      found.push(`p:${starts.get(word) ?? begin(word)}`);
    else found.push(starts.has(word) ? `p:${starts.get(word)}` : `w:${word}`);
  }
  const all = [...found, ...some(pairs)];
  return all.length > 0 ? [all] : [];
}

/** The first letters of a word, as many as have a token. @param {string} word */
const begin = (word) => Array.from(word).slice(0, LONGEST).join("");

/** All pairs if they are few, else every second one, which together have all characters.
 * @param {string[]} pairs */
const some = (pairs) =>
  pairs.length > FEW_PAIRS
    ? pairs.filter((_, at) => at === pairs.length - 1 || at % 2 === 0)
    : pairs;

/** The beginnings that all forms of an item's words have, by word.
 * @param {Matcher} matcher @param {Item} item @returns {Map<string, string>} */
function beginnings(matcher, item) {
  if (item.quoted) return new Map();
  const found = item.atoms.map(
    (atom) => /** @type {const} */ ([atom.text, matcher.beginning(atom)]),
  );
  return new Map(found.filter(([, start]) => start !== ""));
}

/** The longest terms, as many as fit into one request. @param {string[]} terms */
function longest(terms) {
  const kept = new Set(byLength(terms).slice(0, MOST_TERMS));
  return [...new Set(terms)].filter((term) => kept.has(term));
}

/** Longer terms first; of equally long ones some from all over the query. @param {string[]} terms */
function byLength(terms) {
  const distinct = [...new Set(terms)];
  const stride = Math.ceil(distinct.length / MOST_TERMS) || 1;
  return distinct
    .map((term, at) => ({ term, at, size: Array.from(term).length }))
    .sort((a, b) => b.size - a.size || (a.at % stride) - (b.at % stride) || a.at - b.at)
    .map(({ term }) => term);
}
