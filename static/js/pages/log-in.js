/** The log-in page. */

import { byId } from "../ui/dom.js";
import { startPasswordReveals } from "../ui/password-field.js";
import { accountStrings as strings } from "../ui/strings-account.js";
import { NEW_ACCOUNT, warnIfInsecure } from "./first-keys.js";
import { startForm } from "./forms.js";
import { namedNext, safeNext } from "./next-address.js";
import { fetchSite, postForm } from "./site.js";

startPasswordReveals();
warnIfInsecure();
sessionStorage.removeItem(NEW_ACCOUNT);
const { me, registration, sso } = await fetchSite();
if (me) location.replace(safeNext(namedNext()));
byId("sign-up-offer").hidden = registration === "closed";
byId("sso-offer").hidden = !sso;
byId("sso-start-submit").textContent = strings.ssoLogIn(sso);
startForm("sso-start", async () => {
  const { next } = await postForm("accounts/sso/", { purpose: "log_in", next: namedNext() });
  location.assign(next); // at the provider that the operator has named
  return true;
});
startForm(
  "log-in",
  async (fields) => {
    try {
      const { next } = await postForm("accounts/login/", { ...fields, next: namedNext() });
      location.assign(safeNext(next));
      return true;
    } catch (/** @type {any} */ error) {
      if (error.code !== "second_factor") throw error;
      askForCode();
      return false;
    }
  },
  { bad_code: "code" },
);

/** The password was right: asks for the code of the authenticator app, too. */
function askForCode() {
  byId("log-in-code-field").hidden = false;
  byId("log-in-code").focus();
}
