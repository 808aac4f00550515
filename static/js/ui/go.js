/**
 * Goes to another page of this site. Where the page can show it itself, its router takes it
 * (pages/router.js); else the browser loads it.
 */

import { letGo } from "./unfinished.js";

const EVENT = "sotto:go";

/** @typedef {{path: string, replace: boolean}} Destination */

/**
 * @param {string} path an address of this site
 * @param {{replace?: boolean}} [how] whether it takes the place of this page in the history
 * @returns {void}
 */
export function go(path, { replace = false } = {}) {
  const event = new CustomEvent(EVENT, { detail: { path, replace }, cancelable: true });
  if (!document.dispatchEvent(event)) return;
  letGo();
  if (replace) location.replace(path);
  else location.assign(path);
}

/** Loads this page again. */
export function reload() {
  letGo();
  location.reload();
}

/** Handles what `go` asks for. @param {(destination: Destination) => boolean} take returns whether
 *   it goes there itself */
export function onGo(take) {
  document.addEventListener(EVENT, (event) => {
    if (take(/** @type {CustomEvent<Destination>} */ (event).detail)) event.preventDefault();
  });
}
