/** Boxes: AES-256-GCM bound to what they are for, HKDF, and padding that hides lengths. */

import { encodeBody } from "./body.js";
import { b64, concat, randomBytes, unb64, utf8, WireError } from "./bytes.js";
import { pae } from "./hash.js";

const MAX_PLAIN = 65_535;

/**
 * Returns the size of a plaintext after padding.
 * @param {number} length bytes
 * @returns {number} bytes
 * @throws {WireError} above 65,535 bytes
 */
export function paddedSize(length) {
  if (length > MAX_PLAIN) throw new WireError("too long");
  if (length < 1024) return Math.ceil((length + 1) / 64) * 64;
  let size = 2048;
  while (size < length + 1) size *= 2;
  return size;
}

/**
 * Pads a plaintext with 0x80 and zeros, to hide its length.
 * @param {Uint8Array} plain
 * @returns {Uint8Array}
 * @throws {WireError} above 65,535 bytes
 */
export function pad(plain) {
  const padded = new Uint8Array(paddedSize(plain.length));
  padded.set(plain);
  padded[plain.length] = 0x80;
  return padded;
}

/**
 * Removes the padding.
 * @param {Uint8Array} padded
 * @returns {Uint8Array}
 * @throws {WireError} if the padding is not the one that `pad` makes
 */
export function unpad(padded) {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end -= 1;
  if (end < 0 || padded[end] !== 0x80 || paddedSize(end) !== padded.length) {
    throw new WireError("bad padding");
  }
  return padded.subarray(0, end);
}

/**
 * Derives a key with HKDF-SHA-256.
 * @param {Uint8Array} ikm
 * @param {Uint8Array} salt
 * @param {string} info ASCII
 * @param {number} [size] bytes
 * @returns {Promise<Uint8Array>}
 */
export async function hkdf(ikm, salt, info, size = 32) {
  const key = await inputKey(ikm);
  return new Uint8Array(await crypto.subtle.deriveBits(hkdfOf(salt, info), key, size * 8));
}

/**
 * Derives a key of AES-256-GCM, whose bytes are those of `hkdf`, in one call.
 * @param {Uint8Array} ikm
 * @param {Uint8Array} salt
 * @param {string} info ASCII
 * @param {"encrypt" | "decrypt"} use
 * @returns {Promise<CryptoKey>}
 */
export async function hkdfAes(ikm, salt, info, use) {
  const key = await inputKey(ikm);
  return crypto.subtle.deriveKey(hkdfOf(salt, info), key, AES, false, [use]);
}

const AES = { name: "AES-GCM", length: 256 };

/** @param {Uint8Array} salt @param {string} info @returns {HkdfParams} */
const hkdfOf = (salt, info) => ({
  name: "HKDF",
  hash: "SHA-256",
  salt: /** @type {BufferSource} */ (salt),
  info: /** @type {BufferSource} */ (utf8(info)),
});

/** Inputs of HKDF as the browser takes them: a room's key has a derived key for each message.
 * @type {WeakMap<Uint8Array, Promise<CryptoKey>>} */
const imported = new WeakMap();

/** @param {Uint8Array} ikm that never changes */
function inputKey(ikm) {
  const known = imported.get(ikm);
  if (known) return known;
  const bytes = /** @type {BufferSource} */ (ikm);
  const key = crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveBits", "deriveKey"]);
  imported.set(ikm, key);
  return key;
}

/**
 * Encrypts with AES-256-GCM.
 * @param {Uint8Array} key 32 bytes
 * @param {Uint8Array} iv 12 bytes, used once
 * @param {Uint8Array} plain
 * @param {Uint8Array} aad
 * @returns {Promise<Uint8Array>} ciphertext and tag
 */
export async function gcmSeal(key, iv, plain, aad) {
  return aesSeal(await aesKey(key, "encrypt"), iv, plain, aad);
}

/** Encrypts as `gcmSeal`, with a key that is imported or derived.
 * @param {CryptoKey} aes @param {Uint8Array} iv @param {Uint8Array} plain @param {Uint8Array} aad
 * @returns {Promise<Uint8Array>} */
export async function aesSeal(aes, iv, plain, aad) {
  const sealed = await crypto.subtle.encrypt(
    gcm(iv, aad),
    aes,
    /** @type {BufferSource} */ (plain),
  );
  return new Uint8Array(sealed);
}

/**
 * Decrypts with AES-256-GCM.
 * @param {Uint8Array} key 32 bytes
 * @param {Uint8Array} iv 12 bytes
 * @param {Uint8Array} sealed ciphertext and tag
 * @param {Uint8Array} aad
 * @returns {Promise<Uint8Array>}
 * @throws {WireError} if it does not authenticate
 */
export async function gcmOpen(key, iv, sealed, aad) {
  return aesOpen(await aesKey(key, "decrypt"), iv, sealed, aad);
}

/** Decrypts as `gcmOpen`, with a key that is imported or derived.
 * @param {CryptoKey} aes @param {Uint8Array} iv @param {Uint8Array} sealed @param {Uint8Array} aad
 * @returns {Promise<Uint8Array>} @throws {WireError} if it does not authenticate */
export async function aesOpen(aes, iv, sealed, aad) {
  if (iv.length !== 12 || sealed.length < 16) throw new WireError("does not open");
  try {
    const plain = await crypto.subtle.decrypt(
      gcm(iv, aad),
      aes,
      /** @type {BufferSource} */ (sealed),
    );
    return new Uint8Array(plain);
  } catch {
    throw new WireError("does not open");
  }
}

/** @param {Uint8Array} iv @param {Uint8Array} aad @returns {AesGcmParams} */
const gcm = (iv, aad) => ({
  name: "AES-GCM",
  iv: /** @type {BufferSource} */ (iv),
  additionalData: /** @type {BufferSource} */ (aad),
});

/** Imports a key of AES-256-GCM.
 * @param {Uint8Array} key 32 bytes @param {"encrypt" | "decrypt"} use @returns {Promise<CryptoKey>}
 * @throws {WireError} for a key of another length */
export async function aesKey(key, use) {
  if (key.length !== 32) throw new WireError("not a key");
  return crypto.subtle.importKey("raw", /** @type {BufferSource} */ (key), "AES-GCM", false, [use]);
}

/**
 * Seals a plaintext in a box of the protocol. The reader rebuilds the context; it is never sent.
 * @param {Uint8Array} key 32 bytes
 * @param {string} type
 * @param {object} context
 * @param {Uint8Array} plain
 * @returns {Promise<string>} b64
 */
export async function seal(key, type, context, plain) {
  const iv = randomBytes(12);
  const aad = pae(type, encodeBody(context));
  return b64(concat(iv, await gcmSeal(key, iv, plain, aad)));
}

/**
 * Opens a box.
 * @param {Uint8Array} key 32 bytes
 * @param {string} type
 * @param {object} context
 * @param {unknown} box b64
 * @returns {Promise<Uint8Array>}
 * @throws {WireError} if it does not authenticate under this key, type and context
 */
export async function open(key, type, context, box) {
  const bytes = unb64(box);
  if (bytes.length < 12 + 16) throw new WireError("does not open");
  const aad = pae(type, encodeBody(context));
  return gcmOpen(key, bytes.subarray(0, 12), bytes.subarray(12), aad);
}
