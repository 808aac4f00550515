/** Which members have which epoch keys, and sharing the missing ones. */

import { fetchPages } from "../pagination.js";

/** @typedef {import("../account/account.js").Account} Account */
/** @typedef {import("./room-session.js").RoomSession} RoomSession */
/**
 * @typedef {object} KeyHealth
 * @property {{e: number, ts: number}[]} epochs
 * @property {{uid: string, name: string, since: number, have: number[]}[]} members
 * @property {number} missing keys that members are entitled to and that the server has no wrap of
 * @property {number} mendable those of them that this browser can hand over
 */

/**
 * The server's list of its wraps, unverified: it can hide one, and the member then asks for it.
 * @param {Account} me @param {RoomSession} session @returns {Promise<KeyHealth>}
 */
export async function keyHealth(me, session) {
  const wraps = /** @type {Record<string, number[]>} */ ({});
  for await (const page of fetchPages(me.api, `chatrooms/${session.id}/wraps`))
    Object.assign(wraps, page.wraps);
  const { state } = session;
  const members = [...state.members].map(([uid, { kid, name, since }]) => ({
    uid,
    name,
    since,
    have: known(wraps[kid], state.e).filter((e) => e >= since),
  }));
  const lacks = members.flatMap((member) => missingEpochs(member, state.e));
  const held = new Set(session.keys.epochs);
  return {
    epochs: Array.from({ length: state.e }, (_, at) => ({ e: at + 1, ts: 0 })),
    members,
    missing: lacks.length,
    mendable: lacks.filter((e) => held.has(e)).length,
  };
}

/** @param {unknown} epochs @param {number} last @returns {number[]} */
const known = (epochs, last) =>
  (Array.isArray(epochs) ? epochs : []).filter(
    (e) => Number.isSafeInteger(e) && e >= 1 && e <= last,
  );

/** @param {{since: number, have: number[]}} member @param {number} last @returns {number[]} */
function missingEpochs({ since, have }, last) {
  const here = new Set(have);
  const found = [];
  for (let e = since; e <= last; e += 1) if (!here.has(e)) found.push(e);
  return found;
}

/**
 * Hands over keys that members lack and this browser holds, to trusted identities only.
 * @param {Account} me @param {RoomSession} session @param {(done: number) => void} onProgress
 */
export async function shareMissingKeys(me, session, onProgress) {
  const { members } = await keyHealth(me, session);
  const { state, keys, identities, unapproved } = session;
  const strangers = new Set(unapproved.map(({ uid }) => uid));
  const held = new Set(keys.epochs);
  for (const [at, member] of members.entries()) {
    const epochs = missingEpochs(member, state.e).filter((e) => held.has(e));
    const identity = identities.get(state.members.get(member.uid)?.kid ?? "");
    if (identity && epochs.length > 0 && !strangers.has(member.uid)) {
      await (await keys.sharing()).share(state, identity, epochs);
    }
    onProgress((at + 1) / members.length);
  }
}
