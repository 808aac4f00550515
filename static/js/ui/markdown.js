/**
 * The Markdown that messages may use, as a tree: paragraphs, headings, lists, quotes, code, rules;
 * emphasis, code, links and web addresses within them. Everything else stays text.
 *
 * Each character is read a bounded number of times, whatever the message, and every read is
 * counted.
 */

import { inline } from "./markdown-inline.js";

/**
 * @typedef {object} Block
 * @property {"paragraph" | "heading" | "code" | "quote" | "list"} type
 * @property {import("./markdown-inline.js").Span[]} [spans] of a paragraph or heading
 * @property {string} [text] of code
 * @property {Block[]} [blocks] of a quote
 * @property {Block[][]} [items] of a list
 * @property {number} [start] of a numbered list
 */

const DEEPEST = 8;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}#{1,6}(?=[ \t]|$)/;
const QUOTE = /^ {0,3}>[ \t]?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?=[ \t]|$)([ \t]*)/;
const CODE = /^(?: {4}| {0,3}\t)/;

/** Counts the cost of parsing, in characters read. */
export class Steps {
  count = 0;
  #most;

  /** @param {number} [most] */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** @param {number} many @throws {RangeError} where it is more than may be spent */
  add(many) {
    this.count += many;
    if (this.count > this.#most) throw new RangeError("this text is too costly to parse");
  }
}

/** @param {string} text @param {Steps} [steps] @returns {Block[]} */
export const parse = (text, steps = new Steps()) =>
  new Blocks(text.replace(/\r\n?/g, "\n").split("\n"), 0, steps).all();

class Blocks {
  #lines;
  #depth;
  #steps;
  #at = 0;

  /** @param {string[]} lines @param {number} depth @param {Steps} steps */
  constructor(lines, depth, steps) {
    this.#lines = lines;
    this.#depth = depth;
    this.#steps = steps;
    for (const line of lines) steps.add(line.length + 1);
  }

