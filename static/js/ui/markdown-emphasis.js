/** Pairs runs of `*`, `_` and `~` into emphasis. See markdown.js. */

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
 * @property {Piece} piece @property {number} length @property {boolean} opens
 * @property {boolean} closes
 */

export const SIGN = /[\p{P}\p{S}]/u;
const NESTED = 32; // the nesting depth of spans

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

/** Tells whether signs are flanking `near`, given what is on their other side.
 * @param {string} near @param {string} far */
export function flanks(near, far) {
  if (near === "" || /\s/u.test(near)) return false;
  return !SIGN.test(near) || far === "" || /\s/u.test(far) || SIGN.test(far);
}
