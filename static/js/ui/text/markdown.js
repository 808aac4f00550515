/**
 * The Markdown that messages may use, as a tree: paragraphs, headings, lists, tasks, tables, quotes
 * and code; emphasis, code, links, web addresses and mentions within them. Everything else stays
 * text, and no words are lost: a block without words is the paragraph that was written.
 *
 * Each character is read a bounded number of times, whatever the message, and every read is
 * counted.
 */

import { inline } from "./markdown-inline.js";
import {
  CODE,
  Fences,
  HEADING,
  InnerLines,
  indentOf,
  isBlank,
  isQuoted,
  isRule,
  marker,
  QUOTE,
  unquoted,
  withoutIndent,
} from "./markdown-lines.js";
import { tableAt } from "./markdown-table.js";

/** @typedef {import("./markdown-inline.js").Span} Span */
/**
 * @typedef {object} Block
 * @property {"paragraph" | "heading" | "code" | "quote" | "list" | "table"} type
 * @property {Span[]} [spans] of a paragraph or heading
 * @property {string} [text] of code
 * @property {string} [label] of code: its language
 * @property {Block[]} [blocks] of a quote
 * @property {Item[]} [items] of a list
 * @property {string} [mark] the sign of a list's first item: `-`, `*`, `+`, `.` or `)`
 * @property {Span[][][]} [rows] of a table, the head first
 * @property {import("./markdown-table.js").Align[]} [align] of a table's columns
 *
 * @typedef {object} Item of a list
 * @property {Block[]} blocks
 * @property {number} [number] of a numbered list, as it was written
 * @property {boolean} [done] of a task
 *
 * @typedef {object} Options
 * @property {Steps} [steps] counts the cost
 * @property {{has: (name: string) => boolean}} [names] that are mentions where an @ stands before them
 */

