/** Composes log events: the next one of a log, and the first. */

import { encodeBody } from "./body.js";
import { b64, randomBytes } from "./bytes.js";
import { recipientsAfter } from "./effects.js";
import { membersHash, parseEvent, roomId } from "./events.js";
import { kcv } from "./roomkeys.js";
import { demotes } from "./rules.js";
import { sign } from "./sign.js";

/** @typedef {import("./log.js").RoomState} RoomState */
/** @typedef {{t: string, uid?: string, to?: string, ban?: 0 | 1, role?: string}} RotationFields of an event that begins an epoch */
/** @typedef {{uid: string, kid: string, edPrivate: CryptoKey, now: number}} EventSigner `now` in ms,
 *    by the server's clock */

/**
 * Makes the next event of a log.
 * @param {RoomState} state
 * @param {{t: string} & Record<string, unknown>} what type, and its extra keys in the schema's order
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 */
export async function makeEvent(state, { t, ...extra }, signer) {
  return signed({ ...head(state, t, signer), ...extra }, signer);
}

/**
 * Returns the keys that every event begins with.
 * @param {RoomState} state
 * @param {string} t
 * @param {EventSigner} signer
 * @returns {Pick<import("./events.js").Event, "v" | "t" | "room" | "seq" | "prev" | "ts" | "by" | "kid">}
 */
export const head = (state, t, { uid, kid, now }) => ({
  v: 1,
  t,
  room: state.room,
  seq: state.seq + 1,
  prev: state.hash,
  ts: Math.max(now, state.ts),
  by: uid,
  kid,
});

/**
 * Encodes, checks and signs an event.
 * @param {object} event
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 * @throws {import("./events.js").LogError} if a reader would refuse it
 */
export async function signed(event, { edPrivate }) {
  const text = encodeBody(event);
  parseEvent(text);
  return { event: text, sig: await sign(edPrivate, "event", text) };
}

/**
 * Makes the first event of a new room, whose id follows from the owner's kid and a fresh nonce.
 * @param {EventSigner} signer
 * @param {import("./events.js").Policy} policy
 * @param {Uint8Array} key K_1
 * @param {"group" | "direct"} [kind]
 * @returns {Promise<{room: string} & import("./log.js").SignedEvent>}
 */
export async function makeCreate(signer, policy, key, kind = "group") {
  const nonce = b64(randomBytes(16));
  const room = await roomId(signer.kid, nonce);
  const event = {
    v: 1,
    t: "create",
    room,
    seq: 0,
    prev: "",
    ts: signer.now,
    by: signer.uid,
    kid: signer.kid,
    kind,
    nonce,
    policy,
    kcv: await kcv(key, room, 1),
  };
  return { room, ...(await signed(event, signer)) };
}

/**
 * Makes the event that begins the next epoch for the present members.
 * @param {RoomState} state
 * @param {Uint8Array} key of the new epoch
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 */
export const makeEpoch = (state, key, signer) => makeRotation(state, { t: "epoch" }, key, signer);

/**
 * Makes the event that removes a member and begins an epoch of the others.
 * @param {RoomState} state
 * @param {{uid: string, ban: 0 | 1}} whom
 * @param {Uint8Array} key of the new epoch
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 */
export const makeRemove = (state, { uid, ban }, key, signer) =>
  makeRotation(state, { t: "remove", uid, ban }, key, signer);

/**
 * Makes the event that gives a member a new kid and begins an epoch without the old one.
 * @param {RoomState} state
 * @param {{uid: string, to: string}} whom `to`: the new kid
 * @param {Uint8Array} key of the new epoch
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 */
export const makeReset = (state, { uid, to }, key, signer) =>
  makeRotation(state, { t: "reset", uid, to }, key, signer);

/**
 * Makes the event that gives a member another role. A demotion of a leader begins an epoch, so that
 * nothing they write for an older one counts as a leader's any more.
 * @param {RoomState} state
 * @param {{uid: string, role: string}} whom
 * @param {Uint8Array} key of the new epoch, if it begins one
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 */
export const makeRole = (state, { uid, role }, key, signer) => {
  const what = { t: "role", uid, role };
  const member = state.members.get(uid);
  const begins = member !== undefined && demotes(member, role);
  return begins ? makeRotation(state, what, key, signer) : makeEvent(state, what, signer);
};

/**
 * Makes the event that takes a room over from an owner whose account has ended, and begins an epoch
 * without them.
 * @param {RoomState} state
 * @param {string} uid of the owner
 * @param {Uint8Array} key of the new epoch
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 */
export const makeSucceed = (state, uid, key, signer) =>
  makeRotation(state, { t: "succeed", uid }, key, signer);

/**
 * Makes the event that admits a person.
 * @param {RoomState} state
 * @param {{uid: string, to: string, iid: string}} whom `to`: their kid; `iid`: of their link, or ""
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 */
export const makeAdd = (state, { uid, to, iid }, signer) =>
  makeEvent(state, { t: "add", uid, to, iid }, signer);

/** @param {RoomState} state @param {RotationFields} what
 * @param {Uint8Array} key of the new epoch @param {EventSigner} signer */
async function makeRotation(state, what, key, signer) {
  const e = state.e + 1;
  const members = await membersHash(recipientsAfter(state, what));
  return makeEvent(state, { ...what, e, kcv: await kcv(key, state.room, e), members }, signer);
}
