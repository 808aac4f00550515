/**
 * Texts as searches compare them: folded words, their parts and joined forms (docs/protocol.md,
 * "Search"). client/sotto/protocol/search_text.py has the same.
 */

import { DROPPED } from "../../crypto/tokens.js";

/**
 * @typedef {object} Atom The smallest part of a text that can be found: a word, a part of one, or
 *   one character of a script without spaces.
 * @property {string} text folded
 * @property {string} plain in lower case only
 * @property {number} start position in the normal text
 * @property {number} end
 * @property {boolean} apart without beginnings to look for: paired characters, pictures
 * @property {boolean} paired
 * @property {boolean} glued it continues a stretch of paired characters
 *
 * @typedef {{text: string, first: number, last: number}} Joined a form written across atoms
 * @typedef {{atoms: Atom[], joined: Joined[]}} Text
 * @typedef {{start: number, end: number, sign: string}} Run letters, marks and numbers; `sign`
 *   separates them from the run before
 */

const FROM = "ıøđðłħŧŋəɨʉɓɗƙςٱىیےةەہھک";
const TO = "ioddlhtneiubdkσاييي" + "هههه" + "ك";
/** @type {Map<string, string>} */
const MAPPED = new Map([
  ...Array.from(FROM, (letter, at) => /** @type {[string, string]} */ ([letter, TO[at]])),
  ["æ", "ae"],
  ["œ", "oe"],
  ["þ", "th"],
  ["ß", "ss"],
]);
for (const zero of [0x660, 0x6f0, 0x966, 0x9e6])
  for (let digit = 0; digit < 10; digit += 1)
    MAPPED.set(String.fromCodePoint(zero + digit), String(digit));

const MARKS = new RegExp(
  "[\\u0300-\\u036f\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a" +
    "\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed" +
    "\\u093c\\u09bc\\u180b-\\u180d\\u20d0-\\u20ff\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]",
  "gu",
);
const PAIRED =
  /[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3040-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\u{20000}-\u{3ffff}]/u;
const PICTURE =
  /[\u{1f1e6}-\u{1f1ff}]{2}|[\u203c\u2049\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u{1f000}-\u{1f3fa}\u{1f400}-\u{1faff}]/uy;
const INSIDE = /[\p{L}\p{M}\p{N}]/u;
/** Letters that texts are also found without: with hooks and strokes that no fold takes away. */
const HOOKED =
  "ƀƃƈƌƒƚƞƥƫƭƴƶǝǥȡȥȴȵȶȷȼȿɀɇɉɋɍɏɔɕɖɛɜɠɡɢɣɦɩɪɫɬɭɱɲɳɴɼɽɾʀʂʃʈʊʋʏʐʑʒʙʜʝʟʠᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢᵬᵭᵮᵯᵰᵱᵲᵳ" +
  "ᵴᵵᵶᵽᶀᶁᶂᶃᶄᶅᶆᶇᶈᶉᶊᶌᶍᶎᶏᶑᶒᶖᶙỿⱡⱥⱦⱨⱪⱬⱱⱳⱴⱸⱺꜰꜱꝁꝃꝅꝉꝋꝍꝑꝓꝕꝗꝙꝟꞎꞑꞓꞔꞕꞗꞙꞡꞣꞥꞧꞩꞯꞹꟈꟊѽҋҏґғҕҗҙқҝҟңҧҫҭүұҳҷҹҿӄӆ" +
  "ӈӊӎөӷӻӽӿԓԡԣԥԧԩԯ";
const PLAIN =
  "bbcdflnpttyzegdzlntjcszejqryocdeegggghiilllmnnnrrrrsstuvyzzzbhjlqacdejkmoptuvwzbdfmnprr" +
  "stzpbdfgklmnprsvxzadeiuylathkzvwveofskkkloopppqqvlncchbfgknrsqudsѡйргггжзкккнпстуүхччҽкл" +
  "ннмоггххллнпһнл";
/** @type {Map<string, string>} */
const PLAINER = new Map(Array.from(HOOKED, (letter, at) => [letter, PLAIN[at]]));
PLAINER.set("\u02bb", "").set("\u02bd", "");
/** A double quote within a Hebrew word is its sign of an abbreviation. */
const GERSHAYIM = /([\u05d0-\u05ea])["\u201c\u201d](?=[\u05d0-\u05ea])/g;
const ZWNJ = "\u200c";
/** Signs within one word: it is also looked for without them. */
const JOINING = new Set(`-_&'\u2018\u2019\u02bc\u2010\u2011\u00b7\u05be\u05f3\u05f4${ZWNJ}`);
/** Signs that keep the words of a query together: they are looked for side by side. */
export const ADJOINING = new Set([...JOINING, ".", ":", "@"]);
const THOUSANDS = new Set(",.'\u2019 ");
const ARTICLE = /^(?:[\u0648\u0641\u0628\u0643]?\u0627\u0644|\u0644\u0644)(.{3,})$/u;
const MOST_PARTS = 6;
const MEANT = 4; // letters of a part, on average, where there are many
const MOST_JOINED = 4;
const LONGEST_JOINED = 40;

/**
 * A text without invisible characters, in one spelling of each letter. Keeps case and accents;
 * the zero-width non-joiner stays, because it separates parts of words.
 * @param {string} text @returns {string}
 */
export const normal = (text) =>
  text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, (sign) => (sign === ZWNJ ? sign : ""))
    .replaceAll("\u02bc", "'")
    .replace(GERSHAYIM, "$1\u05f4");

