/** The table of docs/protocol.md, "The room log": what each event needs, and what it changes. */

import { unb64 } from "./bytes.js";
import {
  addMember,
  beginEpoch,
  beginSpan,
  isOpen,
  must,
  openInvites,
  removeMember,
  setBan,
  voidInvites,
} from "./effects.js";
import { beginsEpoch } from "./events.js";
import { checkJoiner, checkPop } from "./proofs.js";
import { leads } from "./room-state.js";
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
    must(["ask", "auto"].includes(state.policy.ai), "a disclosure where none is allowed");
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
