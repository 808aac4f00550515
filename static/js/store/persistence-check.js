/** Checks of this browser's storage: that it keeps keys, and promises not to clear them. */

import { deleteDB, openDB } from "../../vendor/idb/index.js";

const NAME = "sotto-probe";

/**
 * Stores a value in IndexedDB and reads it back from another connection. One tab does so at a time: another
 * one would delete what was stored before it is read.
 * @template T
 * @param {T} value something that can be cloned, such as keys
 * @returns {Promise<T>} the copy that came back
 * @throws {DOMException} where the browser has no storage for this page
 */
export const storeAndReadBack = (value) => navigator.locks.request(NAME, () => storeAndRead(value));

/** @template T @param {T} value @returns {Promise<T>} */
async function storeAndRead(value) {
  const open = () =>
    openDB(NAME, 1, { upgrade: (database) => void database.createObjectStore("keys") });
  try {
    const written = await open();
    await written.put("keys", value, "all");
    written.close();
    const read = await open();
    const copy = await read.get("keys", "all");
    read.close();
    return copy;
  } finally {
    await deleteDB(NAME);
  }
}

/**
 * Asks the browser not to clear this site's storage. Firefox asks the user and may never settle, so
 * no page flow awaits this.
 * @returns {Promise<boolean>} true if the browser promises it
 */
export async function askToPersist() {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}

/** @returns {Promise<boolean>} true if the browser has promised already; asks nobody */
export async function isPersisted() {
  try {
    return (await navigator.storage?.persisted?.()) ?? false;
  } catch {
    return false;
  }
}
