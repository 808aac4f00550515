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

/**
 * Returns the person who signed in last, if they had keys. A person without keys can open nothing
 * without a network. They may have made keys since, so this must not lead to the page of keys.
 * @returns {Person | null}
 */
export function keptPerson() {
  try {
    const { uid, name, kid } = JSON.parse(localStorage.getItem(PLACE) ?? "null") ?? {};
    const whole = [uid, name, kid].every((one) => typeof one === "string");
    return whole ? { uid, name, kid } : null;
  } catch {
    return null;
  }
}
