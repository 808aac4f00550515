/** Texts in and around messages. */

import { plural } from "./plural.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** @param {number} bytes */
function size(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  /** @type {Intl.NumberFormatOptions} */
  const about = {
    style: "unit",
    unit: UNITS[power],
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: power > 1 ? 1 : 0,
  };
  const format = new Intl.NumberFormat(undefined, about);
  return format.format(bytes / 1000 ** power);
}

const NUMBER = new Intl.NumberFormat();

export const messages = {
  startDirect: (/** @type {string} */ name) =>
    `Only you${name ? ` and ${name}` : ""} can read the messages here. Say hello.`,
  mentioned: "you are mentioned",
  edited: "edited",
  pinned: "pinned",
  deleted: "This message was deleted.",
  deletedBy: (/** @type {string} */ name) => `${name} deleted this message.`,
  erased: "The server deleted this message, but no member asked for it.",
  blockedMessage: "A message from somebody you blocked.",
  showBlocked: "Show",
  changeNotSent: {
    edit: "Your correction was not sent.",
    delete: "Your deletion was not sent.",
    react: "Your reaction was not sent.",
    pin: "Your pin was not sent.",
    vote: "Your vote was not sent.",
  },
  quoteGone: "This message was deleted",
  quoteEarlier: "An earlier message",
  answeringTo: "Answer to ",
  reactWith: (/** @type {string} */ name) => `React with ${name}`,
  reaction: (/** @type {string} */ who, /** @type {boolean} */ mine) =>
    `: ${who}. ${mine ? "Remove your reaction" : "Add your reaction"}`,
  votes: (/** @type {number} */ n) => plural(n, "1 vote", "# votes"),
  pollAll: (/** @type {number} */ n) => `Show all ${n} options`,
  voters: (/** @type {number} */ n) =>
    n === 0 ? "Nobody has voted yet" : plural(n, "1 person has voted", "# people have voted"),
  pollKind: (/** @type {boolean} */ multi) =>
    multi ? "Poll. Choose as many as you like." : "Poll. Choose one.",
  actions: {
    toolbar: "Actions for this message",
    react: "React",
    reply: "Answer",
    more: "More",
    edit: "Correct",
    remove: "Delete",
    pin: "Pin",
    unpin: "Unpin",
    copy: "Copy text",
    select: "Select text",
    link: "Copy link to this message",
    stored: "What the server sees",
  },
  keys: "Up and Down move between messages. R replies, E edits, + reacts, Enter opens the menu, D jumps to a date.",
  deleteAsk: {
    title: "Delete this message?",
    text: "It is deleted for everybody, and from the server. Others may have read it already.",
    confirm: "Delete",
  },
  linkCopied: "Link copied. It works for members of this room.",
  seeking: "Looking for the message …",
  notFound: "That message no longer exists.",
  emoji: {
    title: "Emoji",
    find: "Find an emoji",
    none: "No emoji has that name. You can also type one.",
    open: "Emoji",
  },
  composer: {
    answering: (/** @type {string} */ name) => `Answering ${name}`,
    somebody: "an earlier message",
    editing: "Correcting your message",
    stop: "Cancel",
    more: "Add something",
    poll: "Make a poll",
    mentions: "Suggestions",
    format: "Formatting",
    tooLong: (/** @type {number} */ length, /** @type {number} */ most) =>
      `${NUMBER.format(length)} of ${NUMBER.format(most)} characters: too long for one message.`,
    asFile: "Send it as a file",
    fileName: "message.txt",
    invisible: "This text has no visible characters. Nothing was sent.",
    notQueued: (/** @type {string} */ why) => `Not sent. Your text was kept. ${why}`,
    targetDeleted: "The message that you correct was deleted.",
    beingSent: "The last message is being sent. Wait for its tick to correct it.",
    save: "Save",
    send: "Send",
  },
  poll: {
    title: "Make a poll",
    question: "Question",
    option: (/** @type {number} */ n) => `Option ${n}`,
    add: "Add an option",
    multi: "Allow several choices",
    make: "Send the poll",
    needsQuestion: "Enter a question.",
    needsOptions: "Enter at least two different options.",
  },
  files: {
    attach: "Attach a file",
    tray: "Files to send",
    size: (/** @type {number} */ bytes) => size(bytes),
    most: (/** @type {number} */ n, /** @type {string[]} */ left) =>
      `A message can have ${n} files at most. Not added: ${left.join(", ")}.`,
    drop: (/** @type {string} */ name) => `Do not send ${name}`,
    save: (/** @type {string} */ name) => `Save ${name}`,
    show: (/** @type {string} */ name) => `Show ${name}`,
    pictures: "Pictures",
    previous: "Previous picture",
    next: "Next picture",
    nearer: "Zoom in",
    farther: "Zoom out",
    place: (/** @type {number} */ n, /** @type {number} */ of) => `${n} of ${of}`,
    loading: "Loading",
    failed: "The file could not be opened. Try again.",
    notShown: "This picture is too large to show, or its format is not supported. You can save it.",
    notSent: "The files were not sent.",
    stopped: "You cancelled it.",
    offer: (/** @type {number} */ n) =>
      plural(
        n,
        "Attach the picture that was copied, too",
        "Attach the # files that were copied, too",
      ),
  },
  format: {
    title: "Formatting",
    bold: "Bold",
    italic: "Italic",
    strike: "Crossed out",
    code: "Code",
    link: "Link",
    list: "List",
    numbers: "Numbered list",
    quote: "Quotation",
  },
  pins: {
    title: "Pinned messages",
    strip: (/** @type {number} */ n) => plural(n, "Pinned", "# pinned"),
    show: "Show all pinned messages",
    go: "Go to message",
    unpin: "Unpin",
    none: "Nothing is pinned in this room.",
  },
};
