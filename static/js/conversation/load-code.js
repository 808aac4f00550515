/** Loads code that few visits need, where it is needed. */

/** A part of the page that did not come: nothing is known about what it would have decided. */
export class MissingCodeError extends Error {
  /** @override */
  name = "MissingCodeError";

  constructor() {
    super("A part of this page could not be loaded. Nothing was lost. Reload the page.");
  }
}

/**
 * Loads a part, and says in words where that fails. It can be loaded again.
 * @template Part
 * @param {() => Promise<Part>} load imports it
 * @returns {Promise<Part>}
 * @throws {MissingCodeError} if the server cannot be reached, or has a newer build
 */
export async function loadCode(load) {
  try {
    return await load();
  } catch {
    throw new MissingCodeError();
  }
}
