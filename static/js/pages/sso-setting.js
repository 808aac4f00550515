/** The setting that links the account with single sign-on, where the site has it. */

import { byId } from "../ui/dom.js";
import { accountStrings as strings } from "../ui/strings/account.js";
import { startForm } from "./forms.js";
import { fetchSite, makeApi, postForm } from "./site.js";

/** Shows the setting, if the operator has named a provider.
 * @param {Promise<{linked: boolean, password: boolean}>} facts of `me/sso`
 * @param {AbortSignal} signal aborted when the settings are left */
export async function startSingleSignOn(facts, signal) {
  const { sso } = await fetchSite();
  if (!sso) return;
  const { linked, password } = await facts;
  if (signal.aborted) return;
  const state = password ? strings.ssoLinked : strings.ssoAlone;
  byId("sso-state").textContent = linked ? state : strings.ssoNotLinked;
  byId("sso-link").hidden = linked;
  byId("sso-link-submit").textContent = strings.ssoLink(sso);
  byId("sso-unlink").hidden = !linked || !password;
  byId("sso-setting").hidden = false;
  startForm(
    "sso-link",
    async ({ password }) => {
      const { next } = await postForm("accounts/sso/", { purpose: "link", password });
      location.assign(next); // at the provider that the operator has named
      return true;
    },
    { bad_password: "password" },
    signal,
  );
  startForm(
    "sso-unlink",
    async ({ password }) => {
      await makeApi().post("me/sso", { password });
      location.reload();
      return true;
    },
    { bad_password: "password" },
    signal,
  );
}
