/**
 * Trust in other people's keys. A person's first key is pinned in all rooms, and so is the first
 * owner of a name; a newer key and a second account with the name need an explicit decision. A
 * compared safety number counts for one key only.
 */

import { loadCode } from "../load-code.js";

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

/** Loads what a person decides about keys, and what says that they have to. */
const loadDecisions = () => loadCode(() => import("./trust-decisions.js"));

/** @param {OpenedIdentity} identity @returns {Pin} of an identity seen for the first time */
export const pinOf = ({ uid, name, n, kid, prev }) => ({
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

  /** Loads the person's decisions about people. */
  async decisions() {
    const { TrustDecisions } = await loadDecisions();
    return new TrustDecisions(this.#me);
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
   * @throws {import("./trust-decisions.js").UntrustedIdentityError}
   */
  async requireTrusted(identity, state) {
    const all = [identity].flat();
    const doubts = await this.#problems(all, state);
    const doubted = all.filter(({ kid }) => doubts.some((one) => one.kid === kid));
    if (doubts.length === 0) return;
    const { UntrustedIdentityError } = await loadDecisions();
    throw new UntrustedIdentityError(doubts, doubted);
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
