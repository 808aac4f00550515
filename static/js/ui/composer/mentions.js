/** Names after an @, for completion. */

import { avatar } from "../people/avatar.js";

const MOST = 8;
/** An @ begins a name where the parser of messages takes it as one: not within a word. */
const BEGUN = /(?<![A-Za-z0-9.@/-]|[A-Za-z0-9]_)@([a-z0-9_.-]{0,32})$/iu;

/** @typedef {{uid: string, name: string}} Mentionable */

/** Returns the beginning of a name that is being typed before the cursor, or null.
 * @param {string} text @param {number} at the cursor @returns {string | null} */
export function begunName(text, at) {
  const found = BEGUN.exec(text.slice(Math.max(0, at - 40), at));
  return found ? found[1].toLowerCase() : null;
}

/** Returns the names that contain `begun`: that name itself, those that start with it, the others;
 * each in their order.
 * @param {string} begun @param {string[]} names */
export function matchingNames(begun, names) {
  const rank = (/** @type {string} */ name) =>
    name === begun ? 0 : name.startsWith(begun) ? 1 : 2;
  const found = names.filter((name) => name.includes(begun));
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
}

/** Completes the names of people. @param {() => Mentionable[]} people in the order of the list
 * @returns {import("./completion.js").Source} */
export const names = (people) => (text, at) => {
  const begun = begunName(text, at);
  if (begun === null) return null;
  const uids = new Map(people().map(({ uid, name }) => [name, uid]));
  const choices = matchingNames(begun, [...uids.keys()]).map((name) => ({
    text: `${name} `,
    shown: [avatar(/** @type {string} */ (uids.get(name)), "small"), `@${name}`],
  }));
  return { from: at - begun.length, choices, complete: uids.has(begun) };
};
