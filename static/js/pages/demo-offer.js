/** Development only: the button that signs in to the demo account. */

import { h } from "../ui/dom.js";
import { accountStrings as strings } from "../ui/strings/account.js";
import { DEMO_KIT } from "./first-keys.js";
import { startForm } from "./forms.js";
import { safeNext } from "./next-address.js";
import { postForm } from "./site.js";

/** Adds the button to a page. @param {HTMLElement} place */
export function offerDemo(place) {
  place.append(
    h(
      "form",
      { class: "demo", id: "demo", method: "post", action: "/demo/" },
      h("button", { class: "button quiet", type: "submit", id: "demo-submit" }, strings.demo),
      h("p", { class: "field-hint" }, strings.demoAbout),
      h("p", { class: "notice", role: "alert", id: "demo-error", tabindex: "-1", hidden: true }),
    ),
  );
  startForm("demo", () => enterDemo().catch(waitForDemo));
}

/** Signs in to the demo account, and gives its kit to the page of keys. */
export async function enterDemo() {
  const { next, kit } = await postForm("demo/", {});
  sessionStorage.setItem(DEMO_KIT, kit);
  location.assign(safeNext(next));
  return true;
}

/** @param {{code?: string}} error */
function waitForDemo(error) {
  if (error.code !== "demo_not_made") throw error;
  location.assign("/demo/wait/");
  return true;
}
