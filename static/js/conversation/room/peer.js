/** The other person of a direct room. */

/**
 * The other person of a direct room, by its verified log; also after they have left.
 * @param {Pick<import("./room-session.js").RoomSession, "state" | "identities">} session
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
