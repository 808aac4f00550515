/** The log-in page. */

import { byId } from "../ui/dom.js";
import { startPasswordReveals } from "../ui/password-field.js";
import { NEW_ACCOUNT, warnIfInsecure } from "./first-keys.js";
import { startForm } from "./forms.js";
import { namedNext, safeNext } from "./next-address.js";
import { fetchSite, postForm } from "./site.js";

startPasswordReveals();
warnIfInsecure();
sessionStorage.removeItem(NEW_ACCOUNT);
const { me, registration } = await fetchSite();
if (me) location.replace(safeNext(namedNext()));
byId("sign-up-offer").hidden = registration === "closed";
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
