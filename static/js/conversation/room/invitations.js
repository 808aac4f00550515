/** Invitation links: creating, revoking, joining. */

import { unb64 } from "../../crypto/bytes.js";
import { parseEvent } from "../../crypto/events.js";
import {
  deriveInvite,
  linkFragment,
  makeInvite,
  makeJoin,
  newSecret,
  openCard,
  openItem,
  sealCard,
  sealEscrow,
  sealItem,
} from "../../crypto/invite.js";
import { extendLog, isOpen } from "../../crypto/log.js";
import { checkPop } from "../../crypto/proofs.js";
import { verify } from "../../crypto/sign.js";
import { signer } from "../account/account.js";
import { addIdentities } from "../account/identities.js";
import { fetchAll } from "../pagination.js";
import { appendSimple } from "./append-event.js";
import { knockByLink } from "./knocks.js";
import { RoomSession } from "./room-session.js";

/** @typedef {import("../account/account.js").Account} Account */

const HOUR = 3600_000;
const MAX_ATTEMPTS = 10; // lost races in a row
const NO_NAME = new TextEncoder().encode('{"name":"","topic":"","avatar":""}');

/**
 * Creates a link. Its secret is in the fragment, which browsers do not send.
 * @param {Account} me @param {RoomSession} session
 * @param {{hours: number, max: number}} terms
 * @param {string} origin
 * @returns {Promise<{url: string, iid: string}>}
 */
export async function createInvitation(me, session, { hours, max }, origin) {
  const secret = newSecret();
  const link = await deriveInvite(secret);
  const plain = session.profilePlain ?? new Uint8Array([...new Uint8Array(32), ...NO_NAME]);
  const card = await sealCard(link, session.id, plain);
  await session.append(async (state) => {
    const terms = { exp: Math.max(me.clock.now(), state.ts) + hours * HOUR, max };
    terms.exp = Math.floor(terms.exp);
    const signed = await makeInvite(state, link, terms, signer(me));
    return {
      path: "/invite",
      body: { ...signed, card, ...(await linkKeys(session, state, link)) },
    };
  });
  return { url: `${origin}/i${linkFragment(secret)}`, iid: link.iid };
}

/** Returns the room's keys sealed for the link, if the room's policy allows it.
 * @param {RoomSession} session @param {import("../../crypto/log.js").RoomState} state
 * @param {import("../../crypto/invite.js").Derived} link */
async function linkKeys(session, state, link) {
  if (state.policy.join !== "link" || state.policy.history !== "all") return {};
  const room = session.id;
  const present = session.keys.get(state.e);
  if (!present) throw new Error("This browser does not have the present key yet.");
  const items = await Promise.all(
    session.keys.epochs.map(async (e) => {
      const key = /** @type {Uint8Array} */ (session.keys.get(e));
      return { e, box: await sealItem(link, room, e, key) };
    }),
  );
  const box = await sealEscrow(present, room, link.iid, state.e, link.Kinv);
  return { escrow: { e: state.e, box }, items };
}

/** @param {Account} me @param {RoomSession} session @param {string} iid */
export const revokeInvitation = (me, session, iid) =>
  appendSimple(me, session, ({ invites }) => {
    const invite = invites.get(iid);
    return invite && isOpen(invite, me.clock.now()) ? { t: "revoke", iid } : null;
  });

/** The user's links that ended because a member left; the user is offered new ones.
 * @param {Account} me @param {import("../../crypto/log.js").RoomState} state @returns {string[]} iids
 */
export const voidedLinks = (me, { invites }) =>
  [...invites]
    .filter(([, { by, ended, exp }]) => by === me.uid && ended === "voided" && exp > me.clock.now())
    .map(([iid]) => iid);

/**
 * @typedef {object} Preview what a link leads to, checked
 * @property {string} room
 * @property {import("../../crypto/log.js").RoomState | null} state null where a moderator must let
 *   one in: then the log is not shown before
 * @property {{name: string, topic: string}} card
 * @property {string} inviter
 * @property {number} exp ms
 * @property {number} members 0 where that is not shown
 */

/**
 * The preview of a link. Anyone who has the link may see it.
 * @param {import("../../net/api.js").Api} api @param {Uint8Array} secret
 * @returns {Promise<Preview>}
 */
