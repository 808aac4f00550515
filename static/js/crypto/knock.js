/** Knocks: requests to join by a link that needs approval, or again after a key reset. */

import { encodeBody, hash64, ident, integer, oneOf, orEmpty, parseBody } from "./body.js";
import { unb64, WireError } from "./bytes.js";
import { checkJoiner, signJoiner } from "./proofs.js";
import { sign, verify } from "./sign.js";

/** @typedef {{room: string, iid: string, uid: string, kid: string, ts: number}} Knock `iid` is ""
 *    for a member after a reset */

/** @type {import("./body.js").Schema} */
const SCHEMA = [
  ["v", oneOf(1)],
  ["room", ident],
  ["iid", orEmpty(ident)],
  ["uid", ident],
  ["kid", hash64],
  ["ts", integer()],
];

/**
 * Signs a knock: a request to join.
 * @param {{room: string, iid: string}} where
 * @param {import("./compose.js").EventSigner} signer
 * @param {import("./invite.js").Derived | null} link null after a reset
 * @returns {Promise<{body: string, sig: string, isig: string}>}
 */
export async function makeKnock({ room, iid }, { uid, kid, edPrivate, now }, link) {
  const body = encodeBody({ v: 1, room, iid, uid, kid, ts: Math.floor(now) });
  parseBody(body, SCHEMA);
  const isig = link ? await signJoiner(link.skInv, { room, iid, uid, kid }) : "";
  return { body, sig: await sign(edPrivate, "knock", body), isig };
}

/**
 * Parses a knock and verifies that `identity` signed it. The caller checks its room and iid, and
 * that the invitation is open.
 * @param {{body: string, sig: string, isig: string}} given
 * @param {import("./identity.js").OpenedIdentity} identity
 * @param {{ipk: string} | null} invite the log's entry of the link, null for a reset
 * @returns {Promise<Knock>}
 * @throws {WireError} if it is malformed or badly signed
 */
export async function openKnock(given, identity, invite) {
  const { body, sig, isig } = given ?? {}; // from the server, of any type
  /** @type {Knock} */
  const { room, iid, uid, kid, ts } = parseBody(body, SCHEMA);
  if (uid !== identity.uid || kid !== identity.kid) throw new WireError("a knock of another");
  if ((iid === "") !== (invite === null)) throw new WireError("a knock by no invitation");
  const proven = invite
    ? await checkJoiner(unb64(invite.ipk, 32), { room, iid, by: uid, kid, isig })
    : isig === "";
  if (!proven || !(await verify(identity.ed, "knock", body, sig))) {
    throw new WireError("bad signature");
  }
  return { room, iid, uid, kid, ts };
}
