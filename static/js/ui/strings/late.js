/** Texts of the parts that are loaded on first use, with those of strings.js. */

import { plural } from "../plural.js";
import { strings } from "../strings.js";
import { ends, newKeys } from "./ends.js";
import { leaders } from "./leaders.js";
import { listStrings } from "./list.js";
import { people } from "./people.js";
import { textStrings } from "./text.js";
import { writing } from "./writing.js";

export const lateStrings = {
  ...strings,
  ...textStrings,
  ...listStrings,
  ...people,
  ...leaders,
  ...writing,
  ends,
  newKeys,
  joinText: "Paste the invitation link that somebody sent you.",
  joinOpen: "Open",
  notALink: "That is not an invitation link. Copy the whole link, to its last character.",
  resetIncomplete: "The link is not complete. Copy the whole link, to its last character.",
  resetAskSomebody: "A new password needs a one-time link, and this server sends no mail.",
  linkNotProven:
    "This browser could not prove that you have the invitation. Nothing was sent. Open the link again, in a current browser.",
  otherServer: (/** @type {string} */ host) =>
    `That link is for another server, ${host}. Open it there.`,
  connection: {
    connecting: "Connecting …",
    slow: "The connection is slow. Still trying to reach the server …",
    restarting: "The server restarts. It will be back in a moment.",
    away: "The server does not answer. What you write is kept and sent when it is back.",
    offline: "You are offline. What you write is kept and sent when you are back.",
    clock:
      "The clock of this device and that of the server differ by more than an hour: days and times here can be wrong. Set this device’s clock.",
    unsent: (/** @type {number} */ n) =>
      plural(n, "1 message is waiting.", "# messages are waiting."),
  },
  notDone: "That did not work",
  back: "Connected again.",
  announcement: "Announcement",
  dismiss: "Dismiss",
  signedOut: "You are signed out. What you wrote is kept. Log in again to go on.",
  closeRooms: "Close the list of rooms",
  sidebarWidth: "Width of the list of rooms",
  sidebarWidthHint: "Drag, or use the arrow keys. A double click resets it.",
  typing: (/** @type {string[]} */ names) => {
    if (names.length === 0) return "";
    if (names.length === 1) return `${names[0]} is typing …`;
    if (names.length === 2) return `${names[0]} and ${names[1]} are typing …`;
    return "Several people are typing …";
  },
  you: "you",
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
  copiedFile: (/** @type {string} */ name) => `[File: ${name}]`,
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
  newKey: (/** @type {string} */ names) =>
    `${names} has a new key. Compare numbers before you trust it. Nothing is sent until then.`,
  nameTitle: "Name and topic",
  roomName: "Name",
  roomTopic: "What is it about?",
  save: "Save",
  saved: "Saved",
  request: (/** @type {string} */ name) => `${name} wants to talk to you here.`,
  requestText: "Accept to write here. If you decline, you leave.",
  addedText: (/** @type {string} */ name) => `You were added to ${name}.`,
  lie: (/** @type {string} */ what) =>
    what === "message"
      ? "One of your messages that the server had confirmed is missing, or was replaced."
      : "The history is shorter than the one this browser verified, differs from it, or breaks its rules.",
  update: {
    text: "A new version of Sotto is ready. What you are writing is kept.",
    full: "A new version of Sotto is ready, and this browser’s storage has no space for two. It takes the place of the old one, from the server.",
    use: "Use it now",
    later: "Later",
  },
  keysHere: "This browser has your keys.",
  noKeysHere: "This browser has no keys. Bring them here first, with your recovery kit.",
  failedKept: "Something went wrong. Nothing was changed. Try again.",
  kitKept: "A sealed copy is kept here.",
  kitNotKept: "No copy is kept here.",
  unblock: "Unblock",
};

export const fullStorage = {
  full: "This browser’s storage is full.",
  messages: "Messages are shown, but not kept here.",
  keys: "Keys that came now are not kept here either: the next visit asks for them again.",
  draft: "What you are writing is kept only as long as this page is open.",
  unsent: "What you send cannot wait here: it stays in the field, or goes out once there is space.",
  free: "Nothing was lost on the server. Free some space on this device, then reload the page.",
  close: "Close",
};
