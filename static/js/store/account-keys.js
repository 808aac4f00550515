/** Keys that are made here: pending until the server has them, then the account's. */

import { newDeviceKey, openAtRest, sealAtRest } from "./at-rest.js";
import { fromBytes, toBytes } from "./scope.js";

/** @typedef {import("./accounts.js").AccountRecord} AccountRecord */
/** @typedef {import("./accounts.js").PublishedIdentity} PublishedIdentity */
/**
 * @typedef {object} PendingKeys keys that were made here and that the server may not have yet
 * @property {string} uid
 * @property {string} name
 * @property {string} kid
 * @property {import("../crypto/identity.js").Keys} keys
 * @property {string} dev
 * @property {string[]} past
 * @property {PublishedIdentity[]} chain
 * @property {CryptoKey} deviceKey
 * @property {import("./at-rest.js").Sealed} kit the recovery kit's file
 */

export class AccountKeyStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /**
   * Makes keys the account's. Keys that are here already are replaced only by ones that follow from
   * them by a reset. Then verified logs and room keys stay, and this browser continues as a new
   * device.
   * @param {Omit<AccountRecord, "deviceKey">} account whose identity the server has
   * @returns {Promise<boolean>} false if they were the account's before
   * @throws {Error} if this browser has other keys of the account; they stay
   */
  install(account) {
    return this.#scope.space.require("keys", () => this.#install(account));
  }

  /** @param {Omit<AccountRecord, "deviceKey">} account */
  async #install(account) {
    const { db, uid } = this.#scope;
    const { kid, past = [] } = account;
    const fresh = await newDeviceKey();
    const transaction = db.transaction(["accounts", "pending", "chains", "outbox"], "readwrite");
    const before = await transaction.objectStore("accounts").get(uid);
    const changes = before?.kid !== kid;
    const allowed = !before || !changes || past.includes(before.kid);
    const deviceKey = before?.deviceKey ?? fresh;
    if (allowed && changes) transaction.objectStore("accounts").put({ ...account, deviceKey });
    if (allowed && changes && before) {
      transaction.objectStore("chains").delete(this.#scope.range());
      await this.#unsealOutbox(transaction.objectStore("outbox"));
    }
    if (allowed) await this.#dropPending(transaction.objectStore("pending"), kid, past.length);
    await transaction.done;
    if (!allowed)
      throw new Error("This browser has other keys of this account. They were kept, and stay.");
    this.#scope.deviceKey = deviceKey;
    return changes;
  }

  /** Messages sealed under the old keys are sealed again before they are sent.
   * @param {import("./database.js").WritableStore<"outbox">} outbox */
  async #unsealOutbox(outbox) {
    for (const { sealed, ...entry } of await outbox.getAll(this.#scope.range())) {
      outbox.put(entry.state === "acked" ? { ...entry, sealed } : entry);
    }
  }

  /** Drops pending keys that became the account's, and those that a later reset replaced.
   * @param {import("./database.js").WritableStore<"pending">} pending @param {string} kid
   * @param {number} resets */
  async #dropPending(pending, kid, resets) {
    for (const one of await pending.getAll(this.#scope.range())) {
      if (one.kid === kid || one.past.length < resets) pending.delete([this.#scope.uid, one.kid]);
    }
  }

  /** Returns keys that were made here and not seen at the server yet.
   * @returns {Promise<PendingKeys[]>} */
  pendingKeys() {
    return this.#scope.db.getAll("pending", this.#scope.range());
  }

  /**
   * Keeps new keys beside those of the account, with their kit, until they are published.
   * @param {Omit<PendingKeys, "deviceKey" | "kit">} made
   * @param {string} file the kit's
   * @returns {Promise<PendingKeys>}
   */
  async savePendingKeys(made, file) {
    const deviceKey = await newDeviceKey();
    const kit = await sealAtRest(deviceKey, toBytes(file));
    const pending = { ...made, deviceKey, kit };
    const { db, uid: me, space } = this.#scope;
    await space.require("keys", () => db.put("pending", { ...pending, me }));
    return pending;
  }

  /**
   * Opens the recovery kit's file of pending keys.
   * @param {PendingKeys} pending
   * @returns {Promise<string>}
   */
  async kitOf({ deviceKey, kit }) {
    return fromBytes(await openAtRest(deviceKey, kit));
  }
}
