/** Adds somebody to a room by their user name. */

import { findPerson } from "./direct.js";
import { addMember } from "./members.js";

/**
 * Adds a person, with every key that they are entitled to. They are asked before they are in; a ban
 * ends with it.
 * @param {import("../account/account.js").Account} me
 * @param {import("./room-session.js").RoomSession} session
 * @param {string} name
 * @throws {import("../account/trust-decisions.js").UntrustedIdentityError} if it is not certain whose keys
 *   these are
 * @throws {Error} for people to read, if there is nobody of that name to add
 */
export async function addByName(me, session, name) {
  const identity = await findPerson(me, name);
  if (identity.uid === me.uid) throw new Error("That is you. Type somebody else’s user name.");
  if (session.state.members.has(identity.uid))
    throw new Error(`${identity.name} is a member already.`);
  await addMember(me, session, { identity, iid: "" });
}
