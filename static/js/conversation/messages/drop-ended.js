/** Deletes what this browser keeps of messages that the rules of their room have ended. */

import { sentAt } from "../../crypto/message-row.js";
import { Archive } from "../search/archive.js";
import { dropEndedLost } from "./lost-messages.js";

/**
 * Drops rows with what was opened of them, lost messages, and what was read for searching. A row that
 * says no time stays until newer ones take its place: it was never shown.
 * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
 * @param {Pick<LockManager, "request">} [locks]
 */
export async function dropEnded(me, session, locks) {
  if (session.state.policy.ttl === 0) return;
  const { id, hasEnded } = session;
  const rows = await me.store.messages.rowsBetween(id, 1, Number.MAX_SAFE_INTEGER);
  const ended = rows.filter((row) => sentAt(row) > 0 && hasEnded(sentAt(row)));
  await me.store.messages.dropRows(
    id,
    ended.map(({ seq }) => seq),
  );
  await dropEndedLost(me, session);
  await Archive.dropEnded(me, session, locks);
}
