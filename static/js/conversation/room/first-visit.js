/** A room that this browser keeps nothing of: all that its first page needs is asked for at once, and not
 * one after the other. */

import { loadOpening } from "../messages/late-opener.js";
import { newestPage } from "../messages/room-history.js";

/** Modules that verify a log, take keys and read messages, each by itself: their imports would be found one after
 * the other. */
const CODE = [
  () => import("../../crypto/log.js"),
  () => import("../../crypto/events.js"),
  () => import("../../crypto/effects.js"),
  () => import("../../crypto/rules.js"),
  () => import("../../crypto/proofs.js"),
  () => import("../../crypto/profile.js"),
  () => import("./log-page.js"),
  () => import("../account/identities.js"),
  () => import("../messages/history-reader.js"),
  () => import("../../crypto/check-row.js"),
  () => import("./key-maintenance.js"),
  () => import("../pagination.js"),
  () => import("./rotation.js"),
  () => import("../../crypto/compose.js"),
  () => import("../../crypto/invite.js"),
  loadOpening,
];

/**
 * Begins what a room's first page needs, where nothing of the room is kept.
 * @param {import("../account/account.js").Account} me @param {string} room
 */
export async function beginFirstVisit(me, room) {
  if ((await me.store.rooms.keptRooms()).includes(room)) return;
  const about = `chatrooms/${room}`;
  me.api.readAhead([about, `${about}/log?after=-1`, `${about}/keys`, newestPage(room)]);
  await Promise.all(CODE.map((load) => load()));
}
