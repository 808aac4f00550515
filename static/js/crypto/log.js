/**
 * The room's log as a state machine: a chain of signed events in, the room's state out. Everything
 * that a client trusts about a room comes from here. States are plain data (maps, arrays, strings)
 * so that IndexedDB can keep them.
 */

import { beginSpan, must, recipientsAfter } from "./effects.js";
import { membersHash, parseEvent, roomId } from "./events.js";
import { hash64 } from "./hash.js";
import { applyJoin, RULES } from "./rules.js";
import { verify } from "./sign.js";

export { isOpen, openInvites, recipientsAfter } from "./effects.js";
export { atLog, leads } from "./room-state.js";
export { demotes as takesRank } from "./rules.js";

/** @typedef {import("./events.js").Event} Event */
/** @typedef {import("./identity.js").OpenedIdentity} OpenedIdentity */
/** @typedef {{event: string, sig: string}} SignedEvent */
/** @typedef {{kid: string, role: "owner" | "moderator" | "member", since: number, name: string,
 *   n: number}} MemberState `since` is the first epoch they may read, `n` that of their identity */
/**
 * @typedef {object} InviteState
 * @property {string} ipk
 * @property {number} exp ms
 * @property {number} max
 * @property {number} uses
 * @property {string} by uid
 * @property {number} seq
 * @property {"" | "revoked" | "voided"} ended
 *
 * @typedef {{kid: string, role: string, from: number, to: number}} MembershipSpan from event `from` until
 *   before event `to`
 *
 * @typedef {{t: string, by: string, ts: number, ban: boolean}} MembershipExit the event that ended a
 *   membership: `leave`, `remove` or `succeed`; its author's uid, its time in ms
 *
 * @typedef {object} RoomState
 * @property {string} room
 * @property {"group" | "direct"} kind
 * @property {number} seq of the newest event
 * @property {string} hash of it
 * @property {number} ts of it, ms
 * @property {import("./events.js").Policy} policy
 * @property {Map<string, MemberState>} members by uid
 * @property {number} e
 * @property {boolean} open
 * @property {boolean} ended the owner closed it for good
 * @property {string[]} bans uids that no link lets in
 * @property {string} [successor] uid of who may take the room over once the owner's account has
 *   ended; "" (or missing in a state that was kept by an older version) for nobody
 * @property {{seq: number, uid: string, from: number, to: number, model: string}[]} disclosures
 *   messages that a member showed to a model
 * @property {number} g
 * @property {Map<number, string>} kcv by epoch
 * @property {Map<string, InviteState>} invites by iid
 * @property {string} h of the profile
 * @property {number} profileSeq
 * @property {string[]} hashes by seq
 * @property {{seq: number, e: number, open: boolean}[]} marks where e or open changed
 * @property {Map<string, MembershipSpan[]>} spans memberships by uid
 * @property {Map<string, MembershipExit>} [exits] how each former member's last membership ended, by
 *   uid; missing in a state that an older version kept
 */

/**
 * Verifies events that follow `state` (null: from the beginning) and returns the state after them.
 * `state` itself is not changed.
 * @param {RoomState | null} state
 * @param {SignedEvent[]} events
 * @param {Map<string, OpenedIdentity>} identities by kid
 * @param {string} [room] that it must be
 * @returns {Promise<RoomState>}
 * @throws {LogError} if an event is illegal or of a newer version
 */
export async function extendLog(state, events, identities, room) {
  let next = state === null ? null : structuredClone(state);
  for (const given of events) {
    const { event: text, sig } = given ?? {}; // from the server, of any type
    const event = parseEvent(text);
    const identity = identities.get(event.kid);
    must(identity !== undefined, "an unknown key");
    must(identity.uid === event.by, "a key of somebody else");
    must(await verify(identity.ed, "event", text, sig), "a bad signature");
    next =
      next === null
        ? await createState(event, identity)
        : await applyEvent(next, event, identities);
    next.seq = event.seq;
    next.hash = await hash64("event", text);
    next.ts = event.ts;
    next.hashes.push(next.hash);
    recordEpoch(next);
  }
  must(next !== null, "an empty log");
  must(room === undefined || next.room === room, "the log of another room");
  return next;
}

/** @param {Event} event @param {OpenedIdentity} identity @returns {Promise<RoomState>} */
async function createState(event, identity) {
  must(event.t === "create" && event.seq === 0 && event.prev === "", "no beginning");
  must(event.room === (await roomId(event.kid, event.nonce)), "a room id that does not follow");
  const { name, n } = identity;
  /** @type {RoomState} */
  const state = {
    room: event.room,
    kind: event.kind,
    seq: -1,
    hash: "",
    ts: event.ts,
    policy: event.policy,
    members: new Map([[event.by, { kid: event.kid, role: "owner", since: 1, name, n }]]),
    e: 1,
    open: true,
    ended: false,
    bans: [],
    successor: "",
    disclosures: [],
    g: 1,
    kcv: new Map([[1, event.kcv]]),
    invites: new Map(),
    h: "",
    profileSeq: -1,
    hashes: [],
    marks: [],
    spans: new Map(),
    exits: new Map(),
  };
  beginSpan(state, event.by, 0);
  return state;
}

/** @param {RoomState} state @param {Event} event @param {Map<string, OpenedIdentity>} identities */
async function applyEvent(state, event, identities) {
  must(event.room === state.room, "an event of another room");
  must(event.seq === state.seq + 1 && event.prev === state.hash, "an event out of order");
  must(event.ts >= state.ts, "an event that goes back in time");
  must(event.t !== "create", "a second beginning");
  must(!state.ended, "an event after the end");
  if (event.t === "join") {
    await applyJoin(state, event, /** @type {OpenedIdentity} */ (identities.get(event.kid)));
    return state;
  }
  const actor = state.members.get(event.by);
  must(actor !== undefined && actor.kid === event.kid, "an event of no member");
  await RULES[event.t](state, { event, actor, identities });
  return state;
}

/**
 * Returns the hash of the present members.
 * @param {RoomState} state
 * @returns {Promise<string>} b64
 */
export const membersOf = (state) => membersHash(recipientsAfter(state, { t: "epoch" }));

/** @param {RoomState} state */
function recordEpoch(state) {
  const last = state.marks.at(-1);
  if (last === undefined || last.e !== state.e || last.open !== state.open) {
    state.marks.push({ seq: state.seq, e: state.e, open: state.open });
  }
}

/**
 * The generation of the search key of each epoch: an epoch that began while the room was open and
 * removed nobody continues the generation before it.
 * @param {RoomState} state @returns {Map<number, number>} g by epoch
 */
export function searchGenerations({ marks, spans }) {
  const moves = new Set([...spans.values()].flat().flatMap(({ from, to }) => [from, to]));
  /** @type {Map<number, number>} */
  const found = new Map();
  for (const [at, { seq, e }] of marks.entries()) {
    const before = marks[at - 1];
    if (before?.e === e) continue;
    const goesOn = before?.open && !moves.has(seq);
    found.set(e, goesOn ? /** @type {number} */ (found.get(before.e)) : e);
  }
  return found;
}
