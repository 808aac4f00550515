/** What is derived from a room's epoch key, and how that key is handed to a member. */

import { encodeBody } from "./body.js";
import { hkdf } from "./box.js";
import { b64, concat, unb64, unhex, WireError } from "./bytes.js";
import { RSA } from "./identity.js";
import { pae } from "./sign.js";

const WRAP_BYTES = 384;

/** @param {Uint8Array} key @param {string} room @param {string} info */
const derive = (key, room, info) => hkdf(key, unhex(room), `sotto/v1/${info}`);

/** The commitment to an epoch's key that stands in the log, b64.
 * @param {Uint8Array} key @param {string} room @param {number} e */
export const kcv = async (key, room, e) => b64(await derive(key, room, `kcv|${e}`));

/** @param {Uint8Array} key @param {string} room @param {number} e @param {string} uid
 * @param {string} dev @param {number} n */
export const messageKey = (key, room, e, uid, dev, n) =>
  derive(key, room, `msg|${e}|${uid}|${dev}|${n}`);

/** @param {Uint8Array} key @param {string} room @param {number} e */
export const profileKey = (key, room, e) => derive(key, room, `profile|${e}`);

/** @param {Uint8Array} key @param {string} room @param {number} e */
export const escrowKey = (key, room, e) => derive(key, room, `escrow|${e}`);

/** @param {Uint8Array} key K of epoch g @param {string} room @param {number} g */
export const searchKey = (key, room, g) => derive(key, room, `search|${g}`);

/** What a summary of epochs a … b is sealed with: who lacks one of their keys lacks this one.
 * @param {Uint8Array[]} keys K_a … K_b, all of them @param {string} room @param {number} a
 * @param {number} b */
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
 * @param {Uint8Array} key K_e @param {WrapContext} context @param {Uint8Array} spki
 * @returns {Promise<string>} ct, b64
 */
export const wrapKey = (key, context, spki) => oaepSeal(spki, wrapLabel(context), key);

/** RSA-OAEP under a label, b64. @param {Uint8Array} spki @param {Uint8Array} label
 * @param {Uint8Array} plain */
export async function oaepSeal(spki, label, plain) {
  const der = /** @type {BufferSource} */ (spki);
  const rsa = await crypto.subtle.importKey("spki", der, RSA, false, ["encrypt"]);
  const bytes = /** @type {BufferSource} */ (plain);
  return b64(new Uint8Array(await crypto.subtle.encrypt(oaep(label), rsa, bytes)));
}

/**
 * K_e, still to be compared with the log's kcv. Throws WireError.
 * @param {string} ct @param {WrapContext} context @param {CryptoKey} privateKey
 */
export async function unwrapKey(ct, context, privateKey) {
  const key = await oaepOpen(privateKey, wrapLabel(context), unb64(ct, WRAP_BYTES));
  if (key.length !== 32) throw new WireError("not a key");
  return key;
}

/** What RSA-OAEP enclosed under the same label. Throws WireError.
 * @param {CryptoKey} privateKey @param {Uint8Array} label @param {Uint8Array} ct */
export async function oaepOpen(privateKey, label, ct) {
  const sealed = /** @type {BufferSource} */ (ct);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(oaep(label), privateKey, sealed));
  } catch {
    throw new WireError("does not open");
  }
}

/** Whether a key is the one that the log committed to.
 * @param {Uint8Array} key @param {string} room @param {number} e @param {string | undefined} want */
export const matchesCommitment = async (key, room, e, want) =>
  want !== undefined && (await kcv(key, room, e)) === want;
