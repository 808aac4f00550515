/** Join requests: asking by a link that needs approval or after a reset, accepting, refusing. */

import { openIdentity } from "../../crypto/identity.js";
import { makeKnock, openKnock } from "../../crypto/knock.js";
import { signer } from "../account/account.js";
import { fetchAll } from "../pagination.js";
import { addMember, resetMember } from "./members.js";

/** @typedef {import("../account/account.js").Account} Account */
/** @typedef {import("./room-session.js").RoomSession} RoomSession */
/** @typedef {{uid: string, name: string, kid: string, kind: "join" | "reset", ts: number,
 *   iid: string, identity: import("../../crypto/identity.js").OpenedIdentity}} Knock */

/**
 * The knocks whose signatures verify: the server can invent nobody.
 * @param {Account} me @param {RoomSession} session @returns {Promise<Knock[]>}
 */
export async function fetchKnocks(me, session) {
  const { knocks } = await fetchAll(me.api, `chatrooms/${session.id}/knocks`, "knocks");
  const opened = await Promise.all(knocks.map((knock) => open(session, knock)));
  return opened.filter((knock) => knock !== null);
}

/** @param {RoomSession} session @param {import("../../net/types.js").SignedKnock} given @returns {Promise<Knock | null>} */
async function open(session, { identity: signed, ...knock }) {
  try {
    const identity = await openIdentity(signed);
    const { iid } = JSON.parse(knock.body);
    const invite = iid ? (session.state.invites.get(iid) ?? null) : null;
    if (iid && !invite) return null;
    const { room, ts } = await openKnock(knock, identity, invite);
    const { uid, name, kid } = identity;
    const member = session.state.members.get(uid);
    if (room !== session.id || (iid === "") !== (member !== undefined)) return null;
    if (member && !follows(session, member.kid, identity)) return null;
    return { uid, name, kid, ts, iid, kind: member ? "reset" : "join", identity };
  } catch {
    return null;
  }
}

/** Tells whether an identity came after the one that a member has in the log.
 * @param {RoomSession} session @param {string} before kid
 * @param {import("../../crypto/identity.js").OpenedIdentity} identity */
function follows({ identities }, before, { n, uid, name }) {
  const old = identities.get(before);
  return old !== undefined && old.uid === uid && old.name === name && n > old.n;
}

/** @param {Account} me @param {RoomSession} session @param {Knock} knock */
export const acceptKnock = (me, session, { kind, identity, iid }) =>
  kind === "reset" ? resetMember(me, session, identity) : addMember(me, session, { identity, iid });

/** @param {Account} me @param {RoomSession} session @param {string} uid */
export const refuseKnock = (me, session, uid) =>
  me.api.delete(`chatrooms/${session.id}/knocks/${uid}`);

/** Knocks by a link.
 * @param {Account} me @param {string} room
 * @param {import("../../crypto/invite.js").Derived} link */
export async function knockByLink(me, room, link) {
  const knock = await makeKnock({ room, iid: link.iid }, signer(me), link);
  return me.api.post(`chatrooms/join/${link.iid}/knock`, knock);
}

/** Knocks after a reset, to be confirmed under the new key.
 * @param {Account} me @param {string} room */
export async function knockAfterReset(me, room) {
  const knock = await makeKnock({ room, iid: "" }, signer(me), null);
  const { body, sig } = knock;
  await me.api.post(`chatrooms/${room}/knock`, { body, sig });
}
