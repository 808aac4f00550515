/** Parts of stored messages that are known before anything of them is verified. */

import { hash64, ident, integer, oneOf, orEmpty, pair } from "./body.js";

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
