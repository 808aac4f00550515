/** Decisions of the person about other people's keys and names, and the error that asks for them. */

import { pinOf } from "./people.js";

/** @typedef {import("../../crypto/identity.js").OpenedIdentity} OpenedIdentity */
/** @typedef {import("../../crypto/log.js").RoomState} RoomState */
/** @typedef {import("../../store/people.js").NameRecord} NameRecord */
/** @typedef {import("./people.js").TrustProblem} TrustProblem */
/** @typedef {import("./people.js").UntrustedIdentity} UntrustedIdentity */

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

export class TrustDecisions {
  #me;

  /** @param {import("./account.js").Account} me */
  constructor(me) {
    this.#me = me;
  }

  /** @param {string} uid */
  #pin(uid) {
    return this.#me.store.people.pin(uid);
  }

  /**
   * Approves a new key for the user. Older keys stay trusted where logs have them now, and nowhere
   * else.
   * @param {OpenedIdentity} identity
   * @throws where it is older than the known one
   */
  async approve(identity) {
    const before = await this.#pin(identity.uid);
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
    const pin = await this.#pin(uid);
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
    const pin = await this.#pin(uid);
    if (!pin || pin.kid !== kid) throw new Error("That is not the key that is trusted here.");
    await this.#me.store.people.savePin({ ...pin, verified: on ? kid : "" });
  }

  /** @param {string} uid @param {string} kid */
  async isVerified(uid, kid) {
    return (await this.#pin(uid))?.verified === kid;
  }
}
