/** Offers a new version of the site: one click, whenever the person wants. */

import { h } from "./dom.js";
import { lateStrings as strings } from "./strings/late.js";

const ID = "update-notice";

/** @param {() => void} apply loads the new version; the page goes away then */
export const offerUpdate = (apply) => show(strings.update.text, apply);

/** Offers it where the storage has no space for two versions. @param {() => void} apply */
export const offerSparely = (apply) => show(strings.update.full, apply);

/** @param {string} text @param {() => void} apply */
function show(text, apply) {
  document.getElementById(ID)?.remove();
  const use = h("button", { class: "button small", type: "button" }, strings.update.use);
  const later = h("button", { class: "button quiet small", type: "button" }, strings.update.later);
  const notice = h(
    "div",
    { class: "update-notice", id: ID, role: "status" },
    h("p", {}, text),
    h("div", { class: "row" }, use, later),
  );
  use.addEventListener("click", () => {
    use.disabled = true;
    apply();
  });
  later.addEventListener("click", () => notice.remove());
  document.body.append(notice);
}
