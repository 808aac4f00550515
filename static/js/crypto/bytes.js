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
export function utf8(text) {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return encodeAny(text);
    bytes[at] = code;
  }
  return bytes;
}

/** TextEncoder takes longer than the loop above for short ASCII, which most texts here are.
 * @param {string} text */
function encodeAny(text) {
  if (!text.isWellFormed()) throw new WireError("lone surrogate");
  return encoder.encode(text);
}

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
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
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
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1)
    bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/**
 * Encodes bytes as base64url without padding.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function b64(bytes) {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let [at, word, bits] = [0, 0, 0];
  for (const byte of bytes) {
    word = ((word << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 6; at += 1) {
      bits -= 6;
      text[at] = DIGITS[(word >> bits) & 63];
    }
  }
  if (bits > 0) text[at] = DIGITS[(word << (6 - bits)) & 63];
  return decoder.decode(text);
}

/** The characters of base64url by value, and the values by character: none are 255. */
const DIGITS = encoder.encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
const VALUES = new Uint8Array(128).fill(255);
for (const [value, digit] of DIGITS.entries()) VALUES[digit] = value;

/**
 * Checks base64url strictly, as `unb64`.
 * @param {unknown} text
 * @param {number} [size] bytes that it must have
 * @returns {asserts text is string}
 * @throws {WireError}
 */
export function checkB64(text, size) {
  unb64(text, size);
}

/**
 * Decodes base64url strictly: alphabet, no padding, no stray bits.
 * @param {unknown} text
 * @param {number} [size] bytes that it must have
 * @returns {Uint8Array}
 * @throws {WireError}
 */
export function unb64(text, size) {
  if (typeof text !== "string") throw new WireError("not base64url");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  if (size !== undefined && bytes.length !== size)
    throw new WireError("not base64url of this length");
  let [at, word, bits] = [0, 0, 0];
  for (let next = 0; next < text.length; next += 1) {
    const value = VALUES[text.charCodeAt(next)];
    if (!(value < 64)) throw new WireError("not base64url");
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = word >> bits;
    at += 1;
  }
  const stray = word & ((1 << bits) - 1);
  if (bits === 6 || stray !== 0) throw new WireError("not base64url");
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
