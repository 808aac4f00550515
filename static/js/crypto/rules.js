/** The table of docs/protocol.md, "The room log": what each event needs, and what it changes. */

import { unb64 } from "./bytes.js";
import { beginsEpoch, membersHash } from "./events.js";
import { checkJoiner, checkPop } from "./proofs.js";
import { LogError, leads } from "./room-state.js";
import { checkPoint } from "./sign.js";

/** @typedef {import("./events.js").Event} Event */
/** @typedef {import("./identity.js").OpenedIdentity} OpenedIdentity */
/** @typedef {import("./log.js").RoomState} RoomState */
/** @typedef {import("./log.js").MemberState} MemberState */
/** @typedef {import("./log.js").InviteState} InviteState */
/**
 * @typedef {object} RuleInput an event about to follow, and by whom
 * @property {Event} event
 * @property {MemberState} actor
 * @property {Map<string, OpenedIdentity>} identities by kid
 */

const THIRTY_DAYS = 30 * 24 * 3600 * 1000;
const MAX_OPEN_INVITES = 20;
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

/**
 * Applies a `join`, the one event by somebody who is no member.
 * @param {RoomState} state
 * @param {Event} event
 * @param {OpenedIdentity} identity
 * @returns {Promise<void>}
 * @throws {LogError} if a rule forbids it
 */
export async function applyJoin(state, event, identity) {
  must(state.kind === "group" && state.policy.join === "link", "a join where none is allowed");
  must(!state.members.has(event.by), "a join of a member");
  must(!state.bans.includes(event.by), "a join of one who is banned");
  const invite = openInvite(state, event, "a join without an open invitation");
  must(await checkJoiner(unb64(invite.ipk, 32), event), "a join without the link");
  invite.uses += 1;
  addMember(state, event.seq, identity);
}

/** @type {Record<string, (state: RoomState, step: RuleInput) => void | Promise<void>>} */
export const RULES = {
  profile(state, { event, actor }) {
    must(leads(actor) || state.kind === "direct", "a profile by no leader");
    state.h = event.h;
    state.profileSeq = event.seq;
  },

  async invite(state, { event, actor }) {
    must(state.kind === "group" && leads(actor), "an invitation by no leader");
    must(!state.invites.has(event.iid), "an invitation twice");
    must(event.ts < event.exp && event.exp <= event.ts + THIRTY_DAYS, "an invitation too long");
    must(openInvites(state, event.ts).length < MAX_OPEN_INVITES, "too many invitations");
    const ipk = unb64(event.ipk, 32);
    must(isPoint(ipk) && (await checkPop(ipk, event)), "an invitation without proof");
    const { exp, max, by, seq } = event;
    state.invites.set(event.iid, { ipk: event.ipk, exp, max, uses: 0, by, seq, ended: "" });
  },

  revoke(state, { event, actor }) {
    must(leads(actor), "a revocation by no leader");
    openInvite(state, event, "a revocation of nothing").ended = "revoked";
  },

  add(state, { event, actor, identities }) {
    must(leads(actor), "an addition by no leader");
    must(!state.members.has(event.uid), "an addition of a member");
    must(state.kind === "group" || state.members.size < 2, "a third in a direct room");
    const identity = named(event, identities);
    if (event.iid) openInvite(state, event, "an addition by no open invitation").uses += 1;
    setBan(state, event.uid, false);
    addMember(state, event.seq, identity);
  },

  async remove(state, { event, actor }) {
    const member = otherMember(state, event);
    const over = actor.role === "owner" || (actor.role === "moderator" && member.role === "member");
    must(over, "a removal by one who may not");
    await beginEpoch(state, event);
    removeMember(state, event.uid, event);
    if (event.ban) setBan(state, event.uid, true);
  },

  leave(state, { event, actor }) {
    must(actor.role !== "owner" || state.members.size === 1, "an owner who leaves others");
    removeMember(state, event.by, event);
    state.open = false;
  },

  async role(state, { event, actor }) {
    must(actor.role === "owner", "a role given by no owner");
    const member = otherMember(state, event);
    if (beginsEpoch(event)) {
      must(demotes(member, event.role), "a role that begins an epoch and takes no rank away");
      await beginEpoch(state, event);
      voidInvites(state, event.ts, event.uid);
    }
    member.role = event.role;
    if (event.role === "owner") {
      actor.role = "moderator";
      state.successor = "";
    }
    beginSpan(state, event.uid, event.seq);
    beginSpan(state, event.by, event.seq);
  },

  ban(state, { event, actor }) {
    must(state.kind === "group" && leads(actor), "a ban by no leader");
    must(state.spans.has(event.uid) && !state.members.has(event.uid), "a ban of no former member");
    must(state.bans.includes(event.uid) !== (event.on === 1), "a ban that changes nothing");
    setBan(state, event.uid, event.on === 1);
  },

  successor(state, { event, actor }) {
    must(actor.role === "owner", "a successor named by no owner");
    if (event.uid) otherMember(state, event);
    state.successor = event.uid;
  },

  async succeed(state, { event, actor }) {
    must(state.successor === event.by, "a succession by nobody who was named");
    must(otherMember(state, event).role === "owner", "a succession to no owner");
    await beginEpoch(state, event);
    removeMember(state, event.uid, event);
    actor.role = "owner";
    state.successor = "";
    beginSpan(state, event.by, event.seq);
  },

  policy(state, { event, actor }) {
    must(actor.role === "owner", "a policy by no owner");
    must(event.policy.history === state.policy.history, "a policy that changes history");
    if (event.policy.join !== state.policy.join) voidInvites(state, event.ts);
    state.policy = event.policy;
  },

  epoch: (state, { event }) => beginEpoch(state, event),

  async reset(state, { event, actor, identities }) {
    const member = otherMember(state, event);
    const { kid, name, n } = named(event, identities);
    must(n > member.n, "a reset to a key that is not newer");
    must(mayReset(state, actor, member), "a reset by one who may not");
    await beginEpoch(state, event);
    Object.assign(member, { kid, name, n });
    beginSpan(state, event.uid, event.seq);
    voidInvites(state, event.ts);
  },

  close(state, { actor }) {
    must(actor.role === "owner", "an end by no owner");
    state.ended = true;
    state.open = false;
  },

  disclose(state, { event }) {
    must(state.policy.ai !== "off", "a disclosure where none is allowed");
    const { seq, by: uid, from, model } = event;
    const to = Number(event.to);
    must(from <= to, "a disclosure of nothing");
    state.disclosures.push({ seq, uid, from, to, model });
  },
};

