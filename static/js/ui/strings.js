/** User-facing texts that a room shows at first, for translators. All others come with the parts that are
 * loaded on first use: strings-late.js, and strings-account, -room, -search and -summary.js. */

import { plural } from "./plural.js";
import { messages } from "./strings/messages.js";

export const strings = {
  newRoom: "New room",
  join: "Join with a link",
  cancel: "Cancel",
  unnamed: "Unnamed room",
  notOpened: "This room could not be opened",
  unknownRoom: {
    title: "No such room",
    text: "This address leads to no room that you are in. It may be mistyped, or you are no longer a member. A member can send you an invitation link.",
    list: "To your rooms",
  },
  unread: (/** @type {number} */ n) => plural(n, "1 unread message", "# unread messages"),
  sending: "Sending",
  sent: "Sent",
  notSent: "Not sent.",
  retry: "Retry",
  discard: "Discard",
  bot: "bot",
  botText: "The account of a program, as the server says.",
  accountDeleted: "account deleted",
  accountDeletedText: "The server says so. Nobody can sign in to this account.",
  refused: "A message here could not be verified and is not shown.",
  newer: "This message needs a newer version.",
  locked: "Waiting for the key to this message.",
  gap: "Messages are missing here.",
  otherView: (/** @type {string} */ name) => `${name} saw a different conversation.`,
  newMessages: "New messages",
  catchUp: "What did I miss?",
  older: "Loading earlier messages …",
  showOlder: "Show earlier messages",
  olderFailed: "Earlier messages could not be loaded.",
  tryAgain: "Try again",
  start: "This is the beginning.",
  olderGone: "Older messages are missing: the server no longer has them.",
  lost: (/** @type {number} */ n) =>
    n
      ? `${plural(n, "The server no longer has this message.", "The server no longer has these # messages.")} This browser has verified and kept ${n === 1 ? "it" : "them"}.`
      : "The server no longer has changes that were made to these messages. This browser has verified and kept them.",
  lostNow: "The server no longer has some messages. This browser keeps those that it has verified.",
  expired: (/** @type {number} */ days) =>
    `Older messages were deleted after ${plural(days, "1 day", "# days")}, as the rules here say.`,
  allGone: "No messages are left here",
  startText: "Say hello, or invite somebody with a link.",
  toNewest: (/** @type {number} */ n) =>
    n ? plural(n, "1 new message", "# new messages") : "To the newest",
  toUnread: "Jump to unread",
  workerFailed:
    "This browser stopped the worker that checks messages. They are checked in the page now, which may be slower. Nothing was lost.",
  toStart: "Jump to start",
  pickDay: {
    title: "Jump to a date",
    text: "The conversation is shown from that day on.",
    label: "Date",
    go: "Jump",
  },
  frozen:
    "The server’s copy does not fit what this browser has verified. Nothing is sent until this is resolved. Ask the others, outside this chat, what they see.",
  summary: { from: "Summarise from here", menu: "Summarise" },
  present: (/** @type {number} */ n, /** @type {number} */ all) => `${n} of ${all} here`,
  part: {
    title: "This part could not be loaded",
    text: "Nothing was lost, and what you were writing is kept. Check the connection, then reload the page.",
    reload: "Reload the page",
  },
  online: "online",
  close: "Close",
  ...messages,
  keptStart: "This browser keeps nothing from before this.",
  keptNothing: "This browser keeps none of the messages that were here.",
  expiredHere: (/** @type {number} */ days) =>
    `Its messages were deleted after ${plural(days, "1 day", "# days")}, as its rules say.`,
  /** Rules in sight: beside a room's name, and on its invitation. */
  rules: {
    ttl: (/** @type {number} */ days) =>
      plural(days, "Deleted after 1 day", "Deleted after # days"),
    open: (/** @type {string} */ rules) => `Rules: ${rules}`,
    forever: "Messages stay",
    noAi: "No summaries",
    ai: {
      device: "Summaries on the device only",
      ask: "Summaries on request",
      auto: "Summaries offered",
    },
    search: {
      server: "Searched on the server, by hidden words",
      device: "Searched in the browser only",
    },
    history: { all: "You can read everything", join: "Read from when you join" },
  },
};
