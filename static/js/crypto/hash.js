/** Hashes over DSSE's pre-authentication encoding. */

import { b64, concat, utf8 } from "./bytes.js";

/** @typedef {Uint8Array | string} Body bytes, or ASCII text */

/**
 * Returns DSSE's pre-authentication encoding: the input of hashes, signatures and boxes.
 * @param {string} type without `sotto/v1/`
 * @param {Body} body
 * @returns {Uint8Array}
 */
export function pae(type, body) {
  const name = `sotto/v1/${type}`;
  const bytes = typeof body === "string" ? utf8(body) : body;
  return concat(utf8(`DSSEv1 ${name.length} ${name} ${bytes.length} `), bytes);
}

/**
 * Hashes bytes with SHA-256.
 * @param {Uint8Array} bytes
 * @returns {Promise<Uint8Array>} 32 bytes
 */
export const sha256 = async (bytes) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", /** @type {BufferSource} */ (bytes)));

/**
 * Hashes a typed body.
 * @param {string} type
 * @param {Body} body
 * @returns {Promise<Uint8Array>} 32 bytes
 */
export const digest = (type, body) => sha256(pae(type, body));

/**
 * Hashes a typed body.
 * @param {string} type
 * @param {Body} body
 * @returns {Promise<string>} b64
 */
export const hash64 = async (type, body) => b64(await digest(type, body));
