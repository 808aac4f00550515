/**
 * Who was signed in here last, for pages that open without a network. Their keys and messages are
 * in this browser, sealed; this says only whose to open. The server decides again once it is back.
 */

/** @typedef {NonNullable<import("../net/types.js").SiteFacts["me"]>} Person */

const PLACE = "sotto-person";

/** @param {Person | null} person null: nobody is signed in */
export function keepPerson(person) {
  try {
    if (person) localStorage.setItem(PLACE, JSON.stringify(person));
    else localStorage.removeItem(PLACE);
  } catch {
    // A browser without storage has no keys either, and opens nothing without a network.
  }
}

/** @returns {Person | null} */
export function keptPerson() {
  try {
    const { uid, name, kid } = JSON.parse(localStorage.getItem(PLACE) ?? "null") ?? {};
    return typeof uid === "string" && typeof name === "string" ? { uid, name, kid } : null;
  } catch {
    return null;
  }
}
