/** The body of an event that begins an epoch: wraps, profile, keys for open links. */

import { makeEpoch } from "../../crypto/compose.js";
import { parseEvent } from "../../crypto/events.js";
import { openEscrow, sealEscrow, sealItem } from "../../crypto/invite.js";
import { isOpen, recipientsAfter } from "../../crypto/log.js";
import { sealProfile } from "../../crypto/profile.js";
import { wrapKey } from "../../crypto/roomkeys.js";
import { signer } from "../account/account.js";

/** @typedef {import("../../crypto/log.js").RoomState} RoomState */
/** @typedef {import("../../crypto/log.js").SignedEvent} SignedEvent */
/** @typedef {import("./room-session.js").RoomSession} RoomSession */
/** @typedef {import("../../crypto/identity.js").OpenedIdentity} OpenedIdentity */
/** @typedef {{iid: string, e: number, box: string}} Escrow */

const AT_ONCE = 50; // wraps between two signs of progress
const PAUSE_AFTER = 40; // ms without which a page shows nothing

/**
 * The request that makes `key` the room's next one. It needs no older key. Links whose escrow this
 * browser cannot open stay unchanged, for a member who can.
 * @param {import("../account/account.js").Account} me
 * @param {RoomSession} session
 * @param {Uint8Array} key 32 bytes
 * @param {Escrow[]} escrows
 * @param {(done: number) => void} [onProgress] from 0 to 1
 */
export async function rotationRequest(me, session, key, escrows, onProgress) {
  const signed = await makeEpoch(session.state, key, signer(me));
  const request = await rotationBody(session, signed, key, onProgress);
  const invites = await extendLinks(me, session, session.state.e + 1, key, escrows);
  return { ...request, invites };
}

/**
 * An event that begins an epoch, with a wrap for each member after it and the profile's box.
 * @param {RoomSession} session @param {SignedEvent} signed @param {Uint8Array} key
 * @param {(done: number) => void} [onProgress] from 0 to 1
 */
export async function rotationBody(session, signed, key, onProgress = () => {}) {
  const { id, state, profilePlain } = session;
  const e = state.e + 1;
  const to = recipientsAfter(state, parseEvent(signed.event));
  const wraps = await wrapForAll(session, to, e, key, onProgress);
  const request = { ...signed, wraps };
  if (!state.h || !profilePlain) return request;
  return { ...request, profile: { e, box: await sealProfile(key, id, e, profilePlain) } };
}

/** @param {RoomSession} session @param {[string, string][]} recipients uid, kid
 * @param {number} e @param {Uint8Array} key @param {(done: number) => void} onProgress
 * @throws {import("../account/trust-decisions.js").UntrustedIdentityError} */
async function wrapForAll({ id, state, identities, people }, recipients, e, key, onProgress) {
  const who = recipients.map(([, to]) => /** @type {OpenedIdentity} */ (identities.get(to)));
  await people.requireTrusted(who, state);
  const wraps = [];
  let shown = performance.now();
  for (let at = 0; at < recipients.length; at += AT_ONCE) {
    const some = who.slice(at, at + AT_ONCE).map(async ({ kid: to, rsa }) => {
      const ct = await wrapKey(key, { room: id, e, to }, rsa);
      return { e, to, ct };
    });
    wraps.push(...(await Promise.all(some)));
    onProgress(wraps.length / recipients.length);
    if (performance.now() - shown > PAUSE_AFTER) {
      await new Promise((resolve) => setTimeout(resolve));
      shown = performance.now();
    }
  }
  return wraps;
}

/**
 * Keys of epoch `e` for the links whose own key this browser can open.
 * @param {import("../account/account.js").Account} me @param {RoomSession} session @param {number} e
 * @param {Uint8Array} key @param {Escrow[]} escrows
 */
export async function extendLinks(me, { id, state, keys }, e, key, escrows) {
  const links = new Map();
  const now = me.clock.now();
  for (const { iid, e: old, box } of escrows) {
    const invite = state.invites.get(iid);
    const held = keys.get(old);
    if (!held || !invite || !isOpen(invite, now)) continue;
    const Kinv = await openEscrow(held, id, iid, old, box).catch(() => null);
    if (Kinv) links.set(iid, Kinv);
  }
  return Promise.all(
    [...links].map(async ([iid, Kinv]) => ({
      iid,
      escrow: await sealEscrow(key, id, iid, e, Kinv),
      item: await sealItem({ iid, Kinv }, id, e, key),
    })),
  );
}
