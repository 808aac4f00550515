/**
 * Trust in other people's keys. A person's first key is pinned in all rooms, and so is the first
 * owner of a name; a newer key and a second account with the name need an explicit decision. A
 * compared safety number counts for one key only.
 */

/** @typedef {import("../../crypto/identity.js").OpenedIdentity} OpenedIdentity */
/** @typedef {import("../../crypto/log.js").RoomState} RoomState */
/** @typedef {import("../../store/people.js").Pin} Pin */
/** @typedef {import("../../store/people.js").NameRecord} NameRecord */
/** @typedef {{pins: Map<string, Pin>, names: Map<string, NameRecord>}} Book pins by uid */

/**
 * The reason why no key may be wrapped to an identity. `newer`: it is neither the pinned key nor an
 * older one · `older`: a newer one was approved, and this one was not in the room's log before ·
 * `namesake`: two accounts have the name, and the user has not decided · `renamed`: the account was
 * known by another name.
 * @typedef {"newer" | "older" | "namesake" | "renamed"} TrustProblem
 */
/** @typedef {{uid: string, name: string, kid: string, why: TrustProblem}} UntrustedIdentity */

/** @type {Record<TrustProblem, (name: string) => string>} */
const SENTENCES = {
  newer: (name) => `${name} has a new key. Compare numbers before you trust it.`,
  older: (name) => `That is an older key of ${name}, who has a newer one. Nothing was sent to it.`,
  namesake: (name) =>
    `There is another person called ${name} than the one you know. Nothing was sent to either.`,
  renamed: (name) => `${name} was known here by another name. Nothing was sent.`,
};

/** A key that may not be wrapped to. The text is for people. */
export class UntrustedIdentityError extends Error {
  /** @override */
  name = "DoubtError";
  /** @param {UntrustedIdentity[]} strangers @param {OpenedIdentity[]} identities of theirs */
  constructor(strangers, identities) {
    super(strangers.map(({ name, why }) => SENTENCES[why](name)).join(" "));
    this.strangers = strangers;
    this.identities = identities;
  }
}

/** @param {OpenedIdentity} identity @returns {Pin} of an identity seen for the first time */
const pinOf = ({ uid, name, n, kid, prev }) => ({
  uid,
  name,
  n,
  kid,
  past: prev ? [prev] : [],
  stood: {},
  verified: "",
});

export class People {
  #me;

  /** @param {import("./account.js").Account} me */
  constructor(me) {
    this.#me = me;
  }

  /** @param {string} uid @returns {Promise<Pin | undefined>} */
  async pin(uid) {
    return this.#me.store.people.pin(uid);
  }

  /**
   * The members whose keys are not trusted. Pins members who are seen for the first time.
   * @param {RoomState} state @param {Map<string, OpenedIdentity>} identities by kid
   * @returns {Promise<UntrustedIdentity[]>}
   */
  untrusted(state, identities) {
    const members = [...state.members.values()].map(({ kid }) => identities.get(kid));
    return this.#problems(/** @type {OpenedIdentity[]} */ (members), state);
  }

  /**
   * Requires a trusted key. Called before wrapping a key to a person and before adding them.
   * @param {OpenedIdentity | OpenedIdentity[]} identity one or several
   * @param {RoomState} [state] of the room that it is for, where there is one
   * @throws {UntrustedIdentityError}
   */
  async requireTrusted(identity, state) {
    const all = [identity].flat();
    const doubts = await this.#problems(all, state);
    const doubted = all.filter(({ kid }) => doubts.some((one) => one.kid === kid));
    if (doubts.length > 0) throw new UntrustedIdentityError(doubts, doubted);
  }

