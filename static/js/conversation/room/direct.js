/** Direct rooms: two people, one of whom accepts or declines. */

import { randomBytes } from "../../crypto/bytes.js";
import { makeCreate } from "../../crypto/compose.js";
import { openIdentity } from "../../crypto/identity.js";
import { wrapKey } from "../../crypto/roomkeys.js";
import { signer } from "../account/account.js";
import { People } from "../account/people.js";
import { fetchAll } from "../pagination.js";
import { POLICY } from "./create.js";
import { addMember } from "./members.js";
import { RoomSession } from "./room-session.js";

/** @typedef {import("../account/account.js").Account} Account */

/**
 * Looks a person up by their exact user name. Throws an error for people to read if there is none.
 * @param {Account} me @param {string} name
 * @returns {Promise<import("../../crypto/identity.js").OpenedIdentity>}
 */
export async function findPerson(me, name) {
  const wanted = name.trim().replace(/^@/, "").toLowerCase();
  const { uid, identity: signed } = await me.api.get(`users/${encodeURIComponent(wanted)}`);
  if (!signed)
    throw new Error("That person has not set up a browser yet. Ask them to log in once.");
  const identity = await openIdentity(signed);
  if (identity.name !== wanted || identity.uid !== uid)
    throw new Error("The server answered with somebody else.");
  return identity;
}

/**
 * The direct room with a person; creates one if there is none.
 * @param {Account} me @param {string} name
 * @returns {Promise<string>} the room's id
 * @throws {import("../account/trust-decisions.js").UntrustedIdentityError} before a room is made
 */
export async function startDirect(me, name) {
  const identity = await findPerson(me, name);
  if (identity.uid === me.uid) throw new Error("That is you. Type somebody else’s user name.");
  const there = await findExisting(me, identity.uid);
  if (there) return requireDirectWith(me, there, identity.uid);
  await new People(me).requireTrusted(identity);
  const session = await createDirect(me);
  try {
    await addMember(me, session, { identity, iid: "" });
  } catch (error) {
    await session.leave().catch(() => {}); // a room with nobody in it
    await me.store.rooms.dropRoom(session.id);
    if (error.code === "direct_exists" && error.extra.room)
      return requireDirectWith(me, error.extra.room, identity.uid);
    throw error;
  }
  return session.id;
}

/** @param {Account} me @param {string} uid */
async function findExisting(me, uid) {
  const { rooms } = await fetchAll(me.api, "chatrooms", "rooms");
  return rooms.find((room) => room.kind === "direct" && room.peer?.uid === uid && !room.closed)?.id;
}

/**
 * Returns a room if its verified log makes it the direct room with this person; the server alone
 * could name any room.
 * @param {Account} me @param {string} room @param {string} uid
 */
async function requireDirectWith(me, room, uid) {
  const session = new RoomSession(me, room);
  await session.loadLog();
  const { kind, members, spans } = session.state;
  const strangers = [...members.keys()].some((one) => one !== me.uid && one !== uid);
  if (session.frozen || kind !== "direct" || strangers || !spans.has(uid))
    throw new Error("The server answered with the room of somebody else. Nothing was sent.");
  return room;
}

/** @param {Account} me */
async function createDirect(me) {
  const key = randomBytes(32);
  const policy = { ...POLICY, join: /** @type {const} */ ("approve") };
  const { room, ...created } = await makeCreate(signer(me), policy, key, "direct");
  const ct = await wrapKey(key, { room, e: 1, to: me.kid }, me.keys.rsa.spki);
  await me.api.post("chatrooms", { ...created, wraps: [{ e: 1, to: me.kid, ct }] });
  await me.store.rooms.saveKey(room, 1, key);
  const session = new RoomSession(me, room);
  await session.load();
  return session;
}
