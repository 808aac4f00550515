/**
 * Compares texts with queries: exact words, forms of words, and the order of the hits. Pure.
 * client/sotto/protocol/search_match.py has the same.
 */

import { ANY_PERSON, PERSONS } from "./search-pictures.js";
import { lengthOf } from "./search-text.js";
import {
  beginningOf,
  languagesAsked,
  languagesFor,
  languagesOf,
  relativesOf,
  sameStem,
} from "./stems.js";

/** @typedef {import("./query.js").Query} Query */
/** @typedef {import("./query.js").Item} Item */
/** @typedef {import("./search-text.js").Atom} Atom */
/** @typedef {import("./search-text.js").Text} Text */
/** @typedef {{first: number, last: number, start: number}} Place atoms where an item stands;
 *   `start`: letters of the last one that were typed, 0 for all */
/** @typedef {{tf: number[], length: number}} Counts how often each term occurs, among how many
 *   words */
/**
 * @typedef {object} Fit how a text fits a query
 * @property {number | null} tier EXACT, NEAR (all but common words), FORMS or MOST of the words;
 *   null for fewer
 * @property {number[]} exact how often each unit of the query stands there
 * @property {number[]} forms likewise, in other forms
 * @property {number} groups how many of the groups it has
 * @property {boolean} quoted whether it has all that the query quotes
 * @property {number} length in words
 */

const K1 = 1.2;
const B = 0.75;
const FORM = 0.4; // of a form of a word, beside the word itself
export const EXACT = 0;
export const NEAR = 1;
export const FORMS = 2;
export const MOST = 3;

/** Compares texts with one query. `units` are the parts that are counted for the order. */
export class Matcher {
  #likely;
  /** @type {Map<Atom, string>} */
  #beginnings = new Map();
  /** @type {Map<Atom, Map<string, Set<string>>>} */
  #relatives = new Map();

  /** @param {Query} query whose stemmers are loaded */
  constructor(query) {
    this.query = query;
    const items = query.groups.flat();
    this.units = items.flatMap(unitsOf);
    this.#likely = languagesAsked(items.flatMap(({ atoms }) => atoms));
  }

  /** The first letters that all forms of a word have; "" if none are looked for.
   * @param {Atom} atom @returns {string} */
  beginning(atom) {
    const found = this.#beginnings.get(atom) ?? beginningOf(atom, this.#likely);
    this.#beginnings.set(atom, found);
    return found;
  }

  /** The forms of a word that begin with other letters, each with its languages.
   * @param {Atom} atom @returns {Map<string, Set<string>>} */
  relatives(atom) {
    const found = this.#relatives.get(atom) ?? relativesOf(atom, this.#likely);
    this.#relatives.set(atom, found);
    return found;
  }

  /** Returns null for a text that has an excluded word. @param {Text} text @returns {Fit | null} */
  fit(text) {
    const { groups, excluded, common } = this.query;
    if (excluded.some((item) => countOf(text, item) > 0)) return null;
    const likely = this.#languages(text);
    const whole = groups.map((group) => group.some((item) => countOf(text, item) > 0));
    const loose = groups.map(
      (group, at) => whole[at] || group.some((item) => this.#forms(text, item, likely).length > 0),
    );
    const quoted = groups.every((group, at) => whole[at] || !group.some((item) => item.quoted));
    const beside = common.every((group) => group.some((item) => countOf(text, item) > 0));
    return {
      tier: quoted ? tierOf(whole, loose, beside) : null,
      exact: this.units.map((unit) => countOf(text, unit)),
      forms: this.units.map((unit) => this.#forms(text, unit, likely).length),
      groups: loose.filter(Boolean).length,
      quoted,
      length: lengthOf(text),
    };
  }

  /** The places of the words of the query, and of forms of them. @param {Text} text @returns {Place[]} */
  places(text) {
    const likely = this.#languages(text);
    return [...this.query.groups.flat(), ...this.query.common.flat()].flatMap((item) => {
      const typed = item.atoms[item.atoms.length - 1].text;
      const begun = (/** @type {number} */ last) =>
        item.prefix && text.atoms[last].text.startsWith(typed) ? typed.length : 0;
      const exact = placesOf(text, item).map((place) => ({ ...place, start: begun(place.last) }));
      const forms = this.#forms(text, item, likely).map((first) => {
        return { first, last: first + item.atoms.length - 1, start: 0 };
      });
      return [...exact, ...forms];
    });
  }

  /** @param {Text} text */
  #languages({ atoms }) {
    const found = languagesOf(atoms);
    return found.size > 0 ? found : this.#likely;
  }

  /** The places where forms of an item's words stand that are not these words.
   * @param {Text} text @param {Item} item @param {Set<string>} likely @returns {number[]} */
  #forms({ atoms }, item, likely) {
    const has = (/** @type {Atom} */ atom) => this.beginning(atom) || this.relatives(atom).size > 0;
    if (item.quoted || !item.atoms.some(has)) return [];
    const last = item.atoms.length - 1;
    const same = (/** @type {number} */ at) =>
      item.atoms.every(
        (wanted, i) =>
          (i === 0 || adjoins(atoms[at + i], wanted)) &&
          this.#same(atoms[at + i], wanted, likely, item.prefix && i === last),
      );
    return starts(atoms, item).filter((at) => same(at) && !standsAt(atoms, item, at));
  }

  /** @param {Atom} word @param {Atom} wanted @param {Set<string>} likely @param {boolean} prefix */
  #same(word, wanted, likely, prefix) {
    if (fits(word, wanted, prefix)) return true;
    const languages = this.relatives(wanted).get(word.text);
    if (languages) return languagesFor(word, likely).some((language) => languages.has(language));
    const start = this.beginning(wanted);
    if (!start || !word.text.startsWith(start)) return false;
    return sameStem(word, wanted, languagesFor(word, likely));
  }
}

