/** The length of one page of a long message. */

import { CHARACTERS, cutAt } from "../limits.js";

/** Of a message, shown at once beside its characters. */
export const LINES = 200;
export const ELEMENTS = 1000;
const NEAR = 200; // characters before the limit in which a page looks for a place to end

/** Tells whether a text is shown whole at once. @param {string} text */
export const isShort = (text) => pageLength(text) === text.length;

/** The length of a text's first page. @param {string} text */
export function pageLength(text) {
  let end = 0;
  for (let line = 0; line < LINES && end >= 0 && end < CHARACTERS; line += 1) {
    const next = text.indexOf("\n", end);
    if (next < 0) return fits(text);
    end = next + 1;
  }
  return end <= CHARACTERS ? end : fits(text);
}

/** Up to the limit of characters, if possible between lines or words. @param {string} text */
function fits(text) {
  if (text.length <= CHARACTERS) return text.length;
  const page = cutAt(text, CHARACTERS);
  const near = Math.max(page.lastIndexOf("\n"), page.lastIndexOf(" ")) + 1;
  return near > page.length - NEAR ? near : page.length;
}
