/** Says that this browser's storage is full, and what is not kept because of it. */

import { h } from "./dom.js";
import { fullStorage as strings } from "./strings/late.js";

const ID = "full-storage";

/** Says it once for each kind of what could not be kept, all in one notice.
 * @param {Set<import("../store/scope.js").Kind>} lacking what could not be kept in this visit */
export function showFullStorage(lacking) {
  document.getElementById(ID)?.remove();
  const close = h("button", { class: "button quiet small", type: "button" }, strings.close);
  const notice = h(
    "div",
    { class: "update-notice storage-notice", id: ID, role: "alert" },
    h("p", {}, h("b", {}, strings.full)),
    h("ul", {}, ...fullStorageText(lacking).map((text) => h("li", {}, text))),
    h("p", {}, strings.free),
    h("div", { class: "row" }, close),
  );
  close.addEventListener("click", () => notice.remove());
  document.body.append(notice);
}

/** Sentences on what is not kept. @param {Set<import("../store/scope.js").Kind>} lacking */
function fullStorageText(lacking) {
  const kinds = /** @type {const} */ (["keys", "draft", "unsent"]);
  return [
    strings.messages,
    ...kinds.filter((kind) => lacking.has(kind)).map((kind) => strings[kind]),
  ];
}
