/** Creates rooms. */

import { randomBytes } from "../../crypto/bytes.js";
import { makeCreate, makeEvent } from "../../crypto/compose.js";
import { sealProfile, writeProfile } from "../../crypto/profile.js";
import { wrapKey } from "../../crypto/roomkeys.js";
import { signer } from "../account/account.js";
import { RoomSession } from "./room-session.js";

/** The policy of a new room unless its creator chooses otherwise: history for newcomers, search on
 * the server, no summaries. */
export const POLICY = /** @type {import("../../crypto/events.js").Policy} */ ({
  join: "link",
  history: "all",
  ai: "off",
  ain: 200,
  search: "server",
  n: 1000,
  days: 30,
  ttl: 0,
});

/**
 * @param {import("../account/account.js").Account} me
 * @param {{name: string, topic: string, policy?: Partial<typeof POLICY>}} about
 * @returns {Promise<string>} the room's id
 */
export async function createRoom(me, { name, topic, policy = {} }) {
  const key = randomBytes(32);
  const { room, ...created } = await makeCreate(signer(me), { ...POLICY, ...policy }, key);
  const context = { room, e: 1, to: me.kid };
  const wraps = [{ e: 1, to: me.kid, ct: await wrapKey(key, context, me.keys.rsa.spki) }];
  await me.api.post("chatrooms", { ...created, wraps });
  await me.store.rooms.saveKey(room, 1, key);
  const session = new RoomSession(me, room);
  await session.load();
  await setProfile(me, session, { name, topic });
  return room;
}

/**
 * @param {import("../account/account.js").Account} me @param {RoomSession} session
 * @param {{name: string, topic: string}} about
 */
export async function setProfile(me, session, { name, topic }) {
  const { plain, h } = await writeProfile({ name, topic, avatar: session.profile.avatar });
  await session.append(async (state) => {
    const key = session.keys.get(state.e);
    if (!key) throw new Error("This browser does not have the present key yet.");
    const box = await sealProfile(key, session.id, state.e, plain);
    const signed = await makeEvent(state, { t: "profile", h }, signer(me));
    return { path: "", method: "put", body: { ...signed, profile: { e: state.e, box } } };
  });
  await session.fetchKeys();
}
