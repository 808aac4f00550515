/** Questions to a room's verified state. log.js makes such states; it is needed only for events. */

/** @typedef {import("./log.js").RoomState} RoomState */

/** An event that breaks a rule (`illegal`), or that this version cannot judge (`newer`). */
export class LogError extends Error {
  /** @override */
  name = "LogError";
  /** @param {"illegal" | "newer"} reason @param {string} text */
  constructor(reason, text) {
    super(text);
    this.reason = reason;
  }
}

/**
 * Tells whether a member is owner or moderator.
 * @param {{role: string}} member
 * @returns {boolean}
 */
export const leads = ({ role }) => role === "owner" || role === "moderator";

const DAY = 24 * 3600 * 1000; // ms

/**
 * Tells whether a room's rules have ended a message: it is not shown, and no browser keeps it.
 * @param {number} ttl days after which the room's messages are deleted, 0 for never
 * @param {number} ts when it was sealed, ms
 * @param {number} now ms
 */
export const hasEnded = (ttl, ts, now) => ttl > 0 && ts + ttl * DAY <= now;

/**
 * Returns the state right after a log event: the epoch, whether it was open, and the kid and role
 * of `uid` (null for a non-member).
 * @param {RoomState} state
 * @param {number} seq of the event
 * @param {string} uid
 * @returns {{e: number, open: boolean, kid: string | null, role: string | null}}
 */
export function atLog(state, seq, uid) {
  const found = state.marks.filter((item) => item.seq <= seq).at(-1);
  const span = state.spans.get(uid)?.find(({ from, to }) => from <= seq && seq < to);
  const { kid = null, role = null } = span ?? {};
  return { e: found?.e ?? 0, open: found?.open ?? false, kid, role };
}
