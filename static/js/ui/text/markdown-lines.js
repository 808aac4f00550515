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

/** The white space before a line's text, in characters. @param {string} line */
export const indentOf = (line) => line.length - line.trimStart().length;

/** Tells whether a line begins something other than a paragraph. @param {string} line */
export const beginsBlock = (line) =>
  HEADING.test(line) || QUOTE.test(line) || isRule(line) || marker(line) !== null;
