/** The log-in page. */

import { byId } from "../ui/dom.js";
import { startPasswordReveals } from "../ui/password-field.js";
import { accountStrings as strings } from "../ui/strings/account.js";
import { NEW_ACCOUNT, warnIfInsecure } from "./first-keys.js";
import { startForm } from "./forms.js";
import { namedNext, safeNext } from "./next-address.js";
import { canUsePasskeys, usePasskey } from "./passkeys.js";
import { asFields, SecondStep, WAITS } from "./second-step.js";
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
const offer = byId("passkey-offer");
offer.hidden = !canUsePasskeys();
startForm("passkey-start", async () => {
  const { options, state } = await postForm("accounts/passkey/options/", {});
  const passkey = JSON.stringify({ state, credential: await usePasskey(options) });
  const { next } = await postForm("accounts/passkey/", { passkey, next: namedNext() });
  location.assign(safeNext(next));
  return true;
});
const step = new SecondStep("log-in", () => {
  offer.hidden = true; // there is a button for one account's passkeys now
});
startForm(
  "log-in",
  async (fields) => {
    const given = { ...fields, next: namedNext() };
    const answer = await step.send(
      (factor) => postForm("accounts/login/", { ...given, ...asFields(factor) }),
      fields.code,
    );
    if (answer === WAITS) return false;
    location.assign(safeNext(answer.next));
    return true;
  },
  { bad_code: "code" },
);