export async function previewInvitation(api, secret) {
  const link = await deriveInvite(secret);
  const found = await api.get(`chatrooms/join/${link.iid}`);
  const identities = new Map();
  await addIdentities(found.identities, identities);
  const card = await openCard(link, found.room, found.card);
  const about = { room: found.room, card };
  if (found.events.length === 1 && parseEvent(found.events[0].event).t === "invite") {
    const { event, inviter } = await openLoneInvite(found.events[0], identities, link);
    if (event.room !== found.room) throw new Error("The link leads to another room.");
    return { ...about, state: null, inviter, exp: event.exp, members: 0 };
  }
  const state = await readLog(api, `chatrooms/join/${link.iid}`, found, identities);
  const invite = state.invites.get(link.iid);
  if (!invite || invite.ipk !== link.ipk) throw new Error("The log does not know this link.");
  const inviter = state.members.get(invite.by)?.name ?? "";
  return { ...about, state, inviter, exp: invite.exp, members: state.members.size };
}

/** Fetches the whole log of a room to join, verified page by page.
 * @param {Pick<import("../../net/api.js").Api, "get">} api
 * @param {`chatrooms/join/${string}`} path
 * @param {import("../../net/types.js").LinkPage} first its first page @param {Map<string, import("../../crypto/identity.js").OpenedIdentity>} identities that came with it
 */
async function readLog(api, path, first, identities) {
  let state = await extendLog(null, first.events, identities, first.room);
  for (let page = first; page.more; ) {
    page = await api.get(`${path}?after=${state.seq}`);
    if (page.events.length === 0) throw new Error("The server says there is more and has none.");
    await addIdentities(page.identities, identities);
    state = await extendLog(state, page.events, identities, first.room);
  }
  return state;
}

/** Verifies an invitation without its log: its author signed it and had the link's secret.
 * @param {import("../../crypto/log.js").SignedEvent} signed @param {Map<string, import("../../crypto/identity.js").OpenedIdentity>} identities
 * @param {import("../../crypto/invite.js").Derived} link */
async function openLoneInvite({ event: text, sig }, identities, link) {
  const event = parseEvent(text);
  const identity = identities.get(event.kid);
  const good =
    identity?.uid === event.by &&
    (await verify(identity.ed, "event", text, sig)) &&
    event.ipk === link.ipk &&
    event.iid === link.iid &&
    (await checkPop(unb64(link.ipk, 32), event));
  if (!good) throw new Error("The invitation is not signed by who made this link.");
  return { event, inviter: identity.name };
}

/**
 * Joins by a link and keeps the keys that it carries. If a moderator must approve, sends a knock.
 * @param {Account} me @param {Uint8Array} secret
 * @param {(done: number) => void} onProgress from 0 to 1
 * @returns {Promise<{room: string, waiting: boolean}>} the room's id
 */
export async function joinByInvitation(me, secret, onProgress) {
  const link = await deriveInvite(secret);
  const { room, state } = await previewInvitation(me.api, secret);
  onProgress(0.3);
  if (!state) {
    await knockByLink(me, room, link);
    return { room, waiting: true };
  }
  if (!state.members.has(me.uid)) await signJoin(me, secret, link, state);
  onProgress(0.6);
  await fetchLinkKeys(me, room, link);
  onProgress(1);
  return { room, waiting: false };
}

/** Appends `join` and retries after each lost race.
 * @param {Account} me @param {Uint8Array} secret @param {import("../../crypto/invite.js").Derived} link
 * @param {import("../../crypto/log.js").RoomState} state */
async function signJoin(me, secret, link, state) {
  for (let race = 1; ; race += 1) {
    try {
      await me.api.post(`chatrooms/join/${link.iid}`, await makeJoin(state, link, signer(me)));
      return;
    } catch (error) {
      if (race === MAX_ATTEMPTS || !["clock", "head"].includes(error.code)) throw error;
      if (error.code === "clock") me.clock.set(error.extra.now);
    }
    const now = await previewInvitation(me.api, secret);
    if (!now.state) throw new Error("Somebody must let you in now. Open the link again.");
    state = now.state;
  }
}

/** Accepts only keys that the log committed to, and wraps them to the account, so that its other
 * browsers find them.
 * @param {Account} me @param {string} room @param {import("../../crypto/invite.js").Derived} link
 */
async function fetchLinkKeys(me, room, link) {
  const session = new RoomSession(me, room);
  await session.loadLog();
  if (session.keys.missing(session.state).length === 0) return;
  if (session.state.policy.history !== "all") return; // the next writer begins a new epoch
  const { items } = await fetchAll(me.api, `chatrooms/join/${link.iid}/items`, "items");
  for (const { e, box } of items) {
    const key = await openItem(link, room, e, box).catch(() => null);
    if (key) await session.keys.add(session.state, e, key);
  }
  await (await session.keys.sharing()).backUpToServer();
}
