/** How a room and the people in it are called, by its verified log and profile. */

/** @typedef {import("./room-session.js").RoomSession} RoomSession */

const TITLE_NAMES = 3; // members that a room without a name is called by

/**
 * The other person of a direct room, by its verified log; also after they have left.
 * @param {Pick<RoomSession, "state" | "identities">} session
 * @param {string} uid of the account
 * @returns {{uid: string, name: string} | null} null in a room that is not direct
 */
export function peerOf({ state, identities }, uid) {
  if (state.kind !== "direct") return null;
  const [other] = [...state.spans].filter(([one]) => one !== uid);
  if (!other) return null;
  const kid = other[1].at(-1)?.kid ?? "";
  return { uid: other[0], name: identities.get(kid)?.name ?? "" };
}

/**
 * The room's name; without one, or without the key to it, the names of a few other members.
 * @param {Pick<RoomSession, "state" | "profile">} session
 * @param {string} uid of the account
 */
export function titleOf({ state, profile }, uid) {
  if (profile.name) return profile.name;
  const others = [...state.members].filter(([other]) => other !== uid);
  const names = others.slice(0, TITLE_NAMES).map(([, { name }]) => name);
  return names.join(", ") + (others.length > TITLE_NAMES ? ", …" : "");
}

/**
 * The name of a present or former member, "" if unknown.
 * @param {Pick<RoomSession, "state" | "identities">} session
 * @param {string} uid
 */
export function nameIn({ state, identities }, uid) {
  const known = () => [...identities.values()].find((identity) => identity.uid === uid);
  return state.members.get(uid)?.name ?? known()?.name ?? "";
}
