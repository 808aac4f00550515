/** The one IndexedDB database of this origin. Every record belongs to an account (uid). */

import { openDB } from "../../vendor/idb/index.js";

const NAME = "sotto";
const VERSION = 5;

/** @typedef {import("./types.js").Records} Records */
/**
 * @template {keyof Records} Name
 * @typedef {import("../../vendor/idb/index.js").IDBPObjectStore<Records, (keyof Records)[], Name,
 *   "readwrite">} WritableStore
 */

/**
 * Record stores and their keys. Rows and states are ciphertext or public; keys, unsent and
 * opened messages and what is kept for searching are sealed (at-rest.js).
 * @type {Record<keyof Records, string | string[]>}
 */
const STORES = {
  accounts: "uid",
  pending: ["me", "kid"],
  names: ["me", "name"],
  pins: ["me", "uid"],
  logs: ["me", "room"],
  keys: ["me", "room", "e"],
  chains: ["me", "room"],
  outbox: ["me", "room", "cid"],
  rows: ["me", "room", "seq"],
  opened: ["me", "room", "seq"],
  drafts: ["me", "room"],
  asks: ["me", "room", "rid"],
  settings: ["me", "name"],
  archive: ["me", "room", "segment"],
  marks: ["me", "room", "what"],
};

/** The names of all record stores. */
export const STORE_NAMES = /** @type {(keyof Records)[]} */ (Object.keys(STORES));

/**
 * Opens the database, and creates or upgrades it.
 * @returns {Promise<import("../../vendor/idb/index.js").IDBPDatabase<Records>>}
 * @throws {DOMException} if the browser has no storage for this page
 */
export const openDatabase = () =>
  openDB(NAME, VERSION, {
    async upgrade(database, before, _now, transaction) {
      for (const name of STORE_NAMES) {
        if (!database.objectStoreNames.contains(name)) {
          database.createObjectStore(name, { keyPath: STORES[name] });
        }
      }
      if (before > 0 && before < 4) await addNameRecords(transaction);
    },
    blocking: (_current, _blocked, event) => /** @type {IDBDatabase} */ (event.target).close(),
  });

/**
 * Version 4: the first uid of each name in the verified logs has the name.
 * @param {import("../../vendor/idb/index.js").IDBPTransaction<Records, (keyof Records)[],
 *   "versionchange">} transaction
 */
async function addNameRecords(transaction) {
  const pins = transaction.objectStore("pins");
  const names = transaction.objectStore("names");
  for (const { me, identities } of await transaction.objectStore("logs").getAll()) {
    for (const { uid, name } of identities?.values() ?? []) {
      const pin = await pins.get([me, uid]);
      if (!pin) continue;
      await pins.put({ ...pin, name });
      const known = await names.get([me, name]);
      if (!known) await names.put({ me, name, first: uid, others: {} });
    }
  }
}
