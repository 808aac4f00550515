/** The one IndexedDB database of this origin. Every record belongs to an account (uid). */

import { openDB } from "../../vendor/idb/index.js";

const NAME = "sotto";
const VERSION = 3;

/** Record stores and their keys. Rows and states are ciphertext or public; keys, unsent messages
 *  and what is kept for searching are sealed (vault.js). */
const STORES = {
  accounts: "uid",
  pins: ["me", "uid"],
  logs: ["me", "room"],
  keys: ["me", "room", "e"],
  chains: ["me", "room"],
  outbox: ["me", "room", "cid"],
  rows: ["me", "room", "seq"],
  drafts: ["me", "room"],
  asks: ["me", "room", "rid"],
  settings: ["me", "name"],
  archive: ["me", "room", "segment"],
  marks: ["me", "room", "what"],
};

/** @returns {Promise<import("../../vendor/idb/index.js").IDBPDatabase<any>>} */
export const openDatabase = () =>
  openDB(NAME, VERSION, {
    upgrade(database) {
      for (const [name, keyPath] of Object.entries(STORES)) {
        if (!database.objectStoreNames.contains(name)) {
          database.createObjectStore(name, { keyPath });
        }
      }
    },
    blocking: (_current, _blocked, event) => /** @type {IDBDatabase} */ (event.target).close(),
  });

export const STORE_NAMES = Object.keys(STORES);