/** A text in the form that is compared: without case, accents, strokes and vowel signs.
 * @param {string} text @returns {string} */
export function fold(text) {
  const bare = normal(text).normalize("NFKD").replace(MARKS, "").toLowerCase();
  return Array.from(bare.replace(MARKS, ""), (letter) => MAPPED.get(letter) ?? letter)
    .join("")
    .normalize("NFKC");
}

/** Splits a text into atoms and joined forms. @param {string} text @returns {Text} */
export function read(text) {
  const plain = normal(text);
  /** @type {Atom[]} */
  const atoms = [];
  /** @type {Joined[]} */
  const joined = [];
  /** @type {{run: Run, first: number}[]} runs that may be one word, with their first atoms */
  let chain = [];
  for (const run of runs(plain)) {
    const { length: first } = atoms;
    if (!continues(plain, chain.at(-1)?.run, run)) chain = [];
    atoms.push(...atomsOf(plain, run.start, run.end));
    chain = [...chain, { run, first }].slice(-MOST_JOINED);
    const last = atoms.length - 1;
    joined.push(...joinedParts(plain, atoms, first), ...shorterForms(atoms, first));
    for (const [at, begin] of chain.slice(0, -1).entries()) {
      const whole = joinedForm(
        plain,
        chain.slice(at).map((one) => one.run),
      );
      if (whole) joined.push({ text: whole, first: begin.first, last });
    }
  }
  return { atoms, joined };
}

/** The parts of one word that stand together: of few parts all, of many the whole word.
 * Characters that are apart end a word: `iPhone手机`.
 * @param {string} plain @param {Atom[]} atoms @param {number} start @returns {Joined[]} */
function joinedParts(plain, atoms, start) {
  /** @type {Joined[]} */
  const found = [];
  for (let begin = start, end = start; begin < atoms.length; begin = end + 1) {
    for (end = begin; end < atoms.length && !atoms[end].apart; ) end += 1;
    const size = end - begin;
    for (let first = begin; first < end - 1; first += 1)
      for (let last = first + 1; last < end; last += 1)
        if (size <= MOST_JOINED || last - first === size - 1)
          found.push({ text: fold(plain.slice(atoms[first].start, atoms[last].end)), first, last });
  }
  return found;
}

/** A folded word without \u02bb and without the hooks and strokes of letters.
 * @param {string} word @returns {string} */
const plainer = (word) => Array.from(word, (letter) => PLAINER.get(letter) ?? letter).join("");

/** A folded word without its Arabic article, or a plainer one. @param {string} word */
export const shorter = (word) => ARTICLE.exec(word)?.[1] ?? plainer(word);

/** Arabic words without the article that is written as a part of them; plainer words.
 * @param {Atom[]} atoms @param {number} start @returns {Joined[]} */
const shorterForms = (atoms, start) =>
  atoms.slice(start).flatMap(({ text }, at) => {
    const bare = shorter(text);
    return bare && bare !== text ? [{ text: bare, first: start + at, last: start + at }] : [];
  });

/** @param {string} plain @param {Run | undefined} before @param {Run} run */
function continues(plain, before, { sign, start }) {
  if (!before || sign.length !== 1) return false;
  if (sign === " ") return /^\p{Nd} \p{Nd}/u.test(plain.slice(before.end - 1, start + 2));
  return JOINING.has(sign) || THOUSANDS.has(sign);
}

/** The number of words that count. @param {Text} text */
export const lengthOf = ({ atoms }) => atoms.filter(({ plain }) => !DROPPED.has(plain)).length;

/**
 * Several runs written as one: `e-mail`, `U.S.A.`, `1,000,000`; "" if they are not.
 * @param {string} plain @param {Run[]} chain @returns {string}
 */
