/** Texts of search. */

import { plural } from "../plural.js";
import { lateStrings } from "./late.js";

const NUMBER = new Intl.NumberFormat();

/** @param {number} searched @param {number} total @param {number} rooms */
const covered = (searched, total, rooms) => {
  const where = rooms > 1 ? ` in ${rooms} rooms` : "";
  const of = plural(total, "1 message", `${NUMBER.format(total)} messages`);
  return `${NUMBER.format(Math.min(searched, total))} of ${of}${where}`;
};

const search = {
  title: "Search",
  titleAll: "Search all rooms",
  field: "Search in this room",
  fieldAll: "Search all rooms",
  order: "Order",
  newest: "Newest first",
  relevance: "Best match",
  intro:
    "Type words or the beginning of a word: three letters are enough. Case and accents are ignored, and other forms of a word come after it.",
  onDevice:
    "This room’s rules allow search only in your browser. It reads the room once, and resumes where it stopped.",
  help: "Narrow it down",
  /** @type {[string, string][]} an example and what it does */
  operators: [
    ['"two words"', "just so, side by side"],
    ["-word", "without this word"],
    ["one OR other", "with either of them"],
    ["from:name", "written by somebody; from:me for your own"],
    ["has:file", "with a file; also has:image, has:link"],
    ["before:2026-11-01", "from the days before"],
    ["after:2026-11-01", "from the days after"],
  ],
  long: "Of a long message, the first 4,000 different words are found, and beginnings of words up to about 1,000.",
  days: { before: "Before the day", after: "After the day" },
  inRoom: /** @type {[string, string]} */ (["in:room", "in rooms with this name"]),
  problem: (/** @type {string} */ operator, /** @type {string} */ value) =>
    operator === "has"
      ? `has:${value} is not supported. Use has:file, has:link or has:image.`
      : `${operator}:${value} is not a date. Write it like ${operator}:2026-11-01.`,
  inHere: "in: selects rooms. Search all rooms to use it.",
  common: (/** @type {string[]} */ words) =>
    `Messages that have ${words.map((word) => `“${word}”`).join(", ")}, too, come first. Put it in quotes to find no others.`,
  onlyWithout: "Add a word to look for. A word with - in front is only left out.",
  unindexed:
    "The server’s index has no very common words and no single characters. This browser reads the messages instead.",
  most: "No message has all of these words. These have most of them:",
  meant: "Did you mean",
  nobody: "No member has that name.",
  noRoom: "No room has that name.",
  searching: (
    /** @type {number} */ searched,
    /** @type {number} */ total,
    /** @type {number} */ rooms,
  ) => (total > 0 ? `Searching: ${covered(searched, total, rooms)} …` : "Searching …"),
  searched: (
    /** @type {number} */ hits,
    /** @type {number} */ searched,
    /** @type {number} */ total,
    /** @type {number} */ rooms,
  ) =>
    `${hits === 0 ? "Nothing found." : plural(hits, "1 hit.", `${NUMBER.format(hits)} hits.`)} Searched ${covered(searched, total, rooms)}.`,
  stopped: (
    /** @type {number} */ hits,
    /** @type {number} */ searched,
    /** @type {number} */ total,
    /** @type {number} */ rooms,
  ) => `Stopped. ${search.searched(hits, searched, total, rooms)}`,
  none: "Nothing found",
  noneText: "Try fewer words, or only the beginning of one. A word is found from three letters on.",
  stop: "Stop",
  goOn: "Go on",
  more: "Search further",
  failed: (/** @type {string} */ room) => `${room}: not searched.`,
  all: "Search all rooms",
  hits: "Messages that were found",
  edited: "edited",
  filling: "Older messages here are not in the search index. Your browser is adding them.",
  filled: (/** @type {number} */ n) =>
    plural(
      n,
      "1 older message can be found now.",
      `${NUMBER.format(n)} older messages can be found now.`,
    ),
  fill: "Make older messages findable",
};

export const searchStrings = { ...lateStrings, search };
