/** Lists that the server gives a page at a time, because an answer has an end in bytes. */

/**
 * Every page of a list, in order: `more` of one page is `after` of the next.
 * @param {Pick<import("../net/api.js").Api, "get">} api
 * @param {string} path without a query
 * @returns {AsyncGenerator<any, void, void>}
 * @throws {Error} if the server names the same page twice
 */
export async function* fetchPages(api, path) {
  const seen = new Set();
  for (let after = null; ; ) {
    const page = await api.get(after === null ? path : `${path}?after=${after}`);
    yield page;
    after = page.more ?? null;
    if (after === null) return;
    if (seen.has(after)) throw new Error("The server goes round in circles.");
    seen.add(after);
  }
}

/**
 * All pages of a list in one.
 * @param {Pick<import("../net/api.js").Api, "get">} api
 * @param {string} path without a query
 * @param {string} key of the list in each page
 * @returns {Promise<any>} the first page, with the whole list
 */
export async function fetchAll(api, path, key) {
  /** @type {any} */
  let first;
  for await (const page of fetchPages(api, path)) {
    if (first) first[key].push(...page[key]);
    else first = { ...page, [key]: [...page[key]] };
  }
  return first;
}
