/** Does what cannot wait while the page's other modules are still loading: asks for the room that its address
 * names, and keeps files that are dropped for it. */

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

/** @type {File[]} */
const dropped = [];
const untilTaken = new AbortController();

/** Without this the browser opens the file in place of the page. @param {DragEvent} event */
function keepDropped(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  if (event.type === "drop") dropped.push(...event.dataTransfer.files);
}

if (room)
  for (const type of /** @type {const} */ (["dragover", "drop"]))
    document.addEventListener(type, keepDropped, { signal: untilTaken.signal });

/** Returns the files that were dropped so far. The room takes later ones itself. */
export function takeDropped() {
  untilTaken.abort();
  return dropped.splice(0);
}
