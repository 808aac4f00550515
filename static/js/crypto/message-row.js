/** Parts of stored messages that are known before anything of them is verified. */

/** @typedef {import("./message-types.js").StoredMessage} StoredMessage */
/** @typedef {import("./message-types.js").Tombstone} Tombstone */

/** Tells whether a row is an erased message's tombstone: it verifies, but cannot be decrypted.
 * @param {StoredMessage} row @returns {row is Tombstone} */
export const isTombstone = (row) => "sha" in row;

/** When a message was sealed, by its header's word; nothing is verified.
 * @param {StoredMessage} row @returns {number} ms, 0 if it says nothing */
export function sentAt({ h }) {
  const [, ts] = /"ts":(\d{1,15})/.exec(h) ?? [];
  return Number(ts ?? 0);
}
