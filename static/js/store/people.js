/** Pinned identities: each person's first key, and each name's first owner. */

/** @typedef {import("./types.js").NameRecord} NameRecord */
/** @typedef {import("./types.js").Pin} Pin */

/** @typedef {{uid: string, name: string}} Self the account itself, whose name is taken, too */

export class PeopleStore {
  #scope;
  /** People whose pins could not be kept: they count as long as the page. @type {[Self, Pin[]][]} */
  #unkept = [];

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** Returns a person's pin. @param {string} uid @returns {Promise<Pin | undefined>} */
  async pin(uid) {
    if (this.#unkept.length > 0) return (await this.pins()).get(uid);
    const kept = await this.#scope.db.get("pins", [this.#scope.uid, uid]);
    return kept && withDefaults(kept);
  }

  /** @param {Pin} pin @returns {Promise<void>} */
  async savePin(pin) {
    const { db, uid: me, space } = this.#scope;
    await space.require("keys", () => db.put("pins", { ...pin, me }));
  }

  /** @returns {Promise<Map<string, Pin>>} by uid */
  async pins() {
    const kept = await this.#scope.db.getAll("pins", this.#scope.range());
    const pins = new Map(kept.map((pin) => [pin.uid, withDefaults(pin)]));
    for (const [, found] of this.#unkept)
      for (const pin of found) if (!pins.has(pin.uid)) pins.set(pin.uid, pin);
    return pins;
  }

  /** @returns {Promise<Map<string, NameRecord>>} by name */
  async names() {
    const kept = await this.#scope.db.getAll("names", this.#scope.range());
    const names = /** @type {Map<string, NameRecord>} */ (
      new Map(kept.map((record) => [record.name, record]))
    );
    for (const [self, found] of this.#unkept)
      for (const { uid, name = "" } of [self, ...found]) {
        const record = withOwner(names.get(name), uid, name);
        if (record) names.set(name, record);
      }
    return names;
  }

  /** @param {NameRecord} record @returns {Promise<void>} */
  async saveName(record) {
    const { db, uid: me, space } = this.#scope;
    await space.require("keys", () => db.put("names", { ...record, me }));
  }

  /**
   * Pins people who have no pin yet, and notes further uids of a known name. Existing pins stay:
   * another tab may have pinned the same person first.
   * @param {Self} self
   * @param {Pin[]} found
   * @returns {Promise<void>}
   */
  async pinPeople(self, found) {
    const { space } = this.#scope;
    const kept = await space.keep("keys", () => this.#pinPeople(self, found));
    if (!kept) this.#unkept.push([self, found]);
  }

  /** @param {Self} self @param {Pin[]} found */
  async #pinPeople(self, found) {
    const me = this.#scope.uid;
    const transaction = this.#scope.db.transaction(["pins", "names"], "readwrite");
    const pins = transaction.objectStore("pins");
    const names = transaction.objectStore("names");
    const all = [self, ...found].map(({ uid, name = "" }) => ({ uid, name }));
    // All is read before anything is written: a full storage ends what would be read after that.
    const pinned = await Promise.all(found.map(({ uid }) => pins.get([me, uid])));
    const kept = await Promise.all(all.map(({ name }) => names.get([me, name])));
    /** @type {Map<string, NameRecord | undefined>} */
    const records = new Map(all.map(({ name }, at) => [name, kept[at]]));
    for (const [at, pin] of found.entries()) if (!pinned[at]) pins.put({ ...pin, me });
    for (const { uid, name } of all) {
      const record = withOwner(records.get(name), uid, name);
      if (record) names.put({ ...record, me });
      if (record) records.set(name, record);
    }
    await transaction.done;
  }
}

/** The record of a name once an account has it; null if that is known.
 * @param {NameRecord | undefined} known @param {string} uid @param {string} name
 * @returns {NameRecord | null} */
function withOwner(known, uid, name) {
  if (!known) return { name, first: uid, others: {} };
  if (known.first === uid || known.others[uid]) return null;
  return { ...known, others: { ...known.others, [uid]: "new" } };
}

/** @param {Pin} kept @returns {Pin} */
const withDefaults = (kept) => ({ ...kept, past: kept.past ?? [], verified: kept.verified ?? "" });
