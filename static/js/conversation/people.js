/**
 * Whose keys are believed. The first key seen of a person is pinned, in every room at once; a
 * newer one has to be approved. That numbers were compared belongs to one key.
 */

/** @typedef {import("../crypto/identity.js").OpenedIdentity} OpenedIdentity */
/** @typedef {{uid: string, n: number, kid: string, past: string[], verified: string}} Pin
 *   `past` are the keys that came before, `verified` is the kid whose number was compared */
/** @typedef {{uid: string, name: string, kid: string}} Stranger a member under another key */

/** @param {OpenedIdentity} identity @param {string[]} [past] @returns {Pin} */
const pinOf = ({ uid, n, kid, prev }, past = []) => ({
  uid,
  n,
  kid,
  past: prev && !past.includes(prev) ? [...past, prev] : past,
  verified: "",
});

export class People {
  #me;

  /** @param {import("./me.js").Me} me */
  constructor(me) {
    this.#me = me;
  }

  /** @param {string} uid @returns {Promise<Pin | undefined>} */
  async pin(uid) {
    return this.#me.store.pin(uid);
  }

  /**
   * Pin whoever is seen for the first time; who is a member under a key that is neither the
   * pinned one nor one before it? An older key may still stand in a log.
   * @param {Map<string, {kid: string, name: string}>} members
   * @param {Map<string, OpenedIdentity>} identities by kid
   * @returns {Promise<Stranger[]>}
   */
  async strangers(members, identities) {
    const found = [];
    for (const [uid, { kid, name }] of members) {
      if (!(await this.#believes(uid, kid, identities))) found.push({ uid, name, kid });
    }
    return found;
  }

  /** @param {string} uid @param {string} kid @param {Map<string, OpenedIdentity>} identities */
  async #believes(uid, kid, identities) {
    if (uid === this.#me.uid) return kid === this.#me.kid || this.#me.past.includes(kid);
    const pin = await this.pin(uid);
    if (pin) return pin.kid === kid || pin.past.includes(kid);
    await this.#me.store.savePin(pinOf(/** @type {OpenedIdentity} */ (identities.get(kid))));
    return true;
  }

  /** The person of this browser says that a new key is right. @param {OpenedIdentity} identity */
  async approve(identity) {
    const before = await this.pin(identity.uid);
    if (before && before.n >= identity.n) throw new Error("That key is older than the known one.");
    const past = before ? [...before.past, before.kid] : [];
    await this.#me.store.savePin(pinOf(identity, past));
  }

  /** Note that the numbers were compared and are the same, or take that back.
   * @param {string} uid @param {string} kid @param {boolean} on */
  async verify(uid, kid, on) {
    const pin = await this.pin(uid);
    if (!pin || pin.kid !== kid) throw new Error("That is not the key that is trusted here.");
    await this.#me.store.savePin({ ...pin, verified: on ? kid : "" });
  }

  /** @param {string} uid @param {string} kid */
  async isVerified(uid, kid) {
    return (await this.pin(uid))?.verified === kid;
  }
}
