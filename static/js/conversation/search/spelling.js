/** Words that were probably meant. Pure. client/sotto/protocol/spelling.py has the same. */

import { DROPPED } from "../../crypto/tokens.js";
import { read } from "./search-text.js";

/** @typedef {Map<string, {plain: string, count: number}>} Known words by their folded form */

const SHORTEST = 4; // letters of a word that is corrected
const LONG = 8; // letters from which on two errors are corrected
const MOST = 3; // suggestions

/**
 * What the words of a query may have been meant to be, nearest first: each suggestion is the text
 * of the query with other words, all of which are among those of the texts.
 * @param {import("./query.js").Query} query @param {Iterable<string>} texts @returns {string[]}
 */
export function suggestions(query, texts) {
  const known = wordsOf(texts);
  let found = [query.text];
  for (const { atoms, quoted, prefix, source } of query.groups.flat()) {
    if (quoted || atoms.length > 1 || !isUnknown(atoms[0], prefix, known)) continue;
    const near = nearest(atoms[0].text, known);
    found = found
      .flatMap((text) => near.map((word) => text.replaceAll(source, known.get(word)?.plain ?? "")))
      .slice(0, MOST);
  }
  return found.filter((text) => text !== query.text);
}

/** @param {Iterable<string>} texts @returns {Known} */
function wordsOf(texts) {
  /** @type {Known} */
  const known = new Map();
  for (const written of texts)
    for (const { text, plain, apart } of read(written).atoms) {
      if (apart || DROPPED.has(plain)) continue;
      const before = known.get(text);
      known.set(text, { plain: before?.plain ?? plain, count: (before?.count ?? 0) + 1 });
    }
  return known;
}

/** @param {import("./search-text.js").Atom} atom @param {boolean} prefix
 * @param {Known} known */
function isUnknown({ text, apart }, prefix, known) {
  if (apart || Array.from(text).length < SHORTEST || known.has(text)) return false;
  return !(prefix && [...known.keys()].some((word) => word.startsWith(text)));
}

/** @param {string} word @param {Known} known @returns {string[]} */
function nearest(word, known) {
  const letters = Array.from(word);
  const most = letters.length >= LONG ? 2 : 1;
  return [...known]
    .map(([other, { count }]) => ({ other, count, far: distance(letters, other, most) }))
    .filter(({ far }) => far <= most)
    .sort((a, b) => a.far - b.far || b.count - a.count || (a.other < b.other ? -1 : 1))
    .slice(0, MOST)
    .map(({ other }) => other);
}

/** The number of letters that are wrong, missing, too many or exchanged with the next; `most` + 1 if there
 * are more. @param {string[]} a @param {string} word @param {number} most */
function distance(a, word, most) {
  const b = Array.from(word);
  if (Math.abs(a.length - b.length) > most) return most + 1;
  /** @type {number[]} */
  let before = [];
  let row = [...Array(b.length + 1).keys()];
  for (let i = 1; i <= a.length; i += 1) {
    const older = before;
    before = row;
    row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = before[j - 1] + Number(a[i - 1] !== b[j - 1]);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = exchanged ? older[j - 2] + 1 : changed;
      row.push(Math.min(before[j] + 1, row[j - 1] + 1, changed, swapped));
    }
    if (Math.min(...row) > most) return most + 1;
  }
  return row[b.length];
}
