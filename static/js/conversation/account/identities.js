/** Identities that a server gives: each counts once it is verified by its own key. */

import { openIdentity } from "../../crypto/identity.js";

/**
 * Opens a server's identities and verifies each by its own key. Throws WireError.
 * @param {{body: string, sig: string}[]} received
 * @param {Map<string, import("../../crypto/identity.js").OpenedIdentity>} known by kid; what is new is added
 */
export async function addIdentities(received, known) {
  for (const identity of received) {
    const opened = await openIdentity(identity);
    known.set(opened.kid, opened);
  }
}
