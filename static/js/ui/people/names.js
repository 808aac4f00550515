/** Names that others gave to files and rooms, and text that would be invisible, made safe to show. */

import { brief, NAME } from "../limits.js";

/** Characters without a shape that are neither controls nor formats: fillers, joiners, selectors. */
const SHAPELESS =
  "\\u034f|\\u115f|\\u1160|\\u17b4|\\u17b5|[\\u180b-\\u180f]|\\u2800|\\u3164|\\uffa0";
const SELECTORS = "[\\ufe00-\\ufe0f]|[\\u{e0100}-\\u{e01ef}]";
/** Controls of the writing direction, of the line, and what has no shape. Joiners stay: Persian
 * words and many emoji need them, and the tags of flags. */
const HIDDEN = new RegExp(
  `[\\p{Cc}\\p{Zl}\\p{Zp}]|${SHAPELESS}|(?!\\u200c|\\u200d|[\\u{e0020}-\\u{e007f}])\\p{Cf}`,
  "gu",
);
const INVISIBLE = new RegExp(`[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Z}\\s]|${SHAPELESS}|${SELECTORS}`, "gu");
export const SPACE = /[\p{Z}\t-\r]+/gu;

/** Tells whether a text shows nothing: it is empty, or all its characters are invisible.
 * @param {string} text */
export const isInvisible = (text) => text.replace(INVISIBLE, "") === "";

/** A text whose hidden characters are written out: U+202E becomes `[U+202E]`. @param {string} text */
export const visible = (text) => text.replace(HIDDEN, codePoint);

const WRITTEN_OUT = 64; // characters of a text without visible ones
const PLAIN_SPACE = /^[ \t\r\n]*$/;

/** A text without visible characters, written out but for spaces; of plain white space nothing is
 * worth it. @param {string} text */
export function invisible(text) {
  if (PLAIN_SPACE.test(text)) return text;
  const all = text.slice(0, WRITTEN_OUT).replace(/[^ \t\r\n]/gu, codePoint);
  return all + (text.length > WRITTEN_OUT ? "…" : "");
}

/** A character written out. @param {string} char */
export function codePoint(char) {
  const code = /** @type {number} */ (char.codePointAt(0));
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}

/** The name of a file, a room or a person as one short line that shows what it contains.
 * @param {string} name @param {number} [most] characters */
export const safeName = (name, most = NAME) => brief(visible(name.replace(SPACE, " ")), most);

/** A room's display name: for a direct one the other person's.
 * @param {Pick<import("../../conversation/chat.js").RoomListItem, "name" | "peer">} room */
export const called = ({ name, peer }) => safeName(peer?.name || name);
