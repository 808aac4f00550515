/**
 * Forms of words: which languages a text may be in, and the Snowball stems of its words. The
 * stemmers are loaded when a search needs them. client/sotto/protocol/stems.py has the same.
 */

import {
  beginningOtherwise,
  inCommon,
  inForms,
  leftByStemmer,
  sharedWithForms,
} from "./endings.js";
import { irregular } from "./irregular.js";
import { fold } from "./search-text.js";
import { STEMMERS } from "./stemmers.js";

/** @typedef {import("./search-text.js").Atom} Atom */
/** @typedef {(word: string) => string} Stem */

const LEAST = 3; // letters of a beginning that can be asked for
const MOST = 5;
/** More languages than these are a script, of which nothing tells the language. */
const UNTOLD = 10;

/** @type {Record<string, string>} common words by language */
const COMMON = {
  basque: "eta da ez bat dira du zen baina hau ere",
  catalan: "el els i és una amb per que no del dels són als ens però",
  czech: "a je v na se to že s jsem není jsou ale pro jak byl",
  danish: "og er en et det at som på ikke med for af jeg vi har den til blev hvad",
  dutch: "de het een en is van ik niet met voor op zijn dat naar we ook maar wordt",
  english:
    "the and is are was were with for this that you have not of to it in on we they i am my be what but",
  estonian: "ja on ei see et oli kui ka aga ma mis need siis",
  finnish: "ja on ei se että oli mutta kun ovat tämä hän minä myös niin",
  french:
    "le la les et est une des dans pour que qui nous vous pas avec sur du je il sont au avons ont été ce cette mais",
  german:
    "der die das und ist nicht ein eine mit für auf den dem zu wir ich sie sind war im habe hat haben wird werden wurde wurden auch noch nach aber oder bei",
  hungarian: "a az és egy nem hogy van volt ez meg is de már csak",
  indonesian: "dan yang di ini itu tidak dengan untuk ada saya dari akan kami",
  irish: "agus an na is tá bhí ag ar níl leis sé sí",
  italian:
    "il lo gli e è una di che per con non del della sono nel ho i le la un alla abbiamo ha hanno questo anche ma",
  lithuanian: "ir yra kad į su bet tai ne kaip buvo",
  norwegian: "og er en et det at som på ikke med for av jeg vi har den til ble hva",
  polish: "i w na nie się jest z do to że są ale jak był",
  portuguese: "o os as e é uma em para que com não do da dos são no na um muito mas estamos foi",
  romanian: "și este o un în la cu pentru nu din sunt care pe mai au",
  spanish:
    "el la los las y es una en para que con por no del se su está un al como estamos muy pero hay esto",
  swedish: "och är en ett det att som på inte med för av jag vi har den till vad",
  turkish: "ve bir bu için ile de da çok ne var değil ben mi olarak",
};
/** @type {Record<string, string>} letters that tell a language */
const LETTERS = {
  czech: "řůěť",
  danish: "æø",
  german: "ß",
  hungarian: "őű",
  lithuanian: "ėųįū",
  norwegian: "æø",
  polish: "łżąźśćń",
  portuguese: "ãõ",
  romanian: "țșă",
  spanish: "ñ¿¡",
  turkish: "ğış",
};
/** Languages whose stemmers join too many words of others: only where a text is in them. */
const SURE = new Set(["basque", "catalan", "hungarian", "irish", "lithuanian"]);
/** Languages whose forms are asked for although nothing tells the language. */
const ALWAYS = new Set(["english", "turkish"]);
/** @type {[RegExp, string[]][]} languages by the script of a word's first letter */
const SCRIPTS = [
  [/^[\u0370-\u03ff\u1f00-\u1fff]/, ["greek"]],
  [/^[\u0400-\u052f]/, ["russian"]],
  [/^[\u0530-\u058f]/, ["armenian"]],
  [/^[\u0600-\u06ff\u0750-\u077f]/, ["arabic", "persian"]],
  [/^[\u0900-\u097f]/, ["hindi", "nepali"]],
  [/^[\u0b80-\u0bff]/, ["tamil"]],
  [/^[a-z\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff]/, Object.keys(COMMON)],
];
/** @type {Map<string, Stem>} those that are loaded */
const loaded = new Map();
/** @type {Map<string, string>} by language and word */
const known = new Map();
const MOST_KNOWN = 50_000;
const WORDS = new Map(
  Object.entries(COMMON).map(([name, words]) => [name, new Set(words.split(" "))]),
);

/** Loads the stemmers that words of a query may need. One that cannot be loaded finds no forms.
 * @param {Atom[]} atoms */
export async function loadStemmers(atoms) {
  const names = new Set(atoms.flatMap((atom) => scriptOf(atom)));
  const missing = [...names].filter((name) => !loaded.has(name));
  await Promise.all(
    missing.map(async (name) => {
      const part = await STEMMERS[name]().catch(() => null);
      if (part) loaded.set(name, part.stem);
    }),
  );
}

/** The languages whose common words and letters a text has most of; none if it has none.
 * @param {Atom[]} atoms @returns {Set<string>} */
