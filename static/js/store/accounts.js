/** The account's keys in this browser. */

/**
 * @typedef {object} AccountRecord
 * @property {string} uid
 * @property {string} name
 * @property {string} kid
 * @property {import("../crypto/identity.js").Keys} keys
 * @property {CryptoKey} deviceKey
 * @property {string} dev
 * @property {boolean} kitSaved
 * @property {string[]} [past] kids from before a reset, oldest first
 * @property {PublishedIdentity[]} [chain] the account's identities, oldest first
 *
 * @typedef {{kid: string, body: string, sig: string}} PublishedIdentity
 */

export class AccountStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** Returns the account's record. @returns {Promise<AccountRecord | undefined>} */
  current() {
    return this.#scope.db.get("accounts", this.#scope.uid);
  }

  /** Notes that the person has saved the recovery kit. */
  async confirmKit() {
    const account = await this.current();
    if (account) await this.#scope.db.put("accounts", { ...account, kitSaved: true });
  }
}
