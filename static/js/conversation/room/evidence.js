/** Evidence of a frozen room, and the explicit way to accept the server's copy. */

import { newId } from "../../crypto/bytes.js";
import { matchesCommitment } from "../../crypto/roomkeys.js";
import { ACCEPTED } from "../messages/timeline-items.js";
import { RoomSession } from "./room-session.js";

/** @typedef {import("../account/account.js").Account} Account */

/**
 * The evidence file of a frozen room: the state that this browser verified and the server's present
 * answer. It holds signed events and hashes, and no keys or readable messages.
 * @param {Account} me @param {RoomSession} session
 * @param {import("./restore-notices.js").SignedRestoreNotice[]} [restored] the operator's word, as signed
 * @returns {string} JSON
 */
export function exportEvidence(me, session, restored = []) {
  const { id, state, identities, evidence } = session;
  const verified = state && {
    seq: state.seq,
    hash: state.hash,
    hashes: state.hashes,
    e: state.e,
    members: [...state.members].map(([uid, { kid, name, role }]) => ({ uid, kid, name, role })),
  };
  const keys = [...identities.values()].map(({ kid, uid, name, n, prev }) => ({
    kid,
    uid,
    name,
    n,
    prev,
  }));
  const report = {
    sotto: "evidence",
    v: 1,
    room: id,
    by: { uid: me.uid, name: me.name, kid: me.kid },
    at: evidence?.at ?? Math.floor(me.clock.now()),
    what: evidence?.what ?? "",
    verified: verified ?? null,
    identities: keys,
    served: evidence?.found ?? null,
    restored,
  };
  return `${JSON.stringify(report, null, 1)}\n`;
}

/**
 * Accepts the server's present copy of a room, which only the user can decide: a restored backup
 * looks like an attack. Drops messages that the server lacks, queues the user's own again, and
 * continues as a new device. Throws, and changes nothing, if the copy does not verify from its
 * beginning.
 * @param {Account} me @param {string} room
 */
export async function acceptServerVersion(me, room) {
  const probe = new RoomSession(withEmptyLog(me), room);
  await probe.loadLog();
  if (probe.frozen) throw new Error("The server’s copy is not a valid log. There is no way out.");
  const before = await me.store.settings.progress(room, ACCEPTED);
  await me.store.rooms.resetRoom(room, newId());
  const times = [...(Array.isArray(before) ? before : []), Math.floor(me.clock.now())];
  await me.store.settings.saveProgress(room, ACCEPTED, times);
  for (const e of probe.keys.epochs) {
    const key = /** @type {Uint8Array} */ (probe.keys.get(e));
    if (!(await matchesCommitment(key, room, e, probe.state.kcv.get(e))))
      await me.store.rooms.dropKey(room, e);
  }
}

/**
 * Returns the account with a store that has no logs, and keeps neither logs nor pins.
 * @param {Account} me
 * @returns {Account}
 */
function withEmptyLog(me) {
  const ignored = async () => {};
  const { rooms, people } = me.store;
  const store = override(me.store, {
    rooms: override(rooms, { log: async () => undefined, saveLog: async () => false }),
    people: override(people, { savePin: ignored, saveName: ignored, pinPeople: ignored }),
  });
  return { ...me, store };
}

/**
 * Returns `target` with some members replaced.
 * @template {object} T
 * @param {T} target @param {Partial<T>} members
 * @returns {T}
 */
function override(target, members) {
  return new Proxy(target, {
    get(_target, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const found = Reflect.get(target, name, target);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}
