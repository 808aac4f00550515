/** Parses inline Markdown: emphasis, code, links, web addresses, mentions. See markdown.js. */

import { isInvisible } from "../people/names.js";
import { addressAt } from "./markdown-address.js";
import {
  charAt,
  charBefore,
  identifierEnd,
  isWord,
  nest,
  pair,
  roles,
} from "./markdown-emphasis.js";
import { backslashes } from "./markdown-escapes.js";
import { LinkTargets, safeAddress } from "./markdown-link.js";

/** @typedef {import("./markdown.js").Options} Options */
/** @typedef {import("./markdown-emphasis.js").Piece} Piece */
/** @typedef {import("./markdown-emphasis.js").Run} Run */
/**
 * @typedef {object} Span
 * @property {"text" | "break" | "code" | "link" | "mention" | "strong" | "em" | "del"} type
 * @property {string} [text] of a text, code or mention
 * @property {string} [href] of a link, as it was written
 * @property {string} [raw] a link as it was written
 * @property {boolean} [bare] whether a link is an address and nothing else
 * @property {Span[]} [spans] within
 *
 * @typedef {object} Bracket
 * @property {number} at in the text @property {number} piece @property {number} runs before it
 * @property {boolean} image
 */

const SPECIAL = /[\\`*_~[\]!<\n@hHwW]/g;
const ANGLE = /<(https?:\/\/[^\s<>]*)>/iy;
const MENTION = /@([\w.-]{1,65})/y;
const NO_MENTION = /(?:[A-Za-z0-9.@/-]|[A-Za-z0-9]_)$/;
const LONGEST_NAME = 64;
/** A picture's words and its address stand apart from words beside it. */
const JOINED = /[\p{L}\p{N})]/u;
const SIGN = /[!-/:-@[-`{-~]/;

/** @param {string} text of a paragraph @param {Required<Options>} options @returns {Span[]} */
export const inline = (text, options) => new Inline(text, options).spans();

class Inline {
  #text;
  #options;
  #steps;
  #at = 0;
  /** @type {Piece[]} */
  #pieces = [];
  /** @type {Run[]} those that are not paired yet */
  #runs = [];
  /** @type {Run[]} */
  #allRuns = [];
  /** @type {Bracket[]} */
  #brackets = [];
  /** @type {Map<number, number[]>} where runs of backticks stand, last first, by length */
  #ticks = new Map();
  #targets;
  #backslashes;
  #marks;

  /**
   * @param {string} text @param {Required<Options>} options
   * @param {boolean} [plain] whether backslashes are text like any other
   */
  constructor(text, options, plain = false) {
    this.#text = text;
    this.#options = options;
    this.#steps = options.steps;
    this.#targets = new LinkTargets(text, options.steps);
    this.#marks = plain ? new Uint8Array(text.length) : null;
    const marked = (/** @type {string} */ other) => new Inline(other, options, true).#marked();
    this.#backslashes = plain ? null : backslashes(text, marked);
    for (const { 0: run, index } of text.matchAll(/`+/g)) {
      const same = this.#ticks.get(run.length);
      if (same) same.push(index);
      else this.#ticks.set(run.length, [index]);
    }
    for (const same of this.#ticks.values()) same.reverse();
    options.steps.add(text.length);
  }

  spans() {
    this.#readAll();
    return nest(this.#pieces);
  }

  /** Tells which characters are markup: not 0. */
  #marked() {
    this.#readAll();
    const marks = /** @type {Uint8Array} */ (this.#marks);
    for (const { at, length, piece } of this.#allRuns)
      if (piece.left < length) marks.fill(1, at, at + length);
    return marks;
  }

  #readAll() {
    while (this.#at < this.#text.length) this.#next();
    pair(this.#runs, this.#steps);
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

  /** Notes characters that are markup. @param {number} begin @param {number} end */
  #mark(begin, end) {
    this.#marks?.fill(1, begin, end);
  }

  escape() {
    if (!this.#backslashes) return false;
    const at = this.#at;
    const path = this.#backslashes.paths.get(at);
    const end = path ?? at + (SIGN.test(this.#text[at + 1] ?? "") ? 2 : 1);
    this.#steps.add(end - at);
    // A separate piece: an escaped character never joins a word with a meaning.
    const begin = this.#backslashes.escapes.has(at) ? at + 1 : at;
    this.#add({ type: "text", text: this.#text.slice(begin, end) });
    this.#at = end;
    return true;
  }

  line() {
    this.#add({ type: "break" });
    this.#at += 1;
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
      const text = this.#text.slice(begin + length, end);
      const padded = text.startsWith(" ") && text.endsWith(" ") && text.trim() !== "";
      this.#add({ type: "code", text: padded ? text.slice(1, -1) : text });
      this.#mark(begin, begin + length);
      this.#mark(end, end + length);
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
    const at = this.#at;
    const sign = this.#text[at];
    const name = sign === "_" && this.#text[at - 1] !== "_" ? identifierEnd(this.#text, at) : at;
    if (name > at && !isWord(charBefore(this.#text, at))) {
      this.#say(this.#text.slice(at, name));
      this.#steps.add(name - at);
      this.#at = name;
      return true;
    }
    const length = this.#length(sign);
    this.#at += length;
    const { opens, closes } = roles(this.#text, at, this.#at);
    const piece = { sign, left: length, ends: [], begins: [] };
    this.#pieces.push(piece);
    const run = { piece, at, length, opens, closes };
    if (opens || closes) {
      this.#runs.push(run);
      this.#allRuns.push(run);
    }
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
    this.#add({ type: "text", text: "" }); // the bracket stays a piece of its own
    this.#at += length;
  }

  close() {
    const opener = this.#brackets.pop();
    const target = opener && this.#targets.read(this.#at + 1);
    if (!target || !safeAddress(target.href)) return false;
    const { href, title, end } = target;
    this.#mark(opener.at, opener.at + (opener.image ? 2 : 1));
    this.#mark(this.#at, end);
    if (opener.image) this.#picture(opener, href, this.#at);
    else this.#link(opener, href, end);
    if (title) this.#add({ type: "text", text: ` ${title}` });
    if (opener.image && isWord(charAt(this.#text, end))) this.#add({ type: "text", text: " " });
    this.#at = end;
    return true;
  }

  /** A picture is not loaded: it becomes its words and the address. @param {Bracket} opener
   * @param {string} href @param {number} close where its words end */
  #picture({ piece, at }, href, close) {
    const joined = JOINED.test(charBefore(this.#text, at));
    /** @type {Span} */ (this.#pieces[piece].span).text = joined ? " " : "";
    if (close > at + 2) this.#add({ type: "text", text: " " });
    this.#add(bareLink(href, href));
  }

  /** @param {Bracket} opener @param {string} href @param {number} end */
  #link(opener, href, end) {
    const inner = this.#pieces.splice(opener.piece).slice(1).map(withoutLink);
    pair(this.#runs.splice(opener.runs), this.#steps);
    const raw = this.#text.slice(opener.at, end);
    this.#steps.add(raw.length);
    const spans = nest(inner);
    if (isInvisible(wordsOf(spans))) this.#add(bareLink(href, href));
    else this.#add({ type: "link", href, raw, spans });
    this.#brackets = []; // no link stands in another
  }

  angle() {
    ANGLE.lastIndex = this.#at;
    const found = ANGLE.exec(this.#text);
    if (!found || !safeAddress(found[1])) return false;
    const [raw, href] = found;
    this.#add(bareLink(href, href));
    this.#mark(this.#at, this.#at + 1);
    this.#at += raw.length;
    return true;
  }

  address() {
    const before = charBefore(this.#text, this.#at);
    if (isWord(before) || /[/@.-]/.test(before)) return false;
    const text = addressAt(this.#text, this.#at);
    this.#steps.add(text.length);
    const href = /^www\./i.test(text) ? `http://${text}` : text;
    if (!text || !safeAddress(href)) return false;
    this.#add(bareLink(href, text));
    this.#at += text.length;
    return true;
  }

  mention() {
    if (NO_MENTION.test(this.#text.slice(Math.max(0, this.#at - 2), this.#at))) return false;
    MENTION.lastIndex = this.#at;
    const [, word = ""] = MENTION.exec(this.#text) ?? [];
    let name = word.length > LONGEST_NAME ? "" : word.toLowerCase();
    while (name && !this.#options.names.has(name))
      name = /[._-]$/.test(name) ? name.slice(0, -1) : "";
    this.#steps.add(word.length);
    if (!name) return false;
    this.#mark(this.#at, this.#at + 1);
    const end = this.#at + 1 + name.length;
    this.#add({ type: "mention", text: this.#text.slice(this.#at, end) });
    this.#at = end;
    return true;
  }
}

/** @type {Record<string, "escape" | "code" | "emphasis" | "open" | "close" | "image" | "angle" | "line" | "mention">} */
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
  "@": "mention",
};

/** @param {string} href @param {string} text @returns {Span} */
const bareLink = (href, text) => ({
  type: "link",
  href,
  raw: text,
  bare: true,
  spans: [{ type: "text", text }],
});

/** @param {Span[]} spans @returns {string} */
const wordsOf = (spans) =>
  spans.map(({ text = "", spans: inner = [] }) => text + wordsOf(inner)).join("");

/** No link stands in another. @param {Piece} piece @returns {Piece} */
const withoutLink = (piece) =>
  piece.span?.type === "link" ? { ...piece, span: { type: "text", text: piece.span.raw } } : piece;
