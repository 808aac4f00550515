/** The page to which single sign-on comes back when something is missing. */

import { byId } from "../ui/dom.js";
import { accountStrings as strings } from "../ui/strings/account.js";
import { startForm } from "./forms.js";
import { safeNext } from "./next-address.js";
import { asFields, SecondStep, WAITS } from "./second-step.js";
import { fetchSite, postForm } from "./site.js";

const problem = new URLSearchParams(location.search).get("problem") ?? "";
await fetchSite();
const step = new SecondStep("sso-code");
const post = (/** @type {import("./second-step.js").Factor} */ factor) =>
  postForm("accounts/sso/code/", asFields(factor));
startForm(
  "sso-code",
  async ({ code }) => {
    const answer = await step.send(post, code);
    if (answer === WAITS) return false;
    location.replace(safeNext(answer.next));
    return true;
  },
  { bad_code: "code" },
);
if (problem === "second_factor") {
  byId("sso").dataset.state = "ask";
  await step.look(post).catch(() => {}); // the form says what is wrong when it is sent
} else {
  const texts = /** @type {Record<string, string>} */ (strings.sso);
  byId("sso-problem").textContent = Object.hasOwn(texts, problem) ? texts[problem] : texts.other;
  byId("sso").dataset.state = "ended";
  byId("sso-ended-title").focus();
}
