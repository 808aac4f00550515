/** The secret in the fragment of a link: to a room, to a new account, to a new password. */

import { unb64, WireError } from "./bytes.js";

/**
 * Finds the secret. Punctuation that was copied with the link is ignored.
 * @param {string} fragment with its #
 * @returns {string} 43 characters of base64; "" if the fragment has none
 */
export const linkSecret = (fragment) =>
  /^#1\.([A-Za-z0-9_-]{43})[_-]*(?![A-Za-z0-9_-])/.exec(fragment)?.[1] ?? "";

/**
 * Returns the secret of an invitation link's fragment.
 * @param {string} fragment with its #
 * @returns {Uint8Array} 32 bytes
 * @throws {WireError} if it is no invitation link
 */
export function parseLink(fragment) {
  const secret = linkSecret(fragment);
  if (!secret) throw new WireError("not an invitation link");
  return unb64(secret, 32);
}
