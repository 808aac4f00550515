/** Parts of stored messages that are known before anything of them is verified. */

/** @typedef {import("./message-types.js").StoredMessage} StoredMessage */
/** @typedef {import("./message-types.js").Tombstone} Tombstone */

/** Tells whether a row is an erased message's tombstone: it verifies, but cannot be decrypted.
 * @param {StoredMessage} row @returns {row is Tombstone} */
export const isTombstone = (row) => "sha" in row;
