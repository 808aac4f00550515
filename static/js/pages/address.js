/** The addresses that the shell shows itself, read and written. Pure. */

/**
 * @typedef {{view: "rooms"} | {view: "new"} | {view: "settings"} | {view: "invite"} | {view: "room", room: string}} Address
 *
 * @typedef {object} Click
 * @property {number} button
 * @property {boolean} defaultPrevented
 * @property {boolean} ctrlKey
 * @property {boolean} metaKey
 * @property {boolean} shiftKey
 * @property {boolean} altKey
 */

/** @type {Record<string, Exclude<Address["view"], "room">>} */
const VIEWS = {
  "/rooms/": "rooms",
  "/rooms/new/": "new",
  "/settings/": "settings",
  "/i": "invite",
};
const ROOM = /^\/rooms\/([^/]+)\/$/;

/**
 * Reads an address.
 * @param {{pathname: string}} url
 * @returns {Address | null} null if another page answers there
 */
export function readAddress({ pathname }) {
  if (Object.hasOwn(VIEWS, pathname)) return { view: VIEWS[pathname] };
  const [, room] = ROOM.exec(pathname) ?? [];
  return room ? { view: "room", room } : null;
}

/** @param {Address} address @returns {string} its path */
export function writeAddress(address) {
  if (address.view === "room") return `/rooms/${address.room}/`;
  return Object.keys(VIEWS).find((path) => VIEWS[path] === address.view) ?? "/rooms/";
}

/** Tells whether two addresses show the same. @param {Address} one @param {Address} other */
export const sameView = (one, other) => writeAddress(one) === writeAddress(other);

/** Tells whether a click on a link means: here, in this tab. Another button, a held key, a link that
 * is a download or names a window of its own are the browser's.
 * @param {Click} click @param {{target: string, download: boolean}} link */
export function opensHere(click, { target, download }) {
  const held = click.ctrlKey || click.metaKey || click.shiftKey || click.altKey;
  const elsewhere = download || (target !== "" && target !== "_self");
  return !click.defaultPrevented && click.button === 0 && !held && !elsewhere;
}
