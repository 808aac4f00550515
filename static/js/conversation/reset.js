/** New keys for an account whose old ones are lost or stolen, and its end. */

import { newId } from "../crypto/bytes.js";
import { makeIdentity, openIdentity } from "../crypto/identity.js";
import { makeKit } from "../crypto/kit.js";
import { knockAfterReset } from "./knocks.js";
import { heirOf, leaveRoom } from "./members.js";
import { RoomSession } from "./room-session.js";

/** @typedef {import("./me.js").Me} Me */
/** @typedef {import("../store/store.js").Store} Store */
/** @typedef {import("../net/api.js").Api} Api */

/**
 * A reset: the account goes on with new keys, which every room has to let in. Old messages stay
 * closed until somebody hands their keys over.
 * @param {object} parts
 * @param {{uid: string, name: string, kid: string}} parts.person `kid` is the present one
 * @param {string} parts.password
 * @param {Store} parts.store @param {Api} parts.api
 * @param {(onProgress: (done: number) => void) => Promise<any>} parts.generate
 * @param {(done: number) => void} parts.onProgress from 0 to 1
 * @returns {Promise<{file: string, name: string}>} the new recovery kit
 */
export async function resetAccountKeys({ person, password, store, api, generate, onProgress }) {
  const { uid, name, kid: prev } = person;
  const before = await presentIdentity(api, person);
  const { export: exported, ...keys } = await generate((done) => onProgress(done * 0.8));
  const signed = await makeIdentity(keys, { uid, name, n: before.n + 1, prev });
  const { body, sig, kid } = signed;
  const kit = await makeKit({ uid, kid, ...exported });
  onProgress(0.9);
  await api.post("identities", { body, sig, password });
  const past = [...(await pastOf(api, before)), prev];
  await store.saveAccount({ uid, name, kid, keys, dev: newId(), kitSaved: false, past });
  onProgress(1);
  return { file: kit.file, name: `sotto-recovery-kit-${name}.json` };
}

/** @param {Api} api @param {{uid: string, name: string, kid: string}} person */
async function presentIdentity(api, { uid, kid }) {
  const identity = await identityOf(api, kid);
  if (identity.uid !== uid) throw new Error("The server answered with somebody else’s key.");
  return identity;
}

/** @param {Api} api @param {string} kid */
async function identityOf(api, kid) {
  const { identities } = await api.get(`identities?kid=${kid}`);
  const identity = await openIdentity(identities[0] ?? {});
  if (identity.kid !== kid) throw new Error("The server answered with another key.");
  return identity;
}

/** The keys before an identity, oldest first.
 * @param {Api} api @param {import("../crypto/identity.js").OpenedIdentity} identity
 * @returns {Promise<string[]>} */
export async function pastOf(api, identity) {
  const past = [];
  for (let { prev } = identity; prev; ) {
    past.unshift(prev);
    prev = (await identityOf(api, prev)).prev;
  }
  return past;
}

/** Ask every room that knows an older key of this account to let the present one in.
 * @param {Me} me @param {{id: string, kid?: string, closed?: boolean}[]} rooms as the server
 *   lists them */
export async function knockEverywhere(me, rooms) {
  const waiting = rooms.filter(({ kid, closed }) => !closed && kid && me.past.includes(kid));
  await Promise.allSettled(waiting.map(({ id }) => knockAfterReset(me, id)));
}

/**
 * Leave every room, then delete the account. Owned rooms are handed over first.
 * @param {Me} me @param {string} password @param {(done: number) => void} onProgress
 */
export async function deleteAccount(me, password, onProgress) {
  const { rooms } = await me.api.get("chatrooms");
  for (const [at, { id }] of rooms.entries()) {
    const session = new RoomSession(me, id);
    await session.load();
    if (session.isMember) await leaveRoom(me, session); // or it does not know this key yet
    onProgress((at + 1) / (rooms.length + 1));
  }
  await me.api.post("me/delete", { password });
  await me.store.forget();
  onProgress(1);
}

/** The rooms that somebody else gets when one goes, for people to know before.
 * @param {Me} me @param {RoomSession[]} sessions */
export const inheritances = (me, sessions) =>
  sessions
    .filter(({ mine, state }) => mine?.role === "owner" && state.members.size > 1)
    .map((session) => ({
      room: session.profile.name,
      heir: session.state.members.get(heirOf(me, session))?.name ?? "",
    }));
