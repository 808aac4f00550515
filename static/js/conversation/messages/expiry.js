/** Decides whether a message that the server once had may legitimately be absent. */

import { ActivityLog } from "../room/activity-log.js";

const DAY = 24 * 3600 * 1000; // ms
const HOUR = 3600 * 1000; // ms by which a message may expire early: clocks differ

/** @typedef {{ts: number, ttl: number}} Rule since when messages are kept for how long; ms, days */

/**
 * Tells which messages may be absent: all of a closed room and of one that the account is out of, and
 * those that expired by its policy. A
 * deleted message leaves a tombstone, so it is never absent; messages of former members and deleted
 * accounts stay. Fetch the log first, since the server acts on its newest event.
 * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
 * @param {number} first the oldest message that the server says it has, 0 for none
 * @returns {Promise<(seq: number, at: number) => boolean>} asked with a message's number and when
 *   it was sealed, ms
 * @throws {import("../../net/api.js").ApiError} where the log cannot be fetched: nothing is known
 */
export async function allowedAbsence(me, session, first) {
  if (session.isOut) return () => true;
  await session.fetchLog();
  if (session.isOut || session.state.ended) return () => true;
  const rules = first > 1 ? await expiryRules(me, session) : [];
  // Messages expire from the oldest on: none after the first remaining one is absent.
  return (seq, at) => seq < first && hasExpired(rules, at, me.clock.now());
}

/**
 * Tells whether a message sealed then had expired at any moment until now: an earlier rule may have
 * expired it.
 * @param {Rule[]} rules in the order of the log @param {number} at ms @param {number} now ms
 */
export const hasExpired = (rules, at, now) =>
  rules.some(({ ttl }, place) => ttl > 0 && (rules[place + 1]?.ts ?? now) - at > ttl * DAY - HOUR);

/** Every expiry rule that the room ever had, from its verified log.
 * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
 * @returns {Promise<Rule[]>} */
async function expiryRules(me, session) {
  const events = await new ActivityLog(me, session).update();
  return events.flatMap(({ ts, policy }) => (policy ? [{ ts, ttl: policy.ttl }] : []));
}
