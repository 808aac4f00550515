/**
 * The room's log as a state machine: a chain of signed events in, the room's state out.
 * Everything that a client believes of a room comes from here. States are plain data (maps,
 * arrays, strings) so that IndexedDB can keep them.
 */

import { unb64 } from "./bytes.js";
import { LogError, membersHash, parseEvent, roomId } from "./events.js";
import { checkJoiner, checkPop } from "./proofs.js";
import { checkPoint, hash64, verify } from "./sign.js";

/** @typedef {import("./events.js").Event} Event */
/** @typedef {import("./identity.js").OpenedIdentity} OpenedIdentity */
/** @typedef {{event: string, sig: string}} SignedEvent */
/** @typedef {{kid: string, role: "owner" | "moderator" | "member", since: number, name: string}} Member */
/**
 * @typedef {object} Invite
 * @property {string} ipk
 * @property {number} exp ms
 * @property {number} max
 * @property {number} uses
 * @property {string} by uid
 * @property {number} seq
 * @property {boolean} closed revoked or voided
 *
 * @typedef {object} RoomState
 * @property {string} room
 * @property {"group" | "direct"} kind
 * @property {number} seq of the newest event
 * @property {string} hash of it
 * @property {number} ts of it, ms
 * @property {Record<string, any>} policy
 * @property {Map<string, Member>} members by uid
 * @property {number} e
 * @property {boolean} open
 * @property {number} g
 * @property {Map<number, string>} kcv by epoch
 * @property {Map<string, Invite>} invites by iid
 * @property {string} h of the profile
 * @property {number} profileSeq
 * @property {string[]} hashes by seq
 * @property {{seq: number, e: number, open: boolean}[]} marks where e or open changed
 * @property {Map<string, {kid: string, from: number, to: number}[]>} spans memberships by uid
 */

const THIRTY_DAYS = 30 * 24 * 3600 * 1000;
const MAX_OPEN_INVITES = 20;

/** @param {boolean} right @param {string} otherwise @returns {asserts right} */
function must(right, otherwise) {
  if (!right) throw new LogError("illegal", otherwise);
}

/**
 * Check events that follow `state` (null: from the beginning) and return the state after them.
 * `state` itself stays as it was. Throws LogError.
 * @param {RoomState | null} state
 * @param {SignedEvent[]} events
 * @param {Map<string, OpenedIdentity>} identities by kid
 * @param {string} [room] that it must be
 * @returns {Promise<RoomState>}
 */
export async function extendLog(state, events, identities, room) {
  let next = state === null ? null : structuredClone(state);
  for (const { event: text, sig } of events) {
    const event = parseEvent(text);
    const identity = identities.get(event.kid);
    must(identity !== undefined, "an unknown key");
    must(identity.uid === event.by, "a key of somebody else");
    must(await verify(identity.ed, "event", text, sig), "a bad signature");
    next = next === null ? await begin(event, identity) : await follow(next, event, identity);
    next.seq = event.seq;
    next.hash = await hash64("event", text);
    next.ts = event.ts;
    next.hashes.push(next.hash);
    mark(next);
  }
  must(next !== null, "an empty log");
  must(room === undefined || next.room === room, "the log of another room");
  return next;
}

/** @param {Event} event @param {OpenedIdentity} identity @returns {Promise<RoomState>} */
async function begin(event, identity) {
  must(event.t === "create" && event.seq === 0 && event.prev === "", "no beginning");
  must(event.room === (await roomId(event.kid, event.nonce)), "a room id that does not follow");
  const owner = { kid: event.kid, role: /** @type {const} */ ("owner"), since: 1 };
  return {
    room: event.room,
    kind: event.kind,
    seq: -1,
    hash: "",
    ts: event.ts,
    policy: event.policy,
    members: new Map([[event.by, { ...owner, name: identity.name }]]),
    e: 1,
    open: true,
    g: 1,
    kcv: new Map([[1, event.kcv]]),
    invites: new Map(),
    h: "",
    profileSeq: -1,
    hashes: [],
    marks: [],
    spans: new Map([[event.by, [{ kid: event.kid, from: 0, to: Number.MAX_SAFE_INTEGER }]]]),
  };
}

/** @param {RoomState} state @param {Event} event @param {OpenedIdentity} identity */
async function follow(state, event, identity) {
  must(event.room === state.room, "an event of another room");
  must(event.seq === state.seq + 1 && event.prev === state.hash, "an event out of order");
  must(event.ts >= state.ts, "an event that goes back in time");
  must(event.t !== "create", "a second beginning");
  if (event.t === "join") {
    await applyJoin(state, event, identity);
    return state;
  }
  const actor = state.members.get(event.by);
  must(actor !== undefined && actor.kid === event.kid, "an event of no member");
  await RULES[event.t](state, event, actor);
  return state;
}

