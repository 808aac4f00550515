/** User-facing texts of every page, for translators. Parts that are loaded on first use bring the rest:
 * strings-account, -room, -search and -summary.js, each with these texts and its own. */

import { plural } from "./plural.js";
import { ends, newKeys, rules } from "./strings-ends.js";
import { leaders } from "./strings-leaders.js";
import { messages } from "./strings-messages.js";
import { people } from "./strings-people.js";

export const strings = {
  noRooms:
    "No rooms yet. Make one and invite others, or join one with a link that somebody sent you.",
  newRoom: "New room",
  join: "Join with a link",
  joinText: "Paste the invitation link that somebody sent you.",
  joinOpen: "Open",
  notALink: "That is not an invitation link. Copy the whole link, to its last character.",
  resetIncomplete: "The link is not complete. Copy the whole link, to its last character.",
  resetAskSomebody: "A new password needs a one-time link, and this server sends no mail.",
  linkNotProven:
    "This browser could not prove that you have the invitation. Nothing was sent. Open the link again, in a current browser.",
  otherServer: (/** @type {string} */ host) =>
    `That link is for another server, ${host}. Open it there.`,
  cancel: "Cancel",
  noMatch: "No room has that name.",
  unnamed: "Unnamed room",
  unread: (/** @type {number} */ n) => plural(n, "1 unread message", "# unread messages"),
  connection: {
    connecting: "Connecting …",
    slow: "The connection is slow. Still trying to reach the server …",
    restarting: "The server restarts. It will be back in a moment.",
    away: "The server does not answer. What you write is kept and sent when it is back.",
    offline: "You are offline. What you write is kept and sent when you are back.",
    unsent: (/** @type {number} */ n) =>
      plural(n, "1 message is waiting.", "# messages are waiting."),
  },
  back: "Connected again.",
  signedOut: "You are signed out. What you wrote is kept. Log in again to go on.",
  sending: "Sending",
  sent: "Sent",
  notSent: "Not sent.",
  retry: "Retry",
  discard: "Discard",
  refused: "A message here could not be verified and is not shown.",
  newer: "This message needs a newer version.",
  locked: "Waiting for the key to this message.",
  gap: "Messages are missing here.",
  otherView: (/** @type {string} */ name) => `${name} saw a different conversation.`,
  closeRooms: "Close the list of rooms",
  showAll: (/** @type {number} */ n) => `Show all ${n.toLocaleString()} characters`,
  showMore: "Show more",
  moreShown: "More of the message is shown.",
  allShown: "The whole message is shown.",
  newMessages: "New messages",
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
    `Older messages were deleted after ${plural(days, "1 day", "# days")}, as this room's rules say.`,
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
  typing: (/** @type {string[]} */ names) => {
    if (names.length === 0) return "";
    if (names.length === 1) return `${names[0]} is typing …`;
    if (names.length === 2) return `${names[0]} and ${names[1]} are typing …`;
    return "Several people are typing …";
  },
  you: "you",
  online: "online",
  roles: { owner: "owner", moderator: "moderator", member: "" },
  membersTitle: "Members",
  inviteTitle: "Invite",
  trustTitle: "This room",
  inviteIntro: "Anyone with the link can join and read earlier messages. Share it like a key.",
  validFor: "Works for",
  hours: { 1: "1 hour", 24: "1 day", 168: "1 week", 720: "30 days" },
  uses: "Can be used by",
  people: (/** @type {number} */ n) => plural(n, "1 person", "# people"),
  makeLink: "Make a link",
  making: "Making the link …",
  copy: "Copy link",
  copied: "Copied",
  copiedFile: (/** @type {string} */ name) => `[File: ${name}]`,
  copyCode: "Copy the code",
  table: "Table",
  copyText: "Copy text",
  invitationLink: "Invitation link",
  linkOnce: "The link is shown only once: the server does not know it.",
  openLinks: "Open links",
  noLinks: "No open links.",
  used: (/** @type {number} */ uses, /** @type {number} */ max) => `${uses} of ${max} used`,
  until: (/** @type {string} */ when) => `until ${when}`,
  revoke: "Revoke",
  leave: "Leave this room",
  leaveAsk:
    "You will not get its messages any more. This browser keeps what you could read; you can remove it in the list of rooms.",
  frozen:
    "The server’s copy of this room does not fit what this browser has verified. Nothing is sent until this is resolved. Ask the other members, outside this chat, what they see.",
  newKey: (/** @type {string} */ names) =>
    `${names} has a new key. Compare numbers before you trust it. Nothing is sent until then.`,
  trust: (/** @type {string} */ when) => [
    "Messages are encrypted in this browser. The server keeps them and cannot open them.",
    `The room’s key was last renewed ${when}. It is renewed whenever somebody leaves.`,
    "The server does see who is in the room, who writes when, and roughly how much.",
    "Anyone with an open invitation link can read the conversation until the link ends.",
  ],
  // --- messages
  ...messages,
  // --- room panels
  ...people,
  ...leaders,
  ends,
  rules,
  newKeys,
  summary: { from: "Summarise from here", menu: "Summarise" },

  // --- a room's name, its state
  nameTitle: "Name and topic",
  roomName: "Name",
  roomTopic: "What is it about?",
  save: "Save",
  saved: "Saved",
  letIn: "Waiting to be let in …",
  request: (/** @type {string} */ name) => `${name} wants to talk to you here.`,
  requestText: "Accept to write here. If you decline, you leave this room.",
  addedText: (/** @type {string} */ name) => `You were added to ${name}.`,
  lie: (/** @type {string} */ what) =>
    what === "message"
      ? "One of your messages that the server had confirmed is missing, or was replaced."
      : "The room’s history is shorter than the one this browser verified, differs from it, or breaks its rules.",
  present: (/** @type {number} */ n, /** @type {number} */ all) => `${n} of ${all} here`,
  update: {
    text: "A new version of Sotto is ready. What you are writing is kept.",
    use: "Use it now",
    later: "Later",
  },
  part: {
    title: "This part could not be loaded",
    text: "Nothing was lost, and what you were writing is kept. Check the connection and try again. If the server was updated meanwhile, reload the page.",
    reload: "Reload the page",
  },
  // --- account
  keysHere: "This browser has your keys.",
  noKeysHere: "This browser has no keys. Bring them here first, with your recovery kit.",
  failedKept: "Something went wrong. Nothing was changed. Try again.",
  kitKept: "A sealed copy is kept here.",
  kitNotKept: "No copy is kept here.",
  unblock: "Unblock",
};
