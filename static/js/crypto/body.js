/**
 * Signed bodies: ASCII JSON with exact keys in a fixed order (docs/protocol.md, "Encodings").
 * A schema is a list of [key, check]; a check throws WireError on a value it does not allow.
 */

import { checkB64, WireError } from "./bytes.js";

/** @typedef {(value: unknown) => void} Validator */
/** @typedef {ReadonlyArray<readonly [string, Validator]>} Schema */

const MAX_BODY = 4096;
const STRING = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** @param {boolean} right @param {string} otherwise */
function must(right, otherwise) {
  if (!right) throw new WireError(otherwise);
}

/** @param {number} [low] @param {number} [high] @returns {Validator} */
export const integer =
  (low = 0, high = Number.MAX_SAFE_INTEGER) =>
  (value) =>
    must(
      Number.isSafeInteger(value) && Number(value) >= low && Number(value) <= high,
      "not an integer in range",
    );

/** Makes a check for exactly one of these values.
 * @param {...(string | number)} allowed @returns {Validator} */
export const oneOf =
  (...allowed) =>
  (value) =>
    must(
      allowed.some((one) => one === value),
      "not one of the allowed values",
    );

/** Makes a check for base64url without padding.
 * @param {number} size in bytes @returns {Validator} */
export const b64Of = (size) => (value) => checkB64(value, size);

/** Makes a check for the empty string or a value that passes `inner`.
 * @param {Validator} inner @returns {Validator} */
export const orEmpty = (inner) => (value) => {
  if (value !== "") inner(value);
};

/** Makes a check for an array of exactly two values.
 * @param {Validator} first @param {Validator} second @returns {Validator} */
export const pair = (first, second) => (value) => {
  must(Array.isArray(value) && value.length === 2, "not a pair");
  const [a, b] = /** @type {unknown[]} */ (value);
  first(a);
  second(b);
};

/** Makes a check for an object with exactly these keys in this order.
 * @param {Schema} schema @returns {Validator} */
export const object = (schema) => (value) => checkObject(value, schema);

/** Checks an id: 16 bytes as 32 lower-case hex characters. @type {Validator} */
export const ident = (value) =>
  must(typeof value === "string" && /^[0-9a-f]{32}$/.test(value), "not an id");

/** Checks a user name: 3 to 32 of [a-z0-9_.-]. @type {Validator} */
export const userName = (value) =>
  must(typeof value === "string" && /^[a-z0-9_.-]{3,32}$/.test(value), "not a user name");

/** Checks a hash: 32 bytes in base64url. */
export const hash64 = b64Of(32);
/** Checks a signature: 64 bytes in base64url. */
export const sig64 = b64Of(64);

/**
 * Checks that an object has exactly the schema's keys, in order, with allowed values.
 * @param {unknown} value
 * @param {Schema} schema
 * @returns {void}
 * @throws {WireError}
 */
export function checkObject(value, schema) {
  must(typeof value === "object" && value !== null && !Array.isArray(value), "not an object");
  const found = /** @type {Record<string, unknown>} */ (value);
  const keys = Object.keys(found);
  must(
    keys.length === schema.length && schema.every(([key], at) => keys[at] === key),
    "wrong keys",
  );
  for (const [key, check] of schema) {
    const item = found[key];
    must(typeof item !== "string" || STRING.test(item), "a character that is not allowed");
    check(item);
  }
}

/**
 * Encodes a signed body, keys in the order given, with the checks of a reader.
 * @param {object} value
 * @returns {string} canonical ASCII JSON
 * @throws {WireError} if a reader would refuse it
 */
export function encodeBody(value) {
  const text = JSON.stringify(value);
  must(text.length <= MAX_BODY, "too long");
  checkValue(value);
  return text;
}

const wholeNumber = integer();

/** @param {unknown} value */
function checkValue(value) {
  if (typeof value === "string") must(STRING.test(value), "a character that is not allowed");
  else if (Array.isArray(value)) value.forEach(checkValue);
  else if (typeof value === "object" && value !== null) Object.entries(value).forEach(checkEntry);
  else wholeNumber(value);
}

/** @param {[string, unknown]} entry of an object or array */
function checkEntry([key, value]) {
  must(STRING.test(key), "a character that is not allowed");
  checkValue(value);
}

/**
 * Parses a canonical body of any schema. Serialising again catches white space, escapes, 1.0 and
 * duplicate keys; parsing alone would accept them.
 * @param {unknown} text
 * @returns {unknown}
 * @throws {WireError} if it is not canonical
 */
export function parseCanonical(text) {
  must(typeof text === "string" && text.length <= MAX_BODY, "not a signed body");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked
  must(/^[\x00-\x7f]*$/.test(/** @type {string} */ (text)), "not ASCII");
  let value;
  try {
    value = JSON.parse(/** @type {string} */ (text));
  } catch {
    throw new WireError("not JSON");
  }
  must(JSON.stringify(value) === text, "not in canonical form");
  checkValue(value);
  return value;
}

/**
 * Parses a signed body of a schema.
 * @template {object} [Body=Record<string, unknown>] the form that the schema describes
 * @param {unknown} text
 * @param {Schema} schema
 * @returns {Body}
 * @throws {WireError} if it is not canonical or has another form
 */
export function parseBody(text, schema) {
  const value = parseCanonical(text);
  checkObject(value, schema);
  return /** @type {Body} */ (value);
}
