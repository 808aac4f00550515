/**
 * The service worker: keeps the shell, which is every page and static file of one build, so that
 * Sotto opens without a network. It never sees a message, and keeps no answer of the API.
 *
 * The server puts one line before this file: `const SHELL = {…}`, which names the build and each of
 * its files with its SHA-256. All of them are kept, or none: two builds never mix. A new build waits
 * until the person takes it (`ui/update-notice.js`), or until no page of the old one is open.
 */

/**
 * @typedef {{address: string, pattern: string, sha256: string}} ShellPage
 * @typedef {{build: string, static: string, files: Record<string, string>,
 *   pages: ShellPage[]}} Shell
 * @typedef {Event & {waitUntil: (work: Promise<unknown>) => void}} LifeEvent
 * @typedef {{condition: {urlPattern: string, requestMethod: string},
 *   source: {cacheName: string}}} Route
 * @typedef {LifeEvent & {addRoutes?: (route: Route) => Promise<void>}} InstallEvent
 * @typedef {Event & {request: Request, respondWith: (answer: Promise<Response>) => void}} FetchEvent
 * @typedef {EventTarget & {skipWaiting: () => Promise<void>,
 *   clients: {claim: () => Promise<void>, matchAll: (about: {includeUncontrolled: boolean}) =>
 *   Promise<{postMessage: (data: {full: string}) => void}[]>}}} WorkerScope
 */

const worker = /** @type {WorkerScope} */ (/** @type {unknown} */ (globalThis));
// @ts-expect-error: the server writes it before this file
const shell = /** @type {Shell} */ (SHELL);
const PREFIX = "sotto-shell:";
const CACHE = PREFIX + shell.build;
const AT_ONCE = 6; // requests; others of the page must not wait for these

worker.addEventListener("install", (event) => {
  routeFiles(/** @type {InstallEvent} */ (event));
  /** @type {LifeEvent} */ (event).waitUntil(keepShell().catch(tellIfFull));
});

worker.addEventListener("activate", (event) =>
  /** @type {LifeEvent} */ (event).waitUntil(dropOthers().then(() => worker.clients.claim())),
);

worker.addEventListener("message", (event) => {
  if (/** @type {MessageEvent} */ (event).data === "apply") worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = /** @type {FetchEvent} */ (event);
  const kept = keptAddress(request);
  if (kept) /** @type {FetchEvent} */ (event).respondWith(answer(kept, request));
});

/** Lets the browser itself answer requests of this build's files with the kept copies, or from the
 * network if they are gone: a page asks for dozens. Chromium 123 and later can; others ask this worker.
 * @param {InstallEvent} event */
function routeFiles(event) {
  const condition = { urlPattern: `${shell.static}*`, requestMethod: "GET" };
  event.addRoutes?.({ condition, source: { cacheName: CACHE } }).catch(() => {}); // as without it
}

/** Returns the address under which a request's answer is kept; "" if it is not of the shell.
 * @param {Request} request */
function keptAddress({ method, mode, url }) {
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return "";
  if (mode === "navigate")
    return shell.pages.find(({ pattern }) => new RegExp(pattern).test(pathname))?.address ?? "";
  const name = pathname.startsWith(shell.static) ? pathname.slice(shell.static.length) : "";
  return Object.hasOwn(shell.files, name) ? pathname : "";
}

/** Answers with the kept copy, else from the network: a browser may have cleared its storage.
 * @param {string} address @param {Request} request */
async function answer(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address, { ignoreVary: true })) ?? fetch(request);
}

/** Fetches the whole shell. Rejects if one part of it is missing or of another build: the browser
 * then drops this worker, and tries again with the next page. */
async function keepShell() {
  const cache = await caches.open(CACHE);
  const wanted = [
    ...shell.pages.map(({ address, sha256 }) => ({ address, sha256 })),
    ...Object.entries(shell.files).map(([name, sha256]) => ({
      address: shell.static + name,
      sha256,
    })),
  ];
  const work = wanted.values();
  await Promise.all(Array.from({ length: AT_ONCE }, () => keepEach(cache, work)));
}

/** @param {Cache} cache @param {Iterator<{address: string, sha256: string}>} work shared by several */
async function keepEach(cache, work) {
  for (let next = work.next(); !next.done; next = work.next()) {
    const { address, sha256 } = next.value;
    if (await cache.match(address, { ignoreVary: true })) continue; // a try before this one
    // Nobody's cookies: a page is the same for everybody.
    const options = /** @type {const} */ ({ credentials: "omit", cache: "no-cache" });
    const response = await fetch(address, address.startsWith(shell.static) ? {} : options);
    const content = await response.clone().arrayBuffer();
    if (!response.ok || response.redirected || (await hex(content)) !== sha256)
      throw new Error(`${address} is not of build ${shell.build}`);
    await cache.put(address, response);
  }
}

/** Tells pages that the browser's storage is too full for this build: without a word the former one would stay.
 * @param {Error} error why it is not kept, which is thrown again */
async function tellIfFull(error) {
  if (error.name === "QuotaExceededError") {
    await caches.delete(CACHE);
    const pages = await worker.clients.matchAll({ includeUncontrolled: true });
    for (const page of pages) page.postMessage({ full: shell.build });
  }
  throw error;
}

/** @param {ArrayBuffer} content @returns {Promise<string>} its SHA-256 */
async function hex(content) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function dropOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
}
