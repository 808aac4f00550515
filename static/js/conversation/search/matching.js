/** Matches, scores and highlights texts. Pure. */

import { filesOf } from "../../crypto/content.js";
import { fold, wordsIn } from "../../crypto/tokens.js";

/** @typedef {import("./query.js").Query["terms"]} Terms */
/** @typedef {{tf: number[], length: number}} Counts how often each term occurs, among how many
 *   words */
/** @typedef {{text: string, hit: boolean}} Piece */

const K1 = 1.2;
const B = 0.75;
const BEFORE = 60; // characters of a long text that are shown before its first hit
const LONGEST = 280;

/** @param {string} word @param {Terms[number]} term */
const fits = (word, { text, prefix }) => (prefix ? word.startsWith(text) : word === text);

/** @param {string} text @param {Terms} terms @returns {Counts} */
export function count(text, terms) {
  const words = [...wordsIn(fold(text))];
  const tf = terms.map((term) => words.filter((word) => fits(word.text, term)).length);
  return { tf, length: words.length };
}

/**
 * The BM25 score, by the server's count of messages with each term.
 * @param {Counts} counts @param {{df: number[], total: number, average: number}} room
 * @returns {number}
 */
export function score({ tf, length }, { df, total, average }) {
  const share = average > 0 ? length / average : 1;
  return tf.reduce((sum, n, at) => {
    const known = Math.min(df[at], total);
    const idf = Math.log(1 + (total - known + 0.5) / (known + 0.5));
    return sum + (idf * n * (K1 + 1)) / (n + K1 * (1 - B + B * share));
  }, 0);
}

/**
 * Splits a text into pieces, with the hits apart. Of a word found by its beginning only that is a
 * hit; combining marks stay with their letter.
 * @param {string} text @param {Terms} terms @returns {Piece[]}
 */
export function mark(text, terms) {
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  const folded = letters.map(fold);
  const hit = new Set(hitLetters(folded, terms));
  /** @type {Piece[]} */
  const pieces = [];
  for (const [at, letter] of letters.entries()) {
    const last = pieces.at(-1);
    if (last?.hit === hit.has(at)) last.text += letter;
    else pieces.push({ text: letter, hit: hit.has(at) });
  }
  return pieces;
}

/** @param {string[]} folded letter by letter @param {Terms} terms
 * @returns {Generator<number>} the numbers of letters */
function* hitLetters(folded, terms) {
  const owner = folded.flatMap((letter, at) => Array(letter.length).fill(at));
  for (const { text: word, at } of wordsIn(folded.join(""))) {
    for (const term of terms) {
      if (fits(word, term)) for (let i = 0; i < term.text.length; i += 1) yield owner[at + i];
    }
  }
}

/** The part of a long text around its first hit, on one line. @param {Piece[]} pieces
 * @returns {Piece[]} */
export function excerpt(pieces) {
  const before = pieces[0]?.hit === false ? pieces[0].text : "";
  const skipped = before.length > BEFORE ? cut(before, before.length - BEFORE) : 0;
  let left = LONGEST;
  /** @type {Piece[]} */
  const shown = [];
  for (const [at, { text, hit }] of pieces.entries()) {
    if (left <= 0) break;
    const whole = at === 0 && skipped > 0 ? `… ${text.slice(skipped)}` : text;
    const part = whole.length > left ? `${whole.slice(0, cut(whole, left))} …` : whole;
    shown.push({ text: part.replace(/\s+/g, " "), hit });
    left -= whole.length;
  }
  return shown;
}

/** The next beginning of a word, if one is near. @param {string} text @param {number} at */
function cut(text, at) {
  const space = text.indexOf(" ", at);
  if (space >= 0 && space - at < 20) return space + 1;
  return /[\uDC00-\uDFFF]/.test(text[at] ?? "") ? at + 1 : at; // never half of a character
}

/** Tells whether a message passes a query's operators.
 * @param {Pick<import("../messages/decode-message.js").Message, "text" | "content">} line
 * @param {import("./query.js").Query["has"]} has */
export const hasAll = ({ text, content }, has) =>
  has.every((kind) => {
    const files = filesOf(content);
    if (kind === "link") return /https?:\/\/[^\s]/iu.test(text);
    return kind === "file" ? files.length > 0 : files.some(({ type }) => type.startsWith("image/"));
  });
