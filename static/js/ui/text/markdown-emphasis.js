/** Pairs runs of `*`, `_` and `~~` into emphasis. See markdown.js. */

/** @typedef {import("./markdown.js").Steps} Steps */
/** @typedef {import("./markdown-inline.js").Span} Span */
/**
 * @typedef {object} Piece a span that is made, or a run of signs that may emphasise
 * @property {Span} [span]
 * @property {string} sign "" for a span
 * @property {number} left signs that mean nothing yet
 * @property {Mark[]} ends @property {Mark[]} begins outermost first
 *
 * @typedef {{type: "strong" | "em" | "del"}} Mark
 * @typedef {object} Run of signs
 * @property {Piece} piece @property {number} at in the text @property {number} length
 * @property {boolean} opens @property {boolean} closes
 */

const NESTED = 32; // the nesting depth of spans
const SCRIPTS = ["Han", "Hira", "Kana", "Hang", "Bopo", "Thai", "Laoo", "Khmr", "Mymr", "Tibt"];
/** Letters of scripts that put no space between words, or particles after them. */
export const UNSPACED = new RegExp(`[${SCRIPTS.map((name) => `\\p{sc=${name}}`).join("")}ー]`, "u");
const WORD = /[\p{L}\p{N}\p{M}]/u;
/** A name between signs in code, such as `__init__`. */
const IDENTIFIER = /_{2,}[A-Za-z0-9](?:[A-Za-z0-9_]{0,60}[A-Za-z0-9])?_{2,}(?![A-Za-z0-9])/y;
/** Signs of paths, patterns and formulas, not of the beginning or the end of a phrase. */
const NO_BEGINNING = /[.,;:)\]}/\\|=&+]/;
const NO_END = /[([{<]/;
const NOT_BEFORE = /[)\]}/\\%$]/;
/** A sign of a pattern: `/*_a_*`. */
const PATTERN_BEFORE = /[/\\][*_~]{1,4}$/;
const WITHIN = { "*": /^[./\\@=][\p{L}\p{N}]/u, _: /^(?:[/\\]|[.@=:([-][\p{L}\p{N}])/u };
const WITHIN_BEFORE = /[\p{L}\p{N}][./\\@=:-]$/u;

/** Tells whether a character belongs to a word that goes on at both of its sides.
 * @param {string} char "" for none */
export const isWord = (char) => WORD.test(char) && !UNSPACED.test(char);

/** The character that ends before a place, "" at the beginning. @param {string} text
 * @param {number} at */
export function charBefore(text, at) {
  const last = text.charCodeAt(at - 1);
  return text.slice(last >= 0xdc00 && last <= 0xdfff ? at - 2 : Math.max(0, at - 1), at);
}

/** @param {string} text @param {number} at */
export const charAt = (text, at) =>
  at < text.length ? String.fromCodePoint(/** @type {number} */ (text.codePointAt(at))) : "";

/** The end of a name between signs that begins at a place; the place itself without one.
 * @param {string} text @param {number} at */
export function identifierEnd(text, at) {
  IDENTIFIER.lastIndex = at;
  return IDENTIFIER.test(text) ? IDENTIFIER.lastIndex : at;
}

/**
 * Tells whether a run of signs may begin or end emphasis. Within words, paths and formulas it does
 * neither: `2*3*4`, `*.txt`, `snake_case`.
 * @param {string} text @param {number} begin @param {number} end of the run
 */
export function roles(text, begin, end) {
  const [before, after] = [charBefore(text, begin), charAt(text, end)];
  const starts = after !== "" && !/\s/u.test(after);
  const stops = before !== "" && !/\s/u.test(before);
  const sign = text[begin];
  if (sign === "~") {
    const two = end - begin === 2;
    return { opens: two && starts, closes: two && stops };
  }
  const within = WITHIN[/** @type {"*" | "_"} */ (sign)];
  const opens =
    !isWord(before) &&
    !NOT_BEFORE.test(before) &&
    !NO_BEGINNING.test(after) &&
    !PATTERN_BEFORE.test(text.slice(Math.max(0, begin - 5), begin)) &&
    !WITHIN_BEFORE.test(text.slice(Math.max(0, begin - 2), begin));
  const closes = !isWord(after) && !NO_END.test(before) && !within.test(text.slice(end, end + 3));
  return { opens: starts && opens, closes: stops && closes };
}

/**
 * Pairs the runs that open and close emphasis, as CommonMark does. A failed search for an opener is
 * not repeated for the same kind of run, which bounds the work.
 * @param {Run[]} runs @param {Steps} steps
 */
export function pair(runs, steps) {
  /** @type {Run[]} */
  let openers = [];
  /** @type {Map<string, number>} how many openers were searched without a match */
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
  const both = opener.closes || closer.opens;
  const odd = (opener.length + closer.length) % 3 === 0 && closer.length % 3 !== 0;
  return opener.piece.sign === "~" || !(both && odd);
}

/** @param {Run} opener @param {Run} closer */
function join(opener, closer) {
  const two = opener.piece.left >= 2 && closer.piece.left >= 2;
  const used = two ? 2 : 1;
  const type = opener.piece.sign === "~" ? "del" : two ? "strong" : "em";
  const mark = /** @type {Mark} */ ({ type });
  opener.piece.left -= used;
  closer.piece.left -= used;
  opener.piece.begins.unshift(mark);
  closer.piece.ends.push(mark);
}

/** Adds a text, in one span with a text before it: where a long word may be broken depends on all of it.
 * @param {Span[]} spans @param {string} text */
function append(spans, text) {
  const last = spans.at(-1);
  if (last?.type === "text") last.text += text;
  else if (text !== "") spans.push({ type: "text", text });
}

/** Builds the tree of spans out of paired pieces. Spans nested too deeply get no emphasis.
 * @param {Piece[]} pieces @returns {Span[]} */
export function nest(pieces) {
  /** @type {Span[][]} */
  const open = [[]];
  let flat = 0; // emphasis that is not made, because it is too deep
  for (const { span, sign, left, ends, begins } of pieces) {
    for (const _ of ends) {
      if (flat > 0) flat -= 1;
      else open.pop();
    }
    const here = /** @type {Span[]} */ (open.at(-1));
    if (span?.type === "text") append(here, span.text ?? "");
    else if (span) here.push(span);
    if (left > 0) append(here, sign.repeat(left));
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
