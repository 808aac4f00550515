/** Blind search tokens of version 2, which hold those of version 1 (docs/protocol.md, "Search"). */

import { utf8 } from "../../crypto/bytes.js";
import { DROPPED, hasher, terms as olderTerms } from "../../crypto/tokens.js";
import { read } from "./search-text.js";

export const VERSION = 2;
const STEP = 8;
const MOST_TOKENS = 4096;
const FREE_TOKENS = 1024;
const TOKENS_PER_BYTE = 2;
const BEGINNINGS = [3, 4, 5];

/** @typedef {{g: number, t: number[], v: number}} Tokens of generation g and version v, ascending */

/**
 * The distinct words of a text, in order; whether each is apart: without beginnings. Characters of
 * scripts without spaces stand in pairs. Single ones are no words: there are so few of them that
 * their frequencies would name them.
 * @param {import("./search-text.js").Text} text @returns {Map<string, boolean>}
 */
function wordsOf({ atoms, joined }) {
  /** @type {Map<string, boolean>} */
  const found = new Map();
  const add = (/** @type {string} */ word, /** @type {boolean} */ apart) =>
    found.has(word) || found.set(word, apart);
  for (const [at, { text, plain, apart, paired }] of atoms.entries()) {
    const following = atoms[at + 1];
    if (paired && following?.glued) add(text + following.text, true);
    if (!paired && !DROPPED.has(plain)) add(text, apart);
  }
  for (const { text } of joined) add(text, false);
  return found;
}

/** The terms of a text: its words, then their first 3, 4 and 5 letters.
 * @param {string} text @returns {string[]} */
export function terms(text) {
  const words = wordsOf(read(text));
  const found = new Set([...words.keys()].map((word) => `w:${word}`));
  for (const [word, apart] of words) {
    const points = apart ? [] : Array.from(word);
    for (const size of BEGINNINGS)
      if (points.length >= size) found.add(`p:${points.slice(0, size).join("")}`);
  }
  return [...found];
}

/**
 * Returns a text's blind tokens, ascending, filled up to a multiple of 8 with random ones. Of a
 * message with more words than fit, those of the first ones.
 * @param {Uint8Array} sk search key of generation g @param {string} text @param {number} g
 * @returns {Promise<Tokens>}
 */
export async function tokensFor(sk, text, g) {
  const token = await hasher(sk);
  const every = [...new Set([...olderTerms(text), ...terms(text)])];
  const isWord = (/** @type {string} */ term) => term.startsWith("w:");
  const ordered = [...every.filter(isWord), ...every.filter((term) => !isWord(term))];
  const most = Math.min(MOST_TOKENS, FREE_TOKENS + TOKENS_PER_BYTE * utf8(text).length);
  const found = new Set(await Promise.all(ordered.slice(0, most).map(token)));
  const size = Math.ceil(found.size / STEP) * STEP;
  while (found.size < size) {
    const [a, b, c] = crypto.getRandomValues(new Uint8Array(3));
    found.add((a << 16) | (b << 8) | c);
  }
  return { g, t: [...found].sort((a, b) => a - b), v: VERSION };
}
