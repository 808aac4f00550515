/** Password fields: a button that shows what was typed. */

import { byId } from "./dom.js";

/** Starts every such button of the page. */
export function startPasswordReveals() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-reveal]")
  )) {
    const field = byId(button.dataset.reveal ?? "", HTMLInputElement);
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
      field.focus();
    });
  }
}