  /** @param {OpenedIdentity[]} identities @param {RoomState} [state] @returns {Promise<UntrustedIdentity[]>} */
  async #problems(identities, state) {
    const book = await this.#pinNew(identities);
    return identities.flatMap((identity) => {
      const why = this.#problem(identity, book, state);
      const { uid, name, kid } = identity;
      return why ? [{ uid, name, kid, why }] : [];
    });
  }

  /** Pins people who are seen for the first time, and notes further uids of a name.
   * @param {OpenedIdentity[]} identities @returns {Promise<Book>} */
  async #pinNew(identities) {
    const book = await this.#loadBook();
    const isNew = (/** @type {OpenedIdentity} */ { uid, name }) => {
      const known = book.names.get(name);
      return !book.pins.has(uid) || !known || (known.first !== uid && !known.others[uid]);
    };
    const others = identities.filter(({ uid }) => uid !== this.#me.uid);
    const found = others.filter(isNew).map(pinOf);
    if (found.length === 0) return book;
    const { uid, name } = this.#me;
    await this.#me.store.people.pinPeople({ uid, name }, found);
    return this.#loadBook();
  }

  /** @returns {Promise<Book>} */
  async #loadBook() {
    const { store } = this.#me;
    const [pins, names] = await Promise.all([store.people.pins(), store.people.names()]);
    for (const pin of pins.values()) if (!pin.stood) await this.#migratePin(pin);
    return { pins, names };
  }

  /** Upgrades a pin that does not record the positions of older keys: their present ones count.
   * @param {Pin} pin */
  async #migratePin(pin) {
    const heads = pin.past.length > 0 ? await this.#me.store.rooms.verifiedHeads() : {};
    pin.stood = Object.fromEntries(pin.past.map((kid) => [kid, heads]));
    await this.#me.store.people.savePin(pin);
  }

  /** @param {OpenedIdentity} identity @param {Book} book @param {RoomState} [state]
   * @returns {TrustProblem | ""} */
  #problem({ uid, name, kid, n }, { pins, names }, state) {
    const me = this.#me;
    if (uid === me.uid) return kid === me.kid || me.past.includes(kid) ? "" : "newer";
    const pin = pins.get(uid);
    if (pin?.name && pin.name !== name) return "renamed";
    const known = names.get(name);
    if (name === me.name && known?.others[uid] !== "accepted") return "namesake";
    if (known && isContested(known, uid)) return "namesake";
    if (!pin || pin.kid === kid) return "";
    if (n >= pin.n && !pin.past.includes(kid)) return "newer";
    return state && stoodBefore(pin, kid, uid, state) ? "" : "older";
  }

  /**
   * Approves a new key for the user. Older keys stay trusted where logs have them now, and nowhere
   * else.
   * @param {OpenedIdentity} identity
   * @throws where it is older than the known one
   */
  async approve(identity) {
    const before = await this.pin(identity.uid);
    const next = pinOf(identity);
    if (before?.kid === identity.kid) return;
    if (before && before.n > identity.n) throw new Error("That key is older than the known one.");
    if (before?.name && before.name !== identity.name)
      throw new UntrustedIdentityError([{ ...identity, why: "renamed" }], [identity]);
    if (before) {
      next.past = [...new Set([...before.past, before.kid, ...next.past])];
      next.stood = { ...before.stood, [before.kid]: await this.#me.store.rooms.verifiedHeads() };
    }
    await this.#me.store.people.savePin(next);
  }

  /** Approves a person's older key in one room, as its log has it now.
   * @param {OpenedIdentity} identity @param {RoomState} state */
  async acceptOlder({ uid, kid }, { room, seq }) {
    const pin = await this.pin(uid);
    if (!pin) return;
    const stood = { ...pin.stood, [kid]: { ...pin.stood?.[kid], [room]: seq } };
    await this.#me.store.people.savePin({ ...pin, stood });
  }

  /**
   * Records the user's decision about a second uid of a known name: another person, or refused.
   * @param {string} name @param {string} uid @param {boolean} accepted
   */
  async decideNamesake(name, uid, accepted) {
    const known = (await this.#me.store.people.names()).get(name);
    if (!known || !(uid in known.others)) return;
    const others = { ...known.others, [uid]: accepted ? "accepted" : "refused" };
    await this.#me.store.people.saveName(/** @type {NameRecord} */ ({ ...known, others }));
  }

  /** Later accounts with a known name that the user has not decided about.
   * @param {string} name
   * @returns {Promise<string[]>} uids */
  async undecidedNamesakes(name) {
    return (await this.#others(name)).flatMap(([uid, what]) => (what === "new" ? [uid] : []));
  }

  /** The same, and the refused ones. @param {string} name @returns {Promise<string[]>} uids */
  async contestedNamesakes(name) {
    return (await this.#others(name)).flatMap(([uid, what]) => (what === "accepted" ? [] : [uid]));
  }

  /** @param {string} name */
  async #others(name) {
    return Object.entries((await this.#me.store.people.names()).get(name)?.others ?? {});
  }

  /** The uids that are not the first with their name. @returns {Promise<Set<string>>} */
  async namesakes() {
    const names = await this.#me.store.people.names();
    return new Set([...names.values()].flatMap(({ others }) => Object.keys(others)));
  }

  /** Records that the safety numbers were compared and match, or revokes that.
   * @param {string} uid @param {string} kid @param {boolean} on */
  async verify(uid, kid, on) {
    const pin = await this.pin(uid);
    if (!pin || pin.kid !== kid) throw new Error("That is not the key that is trusted here.");
    await this.#me.store.people.savePin({ ...pin, verified: on ? kid : "" });
  }

  /** @param {string} uid @param {string} kid */
  async isVerified(uid, kid) {
    return (await this.pin(uid))?.verified === kid;
  }
}

/** Tells whether a name's owner is undecided, or `uid` was refused under it.
 * @param {NameRecord} known @param {string} uid */
const isContested = ({ first, others }, uid) =>
  Object.values(others).includes("new") || (uid !== first && others[uid] !== "accepted");

/** Tells whether somebody is a member under an older key since before the newer one was approved.
 * @param {Pin} pin @param {string} kid @param {string} uid @param {RoomState} state */
function stoodBefore({ stood }, kid, uid, { room, members, spans }) {
  const until = stood?.[kid]?.[room];
  if (until === undefined || members.get(uid)?.kid !== kid) return false;
  const all = spans.get(uid) ?? [];
  let at = all.length - 1;
  while (at > 0 && all[at - 1].kid === kid && all[at - 1].to === all[at].from) at -= 1;
  return (all[at]?.from ?? 0) <= until;
}
