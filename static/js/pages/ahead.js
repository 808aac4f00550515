/** Asks for the room that this page's address names, while the page's other modules are still loading. */

const [, room = ""] = /^\/rooms\/([0-9a-f]{32})\/$/.exec(location.pathname) ?? [];
const ADDRESS = room && `/api/v1/chatrooms/${room}`;

/** @type {Promise<Response> | null} */
let answer = ADDRESS
  ? fetch(ADDRESS, { headers: { Accept: "application/json" }, cache: "no-store" })
  : null;
answer?.catch(() => {}); // the request that takes it is told

/**
 * Sends a request, or takes the answer of the one that was sent ahead, once.
 * @type {typeof globalThis.fetch}
 */
export function fetchOrTake(address, options) {
  if (address !== ADDRESS || options?.method !== "GET" || !answer)
    return globalThis.fetch(address, options);
  const taken = answer;
  answer = null;
  return taken;
}
