/** Bytes and their encodings. Wire values are strings; bytes are Uint8Array. */

/** What the protocol does not allow. The text is constant: it never quotes the input. */
export class WireError extends Error {
  /** @override */
  name = "WireError";
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** TextEncoder alone would turn a lone surrogate into U+FFFD. @param {string} text */
export const utf8 = (text) => {
  if (LONE_SURROGATE.test(text)) throw new WireError("lone surrogate");
  return encoder.encode(text);
};

/** Strict: broken UTF-8 throws, a BOM stays a character. @param {Uint8Array} bytes */
export function fromUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new WireError("not UTF-8");
  }
}

/** @param {...Uint8Array} parts */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes lower-case hex */
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** @param {string} text */
export function unhex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new WireError("not hex");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** base64url without padding. @param {Uint8Array} bytes */
export function b64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Strict inverse of `b64`: alphabet, no padding, no stray bits.
 * @param {unknown} text
 * @param {number} [size] bytes that it must have
 */
export function unb64(text, size) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new WireError("not base64url");
  }
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
    char.charCodeAt(0),
  );
  if (b64(bytes) !== text || (size !== undefined && bytes.length !== size)) {
    throw new WireError("not base64url of this length");
  }
  return bytes;
}

/** @param {number} size in bytes */
export const randomBytes = (size) => crypto.getRandomValues(new Uint8Array(size));

/** 16 random bytes as 32 hex characters. */
export const newId = () => hex(randomBytes(16));

/** @param {Uint8Array} a @param {Uint8Array} b */
export function equal(a, b) {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at += 1) difference |= a[at] ^ (b[at] ?? 0);
  return difference === 0;
}
