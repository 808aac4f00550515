/** Writing events: the next one of a log, and the first. */

import { encodeBody } from "./body.js";
import { b64, randomBytes } from "./bytes.js";
import { membersHash, parseEvent, roomId } from "./events.js";
import { kcv } from "./roomkeys.js";
import { demotes, recipientsAfter } from "./rules.js";
import { sign } from "./sign.js";

/** @typedef {import("./log.js").RoomState} RoomState */
/** @typedef {{t: string, uid?: string, to?: string, ban?: 0 | 1, role?: string}} RotationFields of an event that begins an epoch */
/** @typedef {{uid: string, kid: string, edPrivate: CryptoKey, now: number}} EventSigner `now` in ms,
 *    by the server's clock */

/**
 * The next event of a log.
 * @param {RoomState} state
 * @param {{t: string} & Record<string, unknown>} what type, and its extra keys in the schema's order
 * @param {EventSigner} signer
 */
export async function makeEvent(state, { t, ...extra }, signer) {
  return signed({ ...head(state, t, signer), ...extra }, signer);
}

/** The keys that every event begins with. @param {RoomState} state @param {string} t
 * @param {EventSigner} signer */
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

/** @param {object} event @param {EventSigner} signer */
export async function signed(event, { edPrivate }) {
  const text = encodeBody(event);
  parseEvent(text);
  return { event: text, sig: await sign(edPrivate, "event", text) };
}

/**
 * The first event of a new room, whose id follows from the owner's kid and a fresh nonce.
 * @param {EventSigner} signer @param {import("./events.js").Policy} policy @param {Uint8Array} key K_1
 * @param {"group" | "direct"} [kind]
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

/** The event that begins the next epoch for the members there are.
 * @param {RoomState} state @param {Uint8Array} key of the new epoch @param {EventSigner} signer */
export const makeEpoch = (state, key, signer) => makeRotation(state, { t: "epoch" }, key, signer);

/** Take a member out, and begin an epoch of the others.
 * @param {RoomState} state @param {{uid: string, ban: 0 | 1}} whom @param {Uint8Array} key
 * @param {EventSigner} signer */
export const makeRemove = (state, { uid, ban }, key, signer) =>
  makeRotation(state, { t: "remove", uid, ban }, key, signer);

/** Give a member their new kid `to`, and begin an epoch without the old one.
 * @param {RoomState} state @param {{uid: string, to: string}} whom @param {Uint8Array} key
 * @param {EventSigner} signer */
export const makeReset = (state, { uid, to }, key, signer) =>
  makeRotation(state, { t: "reset", uid, to }, key, signer);

/** Give a member another role. Where that takes a leader's rank away it begins an epoch, so that
 * nothing that they write for an older one counts as a leader's any more.
 * @param {RoomState} state @param {{uid: string, role: string}} whom
 * @param {Uint8Array} key of the new epoch, if it begins one @param {EventSigner} signer */
export const makeRole = (state, { uid, role }, key, signer) => {
  const what = { t: "role", uid, role };
  const member = state.members.get(uid);
  const begins = member !== undefined && demotes(member, role);
  return begins ? makeRotation(state, what, key, signer) : makeEvent(state, what, signer);
};

/** Become owner in place of `uid`, whose account has ended, and begin an epoch without them.
 * @param {RoomState} state @param {string} uid @param {Uint8Array} key @param {EventSigner} signer */
export const makeSucceed = (state, uid, key, signer) =>
  makeRotation(state, { t: "succeed", uid }, key, signer);

/** Let somebody in, by the link `iid` or by none ("").
 * @param {RoomState} state @param {{uid: string, to: string, iid: string}} whom
 * @param {EventSigner} signer */
export const makeAdd = (state, { uid, to, iid }, signer) =>
  makeEvent(state, { t: "add", uid, to, iid }, signer);

/** @param {RoomState} state @param {RotationFields} what
 * @param {Uint8Array} key of the new epoch @param {EventSigner} signer */
async function makeRotation(state, what, key, signer) {
  const e = state.e + 1;
  const members = await membersHash(recipientsAfter(state, what));
  return makeEvent(state, { ...what, e, kcv: await kcv(key, state.room, e), members }, signer);
}
