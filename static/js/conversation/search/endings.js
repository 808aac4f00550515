/**
 * Endings that tell forms of a word apart and that stemmers leave: those of one word together.
 * client/sotto/protocol/endings.py has the same.
 */

import { fold } from "./search-text.js";

/** @type {Record<string, string>} by language */
export const ENDINGS = {
  arabic: "-ة -ات",
  catalan: "- -s, -a -es",
  czech: "-it -il -ila -ili -eno, -at -át -al -ala -ali, -ha -ze, -ka -ce, -ra -ře",
  dutch: "- -en -eren -e",
  english: "-y -ily -ier -iest",
  finnish: "-a -ien -oita, -us -uksen, -os -oksen",
  french: "-u -ux, -ail -aux, -if -ive -ives, -eux -euse -euses",
  german: "-a -as -en, -i -is, -o -os, -y -ys, -um -en, -t -tin, -er -erin",
  greek: "-ο -α -ου, -ι -ί -ια -ιά",
  italian: "-go -ghi, -ga -ghe, -gare -ghiamo",
  polish: "-ka -ek, -sać -sze -szę, -zać -że -żę",
  portuguese:
    "-ão -ões -ães -ãos, -al -ais, -el -éis -eis, -il -is -eis, -ol -óis, -ul -uis, -m " +
    "-ns, -car -que, -gar -gue, -çar -ce",
  romanian: "-l -i -ii -iii, -re -ri",
  russian:
    "-тить -чен -чу -щен -щу, -дить -жу -жен -жден, -сить -шу -шен, -зить -жу -жен, -пить " +
    "-плю -плен, -бить -блю -блен, -вить -влю -влен, -мить -млю -млен, -сать -шу, -зать " +
    "-жу",
  spanish: "-z -ces, -car -que, -gar -gue, -zar -ce, -dad -dades, -en -enes, -o -amente",
  turkish:
    "- -lar -ler, -p -b, -ç -c, -a -ası, -e -esi, -i -isi, -ı -ısı, -o -osu, -u -usu, -ü -üsü",
};
/** Endings of infinitives, and those that their forms have behind the infinitive's stem.
 * @type {Record<string, string>} */
export const VERBS = {
  danish: "-e -t",
  dutch: "-en -t -d",
  french: "-er -ent -on -eon",
  german: "-en -t -et, -ieren -ert",
  norwegian: "-e -t",
};

const SHORTEST = 3; // letters of a word that has forms, and of a beginning that can be asked for
/** @typedef {{own: string, others: string[]}} Rule the ending of a word, and those of its forms */
/** @type {Map<string, Rule[]>} */
const known = new Map();

/** A word with the endings of its forms, folded if it is: reunião, reuniões.
 * @param {string} language @param {string} word @param {boolean} folded @returns {string[]} */
export function inForms(language, word, folded) {
  if (sizeOf(word) < SHORTEST) return [];
  return rules(ENDINGS, language, folded)
    .filter(({ own }) => word.endsWith(own))
    .flatMap(({ own, others }) => others.map((other) => without(word, own) + other));
}

/** The endings that forms of a verb have behind its stem: verkaufen, verkauf-t.
 * @param {string} language @param {string} infinitive @returns {string[]} */
export const leftByStemmer = (language, infinitive) =>
  rules(VERBS, language, false)
    .filter(({ own }) => infinitive.endsWith(own))
    .flatMap(({ others }) => others);

/** The numbers of letters that a folded word has in common with its forms.
 * @param {string} language @param {string} word @returns {number[]} */
export const sharedWithForms = (language, word) =>
  [...pairs(ENDINGS, language), ...pairs(VERBS, language)]
    .filter(([here]) => here && word.endsWith(here))
    .map(([here, there]) => sizeOf(without(word, here)) + inCommon(here, there));

/** The forms of a folded word that have fewer letters in common with it than can be asked for:
 * luz, luces.
 * @param {string} language @param {string} word @returns {string[]} */
export const beginningOtherwise = (language, word) =>
  pairs(ENDINGS, language).flatMap(([here, there]) => {
    if (!word.endsWith(here) || sizeOf(word) < SHORTEST) return [];
    const stem = without(word, here);
    const short = sizeOf(stem) + inCommon(here, there) < SHORTEST;
    return short && sizeOf(stem + there) >= SHORTEST ? [stem + there] : [];
  });

/** The number of letters that both begin with. @param {string} one @param {string} other */
export function inCommon(one, other) {
  const [ours, theirs] = [Array.from(one), Array.from(other)];
  const end = ours.findIndex((letter, at) => letter !== theirs[at]);
  return end < 0 ? ours.length : end;
}

/** The folded ending of a word and that of a form of it, in both orders.
 * @param {Record<string, string>} table @param {string} language @returns {[string, string][]} */
const pairs = (table, language) =>
  rules(table, language, true).flatMap(({ own, others }) =>
    others.flatMap((other) => both(own, other)),
  );

/** @param {string} one @param {string} other @returns {[string, string][]} */
const both = (one, other) => [
  [one, other],
  [other, one],
];

/** @param {Record<string, string>} table @param {string} language @param {boolean} folded */
function rules(table, language, folded) {
  const key = `${table === VERBS} ${language} ${folded}`;
  const found = known.get(key) ?? (table[language]?.split(", ") ?? []).map(rule(folded));
  known.set(key, found);
  return found;
}

/** @param {boolean} folded @returns {(line: string) => Rule} */
const rule = (folded) => (line) => {
  const [own, ...others] = line
    .split(" ")
    .map((one) => (folded ? fold(one.slice(1)) : one.slice(1)));
  return { own, others: [...new Set(others)] };
};

/** @param {string} word @param {string} ending */
const without = (word, ending) => word.slice(0, word.length - ending.length);

/** @param {string} text */
const sizeOf = (text) => Array.from(text).length;
