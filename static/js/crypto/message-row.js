/** Stored messages as the server gives them: their shape, before anything of them is verified. */

import { hash64, ident, integer, oneOf, orEmpty, pair } from "./body.js";
import { WireError } from "./bytes.js";

/** @typedef {import("./message-types.js").StoredMessage} StoredMessage */
/** @typedef {import("./message-types.js").Tombstone} Tombstone */

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
