/**
 * Entries of the browser's history, each numbered by its place, so that a step can be measured and
 * undone. A panel's page or the open drawer is an entry `over` the page's own: Back closes it first.
 */

/** @typedef {{at?: number, over?: number, [key: string]: unknown}} EntryState */

/** @returns {EntryState} of the present entry; empty where the browser made it */
export const entry = () => history.state ?? {};

/** The place of the present entry; 0 for the first. */
export const placeHere = () => entry().at ?? 0;

/** The number of entries over the page's own. */
export const overHere = () => entry().over ?? 0;

/** Adds an entry for an address. @param {string} path */
export const pushPage = (path) => history.pushState({ at: placeHere() + 1 }, "", path);

/** Puts an address in place of the present entry's. @param {string} path */
export const replacePage = (path) => history.replaceState({ at: placeHere() }, "", path);

/** Adds an entry over the page's own. @param {Record<string, unknown>} state */
export const pushOver = (state) =>
  history.pushState({ ...state, at: placeHere() + 1, over: overHere() + 1 }, "");

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
