/** What stands in a message once it is open: UTF-8 JSON, not canonical, unknown keys ignored. */

import { b64Of, hash64, ident, integer, pair } from "./body.js";
import { fromUtf8, utf8, WireError } from "./bytes.js";

/** @typedef {import("./body.js").Validator} Validator */

const LONE_SURROGATE = /\p{Surrogate}/u;

/** @type {Validator} */
const text = (value) => {
  if (typeof value !== "string" || LONE_SURROGATE.test(value)) throw new WireError("no text");
};

/** @param {Validator} check @param {number} [least] @param {number} [most] @returns {Validator} */
const listOf =
  (check, least = 0, most = Number.POSITIVE_INFINITY) =>
  (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most)
      throw new WireError("no list, or one of another length");
    for (const item of value) check(item);
  };

/** A message: [seq, id]. */
const ref = pair(integer(1), hash64);
const flag = integer(0, 1);

/** An attachment as the protocol names it; width, height and length in ms may be left out.
 * @type {Validator} */
export const file = (value) => {
  const found = object(value);
  checkKnown(found, {
    id: ident,
    key: b64Of(32),
    size: integer(),
    name: text,
    type: text,
    sha: hash64,
  });
  checkKnown(found, { w: integer(), h: integer(), ms: integer() }, true);
};

/** @type {Record<string, {required: Record<string, Validator>, optional: Record<string, Validator>}>} */
const SHAPES = {
  text: {
    required: { body: text },
    optional: { re: ref, at: listOf(ident), files: listOf(file) },
  },
  edit: { required: { of: ref, body: text }, optional: { at: listOf(ident) } },
  delete: { required: { of: listOf(ref, 1) }, optional: {} },
  react: { required: { of: ref, emoji: text, on: flag }, optional: {} },
  pin: { required: { of: ref, on: flag }, optional: {} },
  poll: { required: { body: text, options: listOf(text, 2, 20), multi: flag }, optional: {} },
  vote: { required: { of: ref, picks: listOf(integer()) }, optional: {} },
};

/** @typedef {[number, string]} Ref */

/**
 * The messages that a content changes: what `re` beside it must name. A text's own `re` is not
 * among them, because a reply changes nothing.
 * @param {Record<string, any> & {t: string}} content @returns {Ref[]}
 */
export function refsOf({ t, of }) {
  if (t === "delete") return of;
  return ["edit", "react", "pin", "vote"].includes(t) ? [of] : [];
}

/** The bytes of a content. What a reader would refuse is never written. @param {object} content */
export function writeContent(content) {
  checkContent(content);
  return utf8(JSON.stringify(content));
}

/** Throws WireError. A `t` that is unknown here passes: its line says "needs a newer version".
 * @param {Uint8Array} bytes @returns {Record<string, any> & {t: string}} */
export function readContent(bytes) {
  let value;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new WireError("not JSON");
  }
  return checkContent(value);
}

/** Whether this version knows what to do with a content. @param {{t: string}} content */
export const isKnown = ({ t }) => Object.hasOwn(SHAPES, t);

/** @param {unknown} value @returns {Record<string, any> & {t: string}} */
function checkContent(value) {
  const content = /** @type {Record<string, unknown> & {t: string}} */ (object(value));
  text(content.t);
  if (isKnown(content)) {
    checkKnown(content, SHAPES[content.t].required);
    checkKnown(content, SHAPES[content.t].optional, true);
  }
  return content;
}

/** @param {Record<string, unknown>} value @param {Record<string, Validator>} checks
 * @param {boolean} [optional] may be left out, but is never null */
function checkKnown(value, checks, optional = false) {
  for (const [key, check] of Object.entries(checks)) {
    if (!optional || Object.hasOwn(value, key)) check(value[key]);
  }
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function object(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError("no content");
  }
  return /** @type {Record<string, unknown>} */ (value);
}
