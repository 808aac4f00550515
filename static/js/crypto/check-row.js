/** The shape of stored messages as the server gives them. */

import { integer } from "./body.js";
import { WireError } from "./bytes.js";
import { isTombstone } from "./message-row.js";

/** @typedef {import("./message-types.js").StoredMessage} StoredMessage */

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
