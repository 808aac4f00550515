/** Parses search queries: words, signs and operators. Pure. */

import { filesOf } from "../../crypto/content-parts.js";
import { DROPPED, fold, queryTerms } from "../../crypto/tokens.js";
import { withAnyPerson, withoutSex } from "./search-pictures.js";
import { ADJOINING, atomsOf, joinedForm, normal, runs, shorter } from "./search-text.js";

/** @typedef {import("./search-text.js").Atom} Atom */
/**
 * @typedef {object} Item something to find: atoms side by side
 * @property {string} source what was typed
 * @property {Atom[]} atoms
 * @property {string} whole the same written as one word or shorter, or ""
 * @property {boolean} prefix whether the last atom may be a beginning
 * @property {boolean} quoted whether only the very words count
 *
 * @typedef {object} Query
 * @property {string} text the words, without the operators
 * @property {ReturnType<typeof queryTerms>} terms the first 16, as version 1 of the tokens has them
 * @property {Item[][]} groups a hit has one item of each
 * @property {Item[]} excluded and none of these
 * @property {Item[][]} common likewise, of words without tokens: hits that have these, too, come
 *   first
 * @property {string[]} from names, folded
 * @property {("file" | "link" | "image")[]} has
 * @property {string[]} in names of rooms, folded
 * @property {string} before a day as YYYY-MM-DD, or ""
 * @property {string} after likewise
 * @property {[string, string][]} problems operators whose value means nothing, with that value
 *
 * @typedef {Pick<Query, "from" | "has" | "in" | "before" | "after" | "problems">} Operators
 */

// Named one by one: programming languages disagree about white space.
const SPACES =
  " \\t\\n\\v\\f\\r\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const PART = new RegExp(
  `(?:(from|has|in|before|after):(?:"([^"]*)"?|([^${SPACES}]*)))|[^${SPACES}]+`,
  "gi",
);
const MINUS = "-\\u2010\\u2011\\u2012\\u2013\\u2212\\ufe63\\uff0d";
const WORD = new RegExp(`([${MINUS}]?)"([^"]*)"?|[|\\uff5c]+|[^ |\\uff5c]+`, "g");
const LEFT_OUT = new RegExp(`^[${MINUS}].`, "su");
const OR = /^(?:OR|[|\uff5c]+)$/;
/** Keyboards set these by themselves. */
const QUOTES =
  /[\u00ab\u00bb\u2039\u203a\u201c\u201d\u201e\u201f\u300c-\u300f\u301d-\u301f\uff02\uff62\uff63]/g;
/** These are apostrophes, too: they quote where a word begins and ends. */
const SINGLE_QUOTES = new RegExp(
  `(^|[${SPACES}:${MINUS}])[\\u2018\\u201a\\u201b]` +
    `([^"\\u2018\\u201a\\u201b]*?)[\\u2018\\u2019](?=[${SPACES}]|$)`,
  "g",
);
const KINDS = ["file", "link", "image"];
const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
export const MOST_TERMS = 16; // terms in one request
export const LEAST = 3; // letters of a beginning

/** @param {string} input @returns {Query} */
export function parseQuery(input) {
  /** @type {Operators} */
  const operators = { from: [], has: [], in: [], before: "", after: "", problems: [] };
  const rest = [];
  const quoting = input.replace(QUOTES, '"').replace(SINGLE_QUOTES, '$1"$2"');
  for (const [part, operator, quoted, plain] of quoting.matchAll(PART)) {
    if (operator) applyOperator(operators, operator.toLowerCase(), quoted ?? plain);
    else rest.push(part);
  }
  const text = rest.join(" ");
  const { groups, excluded } = wantedIn(text);
  const wanted = groups.filter((group) => !group.every(isCommon));
  const common = wanted.length > 0 ? groups.filter((group) => !wanted.includes(group)) : [];
  const words = groups.flat().map(({ source }) => source);
  return {
    text,
    terms: queryTerms(words.join(" ")).slice(0, MOST_TERMS),
    groups: wanted.length > 0 ? wanted : groups,
    excluded,
    common,
    ...operators,
  };
}

/** Tells whether an item is a word that has no tokens, because it is in very many messages.
 * @param {Item} item */
export const isCommon = ({ quoted, atoms }) =>
  !quoted && atoms.every(({ plain }) => DROPPED.has(plain));

/**
 * Groups of alternatives to find, and items to leave out. Signs: `"side by side"`, `-without`,
 * `this OR that`.
 * @param {string} text @returns {{groups: Item[][], excluded: Item[]}}
 */
function wantedIn(text) {
  /** @type {Item[][]} */
  const groups = [];
  /** @type {Item[]} */
  const excluded = [];
  const parts = [...text.matchAll(WORD)];
  let either = false;
  for (const [at, [plain, minus, quoted]] of parts.entries()) {
    if (OR.test(plain)) {
      either = groups.length > 0;
      continue;
    }
    const leftOut = Boolean(minus) || (quoted === undefined && LEFT_OUT.test(plain));
    const exact = quoted !== undefined || leftOut;
    const items = itemsOf(quoted ?? plain, exact, at === parts.length - 1);
    if (leftOut) excluded.push(...items);
    else if (either && items.length > 0) {
      groups.at(-1)?.push(items[0]);
      groups.push(...items.slice(1).map((item) => [item]));
    } else groups.push(...items.map((item) => [item]));
    either = false;
  }
  return { groups: distinct(groups), excluded };
}

/** Groups without repetitions, of which the last stays: it may be a beginning.
 * @param {Item[][]} groups @returns {Item[][]} */
