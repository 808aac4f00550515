/** Stored messages as the server gives them: their shape, before anything of them is verified. */

import { hash64, ident, integer, oneOf, orEmpty, pair } from "./body.js";
import { WireError } from "./bytes.js";

/**
 * @typedef {object} Header
 * @property {1} v
 * @property {string} room
 * @property {number} e
 * @property {string} uid
 * @property {string} kid
 * @property {string} dev
 * @property {number} n
 * @property {string} pm id of n - 1, "" for n = 1
 * @property {[number, string]} lh newest log event verified
 * @property {[number, string]} sh highest message held
 * @property {string} cid
 * @property {number} ts ms
 *
 * @typedef {{seq: number, h: string, iv: string, ct: string, sig: string, re?: number[]}} SealedMessage
 * @typedef {{seq: number, h: string, iv: string, sha: string, sig: string, del: number,
 *   re?: number[]}} Tombstone what the server keeps of an erased message: `sha` is b64 SHA-256 of
 *   the ct, `del` the seq of the message that asked for it
 * @typedef {SealedMessage | Tombstone} StoredMessage
 */

/** @type {import("./body.js").Schema} */
export const HEADER = [
  ["v", oneOf(1)],
  ["room", ident],
  ["e", integer(1)],
  ["uid", ident],
  ["kid", hash64],
  ["dev", ident],
  ["n", integer(1)],
  ["pm", orEmpty(hash64)],
  ["lh", pair(integer(), hash64)],
  ["sh", pair(integer(), orEmpty(hash64))],
  ["cid", ident],
  ["ts", integer()],
];

/** Tells whether a row is an erased message's tombstone: it verifies, but cannot be decrypted.
 * @param {StoredMessage} row @returns {row is Tombstone} */
export const isTombstone = (row) => "sha" in row;

/**
 * Checks the shape of a stored message; header, signature and ciphertext are checked later. Keys of
 * a newer server pass.
 * @param {unknown} given
 * @returns {StoredMessage}
 * @throws {WireError}
 */
export function checkStoredMessage(given) {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new WireError("no row");
  const row = /** @type {Record<string, unknown>} */ (given);
  const stored = /** @type {StoredMessage} */ (given);
  integer(1)(row.seq);
  const erased = isTombstone(stored);
  for (const key of ["h", "iv", erased ? "sha" : "ct", "sig"]) {
    if (typeof row[key] !== "string") throw new WireError("no row");
  }
  if (erased) integer(1)(row.del);
  return stored;
}
