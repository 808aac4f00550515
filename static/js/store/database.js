/** The one IndexedDB database of this origin. Every record belongs to an account (uid). */

import { openDB } from "../../vendor/idb/index.js";

const NAME = "sotto";
const VERSION = 4;

/** Record stores and their keys. Rows and states are ciphertext or public; keys, unsent messages
 *  and what is kept for searching are sealed (vault.js). */
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
  drafts: ["me", "room"],
  asks: ["me", "room", "rid"],
  settings: ["me", "name"],
  archive: ["me", "room", "segment"],
  marks: ["me", "room", "what"],
};

/** @returns {Promise<import("../../vendor/idb/index.js").IDBPDatabase<any>>} */
export const openDatabase = () =>
  openDB(NAME, VERSION, {
    async upgrade(database, before, _now, transaction) {
      for (const [name, keyPath] of Object.entries(STORES)) {
        if (!database.objectStoreNames.contains(name)) {
          database.createObjectStore(name, { keyPath });
        }
      }
      if (before > 0 && before < 4) await nameKnownPeople(transaction);
    },
    blocking: (_current, _blocked, event) => /** @type {IDBDatabase} */ (event.target).close(),
  });

/** Who was pinned before names were: the first uid of each name in the verified logs has it.
 * @param {any} transaction of the upgrade */
async function nameKnownPeople(transaction) {
  const [pins, names] = ["pins", "names"].map((name) => transaction.objectStore(name));
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

export const STORE_NAMES = Object.keys(STORES);