export function languagesOf(atoms) {
  const points = Object.keys(COMMON).map((name) => {
    const words = /** @type {Set<string>} */ (WORDS.get(name));
    const letters = Array.from(LETTERS[name] ?? "");
    const of = (/** @type {Atom} */ { plain }) =>
      Number(words.has(plain)) + Number(letters.some((letter) => plain.includes(letter)));
    return atoms.reduce((sum, atom) => sum + of(atom), 0);
  });
  const most = Math.max(...points);
  return new Set(Object.keys(COMMON).filter((_, at) => most > 0 && points[at] === most));
}

/** The languages that the words of a query tell. One common word tells nothing: `die`, `do`.
 * @param {Atom[]} atoms @returns {Set<string>} */
export function languagesAsked(atoms) {
  if (atoms.length !== 1) return languagesOf(atoms);
  const has = (/** @type {string} */ letter) => atoms[0].plain.includes(letter);
  return new Set(Object.keys(LETTERS).filter((name) => Array.from(LETTERS[name]).some(has)));
}

/** @param {Atom} atom @returns {string[]} */
const scriptOf = ({ apart, plain }) =>
  apart ? [] : (SCRIPTS.find(([letters]) => letters.test(plain))?.[1] ?? []);

/** The languages to find forms of a word in: those of its script, and of these the likely ones if
 * there are any. @param {Atom} atom @param {Set<string>} likely @returns {string[]} */
export function languagesFor(atom, likely) {
  const names = scriptOf(atom);
  const sure = names.filter((name) => likely.has(name));
  return sure.length > 0 ? sure : names.filter((name) => !SURE.has(name));
}

/** The folded stems of a word as it is written, and of it without accents.
 * @param {Atom} atom @param {string} language @returns {[string, string]} */
const stemsOf = ({ plain, text }, language) => [
  fold(stemOf(language, plain)),
  stemOf(language, text),
];

/** The 3 to 5 letters that a word shares with its stems, and with its forms where the language is
 * likely; "" if there are no forms to find.
 * @param {Atom} atom @param {Set<string>} likely @returns {string} */
export function beginningOf(atom, likely) {
  const sizes = languagesFor(atom, likely)
    .flatMap((language) => {
      const sure = likely.has(language) || ALWAYS.has(language);
      const stems = stemsOf(atom, language).map((stem) => sharedSize(language, atom, stem));
      return sure ? [...stems, ...sharedWithForms(language, atom.text)] : stems;
    })
    .filter((size) => size >= LEAST);
  if (sizes.length === 0) return "";
  return Array.from(atom.text)
    .slice(0, Math.min(MOST, ...sizes))
    .join("");
}

/** Tells whether two words are forms of one in one of the languages; in two of them, or English, if
 * nothing tells the language.
 * @param {Atom} word @param {Atom} wanted @param {string[]} languages */
export function sameStem(word, wanted, languages) {
  const found = languages.filter((language) => {
    const ours = stemsOf(wanted, language);
    const same = stemsOf(word, language).some(
      (stem, at) => stem === ours[at] && Array.from(stem).length >= LEAST,
    );
    return same || isForm(language, word, wanted) || isForm(language, wanted, word);
  });
  return found.includes("english") || found.length >= (languages.length > UNTOLD ? 2 : 1);
}

/** Tells whether a word has an ending that its stemmer leaves: verkauft, jouent, reuniões.
 * @param {string} language @param {Atom} form @param {Atom} word */
function isForm(language, form, word) {
  const [plain, folded] = stemsOf(form, language);
  const stem = fold(stemOf(language, word.plain));
  const left = leftByStemmer(language, word.plain);
  if (Array.from(stem).length >= LEAST && left.some((end) => plain === stem + end)) return true;
  return (
    inForms(language, word.plain, false).some(
      (other) => fold(other) === form.text || fold(stemOf(language, other)) === plain,
    ) ||
    inForms(language, word.text, true).some(
      (other) => other === form.text || stemOf(language, other) === folded,
    )
  );
}

/** The forms of a word that begin otherwise, each with its languages, which the word may be in.
 * @param {Atom} atom @param {Set<string>} likely @returns {Map<string, Set<string>>} */
export function relativesOf(atom, likely) {
  /** @type {Map<string, Set<string>>} */
  const found = new Map();
  const among = languagesFor(atom, likely);
  const add = (/** @type {string} */ other, /** @type {string} */ language) =>
    found.set(other, (found.get(other) ?? new Set()).add(language));
  for (const language of among)
    for (const other of beginningOtherwise(language, atom.text)) add(other, language);
  for (const [other, language] of irregular(atom.text))
    if (among.includes(language)) add(other, language);
  return found;
}

/** The number of letters that all forms of a word have of a stem. An English stem with `i` at its end
 * may stand for a word with `y`: study, studied.
 * @param {string} language @param {Atom} atom @param {string} stem */
function sharedSize(language, { text }, stem) {
  const size = inCommon(text, stem);
  const y = language === "english" && stem.endsWith("i") && text.startsWith(stem);
  return y && size > LEAST ? size - 1 : size;
}

/** @param {string} language @param {string} word @returns {string} */
function stemOf(language, word) {
  const key = `${language} ${word}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size > MOST_KNOWN) known.clear();
  const stem = loaded.get(language)?.(word) ?? word;
  if (loaded.has(language)) known.set(key, stem);
  return stem;
}