export function joinedForm(plain, chain) {
  const parts = chain.map(({ start, end }) => plain.slice(start, end));
  const signs = [...new Set(chain.slice(1).map(({ sign }) => sign))];
  const points = parts.map((part) => Array.from(part).length);
  const long = chain.length > 1 && points.reduce((sum, size) => sum + size, 0) > LONGEST_JOINED;
  if (long || parts.some((part) => PAIRED.test(part))) return "";
  const middle = points.slice(1, -1);
  const thousands =
    signs.every((sign) => THOUSANDS.has(sign)) &&
    parts.every((part) => /^\p{Nd}+$/u.test(part)) &&
    points[0] <= 3 &&
    points.at(-1) === 3 &&
    (middle.every((size) => size === 3) || (middle.every((size) => size === 2) && points[0] <= 2));
  const letters = signs.join() === "." && parts.every((part) => /^\p{L}+$/u.test(part));
  const joins = signs.every((sign) => JOINING.has(sign));
  return thousands || letters || joins ? fold(parts.join("")) : "";
}

/** The longest runs of letters, marks and numbers; each picture is one of its own.
 * @param {string} plain @returns {Generator<Run>} */
export function* runs(plain) {
  let [start, end] = [-1, 0]; // of the open run, and of the one before
  for (let at = 0; at < plain.length; ) {
    const char = String.fromCodePoint(/** @type {number} */ (plain.codePointAt(at)));
    const picture = pictureAt(plain, at);
    if (picture === "" && INSIDE.test(char)) {
      if (start < 0) start = at;
      at += char.length;
      continue;
    }
    if (start >= 0) {
      yield { start, end: at, sign: plain.slice(end, start) };
      [start, end] = [-1, at];
    }
    if (picture) {
      yield { start: at, end: at + picture.length, sign: plain.slice(end, at) };
      end = at + picture.length;
    }
    at += picture.length || char.length;
  }
  if (start >= 0) yield { start, end: plain.length, sign: plain.slice(end, start) };
}

/** @param {string} plain @param {number} at @returns {string} */
function pictureAt(plain, at) {
  if (plain.charCodeAt(at) < 128) return "";
  PICTURE.lastIndex = at;
  return PICTURE.exec(plain)?.[0] ?? "";
}

/** The atoms of one run. @param {string} plain @param {number} start @param {number} end
 * @returns {Atom[]} */
export function atomsOf(plain, start, end) {
  if (pictureAt(plain, start)) {
    const text = plain.slice(start, end);
    return [{ text, plain: text, start, end, apart: true, paired: false, glued: false }];
  }
  /** @type {Atom[]} */
  const found = [];
  for (const part of plain.slice(start, end).split(new RegExp(`(${PAIRED.source})`, "u"))) {
    if (PAIRED.test(part)) {
      const glued = found.at(-1)?.paired ?? false;
      const text = fold(part);
      const place = { start, end: start + part.length };
      if (text) found.push({ text, plain: part, ...place, apart: true, paired: true, glued });
    } else if (part) found.push(...partsOf(plain, start, start + part.length));
    start += part.length;
  }
  return found;
}

/**
 * A word without paired characters: at changes of case and between letters and digits it has
 * parts, unless these are too many and too short to mean anything.
 * @param {string} plain @param {number} start @param {number} end @returns {Atom[]}
 */
function partsOf(plain, start, end) {
  const letters = Array.from(plain.slice(start, end));
  const kinds = letters.map(kindOf);
  let at = start;
  /** @type {number[]} */
  let cuts = [];
  for (const [i, letter] of letters.entries()) {
    if (i > 0 && isCut(kinds, i)) cuts.push(at);
    at += letter.length;
  }
  if (cuts.length >= MOST_PARTS && letters.length < MEANT * (cuts.length + 1)) cuts = [];
  return [start, ...cuts].flatMap((begin, i) => {
    const stop = cuts[i] ?? end;
    const word = plain.slice(begin, stop);
    const text = fold(word);
    const lower = word.toLowerCase().normalize("NFC");
    const place = { start: begin, end: stop };
    return text
      ? [{ text, plain: lower, ...place, apart: false, paired: false, glued: false }]
      : [];
  });
}

/** @param {string[]} kinds @param {number} at */
function isCut(kinds, at) {
  const [before, here] = [kinds[at - 1], kinds[at]];
  if (before === "N" || here === "N") return before !== here && before !== "" && here !== "";
  if (here === "U" && before === "U") return kinds[at + 1] === "l" && !isAlone(kinds, at + 1);
  if (here === "l" && before === "U" && kinds[at - 2] === "U") return isAlone(kinds, at);
  return here === "U" && before === "l";
}

/** Tells whether a letter is the last one of a word or before a digit: `URLs`, `IPv6`.
 * @param {string[]} kinds @param {number} at */
const isAlone = (kinds, at) => at + 1 === kinds.length || kinds[at + 1] === "N";

/** Digit, upper or lower case; "" for marks, which follow their letter, and other letters.
 * @param {string} letter */
function kindOf(letter) {
  if (/\p{Nd}/u.test(letter)) return "N";
  if (/\p{Lu}/u.test(letter)) return "U";
  if (/\p{Ll}/u.test(letter)) return "l";
  return /\p{M}/u.test(letter) ? "" : "o";
}
