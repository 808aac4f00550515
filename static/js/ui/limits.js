/**
 * Limits on the cost of showing other people's text. Every view that shows such text goes through
 * here, so that no message, name or preview freezes a page.
 */

/** Of a message, shown at once; the rest is behind a button. */
export const CHARACTERS = 4000;
/** The longest run of letters without a break; a longer one may be broken there. */
export const RUN = 500;
/** The most combining marks on one letter; further ones become one replacement character. */
export const MARKS = 8;
/** Of a name, and of one line out of a message. */
export const NAME = 120;
export const PREVIEW = 280;
/** Files of one message, as the protocol has it. */
export const FILES = 10;

const TOO_MANY_MARKS = new RegExp(`(\\p{M}{${MARKS}})\\p{M}+`, "gu");

/** The text without excess combining marks. @param {string} text */
export const fewerMarks = (text) => text.replace(TOO_MANY_MARKS, "$1\uFFFD");

/** One line of a text, for names and previews. @param {string} text @param {number} [most]
 * characters */
export function brief(text, most = NAME) {
  const start = cutAt(text, most * 2);
  const line = fewerMarks(start.replace(/\s+/gu, " ").trim());
  const end = cutAt(line, most);
  return end.length < line.length || start.length < text.length ? `${end.trimEnd()}…` : line;
}

/** A text in parts between which a line may be broken, where it has no place of its own.
 * @param {string} text @returns {string[]} */
export function breakable(text) {
  /** @type {string[]} */
  const parts = [];
  let begin = 0; // of this part
  let run = 0; // the start of the present run without a break
  for (let at = 0; at < text.length; at += 1) {
    if (isSpace(text.charCodeAt(at))) run = at + 1;
    else if (at - run >= RUN && !isInside(text, at)) {
      parts.push(text.slice(begin, at));
      begin = at;
      run = at;
    }
  }
  return [...parts, text.slice(begin)];
}

/** The first characters, without splitting one. @param {string} text @param {number} most */
export function cutAt(text, most) {
  if (text.length <= most) return text;
  return text.slice(0, isInside(text, most) ? most - 1 : most);
}

/** Tells whether a place stands between the two halves of a character, or before a mark.
 * @param {string} text @param {number} at */
const isInside = (text, at) => {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
};

/** @param {number} code */
const isSpace = (code) => code === 32 || (code >= 9 && code <= 13) || code === 0x200b;
