/** Pinned identities: each person's first key, and each name's first owner. */

/** @typedef {import("./types.js").NameRecord} NameRecord */
/** @typedef {import("./types.js").Pin} Pin */

export class PeopleStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** Returns a person's pin. @param {string} uid @returns {Promise<Pin | undefined>} */
  async pin(uid) {
    const kept = await this.#scope.db.get("pins", [this.#scope.uid, uid]);
    return kept && withDefaults(kept);
  }

  /** @param {Pin} pin @returns {Promise<void>} */
  async savePin(pin) {
    await this.#scope.db.put("pins", { ...pin, me: this.#scope.uid });
  }

  /** @returns {Promise<Map<string, Pin>>} by uid */
  async pins() {
    const kept = await this.#scope.db.getAll("pins", this.#scope.range());
    return new Map(kept.map((pin) => [pin.uid, withDefaults(pin)]));
  }

  /** @returns {Promise<Map<string, NameRecord>>} by name */
  async names() {
    const kept = await this.#scope.db.getAll("names", this.#scope.range());
    return new Map(kept.map((record) => [record.name, record]));
  }

  /** @param {NameRecord} record @returns {Promise<void>} */
  async saveName(record) {
    await this.#scope.db.put("names", { ...record, me: this.#scope.uid });
  }

  /**
   * Pins people who have no pin yet, and notes further uids of a known name. Existing pins stay:
   * another tab may have pinned the same person first.
   * @param {{uid: string, name: string}} self the account itself, whose name is taken, too
   * @param {Pin[]} found
   * @returns {Promise<void>}
   */
  async pinPeople(self, found) {
    const me = this.#scope.uid;
    const transaction = this.#scope.db.transaction(["pins", "names"], "readwrite");
    const pins = transaction.objectStore("pins");
    const names = transaction.objectStore("names");
    for (const pin of found) if (!(await pins.get([me, pin.uid]))) pins.put({ ...pin, me });
    for (const { uid, name = "" } of [self, ...found]) {
      const known = await names.get([me, name]);
      if (!known) names.put({ me, name, first: uid, others: {} });
      else if (known.first !== uid && !known.others[uid])
        names.put({ ...known, others: { ...known.others, [uid]: "new" } });
    }
    await transaction.done;
  }
}

/** @param {Pin} kept @returns {Pin} */
const withDefaults = (kept) => ({ ...kept, past: kept.past ?? [], verified: kept.verified ?? "" });
