/** Parses search queries: words and operators. Pure. */

import { fold, queryTerms } from "../../crypto/tokens.js";

/**
 * @typedef {object} Query
 * @property {string} text the words, without the operators
 * @property {ReturnType<typeof queryTerms>} terms at most 16
 * @property {string[]} from names, folded
 * @property {("file" | "link" | "image")[]} has
 * @property {string[]} in names of rooms, folded
 * @property {string} before a day as YYYY-MM-DD, or ""
 * @property {string} after likewise
 * @property {[string, string][]} problems operators whose value means nothing, with that value
 */

// Only these count as spaces: programming languages disagree about white space.
const PART =
  /(?:(from|has|in|before|after):(?:"([^"]*)"?|([^ \t\n\r\u00a0\u3000]*)))|[^ \t\n\r\u00a0\u3000]+/gi;
const KINDS = ["file", "link", "image"];
const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const MOST_TERMS = 16; // terms in one request

/** @param {string} input @returns {Query} */
export function parseQuery(input) {
  /** @type {Omit<Query, "terms">} */
  const query = { text: "", from: [], has: [], in: [], before: "", after: "", problems: [] };
  const rest = [];
  for (const [part, operator, quoted, plain] of input.matchAll(PART)) {
    if (operator) applyOperator(query, operator.toLowerCase(), quoted ?? plain);
    else rest.push(part);
  }
  const text = rest.join(" ");
  return { ...query, text, terms: queryTerms(text).slice(0, MOST_TERMS) };
}

/** An operator without a value is still being typed.
 * @param {Omit<Query, "terms">} query @param {string} operator @param {string} value */
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
export const asksAnything = ({ terms, from, has, before, after }) =>
  terms.length + from.length + has.length > 0 || before !== "" || after !== "";

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

/** People with this name, else those whose names begin with it.
 * @template {{name: string}} T @param {T[]} people @param {string} wanted folded */
export function findByName(people, wanted) {
  const named = people.map((person) => ({ person, name: fold(person.name) }));
  const same = named.filter(({ name }) => name === wanted);
  const found = same.length > 0 ? same : named.filter(({ name }) => name.startsWith(wanted));
  return found.map(({ person }) => person);
}
