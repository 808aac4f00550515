/** Texts of the list of rooms, for translators. */

import { plural } from "../plural.js";

export const listStrings = {
  noRooms:
    "No rooms yet. Make one and invite others, or join one with a link that somebody sent you.",
  noMatch: "No room has that name.",
  list: {
    requests: "Requests",
    wants: (/** @type {string} */ name) => `${name} wants to talk to you.`,
    added: (/** @type {string} */ who, /** @type {string} */ room) =>
      who ? `${who} added you to ${room}.` : `You were added to ${room}.`,
    aRoom: "a room",
    accept: "Accept",
    decline: "Decline",
    block: "Block",
    to: (/** @type {string} */ action, /** @type {string} */ name) => `${action} ${name}`,
    closed: "closed",
    askedTitle: "Rooms that you asked to join",
    asksToJoin: "You asked to join. Somebody there has to let you in.",
    notLetIn: "Nobody there let you in. Ask who sent you the link.",
    roomOf: (/** @type {string} */ who) => (who ? `a room of ${who}` : "a room"),
    forgetAsked: (/** @type {string} */ room) => `Remove ${room} from this list`,
    knocks: (/** @type {number} */ n) => plural(n, "1 person asks to join", "# people ask to join"),
  },
  /** Ends of rooms, in one or two words. */
  ended: /** @type {Record<import("../../conversation/room/room-end.js").EndKind, string>} */ ({
    "signed-out": "",
    frozen: "stopped",
    closed: "closed",
    removed: "you were removed",
    banned: "you were banned",
    left: "you left",
    succeeded: "taken over",
    missing: "not on the server",
    stopped: "stopped by the operator",
    newer: "needs a newer version",
    replaced: "your keys were replaced",
    strangers: "new keys to compare",
    "new-keys": "waiting to be let in",
    "not-let-in": "you were not let in",
    blocked: "blocked",
    alone: "the other person left",
    "no-key": "",
  }),
  /** The same where the signed log says who did it, and when. @type {Record<string, (who: string,
   * when: string) => string>} */
  endedBy: {
    closed: (/** @type {string} */ who, /** @type {string} */ when) => `${who} closed it, ${when}`,
    removed: (/** @type {string} */ who, /** @type {string} */ when) =>
      `${who} removed you, ${when}`,
    banned: (/** @type {string} */ who, /** @type {string} */ when) => `${who} banned you, ${when}`,
    alone: (/** @type {string} */ who, /** @type {string} */ when) => `${who} left, ${when}`,
  },
};
