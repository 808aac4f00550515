/** One stored message, verified against a room's log and decrypted. Runs in pages and in workers. */

import { decryptMessage, MessageError, openHeader, verifyMessage } from "./message.js";
import { isTombstone } from "./message-row.js";

/** @typedef {import("./message.js").StoredMessage} StoredMessage */
/**
 * @typedef {object} RoomKeys what messages of a room are verified and decrypted with
 * @property {import("./log.js").RoomState} state
 * @property {Map<string, import("./identity.js").OpenedIdentity>} identities by kid
 * @property {Map<number, Uint8Array>} keys by epoch
 *
 * @typedef {object} OpenedMessage
 * @property {"ok" | "erased" | "locked" | "ahead" | "refused"} outcome `erased`: a tombstone that
 *   verifies; `locked`: its key is not here; `ahead`: it names log events that are not here
 * @property {string} id "" if there is none to be read
 * @property {import("./message.js").Header} [header] if it can be read
 * @property {import("./content.js").Content | {t: string}} [content] of outcome "ok"
 */

/**
 * Verifies and decrypts a message.
 * @param {StoredMessage} row
 * @param {RoomKeys} room
 * @param {import("./message.js").Sha256} [hash]
 * @returns {Promise<OpenedMessage>}
 */
export async function openMessage(row, { state, identities, keys }, hash) {
  let opened;
  try {
    opened = await openHeader(row, hash);
    await verifyMessage(row, opened, state, identities);
  } catch (error) {
    const { id = "", header } = opened ?? {};
    const ahead = error instanceof MessageError && error.reason === "ahead";
    return { outcome: ahead ? "ahead" : "refused", id, header };
  }
  const { id, header } = opened;
  if (isTombstone(row)) return { outcome: "erased", id, header };
  const key = keys.get(header.e);
  if (!key) return { outcome: "locked", id, header };
  try {
    const content = await decryptMessage(opened, key);
    return { outcome: "ok", id, header, content };
  } catch {
    return { outcome: "refused", id, header };
  }
}
