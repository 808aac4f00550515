/**
 * Pictographs of people: a query finds them with and without sex and skin.
 * client/sotto/protocol/search_pictures.py has the same.
 */

/** @typedef {import("./search-text.js").Atom} Atom */
/** @typedef {import("./search-text.js").Run} Run */

/** A man, a woman, a person: `👩‍💻` is one of them beside a computer. */
export const PERSONS = new Set(["\u{1f468}", "\u{1f469}", "\u{1f9d1}"]);
/** Stands for each of them in a query; no text has it, since invisible characters are dropped. */
export const ANY_PERSON = "\u{1f9d1}\u200d";
const SEXES = new Set(["\u2640", "\u2642"]);
const BETWEEN = /^[\ufe0f\u{1f3fb}-\u{1f3ff}]*$/u;
const ONE_SIGN = /^[^\p{L}\p{N}]$/u;

/** Runs of a query without the signs of sex in pictographs, and those (by their beginnings) that
 * belong to the person before them.
 * @param {string} plain @param {Iterable<Run>} runs @returns {{kept: Run[], held: Set<number>}} */
export function withoutSex(plain, runs) {
  /** @type {Run[]} */
  const kept = [];
  /** @type {Set<number>} */
  const held = new Set();
  for (const run of runs) {
    const { start = 0, end = 0 } = kept.at(-1) ?? {};
    const before = plain.slice(start, end);
    const here = String.fromCodePoint(/** @type {number} */ (plain.codePointAt(run.start)));
    const together = ONE_SIGN.test(before) && BETWEEN.test(run.sign);
    if (together && SEXES.has(here)) continue;
    if (together && PERSONS.has(before) && !PERSONS.has(here)) held.add(run.start);
    kept.push(run);
  }
  return { kept, held };
}

/** Atoms of a query, of which each person to whom a pictograph belongs is any.
 * @param {Atom[]} atoms @param {Set<number>} held @returns {Atom[]} */
export const withAnyPerson = (atoms, held) =>
  atoms.map((atom, at) => (held.has(atoms[at + 1]?.start) ? { ...atom, text: ANY_PERSON } : atom));
