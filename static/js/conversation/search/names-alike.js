/** People that what is typed after `from:` may mean. */

import { fold } from "../../crypto/tokens.js";

const MOST = 6;

/**
 * Names that begin with what is typed, before those that hold it elsewhere; none if it names one
 * person and no other.
 * @param {string[]} names @param {string} typed
 */
export function namesAlike(names, typed) {
  const wanted = fold(typed).replace(/^@/, "");
  const found = [...new Set(names)]
    .map((name) => ({ name, at: fold(name).indexOf(wanted) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => Number(a.at > 0) - Number(b.at > 0) || a.name.localeCompare(b.name))
    .map(({ name }) => name);
  return found.length === 1 && fold(found[0]) === wanted ? [] : found.slice(0, MOST);
}
