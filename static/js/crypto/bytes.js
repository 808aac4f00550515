/** Bytes and their encodings. Wire values are strings; bytes are Uint8Array. */

/** Input that the protocol does not allow. The text is constant: it never quotes the input. */
export class WireError extends Error {
  /** @override */
  name = "WireError";
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Encodes a text as UTF-8.
 * @param {string} text
 * @returns {Uint8Array}
 * @throws {WireError} for a lone surrogate, which TextEncoder would replace silently
 */
export const utf8 = (text) => {
  if (!text.isWellFormed()) throw new WireError("lone surrogate");
  return encoder.encode(text);
};

/**
 * Decodes UTF-8. A BOM stays a character.
 * @param {Uint8Array} bytes
 * @returns {string}
 * @throws {WireError} if the bytes are not UTF-8
 */
export function fromUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new WireError("not UTF-8");
  }
}

/**
 * Joins byte arrays.
 * @param {...Uint8Array} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Encodes bytes as lower-case hex.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/**
 * Decodes lower-case hex.
 * @param {string} text
 * @returns {Uint8Array}
 * @throws {WireError}
 */
export function unhex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new WireError("not hex");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/**
 * Encodes bytes as base64url without padding.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function b64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Digits that may end a text whose last byte they fill up with zeros, by how many digits are left over. */
const LAST_DIGITS = ["", "", "AQgw", "AEIMQUYcgkosw048"];

/**
 * Checks base64url strictly: alphabet, no padding, no stray bits.
 * @param {unknown} text
 * @param {number} [size] bytes that it must have
 * @returns {asserts text is string}
 * @throws {WireError}
 */
export function checkB64(text, size) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text))
    throw new WireError("not base64url");
  const over = text.length % 4;
  const whole = over === 0 || (over > 1 && LAST_DIGITS[over].includes(text[text.length - 1]));
  if (!whole) throw new WireError("not base64url");
  if (size !== undefined && Math.floor((text.length * 3) / 4) !== size)
    throw new WireError("not base64url of this length");
}

/**
 * Decodes base64url strictly: alphabet, no padding, no stray bits.
 * @param {unknown} text
 * @param {number} [size] bytes that it must have
 * @returns {Uint8Array}
 * @throws {WireError}
 */
export function unb64(text, size) {
  checkB64(text, size);
  const characters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = characters.charCodeAt(at);
  return bytes;
}

/**
 * Returns random bytes.
 * @param {number} size bytes
 * @returns {Uint8Array<ArrayBuffer>}
 */
export const randomBytes = (size) => crypto.getRandomValues(new Uint8Array(size));

/**
 * Makes a random id.
 * @returns {string} 16 bytes as 32 hex characters
 */
export const newId = () => hex(randomBytes(16));

/**
 * Compares bytes in constant time.
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 * @returns {boolean}
 */
export function equal(a, b) {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at += 1) difference |= a[at] ^ (b[at] ?? 0);
  return difference === 0;
}
