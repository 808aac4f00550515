/** Shows where a query was found in a text. Pure. */

import { fold, normal, read } from "./search-text.js";

/** @typedef {{text: string, hit: boolean}} Piece */
/** @typedef {Pick<import("./matching.js").Matcher, "places">} Places */

const BEFORE = 60; // characters of a long text that are shown before its first hit
const LONGEST = 280;

/**
 * Splits a text into pieces, with the hits apart. Of a word found by its beginning only that is a
 * hit; combining marks stay with their letter.
 * @param {string} text @param {Places} matcher @returns {Piece[]}
 */
export function mark(text, matcher) {
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  const hit = new Set(hitLetters(letters.map(normal), matcher));
  /** @type {Piece[]} */
  const pieces = [];
  for (const [at, letter] of letters.entries()) {
    const last = pieces.at(-1);
    if (last?.hit === hit.has(at)) last.text += letter;
    else pieces.push({ text: letter, hit: hit.has(at) });
  }
  return pieces;
}

/** @param {string[]} letters in their normal form @param {Places} matcher
 * @returns {Generator<number>} the numbers of letters */
function* hitLetters(letters, matcher) {
  const owner = letters.flatMap((letter, at) => Array(letter.length).fill(at));
  const text = read(letters.join(""));
  for (const { first, last, start } of matcher.places(text)) {
    const end = text.atoms[last];
    const begin = owner[text.atoms[first].start];
    let seen = "";
    for (let at = begin; at <= owner[end.end - 1]; at += 1) {
      yield at;
      if (at >= owner[end.start]) seen += letters[at];
      if (start > 0 && fold(seen).length >= start) break;
    }
  }
}

/** The part of a long text around its first hit, on one line; without a hit its beginning. @param {Piece[]} pieces
 * @returns {Piece[]} */
export function excerpt(pieces) {
  const before = pieces.length > 1 && !pieces[0].hit ? pieces[0].text : "";
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
