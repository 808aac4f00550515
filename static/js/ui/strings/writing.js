/** Texts about writing and about what can be done with messages: actions, files, polls, pins. */

import { plural } from "../plural.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

const NAMED = 5; // files that are named where several are left out

/** @param {number} others that are not named */
const more = (others) => (others > 0 ? ` and ${others} more` : "");

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

export const writing = {
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
    report: "Report",
  },
  deleteAsk: {
    title: "Delete this message?",
    text: "It is deleted for everybody, and from the server. Others may have read it already.",
    confirm: "Delete",
  },
  linkCopied: "Link copied. It works for those who can read here.",
  emoji: {
    title: "Emoji",
    find: "Find an emoji",
    none: "No emoji has that name. You can also type one.",
    open: "Emoji",
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
    tray: "Files to send",
    size: (/** @type {number} */ bytes) => size(bytes),
    most: (/** @type {number} */ n, /** @type {string[]} */ left) =>
      `A message can have ${n} files at most. Not added: ${left.slice(0, NAMED).join(", ")}${more(left.length - NAMED)}.`,
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
    none: "Nothing is pinned here.",
  },
};
