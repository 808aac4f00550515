/** Forms of pages: the script sends them, and shows what was wrong beside each field. */

import { ApiError } from "../net/api.js";
import { byId, h } from "../ui/dom.js";
import { lateStrings as strings } from "../ui/strings/late.js";

/**
 * Starts a form. It cannot be sent before, since the server takes it only from a script.
 * @param {string} id of the form; `id-submit` is its button, `id-error` the place for what no field
 *   is to blame for
 * @param {(fields: Record<string, string>) => Promise<unknown>} send resolves to something true if
 *   the page is left
 * @param {Record<string, string>} [blamed] which field an error code is about
 * @param {AbortSignal} [signal] aborted when the form's view is left
 */
export function startForm(id, send, blamed = {}, signal) {
  const form = byId(id, HTMLFormElement);
  const button = byId(`${id}-submit`, HTMLButtonElement);
  form.addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    clear(form);
    try {
      if (await send(fieldsOf(form))) return;
    } catch (error) {
      show(form, error, blamed);
    }
    button.disabled = false;
  });
  const ready = () => {
    button.disabled = false;
  };
  ready();
  addEventListener("pageshow", ready, { signal }); // brought back by the browser as it was left
}

/** @param {HTMLFormElement} form @returns {Record<string, string>} */
const fieldsOf = (form) =>
  Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));

/** @param {HTMLFormElement} form */
function clear(form) {
  byId(`${form.id}-error`).hidden = true;
  for (const line of form.querySelectorAll(".field-error")) line.remove();
  for (const input of form.querySelectorAll("[aria-invalid]"))
    input.removeAttribute("aria-invalid");
}

/** @param {HTMLFormElement} form @param {unknown} error @param {Record<string, string>} blamed */
function show(form, error, blamed) {
  if (!(error instanceof ApiError)) return showGeneral(form, /** @type {Error} */ (error).message);
  const { code, message, extra } = error;
  const fields = extra.fields ?? (blamed[code] ? { [blamed[code]]: [message] } : {});
  const wrong = Object.entries(fields).flatMap(([name, lines]) => markField(form, name, lines));
  if (wrong.length > 0) wrong[0].focus();
  else showGeneral(form, message);
}

/** @param {HTMLFormElement} form @param {string} text */
function showGeneral(form, text) {
  const place = byId(`${form.id}-error`);
  place.textContent = text || strings.failedKept;
  place.hidden = false;
  place.focus();
}

/** @param {HTMLFormElement} form @param {string} name @param {string[]} lines
 * @returns {HTMLInputElement[]} the field, if the form has it */
function markField(form, name, lines) {
  const input = form.elements.namedItem(name);
  if (!(input instanceof HTMLInputElement)) return [];
  input.setAttribute("aria-invalid", "true");
  byId(`${input.id}-about`).prepend(
    ...lines.map((line) => h("p", { class: "field-error", role: "alert" }, line)),
  );
  return [input];
}
