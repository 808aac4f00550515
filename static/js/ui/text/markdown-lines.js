/** The first characters of a line that begin a block of Markdown. See markdown.js. */

/**
 * @typedef {object} Marker of a list item
 * @property {string} kind the sign by which items belong to one list
 * @property {string} mark as it is written
 * @property {number} [number] of a numbered item
 * @property {number} width in characters, up to the item's text
 */

export const HEADING = /^#{1,6}(?=[ \t]|$)/;
/** `>>>` is the prompt of a Python session, and an arrow needs no space after it. */
export const QUOTE = /^ {0,3}>(?!>>)(?=[ \t>]|$)[ \t]?/;
export const CODE = /^(?: {4}| {0,3}\t)/;
const ITEM = /^( {0,3})([-*+]|(?:0|[1-9]\d{0,2})[.)])(?=[ \t]|$)([ \t]*)/;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const LABEL = /^[\w+#.-]{0,32}$/;
/** A line of a quote that has begun: it needs no space after its sign, as mail programs quote. */
const QUOTED = /^ {0,3}>[ \t]?/;
/** Marks of quotes and items, one within the other, and the white space after them. */
const WITHIN = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,3}[.)])(?=[ \t])))*[ \t]*/;
const TAB = 4; // columns

/** @param {string} line */
export const isBlank = (line) => line.trim() === "";

/** The lines that open and close blocks of code. */
export class Fences {
  #lines;
  /** @type {Record<string, number>} the last line that can close a block, by sign */
  #last = {};

  /** @param {string[]} lines */
  constructor(lines) {
    this.#lines = lines;
    for (const [at, line] of lines.entries()) {
      const found = FENCE.exec(line);
      if (found && isBlank(found[2])) this.#last[found[1][0]] = at;
    }
  }

  /**
   * The fence and the label of a line that opens a block. More words than a label open one only if
   * a later line closes it: they may be the code itself.
   * @param {number} at @returns {{fence: string, label: string} | null}
   */
  opened(at) {
    const found = FENCE.exec(this.#lines[at]);
    if (!found) return null;
    const [, fence, rest] = found;
    const label = rest.trim();
    if (label.includes(fence[0])) return null;
    const closed = (this.#last[fence[0]] ?? -1) > at;
    return LABEL.test(label) || closed ? { fence, label } : null;
  }

  /** Tells whether a line closes a block. @param {number} at @param {string} fence */
  closes(at, fence) {
    const [, mark = "", rest = "-"] = FENCE.exec(this.#lines[at]) ?? [];
    return mark[0] === fence[0] && mark.length >= fence.length && isBlank(rest);
  }
}

/** The mark that begins a list item; null for none. @param {string} line @returns {Marker | null} */
export function marker(line) {
  const found = ITEM.exec(line);
  if (!found) return null;
  const [all, before, mark, after] = found;
  const spaces = after.length > 4 || all.length === line.length ? 1 : after.length;
  const number = mark.length > 1 ? Number(mark.slice(0, -1)) : undefined;
  const width = before.length + mark.length + spaces;
  return { kind: mark.slice(-1), mark, width, ...(number !== undefined && { number }) };
}

/** Tells whether a line is a rule: three or more of one sign and nothing else. @param {string} line */
export function isRule(line) {
  if (indentOf(line) > 3) return false;
  const signs = line.replace(/[ \t]/g, "");
  return signs.length >= 3 && "-*_".includes(signs[0]) && signs === signs[0].repeat(signs.length);
}

/** The white space before a line's text, in columns. @param {string} line */
export const indentOf = (line) => columns(line, spaceOf(line));

/** The spaces and tabs before a line's text. @param {string} line */
const spaceOf = (line) => line.length - line.replace(/^[ \t]+/, "").length;

/** The columns of a line's first characters. @param {string} line @param {number} characters */
function columns(line, characters) {
  let width = 0;
  for (let at = 0; at < characters; at += 1) width += line[at] === "\t" ? TAB - (width % TAB) : 1;
  return width;
}

/** A line without columns of white space; it may have fewer. What is left of a tab becomes spaces.
 * @param {string} line @param {number} width in columns
 * @param {boolean} [tabs] whether further tabs stay, which are wider then than where they stood */
export function withoutIndent(line, width, tabs = false) {
  const space = spaceOf(line);
  let at = 0;
  while (at < space && (!tabs || columns(line, at) < width)) at += 1;
  return " ".repeat(Math.max(0, columns(line, at) - width)) + line.slice(at);
}

/** A line of a quote without its sign. @param {string} line */
export const unquoted = (line) => line.replace(QUOTED, "");

/** Tells whether a line goes on a quote. @param {string} line */
export const isQuoted = (line) => QUOTED.test(line);

/** The lines of a quote or an item, which end in a paragraph or in something else. Only a paragraph
 * goes on in a line without the marks of what it stands in. */
export class InnerLines {
  /** @type {string[]} */
  all = [];
  #fence = "";
  #inParagraph = false;

  /** True if a block of code is open. */
  get inCode() {
    return this.#fence !== "";
  }

  /** True if the last line belongs to a paragraph. */
  get inParagraph() {
    return this.#inParagraph;
  }

  /** @param {string} line */
  push(line) {
    this.all.push(line);
    const text = line.replace(WITHIN, "");
    const [, mark = "", rest = ""] = FENCE.exec(text) ?? [];
    const opens = mark !== "" && !rest.includes(mark[0]);
    const wasCode = this.inCode;
    if (!wasCode && opens) this.#fence = mark;
    else if (mark[0] === this.#fence[0] && mark.length >= this.#fence.length && isBlank(rest))
      this.#fence = "";
    const paragraph = this.#inParagraph || !CODE.test(line);
    this.#inParagraph =
      !wasCode && !opens && !isBlank(text) && !HEADING.test(text) && !isRule(text) && paragraph;
  }
}

/** Tells whether a line begins something other than a paragraph. @param {string} line */
export const beginsBlock = (line) =>
  HEADING.test(line) || QUOTE.test(line) || isRule(line) || marker(line) !== null;
