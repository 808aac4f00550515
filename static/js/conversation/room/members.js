/** Changes of members: roles, removal, admission, leaving, closing. */

import { makeAdd, makeRemove, makeReset, makeRole, makeSucceed } from "../../crypto/compose.js";
import { isOpen, leads } from "../../crypto/log.js";
import { wrapKey } from "../../crypto/roomkeys.js";
import { signer } from "../account/account.js";
import { appendEvent, appendSimple, appendWithNewKey } from "./append-event.js";

/** @typedef {import("../account/account.js").Account} Account */
/** @typedef {import("./room-session.js").RoomSession} RoomSession */
/** @typedef {import("../../crypto/identity.js").OpenedIdentity} OpenedIdentity */

/** Former members, by name.
 * @param {RoomSession} session
 * @param {Record<string, "deleted" | "disabled">} [ended] how accounts have ended, by uid: the server's word
 * @returns {{uid: string, name: string, banned: boolean, deleted: boolean}[]} */
export function formerMembers({ state, identities }, ended = {}) {
  const names = new Map([...identities.values()].map(({ uid, name }) => [uid, name]));
  return [...state.spans.keys()]
    .filter((uid) => !state.members.has(uid))
    .map((uid) => ({
      uid,
      name: names.get(uid) ?? "",
      banned: state.bans.includes(uid),
      deleted: ended[uid] === "deleted",
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** A member as a list shows them.
 * @typedef {{uid: string, name: string, kid: string, role: "owner" | "moderator" | "member",
 *   online: boolean, mine: boolean, verified: boolean, changed: boolean, namesake: boolean,
 *   blocked: boolean, ended: "deleted" | "disabled" | "", unanswered: boolean,
 *   successor: boolean, bot: boolean}} MemberListItem
 *   `namesake`: the name was somebody else's first; `ended`, `bot` and `unanswered` (told to the
 *   owner: they have not accepted the room) are the server's word */

/**
 * @param {Account} me @param {RoomSession} session @param {string[]} online uids
 * @param {Set<string>} blocked uids
 * @param {{ended: Record<string, "deleted" | "disabled">, unanswered: string[],
 *   bots: string[]}} told by the server: how accounts have ended, by uid, and uids of members who
 *   have not accepted the room, and of programs
 * @returns {Promise<MemberListItem[]>}
 */
export async function memberList(me, session, online, blocked, { ended, unanswered, bots }) {
  const here = new Set(online);
  const doubted = session.unapproved.filter(({ why }) => why !== "namesake");
  const changed = new Set(doubted.map(({ kid }) => kid));
  const namesakes = await (await session.people.decisions()).namesakes();
  return Promise.all(
    [...session.state.members].map(async ([uid, { kid, name, role }]) => ({
      uid,
      name,
      kid,
      role,
      online: here.has(uid),
      mine: uid === me.uid,
      verified: await (await session.people.decisions()).isVerified(uid, kid),
      changed: changed.has(kid),
      namesake: namesakes.has(uid),
      blocked: blocked.has(uid),
      ended: ended[uid] ?? "",
      unanswered: unanswered.includes(uid),
      successor: session.state.successor === uid,
      bot: bots.includes(uid),
    })),
  );
}

/** The reason why a member cannot own a room. @typedef {"not_answered" | "account_ended"} CannotOwn */

/** A member could not act as the owner: nobody could change the room's rules any more. */
export class CannotOwnError extends Error {
  /** @param {CannotOwn} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * The members who could not act as the owner of a group, by uid. Only the server knows.
 * @param {Account} me @param {RoomSession} session
 * @returns {Promise<Map<string, CannotOwn>>} in a direct room empty: its owner hands it over to leave
 */
async function unableToOwn(me, { id, state }) {
  if (state.kind === "direct") return new Map();
  const { unanswered = [], ended = {} } = await me.api.get(`chatrooms/${id}`);
  /** @type {Map<string, CannotOwn>} */
  const found = new Map();
  for (const uid of unanswered) found.set(uid, "not_answered");
  for (const uid of Object.keys(ended)) found.set(uid, "account_ended");
  return found;
}

/** @param {Account} me @param {RoomSession} session @param {string} uid
 * @throws {CannotOwnError} */
async function requireAbleToOwn(me, session, uid) {
  const why = (await unableToOwn(me, session)).get(uid);
  if (why) throw new CannotOwnError(why);
}

/**
 * Removes a member and rotates the room's key.
 * @param {Account} me @param {RoomSession} session @param {{uid: string, ban: boolean}} whom
 * @param {(done: number) => void} [onProgress] from 0 to 1
 */
export async function removeMember(me, session, { uid, ban }, onProgress) {
  const name = session.state.members.get(uid)?.name ?? "";
  // Removing the second account with a name decides about it: it is refused.
  if ((await (await session.people.decisions()).undecidedNamesakes(name)).includes(uid))
    await (await session.people.decisions()).decideNamesake(name, uid, false);
  await appendWithNewKey(
    me,
    session,
    async (state, key) =>
      state.members.has(uid) ? makeRemove(state, { uid, ban: ban ? 1 : 0 }, key, signer(me)) : null,
    onProgress,
  );
}

/**
 * Changes a member's role. Demoting a leader rotates the room's key.
 * @param {Account} me @param {RoomSession} session @param {string} uid
 * @param {"owner" | "moderator" | "member"} role "owner" hands the room over
 * @param {(done: number) => void} [onProgress] from 0 to 1
 * @throws {CannotOwnError}
 */
export async function setRole(me, session, uid, role, onProgress) {
  if (role === "owner") await requireAbleToOwn(me, session, uid);
  const before = session.state.e;
  await appendWithNewKey(
    me,
    session,
    async (state, key) =>
      state.members.has(uid) && state.members.get(uid)?.role !== role
        ? makeRole(state, { uid, role }, key, signer(me))
        : null,
    onProgress,
  );
  // Links that stay open need the new key, too.
  if (session.state.e > before) await session.fetchKeys({ thorough: true }).catch(() => {});
}

/**
 * Bans a former member from returning by a link, or lifts the ban.
 * @param {Account} me @param {RoomSession} session @param {string} uid @param {boolean} on
 */
export const setBan = (me, session, uid, on) =>
  appendSimple(me, session, ({ members, bans }) =>
    members.has(uid) || bans.includes(uid) === on ? null : { t: "ban", uid, on: on ? 1 : 0 },
  );

/**
 * Names the member who may take the room over once this account has ended.
 * @param {Account} me @param {RoomSession} session @param {string} uid "" for nobody
 * @throws {CannotOwnError}
 */
export async function nameSuccessor(me, session, uid) {
  if (uid) await requireAbleToOwn(me, session, uid);
  await appendSimple(me, session, ({ members, successor = "" }) =>
    successor === uid || (uid && !members.has(uid)) ? null : { t: "successor", uid },
  );
}

/**
 * Takes the room over from an owner whose account has ended, and rotates its key.
 * @param {Account} me @param {RoomSession} session @param {(done: number) => void} [onProgress]
 */
export const takeOver = (me, session, onProgress) =>
  appendWithNewKey(
    me,
    session,
    async (state, key) => {
      const owner = ownerOf(state);
      const named = owner && state.successor === me.uid;
      return named ? makeSucceed(state, owner, key, signer(me)) : null;
    },
    onProgress,
  );

/** @param {import("../../crypto/log.js").RoomState} state @returns {string} uid */
export const ownerOf = ({ members }) =>
  [...members].find(([, { role }]) => role === "owner")?.[0] ?? "";

/** @param {Account} me @param {RoomSession} session @param {Partial<import("../../crypto/events.js").Policy>} policy */
export const setPolicy = (me, session, policy) =>
  appendSimple(me, session, ({ policy: present }) =>
    JSON.stringify(present) === JSON.stringify({ ...present, ...policy })
      ? null
      : { t: "policy", policy: { ...present, ...policy } },
  );

/** Closes the room for good; the server deletes its messages.
 * @param {Account} me @param {RoomSession} session */
export const closeRoom = (me, session) =>
  appendSimple(me, session, ({ ended }) => (ended ? null : { t: "close" }));

/**
 * Adds a person, with every held key that they are entitled to.
 * @param {Account} me @param {RoomSession} session
 * @param {{identity: OpenedIdentity, iid: string}} whom `iid` of the link that they knocked by, which
 *   may have ended since; "" for none
 */
export function addMember(me, session, { identity, iid }) {
  const { uid, kid: to } = identity;
  return appendEvent(me, session, async (state) => {
    if (state.members.has(uid)) return null;
    await session.people.requireTrusted(identity, state);
    const link = state.invites.get(iid);
    const used = link && isOpen(link, Math.max(me.clock.now(), state.ts)) ? iid : "";
    const signed = await makeAdd(state, { uid, to, iid: used }, signer(me));
    return { path: "/log", body: { ...signed, wraps: await keysFor(session, identity) } };
  });
}

/** @param {RoomSession} session @param {OpenedIdentity} identity of a newcomer */
function keysFor({ id, state, keys }, { kid: to, rsa }) {
  if (state.policy.history !== "all") return [];
  return Promise.all(
    keys.epochs.map(async (e) => {
      const key = /** @type {Uint8Array} */ (keys.get(e));
      return { e, to, ct: await wrapKey(key, { room: id, e, to }, rsa) };
    }),
  );
}

/**
 * Confirms a member's new key after a reset, which approves that key. A key older than the pinned
 * one is refused.
 * @param {Account} me @param {RoomSession} session @param {OpenedIdentity} identity the new one
 */
export async function resetMember(me, session, identity) {
  const { uid, kid } = identity;
  session.identities.set(kid, identity);
  await (await session.people.decisions()).approve(identity);
  await session.people.requireTrusted(identity);
  await appendWithNewKey(me, session, async (state, key) =>
    state.members.get(uid)?.kid === kid
      ? null
      : makeReset(state, { uid, to: kid }, key, signer(me)),
  );
  await session.updateUnapproved();
  await (await session.keys.sharing()).share(session.state, identity);
}

/**
 * Leaves the room, of which this browser keeps what could be read. An owner first hands it over.
 * A closed room is removed from this browser.
 * @param {Account} me @param {RoomSession} session
 * @param {string} [heir] uid of who takes over; without it the member who comes next does
 * @throws {CannotOwnError}
 */
export async function leaveRoom(me, session, heir) {
  const { state, mine } = session;
  if (mine?.role === "owner" && state.members.size > 1 && !state.ended) {
    const unable = await unableToOwn(me, session);
    await setRole(me, session, heir || successorOf(me, session, [...unable.keys()]), "owner");
  }
  if (!state.ended) return session.leave();
  await me.api.delete(`chatrooms/${session.id}`);
  await me.store.rooms.dropRoom(session.id);
}

/** The next owner of a room whose owner leaves: the named successor, else a moderator, else the
 * member who joined first. If nobody is able to own it, one of the others.
 * @param {Account} me @param {RoomSession} session
 * @param {string[]} unable uids of members who could not act as the owner */
export function successorOf(me, { state }, unable) {
  const could = (/** @type {string} */ uid) => !unable.includes(uid);
  if (state.successor && could(state.successor)) return state.successor;
  const since = (/** @type {string} */ uid) => state.spans.get(uid)?.at(0)?.from ?? 0;
  const [heir] = [...state.members]
    .filter(([uid]) => uid !== me.uid)
    .sort(
      ([a, one], [b, two]) =>
        Number(could(b)) - Number(could(a)) ||
        Number(leads(two)) - Number(leads(one)) ||
        since(a) - since(b),
    );
  return heir?.[0] ?? "";
}