  all() {
    /** @type {Block[]} */
    const blocks = [];
    while (this.#at < this.#lines.length) {
      if (isBlank(this.#lines[this.#at])) this.#at += 1;
      else blocks.push(this.#next());
    }
    return blocks;
  }

  /** @returns {Block} */
  #next() {
    const line = this.#lines[this.#at];
    if (this.#depth >= DEEPEST) return this.#plain();
    if (CODE.test(line)) return this.#indented();
    if (FENCE.test(line)) return this.#fenced();
    if (HEADING.test(line)) return this.#heading(line);
    if (isRule(line)) {
      this.#at += 1;
      return { type: "paragraph", spans: [{ type: "text", text: line.trim() }] };
    }
    if (QUOTE.test(line)) return this.#quote();
    if (ITEM.test(line)) return this.#list();
    return this.#paragraph();
  }

  /** The rest as plain text, where it is nested too deeply. @returns {Block} */
  #plain() {
    const text = this.#lines.slice(this.#at).join("\n");
    this.#at = this.#lines.length;
    return { type: "paragraph", spans: [{ type: "text", text }] };
  }

  /** @returns {Block} */
  #indented() {
    const begin = this.#at;
    while (this.#at < this.#lines.length && this.#goesOnAsCode()) this.#at += 1;
    const lines = this.#lines.slice(begin, this.#at).map((line) => line.replace(CODE, ""));
    return { type: "code", text: lines.join("\n").trimEnd() };
  }

  /** Blank lines belong to code where more of it follows. */
  #goesOnAsCode() {
    let next = this.#at;
    while (next < this.#lines.length && isBlank(this.#lines[next])) next += 1;
    this.#steps.add(next - this.#at);
    if (next === this.#lines.length || !CODE.test(this.#lines[next])) return false;
    this.#at = next;
    return true;
  }

  /** @returns {Block} */
  #fenced() {
    const [, fence] = /** @type {RegExpExecArray} */ (FENCE.exec(this.#lines[this.#at]));
    const begin = this.#at + 1;
    let end = begin;
    while (end < this.#lines.length && !closes(this.#lines[end], fence)) end += 1;
    this.#at = end + 1;
    return { type: "code", text: this.#lines.slice(begin, end).join("\n") };
  }

  /** @param {string} line @returns {Block} */
  #heading(line) {
    this.#at += 1;
    const text = withoutClosing(line.replace(HEADING, "").trim());
    return { type: "heading", spans: inline(text, this.#steps) };
  }

  /** @returns {Block} */
  #quote() {
    /** @type {string[]} */
    const lines = [];
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at];
      if (QUOTE.test(line)) lines.push(line.replace(QUOTE, ""));
      else if (isBlank(line) || isBlank(lines.at(-1) ?? "") || interrupts(line)) break;
      else lines.push(line);
    }
    return { type: "quote", blocks: this.#inner(lines) };
  }

  /** @param {string[]} lines */
  #inner = (lines) => new Blocks(lines, this.#depth + 1, this.#steps).all();

  /** @returns {Block} */
  #list() {
    const first = marker(this.#lines[this.#at]);
    /** @type {Block[][]} */
    const items = [];
    for (;;) {
      const line = this.#lines[this.#at];
      const here = line === undefined ? null : marker(line);
      if (!here || here.kind !== first?.kind || isRule(line)) break;
      items.push(this.#item(here.width));
    }
    const start = first?.number;
    return { type: "list", items, ...(start !== undefined && { start }) };
  }

  /** One item: its first line, then lines indented as deeply, or continuing its last paragraph.
   * @param {number} width of its marker @returns {Block[]} */
  #item(width) {
    const lines = [this.#lines[this.#at].slice(width)];
    for (this.#at += 1; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at];
      if (isBlank(line)) lines.push("");
      else if (indentOf(line) >= width) lines.push(line.slice(width));
      else if (isBlank(lines.at(-1) ?? "") || interrupts(line) || ITEM.test(line)) break;
      else lines.push(line);
    }
    return this.#inner(lines);
  }

  /** @returns {Block} */
  #paragraph() {
    const begin = this.#at;
    do this.#at += 1;
    while (
      this.#at < this.#lines.length &&
      !isBlank(this.#lines[this.#at]) &&
      !interrupts(this.#lines[this.#at])
    );
    const lines = this.#lines.slice(begin, this.#at);
    const text = lines.join("\n").trim();
    if (isTable(lines)) return { type: "paragraph", spans: [{ type: "text", text }] };
    return { type: "paragraph", spans: inline(text, this.#steps) };
  }
}

/** @param {string} line */
const isBlank = (line) => line.trim() === "";

/** Tells whether lines are a table, which is left as it was written. @param {string[]} lines */
const isTable = ([, line = ""]) =>
  line.includes("|") && line.includes("-") && /^[ \t|:-]+$/.test(line);

/** Returns the indentation of a line, in columns. @param {string} line */
const indentOf = (line) => line.length - line.trimStart().length;

/** Tells whether a line ends the paragraph before it. @param {string} line */
function interrupts(line) {
  if (FENCE.test(line) || HEADING.test(line) || QUOTE.test(line) || isRule(line)) return true;
  const here = marker(line);
  return here !== null && (here.number ?? 1) === 1 && line.trim().length > here.mark.length;
}

/** @param {string} line
 * @returns {{kind: string, mark: string, number?: number, width: number} | null} */
function marker(line) {
  const found = ITEM.exec(line);
  if (!found) return null;
  const [all, before, mark, after] = found;
  const spaces = after.length > 4 || all.length === line.length ? 1 : after.length;
  const number = mark.length > 1 ? Number(mark.slice(0, -1)) : undefined;
  const width = before.length + mark.length + spaces;
  return { kind: mark.slice(-1), mark, width, ...(number !== undefined && { number }) };
}

/** Tells whether a line is a rule: three or more of one sign and nothing else. @param {string} line */
function isRule(line) {
  if (indentOf(line) > 3) return false;
  const signs = line.replace(/[ \t]/g, "");
  return signs.length >= 3 && "-*_".includes(signs[0]) && signs === signs[0].repeat(signs.length);
}

/** @param {string} line @param {string} fence */
function closes(line, fence) {
  const [, mark = ""] = FENCE.exec(line) ?? [];
  return mark[0] === fence[0] && mark.length >= fence.length && line.trim() === mark;
}

/** A heading without the signs that may close it. @param {string} text */
function withoutClosing(text) {
  let end = text.length;
  while (text[end - 1] === "#") end -= 1;
  const closed = end === 0 || text[end - 1] === " " || text[end - 1] === "\t";
  return closed ? text.slice(0, end).trimEnd() : text;
}
