/**
 * What messages contain: a line of words is drawn at once, everything else (marks, quotes, reactions,
 * polls) by a part that is loaded once a message has some.
 */

import { h } from "../dom.js";
import { breakable, brief, CHARACTERS, fewerMarks, PREVIEW } from "../limits.js";
import { loadPart } from "../load-part.js";
import { isInvisible, visible } from "../people/names.js";

/**
 * @typedef {typeof import("./text.js") & typeof import("./long-text.js") &
 *   typeof import("./plain-text.js") & typeof import("./code-block.js") &
 *   typeof import("../timeline/message-parts.js")} Part
 */

/** The part, and its modules each by itself: they would be found one after the other. */
const PART = /** @type {const} */ ([
  () => import("./text.js"),
  () => import("./long-text.js"),
  () => import("./plain-text.js"),
  () => import("./code-block.js"),
  () => import("../timeline/message-parts.js"),
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
  () => import("./page-limits.js"),
  () => import("../scroll-box.js"),
  () => import("../strings/text.js"),
];

/** Of these signs Markdown is made; an address and a list need no other one. */
const MARKS = /[\\`*_~[\]<|@\r\n]|https?:\/\/|www\.|^[\s#>+-]|^\d+[.)]|\s$/i;
const READ = 4; // characters for each one that a preview shows

/** @type {Part | null} */
let part = null;
/** @type {(() => Promise<() => Worker>) | undefined} */
let loadWorker;

/** Loads what draws everything but lines of words; from then on that is drawn at once. */
export async function loadText() {
  const others = IMPORTED.map((load) => load());
  const modules = await Promise.all(PART.map((load) => load()));
  await Promise.all(others);
  part ??= /** @type {Part} */ (Object.assign({}, ...modules));
  if (loadWorker) part.colourWith(loadWorker);
  return part;
}

/** Sets the worker that finds the colours of code.
 * @param {() => Promise<() => Worker>} load loads what starts it */
export function colourWith(load) {
  loadWorker = load;
  part?.colourWith(load);
}

/** Tells whether a text is one line of words, which looks as it was written. @param {string} text */
export const isPlain = (text) =>
  text.length <= CHARACTERS && !MARKS.test(text) && !isInvisible(text);

/** Tells whether some of these texts wait for the part. @param {string[]} texts */
export const lacksText = (texts) => !part && texts.some((text) => text && !isPlain(text));

/** A message's text, the rest of a long one behind a button.
 * @param {string} key of the message and its text @param {string} text
 * @param {string[]} [mentions] names that stand out where an @ is before them
 * @returns {Node[]} */
export function messageText(key, text, mentions) {
  if (text === "") return [];
  if (isPlain(text)) return paragraph(text);
  const draw = (/** @type {Part} */ { longText, renderText }) =>
    longText(key, text, (page) => renderText(page, mentions));
  return drawn(draw, () => paragraph(text.slice(0, CHARACTERS))[0]);
}

/** Draws something of a message that is no text: its quote, its reactions, its poll.
 * @param {(part: Part) => Node} draw @returns {Node[]} */
export const messagePart = (draw) =>
  drawn(
    (loaded) => [draw(loaded)],
    () => h("div"),
  );

/** @param {(part: Part) => Node[]} draw @param {() => HTMLElement} makePlace where it stands once the
 *   part is here @returns {Node[]} */
function drawn(draw, makePlace) {
  if (part) return draw(part);
  const place = makePlace();
  loadPart(loadText).then((loaded) => {
    if (loaded) place.replaceWith(...draw(loaded));
  });
  return [place];
}

/** One line of a text, as its message shows it; until the part is here, as it was written.
 * @param {string} text @param {string[]} [mentions] names that the message mentions */
export function preview(text, mentions) {
  if (part) return part.preview(text, mentions);
  const read = text.slice(0, PREVIEW * READ);
  const line = visible(read.replace(/\s+/gu, " "));
  return brief(read.length < text.length ? `${line}…` : line, PREVIEW);
}

/** Text that is cheap to lay out, whatever it contains. @param {string} text @returns {Node[]} */
export const plain = (text) =>
  breakable(fewerMarks(text)).flatMap((words, at) =>
    at > 0 ? [h("wbr"), new Text(words)] : [new Text(words)],
  );

/** @param {string} text */
export const paragraph = (text) => [h("p", { dir: "auto" }, ...plain(text))];
