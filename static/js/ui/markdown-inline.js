/** What stands within a paragraph: emphasis, code, links and web addresses. See markdown.js. */

/** @typedef {import("./markdown.js").Steps} Steps */
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
 * @typedef {object} Piece a span that is made, or a run of signs that may emphasise
 * @property {Span} [span]
 * @property {string} sign "" for a span
 * @property {number} left signs that mean nothing yet
 * @property {Mark[]} ends @property {Mark[]} begins outermost first
 *
 * @typedef {{type: "strong" | "em" | "del"}} Mark
 * @typedef {object} Run of signs
 * @property {Piece} piece @property {number} length @property {boolean} opens
 * @property {boolean} closes
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
const SIGN = /[\p{P}\p{S}]/u;
const NESTED = 32; // parentheses in an address, and how deep spans stand in one another

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
  /** @type {Map<string, number>} from where on a quotation mark is not to be found */
  #unquoted = new Map();

  /** @param {string} text @param {Steps} steps */
  constructor(text, steps) {
    this.#text = text;
    this.#steps = steps;
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

  /** Pictures are left as they were written. One may stand in another, so their text is only
   * taken once it is known which is the outermost. @param {Piece[]} pieces */
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
    // A piece of its own: what is escaped is not joined to a word that means something.
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

  /** How many of one sign stand here. @param {string} sign */
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
    const target = this.#target(this.#at + 1);
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

  /** `(address)` or `(address "title")` at that place. @param {number} at
   * @returns {{href: string, end: number} | null} */
  #target(at) {
    if (this.#text[at] !== "(") return null;
    const begin = this.#skipSpace(at + 1);
    const end = this.#addressEnd(begin);
    if (end === null) return null;
    const close = this.#titleEnd(this.#skipSpace(end));
    if (close === null || this.#text[close] !== ")") return null;
    const href = this.#text.slice(begin, end).replace(/^<(.*)>$/, "$1");
    return { href: href.replace(/\\([!-/:-@[-`{-~])/g, "$1"), end: close + 1 };
  }

  /** Parentheses may stand in an address in pairs, and not too deep: so no character is looked at
   * more often than that. @param {number} at @returns {number | null} */
  #addressEnd(at) {
    let [depth, end] = [0, at];
    for (; end < this.#text.length; end += 1) {
      const sign = this.#text[end];
      if (sign === "\\") end += 1;
      else if (sign <= " ") break;
      else if (sign === "(") depth += 1;
      else if (sign === ")") depth -= 1;
      if (depth < 0) break;
      if (depth > NESTED) return null;
    }
    this.#steps.add(end - at);
    return depth > 0 ? null : Math.min(end, this.#text.length);
  }

  /** Past a title, if one stands here; null if it is not closed. @param {number} at */
  #titleEnd(at) {
    const sign = this.#text[at];
    if (sign !== '"' && sign !== "'") return at;
    if (at >= (this.#unquoted.get(sign) ?? Number.POSITIVE_INFINITY)) return null;
    const end = this.#text.indexOf(sign, at + 1);
    this.#steps.add((end < 0 ? this.#text.length : end) - at);
    if (end < 0) {
      this.#unquoted.set(sign, at);
      return null;
    }
    return this.#skipSpace(end + 1);
  }

  /** @param {number} at */
  #skipSpace(at) {
    let end = at;
    while (end < this.#text.length && this.#text[end] <= " ") end += 1;
    this.#steps.add(end - at);
    return end;
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

/** Whether signs beside `near` belong to it, seeing what stands on their other side.
 * @param {string} near @param {string} far */
function flanks(near, far) {
  if (near === "" || /\s/u.test(near)) return false;
  return !SIGN.test(near) || far === "" || /\s/u.test(far) || SIGN.test(far);
}

/** An address without what only ends the sentence. @param {string} address */
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

/**
 * Find the signs that belong together, as CommonMark has it. Where nothing was found for a kind of
 * closing run, nobody looks there again: that bounds the work.
 * @param {Run[]} runs @param {Steps} steps
 */
function pair(runs, steps) {
  /** @type {Run[]} */
  let openers = [];
  /** @type {Map<string, number>} how many openers were looked through in vain */
  const bottoms = new Map();
  for (const run of runs) {
    while (run.closes && run.piece.left > 0) {
      const kind = `${run.piece.sign}${run.opens}${run.length % 3}`;
      const bottom = bottoms.get(kind) ?? 0;
      let at = openers.length - 1;
      while (at >= bottom && !matches(openers[at], run)) at -= 1;
      steps.add(openers.length - at);
      if (at < bottom) {
        bottoms.set(kind, openers.length);
        break;
      }
      join(openers[at], run);
      const stays = openers[at].piece.left > 0;
      openers = stays ? truncated(openers, at + 1) : truncated(openers, at);
      for (const [key, low] of bottoms) bottoms.set(key, Math.min(low, openers.length));
    }
    if (run.opens && run.piece.left > 0) openers.push(run);
  }
}

/** @template T @param {T[]} list @param {number} length */
function truncated(list, length) {
  list.length = length;
  return list;
}

/** @param {Run} opener @param {Run} closer */
function matches(opener, closer) {
  if (opener.piece.sign !== closer.piece.sign) return false;
  if (opener.piece.sign === "~") return opener.length === closer.length;
  const both = opener.closes || closer.opens;
  const odd = (opener.length + closer.length) % 3 === 0 && closer.length % 3 !== 0;
  return !(both && odd);
}

/** @param {Run} opener @param {Run} closer */
function join(opener, closer) {
  const two = opener.piece.left >= 2 && closer.piece.left >= 2;
  const { sign } = opener.piece;
  const used = sign === "~" ? opener.length : two ? 2 : 1;
  const mark = /** @type {Mark} */ ({ type: sign === "~" ? "del" : two ? "strong" : "em" });
  opener.piece.left -= used;
  closer.piece.left -= used;
  opener.piece.begins.unshift(mark);
  closer.piece.ends.push(mark);
}

/** The tree that the pieces make: pairs of signs stand properly in one another. What is nested too
 * deep has no emphasis of its own. @param {Piece[]} pieces @returns {Span[]} */
function nest(pieces) {
  /** @type {Span[][]} */
  const open = [[]];
  let flat = 0; // emphasis that is not made, because it is too deep
  for (const { span, sign, left, ends, begins } of pieces) {
    for (const _ of ends) {
      if (flat > 0) flat -= 1;
      else open.pop();
    }
    const here = /** @type {Span[]} */ (open.at(-1));
    if (span) here.push(span);
    if (left > 0) here.push({ type: "text", text: sign.repeat(left) });
    for (const { type } of begins) {
      if (open.length > NESTED || flat > 0) flat += 1;
      else {
        /** @type {Span[]} */
        const spans = [];
        /** @type {Span[]} */ (open.at(-1)).push({ type, spans });
        open.push(spans);
      }
    }
  }
  return open[0];
}
