/** Completes a rotation that another member left unfinished: profile box, keys for open links. */

import { sealProfile } from "../../crypto/profile.js";
import { extendLinks } from "./rotation.js";

/**
 * @param {import("../account/account.js").Account} me @param {import("./room-session.js").RoomSession} session
 * @param {{profiles: {e: number}[], escrows: import("./rotation.js").Escrow[]}} found what the
 *   server has
 */
export async function completeRotation(me, session, { profiles, escrows }) {
  const { id, state, keys, profilePlain, frozen } = session;
  const key = keys.get(state.e);
  if (!key || frozen || !state.open) return;
  /** @type {{profile?: import("../../net/types.js").ProfileBox, invites?: object[]}} */
  const boxes = {};
  if (state.h && profilePlain && !profiles.some(({ e }) => e === state.e)) {
    boxes.profile = { e: state.e, box: await sealProfile(key, id, state.e, profilePlain) };
  }
  const behind = escrows.filter(({ e }) => e < state.e);
  const done = new Set(escrows.filter(({ e }) => e === state.e).map(({ iid }) => iid));
  const invites = await extendLinks(
    me,
    session,
    state.e,
    key,
    behind.filter(({ iid }) => !done.has(iid)),
  );
  if (invites.length > 0) boxes.invites = invites;
  if (Object.keys(boxes).length === 0) return;
  await me.api.post(`chatrooms/${id}/boxes`, boxes).catch(() => {}); // another member retries it
}
