/** The account's keys in this browser. */

/** @typedef {import("./types.js").AccountRecord} AccountRecord */
/** @typedef {import("./types.js").PublishedIdentity} PublishedIdentity */

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
    const { db, space } = this.#scope;
    if (account)
      await space.require("keys", () => db.put("accounts", { ...account, kitSaved: true }));
  }
}
