/**
 * The text of messages: what has no marks is drawn at once, everything else by a part that is loaded
 * once there is such a text.
 */

import { h } from "./dom.js";
import { breakable, brief, CHARACTERS, fewerMarks, PREVIEW } from "./limits.js";
import { loadPart } from "./load-part.js";
import { isInvisible, visible } from "./names.js";

/**
 * @typedef {typeof import("./text.js") & typeof import("./long-text.js") &
 *   typeof import("./plain-text.js") & typeof import("./code-block.js")} Part
 */

/** The part, and its modules each by itself: they would be found one after the other. */
const PART = /** @type {const} */ ([
  () => import("./text.js"),
  () => import("./long-text.js"),
  () => import("./plain-text.js"),
  () => import("./code-block.js"),
]);
const IMPORTED = [
  () => import("./markdown.js"),
  () => import("./markdown-inline.js"),
  () => import("./markdown-lines.js"),
  () => import("./markdown-table.js"),
  () => import("./markdown-address.js"),
  () => import("./markdown-emphasis.js"),
  () => import("./markdown-escapes.js"),
  () => import("./markdown-link.js"),
  () => import("./pages.js"),
];

/** Of these signs Markdown is made; an address and a list need no other one. */
const MARKS = /[\\`*_~[\]<|@\r\n]|https?:\/\/|www\.|^[\s#>+-]|^\d+[.)]|\s$/i;
const READ = 4; // characters for each one that a preview shows

/** @type {Part | null} */
let part = null;
/** @type {(() => Worker) | undefined} */
let makeWorker;

/** Loads what draws texts with marks; from then on they are drawn at once. */
export async function loadText() {
  const others = IMPORTED.map((load) => load());
  const [text, long, plainText, code] = await Promise.all(PART.map((load) => load()));
  await Promise.all(others);
  part ??= /** @type {Part} */ ({ ...text, ...long, ...plainText, ...code });
  if (makeWorker) part.colourWith(makeWorker);
  return part;
}

/** Sets the worker that finds the colours of code. @param {() => Worker} make */
export function colourWith(make) {
  makeWorker = make;
  part?.colourWith(make);
}

/** Tells whether a text is one line of words, which looks as it was written. @param {string} text */
export const isPlain = (text) =>
  text.length <= CHARACTERS && !MARKS.test(text) && !isInvisible(text);

/** Tells whether some of these texts wait for the part. @param {Iterable<string>} texts */
export const lacksText = (texts) => !part && [...texts].some((text) => text && !isPlain(text));

/** A message's text, the rest of a long one behind a button.
 * @param {string} key of the message and its text @param {string} text
 * @param {string[]} [mentions] names that stand out where an @ is before them
 * @returns {Node[]} */
export function messageText(key, text, mentions) {
  if (text === "") return [];
  if (isPlain(text)) return paragraph(text);
  if (part) return drawn(part, key, text, mentions);
  const [place] = paragraph(text.slice(0, CHARACTERS));
  loadPart(loadText).then((loaded) => {
    if (loaded) place.replaceWith(...drawn(loaded, key, text, mentions));
  });
  return [place];
}

/** @param {Part} loaded @param {string} key @param {string} text @param {string[]} [mentions] */
const drawn = ({ longText, renderText }, key, text, mentions) =>
  longText(key, text, (page) => renderText(page, mentions));

/** One line of a text, as its message shows it; until the part is here, as it was written.
 * @param {string} text @param {number} [most] characters */
export function preview(text, most = PREVIEW) {
  if (part) return part.preview(text, most);
  const read = text.slice(0, most * READ);
  const line = visible(read.replace(/\s+/gu, " "));
  return brief(read.length < text.length ? `${line}…` : line, most);
}

/** Text that is cheap to lay out, whatever it contains. @param {string} text @returns {Node[]} */
export const plain = (text) =>
  breakable(fewerMarks(text)).flatMap((words, at) =>
    at > 0 ? [h("wbr"), new Text(words)] : [new Text(words)],
  );

/** @param {string} text */
export const paragraph = (text) => [h("p", { dir: "auto" }, ...plain(text))];