// --- shared checks ------------------------------------------------------------------------------

/** The identity `to`, which must be that of `uid`.
 * @param {Event} event @param {Map<string, OpenedIdentity>} identities */
function named(event, identities) {
  const identity = identities.get(event.to);
  must(identity !== undefined, "a key that nobody knows");
  must(identity.uid === event.uid, "a key of another than named");
  return identity;
}

/** @param {RoomState} state @param {Event} event @returns {MemberState} */
function otherMember(state, event) {
  const member = state.members.get(event.uid);
  must(member !== undefined && event.uid !== event.by, "no other member");
  return member;
}

/**
 * Tells whether a member would no longer be a leader in another role.
 * @param {{role: string}} member
 * @param {string} role
 * @returns {boolean}
 */
export const demotes = (member, role) => leads(member) && !leads({ role });

/** @param {RoomState} state @param {MemberState} actor @param {MemberState} member */
function mayReset(state, actor, member) {
  if (state.kind === "direct") return true;
  if (member.role !== "owner") return leads(actor);
  const moderators = [...state.members.values()].some(({ role }) => role === "moderator");
  return actor.role === "moderator" || !moderators;
}

/** @param {RoomState} state @param {Event} event @param {string} otherwise */
function openInvite(state, event, otherwise) {
  const invite = state.invites.get(event.iid);
  must(invite !== undefined && isOpen(invite, event.ts), otherwise);
  return invite;
}

/** @param {Uint8Array} bytes */
function isPoint(bytes) {
  try {
    checkPoint(bytes);
    return true;
  } catch {
    return false;
  }
}

// --- shared effects ---------------------------------------------------------------------------

/** Effect "In": a new member reads all, or waits for the next epoch.
 * @param {RoomState} state @param {number} seq @param {OpenedIdentity} identity */
function addMember(state, seq, { uid, kid, name, n }) {
  const all = state.policy.history === "all";
  state.members.set(uid, { kid, role: "member", since: all ? 1 : state.e + 1, name, n });
  if (!all) state.open = false;
  beginSpan(state, uid, seq);
  state.exits?.delete(uid);
}

/** Effect "Out". Also voids all open invitations: a former member may know the links.
 * @param {RoomState} state @param {string} uid @param {Event} event */
function removeMember(state, uid, { seq, ts, t, by, ban }) {
  state.members.delete(uid);
  state.exits = new Map(state.exits).set(uid, { t, by, ts, ban: ban === 1 });
  if (state.successor === uid) state.successor = "";
  const span = state.spans.get(uid)?.at(-1);
  if (span) span.to = seq;
  voidInvites(state, ts);
}

/** Voids all open links, or those of one person.
 * @param {RoomState} state @param {number} ts @param {string} [by] uid */
function voidInvites(state, ts, by) {
  for (const invite of state.invites.values()) {
    if (isOpen(invite, ts) && (by === undefined || invite.by === by)) invite.ended = "voided";
  }
}

/** @param {RoomState} state @param {string} uid @param {boolean} on */
function setBan(state, uid, on) {
  const others = state.bans.filter((other) => other !== uid);
  state.bans = on ? [...others, uid] : others;
}

/** Effect "E", for the members after the event. Called before the event's own effect.
 * @param {RoomState} state @param {Event} event */
async function beginEpoch(state, event) {
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
