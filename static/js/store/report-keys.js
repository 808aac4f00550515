/** The report keys that a browser of an administrator holds, apart from any account's own keys. */

import { openDB } from "../../vendor/idb/index.js";

const NAME = "sotto-report-keys";
const KEYS = "keys";

/** @typedef {import("../crypto/report-key.js").ReportKey} ReportKey */

const opened = () =>
  openDB(NAME, 1, {
    upgrade: (database) => void database.createObjectStore(KEYS, { keyPath: "rk" }),
  });

/** @param {string} rk @returns {Promise<ReportKey | undefined>} */
export async function reportKey(rk) {
  const database = await opened();
  return database.get(KEYS, rk).finally(() => database.close());
}

/** Keeps a key; its private half is not extractable. @param {ReportKey} key */
export async function saveReportKey(key) {
  const database = await opened();
  await database.put(KEYS, key).finally(() => database.close());
}

/** Tells whether this browser holds any report key, older ones included. */
export async function holdsReportKeys() {
  const database = await opened();
  return (await database.count(KEYS).finally(() => database.close())) > 0;
}

/** Forgets every report key, older ones included. */
export async function forgetReportKeys() {
  const database = await opened();
  await database.clear(KEYS).finally(() => database.close());
}
