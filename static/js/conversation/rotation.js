/** What goes with the event that begins the next epoch: wraps, profile, what open links need. */

import { makeEpoch } from "../crypto/compose.js";
import { openEscrow, sealEscrow, sealItem } from "../crypto/invite.js";
import { sealProfile } from "../crypto/profile.js";
import { wrapKey } from "../crypto/roomkeys.js";
import { signer } from "./me.js";

/** @typedef {import("../crypto/log.js").RoomState} RoomState */
/** @typedef {{iid: string, e: number, box: string}} Escrow */

/**
 * The request that makes `key` the room's next one. It needs no older key; links whose escrow
 * this browser cannot open stay as they are, for somebody who can.
 * @param {import("./me.js").Me} me
 * @param {import("./room-session.js").RoomSession} session
 * @param {Uint8Array} key 32 bytes
 * @param {Escrow[]} escrows
 * @returns {Promise<object>}
 */
export async function rotationRequest(me, session, key, escrows) {
  const { id, state, profilePlain } = session;
  const e = state.e + 1;
  const signed = await makeEpoch(state, key, signer(me));
  const wraps = await wrapForAll(session, e, key);
  const invites = await extendLinks(session, e, key, escrows);
  const request = { ...signed, wraps, invites };
  if (!state.h || !profilePlain) return request;
  return { ...request, profile: { e, box: await sealProfile(key, id, e, profilePlain) } };
}

/** @param {import("./room-session.js").RoomSession} session @param {number} e
 * @param {Uint8Array} key */
const wrapForAll = ({ id, state, identities }, e, key) =>
  Promise.all(
    [...state.members.values()].map(async ({ kid: to }) => {
      const ct = await wrapKey(key, { room: id, e, to }, identities.get(to).rsa);
      return { e, to, ct };
    }),
  );

/** @param {import("./room-session.js").RoomSession} session @param {number} e
 * @param {Uint8Array} key @param {Escrow[]} escrows */
async function extendLinks({ id, state, keys }, e, key, escrows) {
  const links = new Map();
  for (const { iid, e: old, box } of escrows) {
    const invite = state.invites.get(iid);
    const held = keys.get(old);
    if (!held || !invite || invite.closed) continue;
    const Kinv = await openEscrow(held, id, iid, old, box).catch(() => null);
    if (Kinv) links.set(iid, Kinv);
  }
  return Promise.all(
    [...links].map(async ([iid, Kinv]) => ({
      iid,
      escrow: await sealEscrow(key, id, iid, e, Kinv),
      item: await sealItem(/** @type {any} */ ({ iid, Kinv }), id, e, key),
    })),
  );
}
