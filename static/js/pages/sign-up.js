/** Proves that this tab has an invitation link, if new accounts need one. The link itself stays
 * here; the server gets its id, and a signature over the user name. */

import { deriveInvite, parseLink } from "../crypto/invite.js";
import { signRegistration } from "../crypto/proofs.js";
import { byId } from "../ui/dom.js";
import { strings } from "../ui/strings.js";
import { savedInvitationLink } from "./invitation-link.js";

const form = /** @type {HTMLFormElement} */ (byId("sign-up"));
const secret = secretOfTab();

/** @returns {Uint8Array | null} */
function secretOfTab() {
  try {
    return parseLink(savedInvitationLink());
  } catch {
    return null;
  }
}

byId("link-kept").hidden = !secret;
byId("link-needed").hidden = !!secret;
form.hidden = !secret;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!secret) return;
  const fields = /** @type {Record<string, HTMLInputElement>} */ (
    /** @type {unknown} */ (form.elements)
  );
  const name = fields.username.value.trim().toLowerCase();
  try {
    const { iid, skInv } = await deriveInvite(secret);
    fields.iid.value = iid;
    fields.proof.value = await signRegistration(skInv, iid, name);
  } catch {
    byId("enter-hint").textContent = strings.linkNotProven;
    byId("enter-hint").hidden = false;
    return;
  }
  form.submit();
});
