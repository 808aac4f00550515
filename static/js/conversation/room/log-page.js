/** Checks on a page of a room's log before and after its events are verified. */

import { LogError, parseEvent } from "../../crypto/events.js";

/** @typedef {import("../../crypto/log.js").RoomState} RoomState */
/** @typedef {import("../../crypto/log.js").SignedEvent} SignedEvent */

/**
 * Yields events in runs, so that those before the first one of a newer version still count.
 * @param {SignedEvent[]} events
 */
export function* runsOf(events) {
  const newer = events.findIndex(({ event }) => isNewer(event));
  if (newer < 0) {
    if (events.length > 0) yield events;
    return;
  }
  if (newer > 0) yield events.slice(0, newer);
  yield events.slice(newer);
}

/** @param {string} text */
function isNewer(text) {
  try {
    parseEvent(text);
    return false;
  } catch (error) {
    return error instanceof LogError && error.reason === "newer";
  }
}

/**
 * Checks that the server's head is not behind the verified log.
 * @param {RoomState | null} state
 * @param {[number, string]} head seq and hash, as the server says
 * @throws {LogError}
 */
export function requireNotBehind(state, [seq, hash]) {
  if (!state || seq < state.seq || (seq === state.seq && hash !== state.hash))
    throw new LogError("illegal", "a log that is shorter than before, or another one");
}
