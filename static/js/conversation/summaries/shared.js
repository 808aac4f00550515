/** Summaries that members have shared with a room: sealed for it, signed, verified here. */

import { openSummary, parseSummary, sealSummary, verifySummary } from "../../crypto/summary.js";

/** @typedef {import("../room/room-session.js").RoomSession} RoomSession */
/**
 * @typedef {object} SharedSummary
 * @property {string} key
 * @property {number} dis the log event that says what was shown to a model; 0 where nothing is
 *   known of it
 * @property {string} by the name of who asked
 * @property {boolean} mine
 * @property {number} from
 * @property {number} to
 * @property {number} since when its first message was sent, ms; 0 if that is not kept here
 * @property {number} until the same of its last one
 * @property {number} a
 * @property {number} b
 * @property {number} at ms, the server's word
 * @property {string} text
 * @property {string} model
 * @property {"" | "keys" | "bad"} why it cannot be read: the keys of that time are not here, or it
 *   is not what a member signed
 */

/**
 * @param {import("../account/account.js").Account} me @param {RoomSession} session
 * @param {{body: string, sig: string, box: string, at: number}[]} listed newest first
 * @returns {Promise<SharedSummary[]>}
 */
export const openShared = (me, session, listed) =>
  Promise.all(listed.map((one) => readOne(me, session, one)));

/** @param {import("../account/account.js").Account} me @param {RoomSession} session @param {import("../../net/types.js").SignedSummary} one
 * @returns {Promise<SharedSummary>} */
async function readOne(me, session, one) {
  const range = { from: 0, to: 0, since: 0, until: 0, a: 0, b: 0 };
  const nothing = { by: "", mine: false, dis: 0, ...range, text: "", model: "" };
  /** @type {SharedSummary} */
  const bad = { key: String(one.sig), at: one.at, ...nothing, why: "bad" };
  try {
    const summary = parseSummary(one.body);
    const identity = authorOf(session, summary);
    if (!identity || !(await verifySummary(one, summary, identity.ed))) return bad;
    const { dis, from, to, a, b, uid } = summary;
    const [since, until] = [await sentAt(me, session, from), await sentAt(me, session, to)];
    const times = { since, until };
    const who = { by: identity.name, mine: uid === me.uid };
    const about = { ...bad, dis, from, to, ...times, a, b, ...who };
    const keys = keysOf(session, a, b);
    if (!keys) return { ...about, why: "keys" };
    return { ...about, ...(await openSummary(keys, summary, one.box)), why: "" };
  } catch {
    return bad;
  }
}

/** When a message that this browser keeps was sent: its row was verified when it came.
 * @param {import("../account/account.js").Account} me @param {RoomSession} session
 * @param {number} seq @returns {Promise<number>} ms, 0 for none */
async function sentAt(me, { id }, seq) {
  const [row] = await me.store.messages.rowsBetween(id, seq, seq);
  return row ? Number(JSON.parse(row.h).ts) : 0;
}

/** The author of a summary: the member who disclosed that range in the log.
 * @param {RoomSession} session @param {import("../../crypto/summary.js").Summary} summary */
function authorOf({ id, state, identities }, { room, uid, kid, dis, from, to }) {
  const disclosed = state.disclosures.find(({ seq }) => seq === dis);
  const same = disclosed?.uid === uid && disclosed.from === from && disclosed.to === to;
  const held = state.spans.get(uid)?.some((span) => span.kid === kid);
  return room === id && same && held ? identities.get(kid) : undefined;
}

/** K_a … K_b, or null if one is not held. @param {RoomSession} session @param {number} a
 * @param {number} b */
function keysOf({ keys, state }, a, b) {
  if (b > state.e) return null;
  const found = Array.from({ length: b - a + 1 }, (_, at) => keys.get(a + at));
  return found.every((key) => key !== undefined) ? /** @type {Uint8Array[]} */ (found) : null;
}

/**
 * Shares an answer with the room.
 * @param {import("../account/account.js").Account} me @param {RoomSession} session
 * @param {{dis: number, from: number, to: number, a: number, b: number}} about
 * @param {import("../../crypto/summary.js").Answer} answer
 */
export async function shareSummary(me, session, { dis, from, to, a, b }, answer) {
  const keys = keysOf(session, a, b);
  if (!keys) throw new Error("A key of this part of the conversation is missing here.");
  const { uid, kid } = me;
  const about = { room: session.id, uid, kid, dis, from, to, a, b };
  const body = await sealSummary(keys, about, answer, me.keys.ed.privateKey);
  await me.api.post(`chatrooms/${session.id}/summary/cache`, body);
}
