/** Addresses to go to after a step, such as signing in: pages of this site and nothing else. */

const MESSAGE = /^#m\d+$/; // any other fragment may be a secret, and stays in this browser

/**
 * Returns the path of an address on this site, as a browser would resolve it.
 * @param {string | null | undefined} next comes from the address bar: anybody may have written it
 * @param {string} [origin]
 * @returns {string} "/rooms/" if `next` leads elsewhere, or is none
 */
export function safeNext(next, origin = location.origin) {
  if (!next?.startsWith("/") || !URL.canParse(next, origin)) return "/rooms/";
  const address = new URL(next, origin);
  const isElsewhere = address.origin !== origin || address.pathname.startsWith("//");
  if (isElsewhere) return "/rooms/"; // "//host" is a path here and another site where it is used
  return address.pathname + address.search + address.hash;
}

/**
 * Returns an address that leads through `step` back to where the person is.
 * @param {string} step a path
 * @param {{pathname: string, search: string, hash: string}} [here]
 */
export function leadingBack(step, { pathname, search, hash } = location) {
  const back = pathname + search + (MESSAGE.test(hash) ? hash : "");
  return `${step}?next=${encodeURIComponent(back)}`;
}

/** Returns the next address that the page's own address names; "" for none. */
export const namedNext = () => new URLSearchParams(location.search).get("next") ?? "";
