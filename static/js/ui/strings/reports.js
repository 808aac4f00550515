/** Texts of reports of abuse. */

import { plural } from "../plural.js";

export const reportStrings = {
  title: "Report this message",
  shows: "Shown is this one message, with the proof of who wrote it.",
  nothingElse: "No other message becomes readable.",
  edited: "The text as it stands now is shown, not the ones before it.",
  files: (/** @type {number} */ n) =>
    plural(n, "The key of its file is shown, too.", "The keys of its # files are shown, too."),
  server: "The server cannot read it. It learns that you reported this message, and to whom.",
  signed: "Your name stands on the report.",
  to: "To whom?",
  toRoom: (/** @type {string[]} */ names) => `The leaders of this room: ${names.join(", ")}`,
  toSite: "The administrators of this site",
  noRoom: "Nobody leads this room beside the author.",
  newKey: (/** @type {string[]} */ names) =>
    `${names.join(", ")} has a new key that you have not approved. Compare numbers first.`,
  noRoomDirect: "A conversation of two has no leaders.",
  noSite: "This site takes no reports: its administrators have not made a key for them.",
  nowhere: "This message cannot be reported to anybody here.",
  siteKey: (/** @type {string} */ rk) => `Sealed to the site’s report key ${rk}.`,
  siteKeyNew:
    "The site’s report key is another one than the one you reported to before. Ask an administrator whether it is theirs.",
  siteKeyAccept: "I trust the new key",
  why: "Why?",
  reasons: {
    abuse: "Abuse or threats",
    spam: "Unwanted advertising",
    illegal: "Against the law",
    other: "Something else",
  },
  note: "Note (optional)",
  noteHint: "Sealed, like the message.",
  noteLong: "A note has at most 1,000 characters.",
  send: "Report",
  sent: "Reported. Nobody else was told.",
  gone: "This message is not there any more, or cannot be verified.",
  listTitle: "Reports",
  listIntro:
    "Messages that members reported to the leaders. Each was verified: who wrote it, in this room, and that nothing of it was changed.",
  none: "No reports.",
  refused: (/** @type {number} */ n) =>
    plural(
      n,
      "1 report did not prove what it says and is not shown.",
      "# reports did not prove what they say and are not shown.",
    ),
  by: (/** @type {string} */ name, /** @type {string} */ when) => `Reported by ${name}, ${when}`,
  place: (/** @type {string} */ name, /** @type {string} */ when) => `${name}, ${when}`,
  otherKind: "This kind of message cannot be shown here.",
  filesInRoom: "Files are in the room, as long as the message is.",
  filesAsked:
    "A file may be harmful to see, or against the law to keep. None is loaded before you open it; that you did is recorded. One that opens is the one that the author signed.",
  showFile: { short: "Show", of: (/** @type {string} */ name) => `Show ${name}` },
  saveFile: { short: "Save", of: (/** @type {string} */ name) => `Save ${name}` },
  fileOpening: "Opening the file …",
  fileGone: "This file is not here any more. It went when the message was deleted.",
  fileFailed: "The file could not be loaded. Try again.",
  fileRefused: "This is not the file that the author signed. Nothing of it is shown.",
  noteOf: (/** @type {string} */ note) => `“${note}”`,
  siteProof:
    "Verified in this browser: the author’s key signed this message in that room, as a member, and the reporter’s key signed the report. It does not prove that other members could read the same.",
  siteRefused:
    "This report does not prove what it says: it was changed, or forged. Nothing of it is shown.",
  goTo: "Show it in the room",
  erase: "Delete the message",
  eraseAsk: {
    title: "Delete this message?",
    text: "Its content is erased for everybody. The report keeps its sealed copy for 30 days.",
    confirm: "Delete",
  },
  remove: "Remove the author",
  removeAsk: (/** @type {string} */ name) => ({
    title: `Remove ${name}?`,
    text: "They cannot read what is sent from then on. Open links to this room end.",
    confirm: "Remove",
  }),
  ban: "Remove and ban",
  banAsk: (/** @type {string} */ name) => ({
    title: `Remove ${name} for good?`,
    text: "They cannot read what is sent from then on, and no link lets them back in.",
    confirm: "Remove and ban",
  }),
  dismiss: "Nothing to do",
  states: {
    open: "Open",
    dismissed: "Nothing was done",
    erased: "Message deleted",
    removed: "Author removed",
    banned: "Author removed and banned",
    disabled: "Account disabled",
    stopped: "Room stopped",
  },
  handledBy: (/** @type {string} */ what, /** @type {string} */ name) => `${what}, by ${name}`,
};
