/** Appends events to a room's log, again after lost races. */

import { randomBytes } from "../../crypto/bytes.js";
import { makeEvent } from "../../crypto/compose.js";
import { beginsEpoch, parseEvent } from "../../crypto/events.js";
import { signer } from "../account/account.js";
import { rotationBody, rotationRequest } from "./rotation.js";

/** @typedef {import("../account/account.js").Account} Account */
/** @typedef {import("./room-session.js").RoomSession} RoomSession */
/** @typedef {import("../../crypto/log.js").RoomState} RoomState */
/** @typedef {{path: string, method?: "post" | "put", body: object}} Request */

const MAX_ATTEMPTS = 10; // lost races in a row
/** Statuses of refusals after which rights or the membership are others than before: the log says why. */
const CHANGED = new Set([403, 404, 410]);

/**
 * Appends an event and retries after each lost race, while it is still wanted.
 * @param {Account} me @param {RoomSession} session
 * @param {(state: RoomState) => Promise<Request | null>} write makes the request for the present
 *   state; null if there is nothing left to do
 */
export async function appendEvent(me, session, write) {
  for (let race = 1; ; race += 1) {
    const request = await write(session.state);
    if (request === null) return null;
    const { path, method = "post", body } = request;
    try {
      const answer = await me.api[method](`chatrooms/${session.id}${path}`, body);
      await session.fetchLog();
      return answer;
    } catch (error) {
      if (race === MAX_ATTEMPTS || !["clock", "head"].includes(error.code)) {
        if (CHANGED.has(error.status)) await session.refresh().catch(() => {}); // at the latest with the next event
        throw error;
      }
      if (error.code === "clock") me.clock.set(error.extra.now);
      await session.fetchLog();
      if (session.frozen) throw error;
    }
  }
}

/** Appends an event without attachments to the request.
 * @param {Account} me @param {RoomSession} session
 * @param {(state: RoomState) => ({t: string} & Record<string, unknown>) | null} what null: not any more
 */
export const appendSimple = (me, session, what) =>
  appendEvent(me, session, async (state) => {
    const wanted = what(state);
    return wanted && { path: "/log", body: await makeEvent(state, wanted, signer(me)) };
  });

/** Leaves the room, unless the account is no longer a member.
 * @param {Account} me @param {RoomSession} session */
export async function appendLeave(me, session) {
  await appendSimple(me, session, ({ members }) =>
    members.has(me.uid) ? { t: "leave" } : null,
  ).catch((error) => {
    if (error.status !== 404) throw error; // no longer a member
  });
}

/**
 * Begins the next epoch, if nobody else has. The loser of a race discards its key.
 * @param {Account} me @param {RoomSession} session @param {(done: number) => void} [onProgress]
 */
export async function beginEpoch(me, session, onProgress) {
  const next = session.state.e + 1;
  const key = randomBytes(32);
  const { escrows } = await me.api.get(`chatrooms/${session.id}/keys`);
  const done = await appendEvent(me, session, async (state) => {
    if (state.e + 1 !== next) return null;
    const body = await rotationRequest(me, session, key, escrows, onProgress);
    return { path: "/log", body };
  });
  if (done) await session.addEpochKey(next, key);
}

/**
 * Appends an event that may begin an epoch: it removes a member, a key or a leader's rank.
 * @param {Account} me @param {RoomSession} session
 * @param {(state: RoomState, key: Uint8Array) => Promise<import("../../crypto/log.js").SignedEvent | null>} make
 * @param {(done: number) => void} [onProgress]
 */
export async function appendWithNewKey(me, session, make, onProgress) {
  let e = 0;
  let key = new Uint8Array();
  let begins = false;
  const done = await appendEvent(me, session, async (state) => {
    e = state.e + 1;
    key = randomBytes(32);
    const signed = await make(state, key);
    if (!signed) return null;
    begins = beginsEpoch(parseEvent(signed.event));
    const body = begins ? await rotationBody(session, signed, key, onProgress) : signed;
    return { path: "/log", body };
  });
  if (done && begins) await session.addEpochKey(e, key);
  return done;
}
