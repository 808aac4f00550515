/** Texts of what messages contain besides lines of words: long texts, code, quotes, reactions, polls. */

import { plural } from "../plural.js";

export const textStrings = {
  showAll: (/** @type {number} */ n) => `Show all ${n.toLocaleString()} characters`,
  showMore: "Show more",
  moreShown: "More of the message is shown.",
  allShown: "The whole message is shown.",
  copied: "Copied",
  copyCode: "Copy the code",
  wideTable: (/** @type {string} */ heads) => `Table: ${heads}. Scrolls sideways.`,
  quoteBlocked: "A message of somebody you blocked",
  quoteGone: "This message was deleted",
  quoteEarlier: "An earlier message",
  answeringTo: "Answer to ",
  reaction: (/** @type {string} */ who, /** @type {boolean} */ mine) =>
    `: ${who}. ${mine ? "Remove your reaction" : "Add your reaction"}`,
  votes: (/** @type {number} */ n) => plural(n, "1 vote", "# votes"),
  pollAll: (/** @type {number} */ n) => `Show all ${n} options`,
  voters: (/** @type {number} */ n) =>
    n === 0 ? "Nobody has voted yet" : plural(n, "1 person has voted", "# people have voted"),
  pollKind: (/** @type {boolean} */ multi) =>
    multi ? "Poll. Choose as many as you like." : "Poll. Choose one.",
};