/** The parts of an item that count by themselves: words, and pairs of characters.
 * @param {Item} item @returns {Item[]} */
export function unitsOf(item) {
  if (item.quoted || !item.atoms.some(({ paired }) => paired)) return [item];
  return item.atoms.flatMap((atom, at) => {
    const following = item.atoms[at + 1];
    if (atom.glued && !following?.glued) return [];
    const atoms = following?.glued ? [atom, following] : [atom];
    const source = atoms.map(({ plain }) => plain).join("");
    return [{ source, atoms, whole: "", prefix: item.prefix && !following, quoted: false }];
  });
}

/** @param {boolean[]} whole @param {boolean[]} loose @param {boolean} common */
function tierOf(whole, loose, common) {
  if (whole.every(Boolean)) return common ? EXACT : NEAR;
  if (loose.every(Boolean)) return FORMS;
  return 2 * loose.filter(Boolean).length >= loose.length ? MOST : null;
}

/** The places of an item: its first and last atom.
 * @param {Text} text @param {Item} item @returns {{first: number, last: number}[]} */
function placesOf({ atoms, joined }, item) {
  const { length: size } = item.atoms;
  const found = starts(atoms, item)
    .filter((at) => standsAt(atoms, item, at))
    .map((at) => ({ first: at, last: at + size - 1 }));
  if (item.quoted) return found;
  return [...found, ...asOneWord({ atoms, joined }, item), ...across({ atoms, joined }, item)];
}

/** The places of an item that is written as one word there, or here, or shorter.
 * @param {Text} text @param {Item} item @returns {{first: number, last: number}[]} */
function asOneWord({ atoms, joined }, item) {
  const several = item.atoms.length > 1;
  const wanted = item.whole || (several ? "" : item.atoms[0].text);
  if (!wanted) return [];
  const same = (/** @type {string} */ text) =>
    text === wanted || (item.prefix && text.startsWith(wanted));
  const forms = joined.filter(
    ({ text, first }) => same(text) && !((several || item.whole) && standsAt(atoms, item, first)),
  );
  const single = item.whole ? [...atoms.keys()] : [];
  const fitting = single.filter(
    (at) => same(atoms[at].text) && !(!several && standsAt(atoms, item, at)),
  );
  return [
    ...forms.map(({ first, last }) => ({ first, last })),
    ...fitting.map((at) => ({ first: at, last: at })),
  ];
}

/** The places where one of several atoms of an item is a joined form: `iphone手机` in `iPhone手机`.
 * @param {Text} text @param {Item} item @returns {{first: number, last: number}[]} */
function across({ atoms, joined }, item) {
  const { length: size } = item.atoms;
  const wanted = new Set(item.atoms.map(({ text }) => text));
  const spans = size > 1 ? joined.filter(({ text }) => wanted.has(text)) : [];
  if (spans.length === 0) return [];
  /** @type {(at: number, i: number) => Map<number, boolean>} the ends after one more atom, and
   *   whether it is joined */
  const after = (at, i) => {
    const atom = item.atoms[i];
    const open = item.prefix && i === size - 1;
    const here = at < atoms.length && (i === 0 || adjoins(atoms[at], atom));
    return new Map([
      ...(here && fits(atoms[at], atom, open) ? [/** @type {const} */ ([at + 1, false])] : []),
      ...spans
        .filter(({ first, text }) => first === at && text === atom.text)
        .map(({ last }) => /** @type {const} */ ([last + 1, true])),
    ]);
  };
  /** @type {(at: number, i: number, was: boolean) => number[]} */
  const ends = (at, i, was) =>
    i === size
      ? was
        ? [at]
        : []
      : [...after(at, i)].flatMap(([next, is]) => ends(next, i + 1, was || is));
  return [...atoms.keys()]
    .filter((first) => !standsAt(atoms, item, first))
    .flatMap((first) =>
      [...new Set(ends(first, 0, false))].map((end) => ({ first, last: end - 1 })),
    );
}

/** The places that are followed by enough atoms. @param {Atom[]} atoms @param {Item} item */
const starts = (atoms, item) => [
  ...Array(Math.max(0, atoms.length - item.atoms.length + 1)).keys(),
];

/** @param {Atom[]} atoms @param {Item} item @param {number} at */
const standsAt = (atoms, item, at) =>
  item.atoms.every(
    (wanted, i) =>
      at + i < atoms.length &&
      (i === 0 || adjoins(atoms[at + i], wanted)) &&
      fits(atoms[at + i], wanted, item.prefix && i === item.atoms.length - 1),
  );

/** Characters of one stretch are found in one stretch only: what is asked for are pairs.
 * @param {Atom} atom @param {Atom} wanted */
const adjoins = (atom, wanted) => atom.glued || !wanted.glued;

/** @param {Atom} atom @param {Atom} wanted @param {boolean} prefix */
const fits = ({ text }, wanted, prefix) =>
  wanted.text === ANY_PERSON
    ? PERSONS.has(text)
    : text === wanted.text || (prefix && text.startsWith(wanted.text));

/** @param {Text} text @param {Item} item */
const countOf = (text, item) => placesOf(text, item).length;

/** Tells whether a text has any of the words, and all that are quoted. @param {Fit} fit */
export const hasSome = ({ quoted, exact, forms }) =>
  quoted && (exact.some(Boolean) || forms.some(Boolean));

/** The counts of a text for `score`: forms count less than the words themselves.
 * @param {Fit} fit @returns {Counts} */
export const weighed = ({ exact, forms, length }) => ({
  tf: exact.map((n, at) => n + FORM * forms[at]),
  length,
});

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
