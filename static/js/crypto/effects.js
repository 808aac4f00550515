/** The effects of events on a room's state, as docs/protocol.md, "The room log", names them. */

import { membersHash } from "./events.js";
import { LogError } from "./room-state.js";

/** @typedef {import("./events.js").Event} Event */
/** @typedef {import("./identity.js").OpenedIdentity} OpenedIdentity */
/** @typedef {import("./log.js").RoomState} RoomState */
/** @typedef {import("./log.js").MemberState} MemberState */
/** @typedef {import("./log.js").InviteState} InviteState */

const FOREVER = Number.MAX_SAFE_INTEGER;

/**
 * Requires a condition of an event.
 * @param {boolean} right @param {string} otherwise the text of the error
 * @returns {asserts right}
 * @throws {LogError} `illegal`
 */
export function must(right, otherwise) {
  if (!right) throw new LogError("illegal", otherwise);
}

/**
 * Tells whether a link can still be used.
 * @param {InviteState} invite
 * @param {number} ts ms
 * @returns {boolean}
 */
export const isOpen = (invite, ts) => !invite.ended && invite.uses < invite.max && ts <= invite.exp;

/**
 * Returns the links that can still be used.
 * @param {RoomState} state
 * @param {number} ts ms
 * @returns {string[]} iids
 */
export const openInvites = (state, ts) =>
  [...state.invites].filter(([, invite]) => isOpen(invite, ts)).map(([iid]) => iid);

/**
 * The recipients of the key of the epoch that an event begins.
 * @param {RoomState} state before the event
 * @param {{t: string, uid?: string, to?: string}} event
 * @returns {[string, string][]} uid, kid, sorted
 */
export function recipientsAfter(state, { t, uid = "", to = "" }) {
  const members = new Map([...state.members].map(([id, { kid }]) => [id, kid]));
  if (t === "remove" || t === "succeed") members.delete(uid);
  if (t === "reset") members.set(uid, to);
  return [...members].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Effect "In": a new member reads all, or waits for the next epoch.
 * @param {RoomState} state @param {number} seq @param {OpenedIdentity} identity */
export function addMember(state, seq, { uid, kid, name, n }) {
  const all = state.policy.history === "all";
  state.members.set(uid, { kid, role: "member", since: all ? 1 : state.e + 1, name, n });
  if (!all) state.open = false;
  beginSpan(state, uid, seq);
  state.exits?.delete(uid);
}

/** Effect "Out". Also voids all open invitations: a former member may know the links.
 * @param {RoomState} state @param {string} uid @param {Event} event */
export function removeMember(state, uid, { seq, ts, t, by, ban }) {
  state.members.delete(uid);
  state.exits = new Map(state.exits).set(uid, { t, by, ts, ban: ban === 1 });
  if (state.successor === uid) state.successor = "";
  const span = state.spans.get(uid)?.at(-1);
  if (span) span.to = seq;
  voidInvites(state, ts);
}

/** Voids all open links, or those of one person.
 * @param {RoomState} state @param {number} ts @param {string} [by] uid */
export function voidInvites(state, ts, by) {
  for (const invite of state.invites.values()) {
    if (isOpen(invite, ts) && (by === undefined || invite.by === by)) invite.ended = "voided";
  }
}

/** @param {RoomState} state @param {string} uid @param {boolean} on */
export function setBan(state, uid, on) {
  const others = state.bans.filter((other) => other !== uid);
  state.bans = on ? [...others, uid] : others;
}

/** Effect "E", for the members after the event. Called before the event's own effect.
 * @param {RoomState} state @param {Event} event */
export async function beginEpoch(state, event) {
  must(event.e === state.e + 1, "an epoch out of order");
  must(event.members === (await membersHash(recipientsAfter(state, event))), "an epoch for others");
  if (event.t !== "epoch" || !state.open) state.g = event.e;
  state.e = event.e;
  state.open = true;
  state.kcv.set(event.e, event.kcv);
}

/**
 * Records that `uid` is a member, as in the state now, from event `seq` on.
 * @param {RoomState} state
 * @param {string} uid
 * @param {number} seq
 * @returns {void}
 */
export function beginSpan(state, uid, seq) {
  const { kid, role } = /** @type {MemberState} */ (state.members.get(uid));
  const spans = state.spans.get(uid) ?? [];
  const last = spans.at(-1);
  if (last?.to === FOREVER) {
    if (last.kid === kid && last.role === role) return;
    last.to = seq;
  }
  spans.push({ kid, role, from: seq, to: FOREVER });
  state.spans.set(uid, spans);
}
