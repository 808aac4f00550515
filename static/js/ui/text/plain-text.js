/** The words of a text without its marks: for lists, quotes, pins and search. */

import { brief, PREVIEW } from "../limits.js";
import { invisible, isInvisible, visible } from "../people/names.js";
import { parsed } from "./text.js";

/** @typedef {import("./markdown.js").Block} Block */
/** @typedef {import("./markdown-inline.js").Span} Span */

const READ = 4; // characters for each one that is shown

/** One line of a text, as its message shows it.
 * @param {string} text @param {string[]} [mentions] names that the message mentions */
export function preview(text, mentions) {
  const part = text.slice(0, PREVIEW * READ);
  if (isInvisible(part)) return brief(invisible(part), PREVIEW);
  const words = plainText(part, mentions);
  const line = visible((isInvisible(words) ? part : words).replace(/\s+/gu, " "));
  return brief(part.length < text.length ? `${line}…` : line, PREVIEW);
}

/** The words of a text, a line for each block.
 * @param {string} text @param {string[]} [mentions] names that the message mentions */
export function plainText(text, mentions = []) {
  const blocks = parsed(text, new Set(mentions));
  return blocks ? blocks.map(blockText).join("\n") : text;
}

/** @param {Block} block @returns {string} */
function blockText({
  type,
  spans = [],
  text = "",
  label = "",
  blocks = [],
  items = [],
  rows = [],
  mark = "",
}) {
  if (type === "code") return label ? `${label}\n${text}` : text;
  if (type === "quote") return blocks.map(blockText).join("\n");
  if (type === "list") return items.map((item) => itemText(item, mark)).join("\n");
  if (type === "table") return rows.map((row) => row.map(spanText).join(" | ")).join("\n");
  return spanText(spans);
}

/** @param {import("./markdown.js").Item} item @param {string} mark */
function itemText({ blocks, number, done }, mark) {
  const task = done === undefined ? "" : done ? "☑ " : "☐ ";
  const before = number === undefined ? task || "• " : `${number}${mark} ${task}`;
  return before + blocks.map(blockText).join("\n");
}

/** @param {Span[]} spans @returns {string} */
const spanText = (spans) =>
  spans
    .map(({ type, text = "", spans: inner }) =>
      type === "break" ? "\n" : inner ? spanText(inner) : text,
    )
    .join("");
