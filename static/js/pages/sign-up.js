/** The sign-up page. Where new accounts need an invitation link, it proves that this tab has one: the
 * link itself stays here; the server gets its id, and a signature over the user name. A sign-up link,
 * which an administrator made, has its secret in the fragment: the form brings it. */

import { deriveInvite } from "../crypto/invite.js";
import { linkSecret, parseLink } from "../crypto/link-secret.js";
import { signRegistration } from "../crypto/proofs.js";
import { byId } from "../ui/dom.js";
import { startPasswordReveals } from "../ui/password-field.js";
import { accountStrings as strings } from "../ui/strings/account.js";
import { NEW_ACCOUNT, warnIfInsecure } from "./first-keys.js";
import { startForm } from "./forms.js";
import { savedInvitationLink } from "./invitation-link.js";
import { namedNext, safeNext } from "./next-address.js";
import { fetchSite, makeApi, postForm } from "./site.js";

// Removes the secret from the address bar first and stores it nowhere.
const link = linkSecret(location.hash);
if (location.hash) history.replaceState(null, "", location.pathname + location.search);
startPasswordReveals();
warnIfInsecure();
sessionStorage.removeItem(NEW_ACCOUNT);
const { me, registration } = await fetchSite();
if (me) location.replace("/rooms/");
const hasLink = link !== "" && (await showLink());
const isInvited = registration === "invited" && !hasLink;
const secret = isInvited ? secretOfTab() : null;
byId("link-kept").hidden = !secret;
byId("link-needed").hidden = !isInvited || !!secret;
byId("sign-up").hidden = isInvited && !secret;
if (registration === "closed" && !hasLink) byId("sign-up-page").dataset.state = "ended";

/** @returns {Uint8Array | null} */
function secretOfTab() {
  try {
    return parseLink(savedInvitationLink());
  } catch {
    return null;
  }
}

/** Says what the sign-up link offers, or why it is none. @returns {Promise<boolean>} if it is one */
async function showLink() {
  try {
    const { administrator } = await makeApi().post("auth/register/look", { secret: link });
    const text = administrator ? strings.linkOfAdministrator : strings.linkOfSite;
    byId("site-link").textContent = text;
    byId("site-link").hidden = false;
    return true;
  } catch (error) {
    byId("link-problem").textContent = error.message || strings.failedKept;
    byId("link-problem").hidden = false;
    return false;
  }
}

addEventListener("hashchange", () => location.reload()); // a link, pasted into this tab
startForm("sign-up", async (fields) => {
  const name = fields.username.trim().toLowerCase();
  const proof = hasLink ? { link } : secret ? await proofFor(secret, name) : {};
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
