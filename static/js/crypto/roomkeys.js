/** Keys derived from a room's epoch key, and the wraps that deliver that key to members. */

import { encodeBody } from "./body.js";
import { hkdf, hkdfAes } from "./box.js";
import { b64, concat, unb64, unhex, WireError } from "./bytes.js";
import { pae } from "./hash.js";
import { RSA } from "./identity.js";

const WRAP_BYTES = 384;

/** @param {Uint8Array} key @param {string} room @param {string} info */
const derive = async (key, room, info) => hkdf(key, unhex(room), `sotto/v1/${info}`);

/**
 * Returns the commitment to an epoch key, as in the log.
 * @param {Uint8Array} key
 * @param {string} room
 * @param {number} e
 * @returns {Promise<string>} b64
 */
export const kcv = async (key, room, e) => b64(await derive(key, room, `kcv|${e}`));

/**
 * Derives the key of one message.
 * @param {Uint8Array} key K_e
 * @param {string} room
 * @param {number} e
 * @param {string} uid
 * @param {string} dev
 * @param {number} n
 * @returns {Promise<Uint8Array>} 32 bytes
 */
export const messageKey = (key, room, e, uid, dev, n) =>
  derive(key, room, messageInfo({ e, uid, dev, n }));

/** @typedef {{e: number, uid: string, dev: string, n: number}} MessagePlace */

/** @param {MessagePlace} place */
const messageInfo = ({ e, uid, dev, n }) => `msg|${e}|${uid}|${dev}|${n}`;

/**
 * Derives the key of one message for use: its bytes are those of `messageKey`.
 * @param {Uint8Array} key K_e
 * @param {MessagePlace & {room: string}} header
 * @param {"encrypt" | "decrypt"} use
 * @returns {Promise<CryptoKey>}
 */
export const messageAes = async (key, header, use) =>
  hkdfAes(key, unhex(header.room), `sotto/v1/${messageInfo(header)}`, use);

/**
 * Derives the key of the room's profile.
 * @param {Uint8Array} key K_e
 * @param {string} room
 * @param {number} e
 * @returns {Promise<Uint8Array>} 32 bytes
 */
export const profileKey = (key, room, e) => derive(key, room, `profile|${e}`);

/**
 * Derives the key that seals links' keys.
 * @param {Uint8Array} key K_e
 * @param {string} room
 * @param {number} e
 * @returns {Promise<Uint8Array>} 32 bytes
 */
export const escrowKey = (key, room, e) => derive(key, room, `escrow|${e}`);

/**
 * Derives the search key of a generation.
 * @param {Uint8Array} key of epoch g
 * @param {string} room
 * @param {number} g
 * @returns {Promise<Uint8Array>} 32 bytes
 */
export const searchKey = (key, room, g) => derive(key, room, `search|${g}`);

/**
 * Derives the key of a summary of epochs a to b. It needs the keys of all of them.
 * @param {Uint8Array[]} keys K_a … K_b
 * @param {string} room
 * @param {number} a
 * @param {number} b
 * @returns {Promise<Uint8Array>} 32 bytes
 * @throws {WireError} if a key is missing
 */
export function summaryKey(keys, room, a, b) {
  if (keys.length !== b - a + 1) throw new WireError("not all keys");
  return derive(concat(...keys), room, `summary|${a}|${b}`);
}

/** @typedef {{room: string, e: number, to: string}} WrapContext */

/** @param {WrapContext} context */
const wrapLabel = ({ room, e, to }) => pae("wrap", encodeBody({ v: 1, room, e, to }));

/** @param {Uint8Array} label */
const oaep = (label) => ({ name: "RSA-OAEP", label: /** @type {BufferSource} */ (label) });

/**
 * Encrypts an epoch key to a member.
 * @param {Uint8Array} key K_e
 * @param {WrapContext} context
 * @param {Uint8Array} spki of the member
 * @returns {Promise<string>} ct, b64
 */
export const wrapKey = (key, context, spki) => oaepSeal(spki, wrapLabel(context), key);

/**
 * Encrypts with RSA-OAEP under a label.
 * @param {Uint8Array} spki
 * @param {Uint8Array} label
 * @param {Uint8Array} plain
 * @returns {Promise<string>} b64
 */
export async function oaepSeal(spki, label, plain) {
  const der = /** @type {BufferSource} */ (spki);
  const rsa = await crypto.subtle.importKey("spki", der, RSA, false, ["encrypt"]);
  const bytes = /** @type {BufferSource} */ (plain);
  return b64(new Uint8Array(await crypto.subtle.encrypt(oaep(label), rsa, bytes)));
}

/**
 * Decrypts an epoch key. The caller compares it with the log's commitment.
 * @param {string} ct b64
 * @param {WrapContext} context
 * @param {CryptoKey} privateKey
 * @returns {Promise<Uint8Array>} 32 bytes
 * @throws {WireError}
 */
export async function unwrapKey(ct, context, privateKey) {
  const key = await oaepOpen(privateKey, wrapLabel(context), unb64(ct, WRAP_BYTES));
  if (key.length !== 32) throw new WireError("not a key");
  return key;
}

const KEY_BYTES = 32;

/**
 * Decrypts a key with RSA-OAEP under a label.
 * @param {CryptoKey} privateKey
 * @param {Uint8Array} label
 * @param {Uint8Array} ct
 * @returns {Promise<Uint8Array>}
 * @throws {WireError}
 */
export async function oaepOpen(privateKey, label, ct) {
  const sealed = /** @type {BufferSource} */ (ct);
  let key;
  try {
    key = new Uint8Array(await crypto.subtle.decrypt(oaep(label), privateKey, sealed));
  } catch {
    throw new WireError("does not open");
  }
  if (key.length < KEY_BYTES && (await stripsZeros())) {
    return concat(new Uint8Array(KEY_BYTES - key.length), key);
  }
  return key;
}

/** @type {Promise<boolean> | undefined} */
let strips;

/** Tells whether this browser takes leading zeros from what it decrypts, as WebKitGTK does. Asked only
 * once a key is too short: elsewhere that one is refused. @returns {Promise<boolean>} */
function stripsZeros() {
  strips ??= decryptZero().then(
    (zero) => zero.length === 0,
    () => false,
  );
  return strips;
}

async function decryptZero() {
  const algorithm = { ...RSA, modulusLength: 2048 };
  const pair = await crypto.subtle.generateKey(algorithm, false, ["encrypt", "decrypt"]);
  const name = "RSA-OAEP";
  const sealed = await crypto.subtle.encrypt({ name }, pair.publicKey, new Uint8Array(1));
  return new Uint8Array(await crypto.subtle.decrypt({ name }, pair.privateKey, sealed));
}

/**
 * Tells whether a key is the one that the log committed to.
 * @param {Uint8Array} key
 * @param {string} room
 * @param {number} e
 * @param {string | undefined} want kcv, b64
 * @returns {Promise<boolean>}
 */
export const matchesCommitment = async (key, room, e, want) =>
  want !== undefined && (await kcv(key, room, e)) === want;
