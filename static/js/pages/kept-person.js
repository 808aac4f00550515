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
 * Returns who was signed in last. Somebody who had no keys yet opens nothing without a network, and
 * may have some by now: a page that is left while it asks the server must not lead to making them.
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
