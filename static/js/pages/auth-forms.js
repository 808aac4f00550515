/** Log-in and sign-up forms: password reveal, hints, first focus. */

import { byId } from "../ui/dom.js";
import { NEW_ACCOUNT } from "./bootstrap.js";

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = byId(/** @type {HTMLElement} */ (button).dataset.reveal ?? "", HTMLInputElement);
  /** @type {HTMLElement} */ (button).hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    field.focus();
  });
}

document.getElementById("form-errors")?.focus();
const hint = document.getElementById("enter-hint");
if (hint && !window.isSecureContext) {
  hint.textContent =
    "This address is not secure: browsers make keys only on https:// and on http://localhost.";
  hint.hidden = false;
}

// Only an account created in this tab gets its first keys without a question.
const signup = document.querySelector("form[action*=signup]");
sessionStorage.removeItem(NEW_ACCOUNT);
signup?.addEventListener("submit", () => {
  sessionStorage.setItem(
    NEW_ACCOUNT,
    byId("id_username", HTMLInputElement).value.trim().toLowerCase(),
  );
});