const DEEPEST = 8;
const LONGEST_LABEL = 200; // characters; more are part of the code
/** Neither words nor code: nothing that a mark could be for. */
const ONLY_MARKS = /^[\s>#*_+|:=-]+$/;
const TASK = /^\[([ xX])\][ \t]+(?=\S)/;

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

/** @param {string} text @param {Options} [options] @returns {Block[]} */
export function parse(text, { steps = new Steps(), names = new Set() } = {}) {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  if (!ONLY_MARKS.test(text) || isBlank(text)) return new Blocks(lines, 0, { steps, names }).all();
  const [first, last] = [lines.findIndex(hasSigns), lines.findLastIndex(hasSigns)];
  return [written(lines.slice(first, last + 1).join("\n"))];
}

/** @param {string} line */
const hasSigns = (line) => !isBlank(line);

/** @param {string} text @returns {Block} */
const written = (text) => ({ type: "paragraph", spans: [{ type: "text", text }] });

class Blocks {
  #lines;
  #depth;
  #options;
  #fences;
  #at = 0;
  #first = true; // no block was read yet

  /** @param {string[]} lines @param {number} depth @param {Required<Options>} options */
  constructor(lines, depth, options) {
    this.#lines = lines;
    this.#depth = depth;
    this.#options = options;
    this.#fences = new Fences(lines);
    for (const line of lines) options.steps.add(line.length + 1);
  }

  all() {
    /** @type {Block[]} */
    const blocks = [];
    while (this.#at < this.#lines.length) {
      if (isBlank(this.#lines[this.#at])) this.#at += 1;
      else {
        blocks.push(this.#next());
        this.#first = false;
      }
    }
    return blocks;
  }

  /** @returns {Block} */
  #next() {
    const line = this.#lines[this.#at];
    if (this.#depth >= DEEPEST) return this.#plain();
    if (CODE.test(line)) return this.#indented();
    const fence = this.#fences.opened(this.#at);
    if (fence) return this.#fenced(fence);
    if (isRule(line)) return this.#asWritten(this.#at + 1);
    if (HEADING.test(line)) return this.#heading(line);
    if (QUOTE.test(line)) return this.#quote();
    return (marker(line) && this.#list()) ?? this.#table() ?? this.#paragraph();
  }

  /** The lines up to one, as a paragraph. @param {number} end @returns {Block} */
  #asWritten(end) {
    const lines = this.#lines.slice(this.#at, end);
    this.#at = end;
    return written(lines.join("\n"));
  }

  /** The rest as plain text, where it is nested too deeply. */
  #plain = () => this.#asWritten(this.#lines.length);

  /** @param {string} text @returns {Span[]} */
  #inline = (text) => inline(text, this.#options);

  /** Code beside other blocks keeps its whole indentation: it may go on what they began.
   * @returns {Block} */
  #indented() {
    const begin = this.#at;
    while (this.#at < this.#lines.length && this.#goesOnAsCode()) this.#at += 1;
    const lines = this.#lines.slice(begin, this.#at);
    const alone = this.#first && this.#lines.slice(this.#at).every(isBlank);
    const code = alone ? lines.map((line) => line.replace(CODE, "")) : lines;
    return { type: "code", text: code.join("\n").trimEnd() };
  }

  /** Blank lines belong to code where more of it follows. */
  #goesOnAsCode() {
    let next = this.#at;
    while (next < this.#lines.length && isBlank(this.#lines[next])) next += 1;
    this.#options.steps.add(next - this.#at);
    if (next === this.#lines.length || !CODE.test(this.#lines[next])) return false;
    this.#at = next;
    return true;
  }

  /** @param {{fence: string, label: string}} opened @returns {Block} */
  #fenced({ fence, label }) {
    const begin = this.#at + 1;
    const indent = indentOf(this.#lines[this.#at]);
    let end = begin;
    while (end < this.#lines.length && !this.#fences.closes(end, fence)) end += 1;
    const lines = this.#lines.slice(begin, end);
    const text = lines.map((line) => withoutIndent(line, indent, true)).join("\n");
    if (isBlank(text)) return this.#asWritten(Math.min(end + 1, this.#lines.length));
    this.#at = end + 1;
    if (label.length > LONGEST_LABEL) return { type: "code", text: `${label}\n${text}` };
    return { type: "code", text, ...(label && { label }) };
  }

  /** @param {string} line @returns {Block} */
  #heading(line) {
    const marks = /** @type {RegExpExecArray} */ (HEADING.exec(line))[0];
    const text = withoutClosing(line.slice(marks.length).trim(), marks);
    if (text === "") return this.#asWritten(this.#at + 1);
    this.#at += 1;
    return { type: "heading", spans: this.#inline(text) };
  }

  /** @returns {Block} */
  #quote() {
    const begin = this.#at;
    const lines = new InnerLines();
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at];
      if (isQuoted(line)) lines.push(unquoted(line));
      else if (isBlank(line) || !lines.inParagraph || this.#interrupts()) break;
      else lines.push(line);
    }
    const blocks = this.#inner(lines.all);
    if (blocks.length > 0) return { type: "quote", blocks };
    const end = this.#at;
    this.#at = begin;
    return this.#asWritten(end);
  }

  /** @param {string[]} lines */
  #inner = (lines) => new Blocks(lines, this.#depth + 1, this.#options).all();

  /** A list; null where the lines are rather a sentence that begins with a number.
   * @returns {Block | null} */
  #list() {
    const begin = this.#at;
    const first = marker(this.#lines[begin]);
    /** @type {{number?: number, lines: string[]}[]} */
    const items = [];
    for (;;) {
      const line = this.#lines[this.#at];
      const here = line === undefined ? null : marker(line);
      if (!here || here.kind !== first?.kind || isRule(line)) break;
      items.push({ number: here.number, lines: this.#itemLines(here.width) });
    }
    const words = items.some(({ lines }) => !lines.every(isBlank));
    if (words && !isSentence(items)) return this.#listOf(items, first?.kind ?? "");
    const end = this.#at;
    this.#at = begin;
    return words ? null : this.#asWritten(end);
  }

  /** @param {{number?: number, lines: string[]}[]} items @param {string} mark @returns {Block} */
  #listOf(items, mark) {
    const made = items.map(({ number, lines }) => {
      const task = TASK.exec(lines[0]);
      if (task) lines[0] = lines[0].slice(task[0].length);
      const done = task ? { done: task[1] !== " " } : {};
      return { blocks: this.#inner(lines), ...(number !== undefined && { number }), ...done };
    });
    return { type: "list", items: made, mark };
  }

  /** One item: its first line, then lines indented as deeply, or continuing its last paragraph.
   * @param {number} width of its marker @returns {string[]} */
  #itemLines(width) {
    const lines = new InnerLines();
    lines.push(this.#lines[this.#at].slice(width));
    for (this.#at += 1; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at];
      if (isBlank(line)) lines.push("");
      else if (indentOf(line) >= width) lines.push(withoutIndent(line, width, lines.inCode));
      else if (!lines.inParagraph || this.#interrupts() || marker(line)) break;
      else lines.push(line);
    }
    return lines.all;
  }

  /** @returns {Block | null} */
  #table() {
    const found = tableAt(this.#lines, this.#at);
    if (!found) return null;
    this.#at = found.end;
    const rows = found.rows.map((row) => row.map(this.#inline));
    return { type: "table", rows, align: found.align };
  }

  /** @returns {Block} */
  #paragraph() {
    const begin = this.#at;
    do this.#at += 1;
    while (
      this.#at < this.#lines.length &&
      !isBlank(this.#lines[this.#at]) &&
      !this.#interrupts() &&
      !tableAt(this.#lines, this.#at)
    );
    const text = this.#lines.slice(begin, this.#at).join("\n");
    return { type: "paragraph", spans: this.#inline(text) };
  }

  /** Tells whether the present line ends the paragraph before it. */
  #interrupts() {
    const line = this.#lines[this.#at];
    if (this.#fences.opened(this.#at)) return true;
    if (HEADING.test(line) || QUOTE.test(line) || isRule(line)) return true;
    const here = marker(line);
    return here !== null && (here.number ?? 1) === 1 && line.trim().length > here.mark.length;
  }
}

/**
 * Tells whether one item is no list: `24. December`, `+ 1 for that`.
 * @param {{number?: number, lines: string[]}[]} items
 */
function isSentence([{ number, lines }, ...others]) {
  if (others.length > 0) return false;
  return number !== undefined || /^\d/.test(lines[0]);
}

/** A heading without as many signs at its end as at its beginning.
 * @param {string} text @param {string} marks */
function withoutClosing(text, marks) {
  const before = text.slice(0, -marks.length);
  const closed = text.endsWith(marks) && (before === "" || /[ \t]$/.test(before));
  return closed ? before.trimEnd() : text;
}
