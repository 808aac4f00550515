/**
 * Entries of the browser's history, each numbered by its place, so that a step can be measured and
 * undone. A panel's page or the open drawer is an entry `over` the page's own: Back closes it first.
 */

/** @typedef {{at?: number, over?: number, [key: string]: unknown}} EntryState */

/** @returns {EntryState} of the present entry; empty where the browser made it */
export const entry = () => globalThis.history?.state ?? {};

/** The place of the present entry; 0 for the first. */
export const placeHere = () => entry().at ?? 0;

/** The number of entries over the page's own. */
export const overHere = () => entry().over ?? 0;

/** @typedef {{at: number, over: number}} Spot an entry's place, and the number of entries over the page's */

/** @returns {Spot} */
const here = () => ({ at: placeHere(), over: overHere() });

const first = here(); // before this load of the page adds any
let last = first;

/** The number of entries over the page's own that an earlier load of it left, as a reload does: nothing is
 * open that a step back from here could close. */
export const leftHere = () => (placeHere() === first.at ? first.over : 0);

/** Notes that the browser went to another entry; one that it made gets its number.
 * @returns {Spot} the entry before that step */
export function arrive() {
  if (entry().at === undefined) history.replaceState({ ...entry(), at: last.at + 1 }, "");
  const before = last;
  last = here();
  return before;
}

/** @param {EntryState} state @param {string} path */
function push(state, path) {
  history.pushState({ ...state, at: placeHere() + 1 }, "", path);
  last = here();
}

/** Adds an entry for an address. @param {string} path */
export const pushPage = (path) => push({}, path);

/** Puts an address in place of the present entry's. @param {string} path */
export function replacePage(path) {
  history.replaceState({ at: placeHere() }, "", path);
  last = here();
}

/** Adds an entry over the page's own. @param {Record<string, unknown>} state */
export const pushOver = (state) => push({ ...state, over: overHere() + 1 }, "");

const SOON = 1000; // ms; a browser that has no such entry says nothing

/** Goes to another entry, and waits until the browser is there. @param {number} by */
export function step(by) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, SOON);
    const arrived = () => {
      clearTimeout(timer);
      resolve(undefined);
    };
    addEventListener("popstate", arrived, { once: true });
    history.go(by);
  });
}