/** @type {Record<string, (state: RoomState, event: Event, actor: Member) => void | Promise<void>>} */
const RULES = {
  profile(state, event, actor) {
    must(leads(actor) || state.kind === "direct", "a profile by no leader");
    state.h = event.h;
    state.profileSeq = event.seq;
  },

  async invite(state, event, actor) {
    must(state.kind === "group" && leads(actor), "an invitation by no leader");
    must(!state.invites.has(event.iid), "an invitation twice");
    must(event.ts < event.exp && event.exp <= event.ts + THIRTY_DAYS, "an invitation too long");
    must(openInvites(state, event.ts).length < MAX_OPEN_INVITES, "too many invitations");
    const ipk = unb64(event.ipk, 32);
    must(isPoint(ipk) && (await checkPop(ipk, event)), "an invitation without proof");
    const { exp, max, by, seq } = event;
    state.invites.set(event.iid, { ipk: event.ipk, exp, max, uses: 0, by, seq, closed: false });
  },

  revoke(state, event, actor) {
    const invite = state.invites.get(event.iid);
    must(leads(actor), "a revocation by no leader");
    must(invite !== undefined && isOpen(invite, event.ts), "a revocation of nothing");
    invite.closed = true;
  },

  leave(state, event, actor) {
    must(actor.role !== "owner" || state.members.size === 1, "an owner who leaves others");
    removeMember(state, event.by, event.seq);
    for (const invite of state.invites.values()) invite.closed = true;
    state.open = false;
  },

  async epoch(state, event) {
    must(event.e === state.e + 1, "an epoch out of order");
    must(event.members === (await membersOf(state)), "an epoch for others");
    if (!state.open) state.g = event.e;
    state.e = event.e;
    state.open = true;
    state.kcv.set(event.e, event.kcv);
  },
};

/** @param {RoomState} state @param {Event} event @param {OpenedIdentity} identity */
async function applyJoin(state, event, identity) {
  must(state.kind === "group" && state.policy.join === "link", "a join where none is allowed");
  must(!state.members.has(event.by), "a join of a member");
  const invite = state.invites.get(event.iid);
  must(invite !== undefined && isOpen(invite, event.ts), "a join without an open invitation");
  must(await checkJoiner(unb64(invite.ipk, 32), event), "a join without the link");
  invite.uses += 1;
  const all = state.policy.history === "all";
  state.members.set(event.by, {
    kid: event.kid,
    role: "member",
    since: all ? 1 : state.e + 1,
    name: identity.name,
  });
  if (!all) state.open = false;
  const spans = state.spans.get(event.by) ?? [];
  spans.push({ kid: event.kid, from: event.seq, to: Number.MAX_SAFE_INTEGER });
  state.spans.set(event.by, spans);
}

/** @param {Member} member */
export const leads = ({ role }) => role === "owner" || role === "moderator";

/** @param {RoomState} state */
export const membersOf = (state) =>
  membersHash([...state.members].map(([uid, { kid }]) => [uid, kid]));

/** @param {Invite} invite @param {number} ts */
export const isOpen = (invite, ts) =>
  !invite.closed && invite.uses < invite.max && ts <= invite.exp;

/** @param {RoomState} state @param {number} ts @returns {string[]} iids */
export const openInvites = (state, ts) =>
  [...state.invites].filter(([, invite]) => isOpen(invite, ts)).map(([iid]) => iid);

/** @param {Uint8Array} bytes */
function isPoint(bytes) {
  try {
    checkPoint(bytes);
    return true;
  } catch {
    return false;
  }
}

/** @param {RoomState} state @param {string} uid @param {number} seq */
function removeMember(state, uid, seq) {
  state.members.delete(uid);
  const span = state.spans.get(uid)?.at(-1);
  if (span) span.to = seq;
}

/** @param {RoomState} state */
function mark(state) {
  const last = state.marks.at(-1);
  if (last === undefined || last.e !== state.e || last.open !== state.open) {
    state.marks.push({ seq: state.seq, e: state.e, open: state.open });
  }
}

/**
 * What held right after the log event `seq`: the room's epoch, whether it was open, and under
 * which kid `uid` was a member (null: was none).
 * @param {RoomState} state @param {number} seq @param {string} uid
 */
export function atLog(state, seq, uid) {
  const found = state.marks.filter((item) => item.seq <= seq).at(-1);
  const span = state.spans.get(uid)?.find(({ from, to }) => from <= seq && seq < to);
  return { e: found?.e ?? 0, open: found?.open ?? false, kid: span?.kid ?? null };
}
