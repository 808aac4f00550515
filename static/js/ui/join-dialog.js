/**
 * A dialog that opens the page of a pasted invitation link. `openJoin()` shows it; the link is not
 * stored.
 */

import { h } from "./dom.js";
import { go } from "./go.js";
import { lateStrings as strings } from "./strings-late.js";

const LINK = /(https?:\/\/)?([\w.-]+(?::\d+)?)\/i(#[\w.-]*\w)/gi;

/**
 * Where an invitation link leads on this server; it may stand anywhere in what was pasted.
 * @param {string} text @param {string} origin this page's
 * @returns {{path: string} | {problem: string}}
 */
export function invitationPath(text, origin) {
  const found = [...text.matchAll(LINK)];
  const here = found.find(
    ([, scheme, host]) => (scheme ?? `${protocol(origin)}//`) + host === origin,
  );
  if (here) return { path: `/i${here[3]}` };
  const other = found.find(([, scheme]) => scheme);
  return { problem: other ? strings.otherServer(other[2]) : strings.notALink };
}

/** @param {string} origin */
const protocol = (origin) => new URL(origin).protocol;

export function openJoin() {
  const problem = h("p", { class: "field-error", id: "join-problem", role: "alert" });
  const field = h("input", {
    id: "join-link",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": "join-problem",
  });
  const dialog = h("dialog", { "aria-labelledby": "join-title" });
  dialog.addEventListener("close", () => dialog.remove());
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = invitationPath(field.value, location.origin);
    if ("path" in found) return go(found.path);
    problem.textContent = found.problem;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };
  dialog.append(
    h("h2", { id: "join-title" }, strings.join),
    h(
      "form",
      { class: "stack", onsubmit: submit },
      h(
        "div",
        { class: "field" },
        h("label", { for: "join-link" }, strings.joinText),
        h("div", { class: "control" }, field),
        problem,
      ),
      h(
        "div",
        { class: "row end" },
        h(
          "button",
          { class: "button quiet", type: "button", onclick: () => dialog.close() },
          strings.cancel,
        ),
        h("button", { class: "button", type: "submit" }, strings.joinOpen),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
