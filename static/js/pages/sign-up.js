/** The sign-up page. Where new accounts need an invitation link, it proves that this tab has one: the
 * link itself stays here; the server gets its id, and a signature over the user name. */

import { deriveInvite, parseLink } from "../crypto/invite.js";
import { signRegistration } from "../crypto/proofs.js";
import { byId } from "../ui/dom.js";
import { startPasswordReveals } from "../ui/password-field.js";
import { strings } from "../ui/strings.js";
import { NEW_ACCOUNT, warnIfInsecure } from "./first-keys.js";
import { startForm } from "./forms.js";
import { savedInvitationLink } from "./invitation-link.js";
import { namedNext, safeNext } from "./next-address.js";
import { fetchSite, postForm } from "./site.js";

startPasswordReveals();
warnIfInsecure();
sessionStorage.removeItem(NEW_ACCOUNT);
const { me, registration } = await fetchSite();
if (me) location.replace("/rooms/");
const isInvited = registration === "invited";
const secret = isInvited ? secretOfTab() : null;
byId("link-kept").hidden = !secret;
byId("link-needed").hidden = !isInvited || !!secret;
byId("sign-up").hidden = isInvited && !secret;
if (registration === "closed") byId("sign-up-page").dataset.state = "ended";

/** @returns {Uint8Array | null} */
function secretOfTab() {
  try {
    return parseLink(savedInvitationLink());
  } catch {
    return null;
  }
}

startForm("sign-up", async (fields) => {
  const name = fields.username.trim().toLowerCase();
  const proof = secret ? await proofFor(secret, name) : {};
  const sent = { ...fields, ...proof, next: namedNext() };
  const { next } = await postForm("accounts/signup/", sent);
  sessionStorage.setItem(NEW_ACCOUNT, name); // it gets its first keys without a question
  location.assign(safeNext(next));
  return true;
});

/** @param {Uint8Array} link @param {string} name
 * @returns {Promise<Record<string, string>>} */
async function proofFor(link, name) {
  try {
    const { iid, skInv } = await deriveInvite(link);
    return { iid, proof: await signRegistration(skInv, iid, name) };
  } catch {
    throw new Error(strings.linkNotProven);
  }
}