function distinct(groups) {
  /** @type {Map<string, Item[]>} */
  const found = new Map();
  for (const group of groups) {
    const name = group.map(({ atoms }) => atoms.map(({ text }) => text).join(" ")).join("\n");
    found.delete(name);
    found.set(name, group);
  }
  return [...found.values()];
}

/** The items of one part of a query: words that signs such as `-` join stay together.
 * @param {string} words @param {boolean} quoted @param {boolean} last @returns {Item[]} */
function itemsOf(words, quoted, last) {
  const plain = normal(words);
  /** @type {import("./search-text.js").Run[][]} */
  const chunks = [];
  const all = [...runs(plain)];
  const { kept, held } = quoted ? { kept: all, held: new Set() } : withoutSex(plain, all);
  for (const run of kept) {
    const together = run.sign.length === 1 && (ADJOINING.has(run.sign) || inNumber(plain, run));
    if (chunks.length > 0 && (quoted || together || held.has(run.start))) chunks.at(-1)?.push(run);
    else chunks.push([run]);
  }
  return chunks.flatMap((chunk) => {
    const read = chunk.flatMap(({ start, end }) => atomsOf(plain, start, end));
    const persons = withAnyPerson(read, held);
    const atoms = !quoted && isVersion(persons) ? persons.slice(1) : persons;
    if (atoms.length === 0) return [];
    const source = plain.slice(chunk[0].start, chunk[chunk.length - 1].end);
    const whole = quoted ? "" : asOneWord(plain, chunk, atoms);
    const ending = atoms[atoms.length - 1];
    const open = last && !quoted && chunk === chunks.at(-1) && !ending.apart;
    const size = Math.max(Array.from(ending.text).length, Array.from(whole).length);
    const number = atoms.length > 1 && atoms.every(({ text }) => /^\p{Nd}+$/u.test(text));
    return [{ source, atoms, whole, prefix: open && (number || size >= LEAST), quoted }];
  });
}

/** Tells whether there are numbers after a `v`: `v2.0.1` is `2.0.1`, too.
 * @param {import("./search-text.js").Atom[]} atoms */
const isVersion = (atoms) =>
  atoms.length > 2 && atoms[0].text === "v" && /^\p{Nd}+$/u.test(atoms[1].text);

/** Several atoms joined, or one that is shorter; "" if it is the same.
 * @param {string} plain @param {import("./search-text.js").Run[]} chunk
 * @param {import("./search-text.js").Atom[]} atoms */
function asOneWord(plain, chunk, atoms) {
  if (atoms.length > 1) return joinedForm(plain, chunk);
  const bare = shorter(atoms[0].text);
  return bare === atoms[0].text ? "" : bare;
}

/** @param {string} plain @param {import("./search-text.js").Run} run */
const inNumber = (plain, { sign, start }) =>
  sign === "," && /^\p{Nd},\p{Nd}/u.test(plain.slice(start - 2));

/** An operator without a value is still being typed.
 * @param {Operators} query @param {string} operator @param {string} value */
function applyOperator(query, operator, value) {
  const folded = fold(value);
  if (value === "") return;
  if (operator === "from") add(query.from, folded.replace(/^@/, ""));
  else if (operator === "in") add(query.in, folded);
  else if (operator === "has" && isKind(folded)) add(query.has, folded);
  else if ((operator === "before" || operator === "after") && isDay(value)) query[operator] = value;
  else query.problems.push([operator, value]);
}

/** @param {string} value @returns {value is Query["has"][number]} */
const isKind = (value) => KINDS.includes(value);

/** @template {string} T @param {T[]} list @param {T} value */
function add(list, value) {
  if (value !== "" && !list.includes(value)) list.push(value);
}

/** @param {string} text */
function isDay(text) {
  const [, year, month, day] = (DAY.exec(text) ?? []).map(Number);
  if (!(year >= 1970 && year < 3000)) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Tells whether there is anything to search for. @param {Query} query */
export const asksAnything = ({ groups, from, has, before, after }) =>
  groups.length + from.length + has.length > 0 || before !== "" || after !== "";

/** The time range of a query in ms, by this browser's days: from `since` until before `until`.
 * @param {Pick<Query, "before" | "after">} query @returns {{since?: number, until?: number}} */
export const timesOf = ({ before, after }) => ({
  ...(after && { since: midnight(after, 1) }),
  ...(before && { until: midnight(before, 0) }),
});

/** @param {string} day @param {number} later days */
function midnight(day, later) {
  const [year, month, date] = day.split("-").map(Number);
  return Math.max(0, new Date(year, month - 1, date + later).getTime());
}

/** Tells whether a message passes a query's `has:`.
 * @param {Pick<import("../messages/decode-message.js").Message, "text" | "content">} line
 * @param {Query["has"]} has */
export const hasAll = ({ text, content }, has) =>
  has.every((kind) => {
    const files = filesOf(content);
    if (kind === "link") return /https?:\/\/[^\s]/iu.test(text);
    return kind === "file" ? files.length > 0 : files.some(({ type }) => type.startsWith("image/"));
  });

/** People with this name, else those whose names begin with it.
 * @template {{name: string}} T @param {T[]} people @param {string} wanted folded */
export function findByName(people, wanted) {
  const named = people.map((person) => ({ person, name: fold(person.name) }));
  const same = named.filter(({ name }) => name === wanted);
  const found = same.length > 0 ? same : named.filter(({ name }) => name.startsWith(wanted));
  return found.map(({ person }) => person);
}
