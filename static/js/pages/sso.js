/** The page to which single sign-on comes back when something is missing. */

import { byId } from "../ui/dom.js";
import { accountStrings as strings } from "../ui/strings-account.js";
import { startForm } from "./forms.js";
import { safeNext } from "./next-address.js";
import { fetchSite, postForm } from "./site.js";

const problem = new URLSearchParams(location.search).get("problem") ?? "";
await fetchSite();
startForm(
  "sso-code",
  async ({ code }) => {
    const { next } = await postForm("accounts/sso/code/", { code: code.trim() });
    location.replace(safeNext(next));
    return true;
  },
  { bad_code: "code" },
);
if (problem === "second_factor") {
  byId("sso").dataset.state = "ask";
  byId("sso-code-field").focus();
} else {
  const texts = /** @type {Record<string, string>} */ (strings.sso);
  byId("sso-problem").textContent = Object.hasOwn(texts, problem) ? texts[problem] : texts.other;
  byId("sso").dataset.state = "ended";
  byId("sso-ended-title").focus();
}
