/** Blind search tokens of version 1: keyed hashes of words (docs/protocol.md, "Search"). */

import { utf8, WireError } from "./bytes.js";

export const DROPPED = new Set(
  `a an and are as at be but by for from has have he i in is it its not of on or she that the
  they this to was we were will with you`.split(/\s+/),
);
const RUN = /[\p{L}\p{M}\p{N}]+/gu;
const PAIRED =
  /([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2fa1f}]+)/u;
const MAX_WORDS = 256;

/**
 * Folds a text for comparison: no accents, lower case.
 * @param {string} text
 * @returns {string}
 */
export const fold = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll("ς", "σ")
    .normalize("NFKC");

/** @typedef {{text: string, pair: boolean}} Word */

/**
 * Returns the distinct words of a text in order of appearance, at most 256.
 * @param {string} text
 * @returns {Word[]}
 */
export function words(text) {
  /** @type {Map<string, Word>} */
  const found = new Map();
  for (const { text: word, pair } of wordsIn(fold(text))) {
    if (!found.has(word)) found.set(word, { text: word, pair });
    if (found.size === MAX_WORDS) break;
  }
  return [...found.values()];
}

/** Every word of a folded text, with its position.
 * @param {string} folded @returns {Generator<Word & {at: number}>} */
export function* wordsIn(folded) {
  for (const { 0: run, index } of folded.matchAll(RUN)) {
    let at = index;
    for (const part of run.split(PAIRED)) {
      for (const word of splitPart(part, at)) if (!DROPPED.has(word.text)) yield word;
      at += part.length;
    }
  }
}

/** Scripts without spaces become overlapping pairs.
 * @param {string} part @param {number} at @returns {(Word & {at: number})[]} */
function splitPart(part, at) {
  if (part === "") return [];
  if (!PAIRED.test(part)) return [{ text: part, pair: false, at }];
  const points = Array.from(part);
  if (points.length === 1) return [{ text: part, pair: true, at }];
  let next = at;
  return points.slice(1).map((point, index) => {
    const word = { text: points[index] + point, pair: true, at: next };
    next += points[index].length;
    return word;
  });
}

/**
 * The terms of a query: its words, of which the last counts as a beginning if it has three letters.
 * @param {string} text
 * @returns {{term: string, text: string, prefix: boolean}[]} `term` is what is hashed: at most five
 *   letters of a beginning; `text` all of it
 */
export function queryTerms(text) {
  const found = words(text);
  return found.map(({ text: word, pair }, at) => {
    const points = Array.from(word);
    const prefix = at === found.length - 1 && !pair && points.length >= 3;
    const term = prefix ? `p:${points.slice(0, 5).join("")}` : `w:${word}`;
    return { term, text: word, prefix };
  });
}

/** The terms of a text: its words, and their first 3, 4 and 5 letters.
 * @param {string} text @returns {string[]} */
export const terms = (text) =>
  words(text).flatMap(({ text: word, pair }) => {
    const points = Array.from(word);
    const prefixes = pair ? [] : [3, 4, 5].filter((k) => points.length >= k);
    return [`w:${word}`, ...prefixes.map((k) => `p:${points.slice(0, k).join("")}`)];
  });

/**
 * Returns a function that makes the blind token of a term.
 * @param {Uint8Array} sk search key
 * @returns {Promise<(term: string) => Promise<number>>} 24 bits
 */
export async function hasher(sk) {
  const mac = await hmac(sk);
  return async (term) => {
    const [a, b, c] = await mac(utf8(term));
    return (a << 16) | (b << 8) | c;
  };
}

/**
 * Returns a function that computes HMAC-SHA-256.
 * @param {Uint8Array} key 32 bytes
 * @returns {Promise<(message: Uint8Array) => Promise<Uint8Array>>}
 * @throws {WireError} for a key of another size
 */
export async function hmac(key) {
  if (key.length !== 32) throw new WireError("not a key");
  const parameters = { name: "HMAC", hash: "SHA-256" };
  const raw = /** @type {BufferSource} */ (key);
  const imported = await crypto.subtle.importKey("raw", raw, parameters, false, ["sign"]);
  /** @param {Uint8Array} message */
  return async (message) => {
    const bytes = /** @type {BufferSource} */ (message);
    return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes));
  };
}
