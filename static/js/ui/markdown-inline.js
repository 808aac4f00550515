/** Parses inline Markdown: emphasis, code, links and web addresses. See markdown.js. */

import { flanks, nest, pair, SIGN } from "./markdown-emphasis.js";
import { LinkTargets } from "./markdown-link.js";

/** @typedef {import("./markdown.js").Steps} Steps */
/** @typedef {import("./markdown-emphasis.js").Piece} Piece */
/** @typedef {import("./markdown-emphasis.js").Run} Run */
/**
 * @typedef {object} Span
 * @property {"text" | "break" | "code" | "link" | "strong" | "em" | "del"} type
 * @property {string} [text] of a text or code
 * @property {[number, number]} [from] where that stands, as long as it is not taken
 * @property {string} [href] of a link
 * @property {string} [raw] a link as it was written
 * @property {boolean} [bare] whether a link is an address and nothing else
 * @property {Span[]} [spans] within
 *
 * @typedef {object} Bracket
 * @property {number} at in the text @property {number} piece @property {number} runs before it
 * @property {boolean} image
 */

const SPECIAL = /[\\`*_~[\]!<\nhHwW]/g;
const ADDRESS = /(?:https?:\/\/|www\.)[a-z0-9][^\s<]*/iy;
const ANGLE = /<(https?:\/\/[^\s<>]*)>/iy;
const TRAILING = new Set("?!.,:;*_~'\"");
const PUNCTUATION = /[!-/:-@[-`{-~]/;

/** @param {string} text of a paragraph @param {Steps} steps @returns {Span[]} */
export const inline = (text, steps) => new Inline(text, steps).spans();

class Inline {
  #text;
  #steps;
  #at = 0;
  /** @type {Piece[]} */
  #pieces = [];
  /** @type {Run[]} */
  #runs = [];
  /** @type {Bracket[]} */
  #brackets = [];
  /** @type {Map<number, number[]>} where runs of backticks stand, last first, by length */
  #ticks = new Map();
  #targets;

  /** @param {string} text @param {Steps} steps */
  constructor(text, steps) {
    this.#text = text;
    this.#steps = steps;
    this.#targets = new LinkTargets(text, steps);
    for (const { 0: run, index } of text.matchAll(/`+/g)) {
      const same = this.#ticks.get(run.length);
      if (same) same.push(index);
      else this.#ticks.set(run.length, [index]);
    }
    for (const same of this.#ticks.values()) same.reverse();
    steps.add(text.length);
  }

  spans() {
    while (this.#at < this.#text.length) this.#next();
    pair(this.#runs, this.#steps);
    return this.#nested(this.#pieces);
  }

  /** Pictures stay as they were written. They may be nested, so their text is only taken once the
   * outermost is known.
   * @param {Piece[]} pieces */
  #nested(pieces) {
    for (const { span } of pieces) {
      if (!span?.from) continue;
      const [begin, end] = span.from;
      span.text = this.#text.slice(begin, end);
      this.#steps.add(end - begin);
    }
    return nest(pieces);
  }

  #next() {
    SPECIAL.lastIndex = this.#at;
    const at = SPECIAL.exec(this.#text)?.index ?? this.#text.length;
    this.#steps.add(at - this.#at + 1);
    if (at > this.#at) this.#say(this.#text.slice(this.#at, at));
    this.#at = at;
    if (at === this.#text.length) return;
    const sign = this.#text[at];
    const reader = READERS[sign] ?? "address";
    if (!this[reader]()) {
      this.#say(sign);
      this.#at += 1;
    }
  }

  /** @param {string} text */
  #say(text) {
    const last = this.#pieces.at(-1);
    if (last?.span?.text !== undefined && last.span.type === "text") last.span.text += text;
    else this.#add({ type: "text", text });
  }

  /** @param {Span} span */
  #add(span) {
    this.#pieces.push({ span, sign: "", left: 0, ends: [], begins: [] });
  }

  escape() {
    const next = this.#text[this.#at + 1] ?? "";
    if (next !== "\n" && !PUNCTUATION.test(next)) return false;
    this.#at += 1;
    if (next === "\n") return this.line();
    // A separate piece: an escaped character never joins a word with a meaning.
    this.#add({ type: "text", text: next });
    this.#at += 1;
    return true;
  }

  line() {
    const last = this.#pieces.at(-1)?.span;
    if (last?.type === "text") last.text = last.text?.trimEnd();
    this.#add({ type: "break" });
    this.#at += 1;
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at += 1;
    return true;
  }

  code() {
    const begin = this.#at;
    const length = this.#length("`");
    const same = this.#ticks.get(length) ?? [];
    while (same.length > 0 && /** @type {number} */ (same.at(-1)) <= begin) same.pop();
    const end = same.at(-1);
    if (end === undefined) this.#say("`".repeat(length));
    else {
      const text = this.#text.slice(begin + length, end).replaceAll("\n", " ");
      const padded = text.startsWith(" ") && text.endsWith(" ") && text.trim() !== "";
      this.#add({ type: "code", text: padded ? text.slice(1, -1) : text });
      this.#steps.add(text.length);
    }
    this.#at = end === undefined ? begin + length : end + length;
    return true;
  }

  /** Returns the length of a run of one character. @param {string} sign */
  #length(sign) {
    let end = this.#at;
    while (this.#text[end] === sign) end += 1;
    this.#steps.add(end - this.#at);
    return end - this.#at;
  }

  emphasis() {
    const sign = this.#text[this.#at];
    const length = this.#length(sign);
    const before = charBefore(this.#text, this.#at);
    const after = charAt(this.#text, this.#at + length);
    this.#at += length;
    const left = flanks(after, before);
    const right = flanks(before, after);
    const inWord = sign === "_" && left && right;
    const piece = { sign, left: length, ends: [], begins: [] };
    this.#pieces.push(piece);
    if (sign === "~" && length > 2) return true;
    const opens = left && (!inWord || SIGN.test(before));
    const closes = right && (!inWord || SIGN.test(after));
    if (opens || closes) this.#runs.push({ piece, length, opens, closes });
    return true;
  }

  image() {
    if (this.#text[this.#at + 1] !== "[") return false;
    this.#open(2, true);
    return true;
  }

  open() {
    this.#open(1, false);
    return true;
  }

  /** @param {number} length @param {boolean} image */
  #open(length, image) {
    const [piece, runs] = [this.#pieces.length, this.#runs.length];
    this.#brackets.push({ at: this.#at, piece, runs, image });
    this.#add({ type: "text", text: this.#text.slice(this.#at, this.#at + length) });
    this.#at += length;
  }

  close() {
    const opener = this.#brackets.pop();
    if (!opener) return false;
    const target = this.#targets.read(this.#at + 1);
    if (!target) return false;
    const { href, end } = target;
    const inner = this.#pieces.splice(opener.piece).slice(1).map(withoutLink);
    const runs = this.#runs.splice(opener.runs);
    this.#at = end;
    if (opener.image) this.#add({ type: "text", from: [opener.at, end] });
    else {
      pair(runs, this.#steps);
      const raw = this.#text.slice(opener.at, end);
      this.#steps.add(raw.length);
      this.#add({ type: "link", href, raw, spans: this.#nested(inner) });
      this.#brackets = []; // no link stands in another
    }
    return true;
  }

  angle() {
    ANGLE.lastIndex = this.#at;
    const found = ANGLE.exec(this.#text);
    if (!found) return false;
    const [raw, href] = found;
    this.#add({ type: "link", href, raw, bare: true, spans: [{ type: "text", text: href }] });
    this.#at += raw.length;
    return true;
  }

  address() {
    const before = charBefore(this.#text, this.#at);
    if (/[\p{L}\p{N}/@.-]/u.test(before)) return false;
    ADDRESS.lastIndex = this.#at;
    const found = ADDRESS.exec(this.#text);
    if (!found) return false;
    this.#steps.add(found[0].length);
    const [inside] = this.#brackets.length > 0 ? found[0].split("]", 1) : found;
    const text = withoutTrailing(inside);
    const href = /^www\./i.test(text) ? `http://${text}` : text;
    this.#add({ type: "link", href, raw: text, bare: true, spans: [{ type: "text", text }] });
    this.#at += text.length;
    return true;
  }
}

/** @type {Record<string, "escape" | "code" | "emphasis" | "open" | "close" | "image" | "angle" | "line">} */
const READERS = {
  "\\": "escape",
  "`": "code",
  "*": "emphasis",
  _: "emphasis",
  "~": "emphasis",
  "[": "open",
  "]": "close",
  "!": "image",
  "<": "angle",
  "\n": "line",
};

/** No link stands in another. @param {Piece} piece @returns {Piece} */
const withoutLink = (piece) =>
  piece.span?.type === "link" ? { ...piece, span: { type: "text", text: piece.span.raw } } : piece;

/** The character that ends before a place, "" at the beginning. @param {string} text
 * @param {number} at */
function charBefore(text, at) {
  const last = text.charCodeAt(at - 1);
  return text.slice(last >= 0xdc00 && last <= 0xdfff ? at - 2 : Math.max(0, at - 1), at);
}

/** @param {string} text @param {number} at */
const charAt = (text, at) =>
  at < text.length ? String.fromCodePoint(/** @type {number} */ (text.codePointAt(at))) : "";

/** An address without trailing punctuation of the sentence. @param {string} address */
function withoutTrailing(address) {
  let end = address.length;
  let open = 0; // closing parentheses that have no opening one
  for (const sign of address) open += sign === ")" ? 1 : sign === "(" ? -1 : 0;
  for (; end > 0; end -= 1) {
    const sign = address[end - 1];
    if (sign === ")" && open > 0) open -= 1;
    else if (!TRAILING.has(sign)) break;
  }
  return address.slice(0, end);
}
