/** Exchanges a room's keys with the server, and completes rotations that others left unfinished. */

import { sealProfile } from "../../crypto/profile.js";
import { fetchAll } from "../pagination.js";
import { extendLinks } from "./rotation.js";

/**
 * Fetches the account's wraps and the profile's boxes, and asks members for missing keys.
 * @param {import("../account/account.js").Account} me
 * @param {import("./room-session.js").RoomSession} session
 * @param {object} how
 * @param {boolean} how.thorough whether to upload missing wraps, too, of every key held here, and to
 *   finish what the member who rotated has left undone
 * @param {import("./profile.js").RoomProfile} how.profile
 * @param {() => boolean} how.isAccepted whether others may notice it: the user has accepted the room
 * @param {() => void} how.onChanged told if keys or the profile moved
 */
export async function exchangeKeys(me, session, { thorough, profile, isAccepted, onChanged }) {
  const { keys } = session;
  const held = keys.epochs.length;
  let found = await fetchAll(me.api, `chatrooms/${session.id}/keys`, "wraps");
  await keys.unwrapAll(session.state, found.wraps);
  if (keys.missing(session.state).length > 0) {
    // An answer that was asked for ahead may be older than the newest key.
    found = await fetchAll(me.api, `chatrooms/${session.id}/keys`, "wraps");
    await keys.unwrapAll(session.state, found.wraps);
  }
  const fresh = keys.epochs.length > held;
  const renamed = await profile.open(session.state, keys, found.profiles);
  if (fresh || renamed) onChanged();
  if (!isAccepted()) return; // others notice everything below
  await keys.requestMissing(session.state).catch(() => {}); // asked again when a member comes
  if (thorough) await (await keys.sharing()).backUpToServer(found.wraps);
  if (thorough || fresh) await completeRotation(me, session, found);
}

/**
 * Uploads the profile's box and the keys for open links, where a rotation lacks them.
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
