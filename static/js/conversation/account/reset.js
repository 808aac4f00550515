/** Resets an account's keys, and deletes the account. */

import { AccountKeyStore } from "../../store/account-keys.js";
import { knockAfterReset } from "../room/knocks.js";
import { leaveRoom } from "../room/members.js";
import { RoomSession } from "../room/room-session.js";
import {
  accountOf,
  asPublished,
  fetchChain,
  preparePending,
  publish,
  withKeyLock,
} from "./account-keys.js";
import { kitName } from "./setup.js";

/** @typedef {import("./account.js").Account} Account */
/** @typedef {import("../../store/store.js").Store} Store */
/** @typedef {import("../../net/api.js").Api} Api */

/**
 * Resets the account's keys. A member of each room has to confirm the new ones; old messages stay
 * locked until somebody shares their keys. The present keys stay until the server has accepted the
 * new ones.
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
      await requireSuccessorKeys(store, before);
      const pending =
        (await store.part(AccountKeyStore).pendingKeys()).find(
          ({ past }) => past.at(-1) === person.kid,
        ) ?? (await preparePending(person, asPublished(before), { store, generate, onProgress }));
      const file = await store.part(AccountKeyStore).kitOf(pending);
      await publish(pending.chain[pending.chain.length - 1], api, password);
      await store.part(AccountKeyStore).install(accountOf(pending));
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

/** Keys that a reset replaces must be among the earlier ones.
 * @param {Store} store
 * @param {{kid: string}[]} before */
async function requireSuccessorKeys(store, before) {
  const account = await store.accounts.current();
  if (account && !before.some(({ kid }) => kid === account.kid))
    throw new Error("The server names keys that do not follow from yours. Yours were kept.");
}

/** Asks every room that has an older key of this account to confirm the present one. Where that was
 * asked already, it stays so: what was refused is asked again by the person only.
 * @param {Account} me
 * @param {Pick<import("../../net/types.js").RoomSummary, "id" | "kid" | "closed" | "own_knock">[]} rooms
 *   as the server lists them */
export async function knockAllRooms(me, rooms) {
  const waiting = rooms.filter(
    ({ kid, closed, own_knock }) =>
      !closed && kid && me.past.includes(kid) && own_knock?.kid !== me.kid,
  );
  await Promise.allSettled(waiting.map(({ id }) => knockAfterReset(me, id)));
}

/** The account owns rooms with other members, which must be handed over or closed first. */
export class StillOwnerError extends Error {
  /** @param {{id: string, name: string}[]} rooms */
  constructor(rooms) {
    super("You own rooms that others are in.");
    this.rooms = rooms;
  }
}

/**
 * Leaves all rooms, then deletes the account. Changes nothing if the password is wrong or the
 * account owns rooms with other members.
 * @param {Account} me @param {string} password @param {(done: number) => void} onProgress from 0 to 1
 * @throws {StillOwnerError}
 */
export async function deleteAccount(me, password, onProgress) {
  const held = await roomsThatHold(me, password);
  const owned = held.filter(({ mine, state }) => mine?.role === "owner" && state.members.size > 1);
  if (owned.length > 0) {
    throw new StillOwnerError(owned.map(({ id, profile }) => ({ id, name: profile.name })));
  }
  for (const [at, session] of held.entries()) {
    if (session.isMember) await leaveRoom(me, session); // or it does not know this key yet
    onProgress((at + 1) / (held.length + 1));
  }
  if (held.length > 0) await me.api.post("me/delete", { password });
  await me.store.eraseAccount();
  onProgress(1);
}

/** The rooms to leave first; none if the account is already deleted. The server checks the password
 * before it lists them.
 * @param {Account} me @param {string} password @returns {Promise<RoomSession[]>} */
async function roomsThatHold(me, password) {
  try {
    await me.api.post("me/delete", { password });
    return [];
  } catch (error) {
    if (error.code !== "still_member") throw error;
    const sessions = error.extra.rooms.map((/** @type {string} */ id) => new RoomSession(me, id));
    for (const session of sessions) await session.load();
    return sessions;
  }
}
