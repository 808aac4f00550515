/** The signed-in account: keys, store, API, the server's clock. */

/**
 * @typedef {object} Account
 * @property {string} uid
 * @property {string} name
 * @property {string} kid
 * @property {string[]} past the account's keys from before a reset, by kid
 * @property {import("../../crypto/identity.js").Keys} keys
 * @property {string} dev
 * @property {import("../../store/store.js").Store} store
 * @property {import("../../net/api.js").Api} api
 * @property {Clock} clock
 * @property {Pick<import("../messages/late-opener.js").LateOpener, "open" | "prepare">} [opener]
 *   verifies and decrypts messages; in the page itself by default
 * @property {string} [code] the version of the code that verifies; without one no result is kept
 */

/** The server's clock, estimated from its responses. */
export class Clock {
  #offset = 0;

  /** @param {number} serverNow ms */
  set(serverNow) {
    this.#offset = serverNow - Date.now();
  }

  now() {
    return Date.now() + this.#offset;
  }

  /** How far the clock of this device is ahead of the server's, ms. */
  get ahead() {
    return -this.#offset;
  }
}

/**
 * The signed-in account, or null if this browser lacks its keys.
 * @param {{uid: string, kid: string | null}} page
 * @param {import("../../store/store.js").Store} store
 * @param {import("../../net/api.js").Api} api
 * @returns {Promise<Account | null>}
 */
export async function loadAccount({ uid, kid }, store, api) {
  const account = await store.accounts.current();
  if (!account || !kid || account.kid !== kid) return null;
  const { name, keys, dev, past = [] } = account;
  return { uid, name, kid, past, keys, dev, store, api, clock: new Clock() };
}

/** Returns what events are signed with. @param {Account} me */
export const signer = ({ uid, kid, keys, clock }) => ({
  uid,
  kid,
  edPrivate: keys.ed.privateKey,
  now: clock.now(),
});
