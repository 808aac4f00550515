/** Notices that a site was restored from a backup: the operator's statement, not a proof. */

import { integer, oneOf, parseBody } from "./body.js";
import { unb64, WireError } from "./bytes.js";
import { verify } from "./sign.js";

/** @typedef {{body: string, sig: string, key: string}} SignedRestoreNotice `key`: the site's own */
/** @typedef {{backup: number, at: number}} RestoreTimes when the backup was made, and when it was put
 *    in place; ms */

const LATEST = 253_402_300_799_999; // the end of the year 9999: later ones cannot be shown
/** @type {import("./body.js").Schema} */
const SCHEMA = [
  ["v", oneOf(1)],
  ["backup", integer(0, LATEST)],
  ["at", integer(0, LATEST)],
];

/**
 * Parses and verifies a notice.
 * @param {SignedRestoreNotice} given from the server; anything else is refused
 * @returns {Promise<RestoreTimes>}
 * @throws {WireError} it is not what a restored site signs
 */
export async function openRestoreNotice(given) {
  /** @type {RestoreTimes} */
  const { backup, at } = parseBody(given?.body, SCHEMA);
  if (!(await verify(unb64(given.key, 32), "restored", given.body, given.sig))) {
    throw new WireError("bad signature");
  }
  return { backup, at };
}
