/** New keys for an account whose old ones are lost or stolen, and its end. */

import {
  accountOf,
  asPublished,
  fetchChain,
  preparePending,
  publish,
  withKeyLock,
} from "./account-keys.js";
import { knockAfterReset } from "./knocks.js";
import { heirOf, leaveRoom } from "./members.js";
import { RoomSession } from "./room-session.js";
import { kitName } from "./setup.js";

/** @typedef {import("./me.js").Me} Me */
/** @typedef {import("../store/store.js").Store} Store */
/** @typedef {import("../net/api.js").Api} Api */

/**
 * A reset: the account goes on with new keys, which every room has to let in. Old messages stay
 * closed until somebody hands their keys over. The keys here, if any, stay until the server has
 * taken the new ones.
 * @param {object} parts
 * @param {{uid: string, name: string, kid: string}} parts.person `kid` is the present one
 * @param {string} parts.password
 * @param {Store} parts.store @param {Api} parts.api
 * @param {import("./account-keys.js").Generate} parts.generate
 * @param {(done: number) => void} parts.onProgress from 0 to 1
 * @param {import("./account-keys.js").Locks} [parts.locks]
 * @returns {Promise<{file: string, name: string}>} the new recovery kit
 */
export const resetAccountKeys = ({ person, password, store, api, generate, onProgress, locks }) =>
  withKeyLock(
    person.uid,
    async () => {
      const before = await identitiesOf(api, person);
      await mustFollow(store, before);
      const pending =
        (await store.pendings()).find(({ past }) => past.at(-1) === person.kid) ??
        (await preparePending(person, asPublished(before), { store, generate, onProgress }));
      const file = await store.kitOf(pending);
      await publish(pending.chain[pending.chain.length - 1], api, password);
      await store.install(accountOf(pending));
      onProgress(1);
      return { file, name: kitName(person.name) };
    },
    locks,
  );

/** @param {Api} api @param {{uid: string, kid: string}} person */
async function identitiesOf(api, { uid, kid }) {
  const chain = await fetchChain(api, kid);
  if (chain.some((one) => one.uid !== uid))
    throw new Error("The server answered with somebody else’s key.");
  return chain;
}

/** Keys here that others replace must be among those before. @param {Store} store
 * @param {{kid: string}[]} before */
async function mustFollow(store, before) {
  const account = await store.account();
  if (account && !before.some(({ kid }) => kid === account.kid))
    throw new Error("The server names keys that do not follow from yours. Yours were kept.");
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
