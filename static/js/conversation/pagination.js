/** Paged lists of the server: the size of a response is limited. */

/** @typedef {Pick<import("../net/api.js").Api, "get">} Reader */
/**
 * @template {string} Path
 * @typedef {import("../net/types.js").GetAnswer<Path>} Answer
 */

/**
 * Yields every page of a list in order: `more` of one page is `after` of the next.
 * @template {string} Path
 * @param {Reader} api
 * @param {Path} path without a query
 * @returns {AsyncGenerator<Answer<Path>, void, void>}
 * @throws {Error} if the server names the same page twice
 */
export async function* fetchPages(api, path) {
  const seen = new Set();
  /** @type {string | number | null} */
  let after = null;
  do {
    const query = after === null ? "" : `?after=${after}`;
    const page = /** @type {Answer<Path> & import("../net/types.js").Paged} */ (
      await api.get(/** @type {Path} */ (path + query))
    );
    yield/** @type {Awaited<Answer<Path>>} */ (page);
    after = page.more ?? null;
    if (seen.has(after)) throw new Error("The server repeats a page of this list.");
    seen.add(after);
  } while (after !== null);
}

/**
 * Fetches all pages of a list.
 * @template {string} Path
 * @param {Reader} api
 * @param {Path} path without a query
 * @param {keyof Answer<Path>} key of the list in each page
 * @returns {Promise<Answer<Path>>} the first page, with the whole list
 */
export async function fetchAll(api, path, key) {
  /** @type {unknown[]} */
  const list = [];
  /** @type {Answer<Path> | undefined} */
  let first;
  for await (const page of fetchPages(api, path)) {
    first ??= page;
    list.push(.../** @type {unknown[]} */ (page[key]));
  }
  return /** @type {Answer<Path>} */ ({ .../** @type {object} */ (first), [key]: list });
}
