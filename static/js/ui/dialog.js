/**
 * Questions and progress. `ask()` shows a question in a dialog and returns the decision; `busy()`
 * disables a button while its work runs and shows progress.
 */

import { announce, h } from "./dom.js";
import { lateStrings as strings } from "./strings/late.js";
import { begin } from "./unfinished.js";

const PATIENCE = 300; // ms; faster work shows no progress
let asked = 0;

/**
 * @typedef {object} Field what the person has to give besides a click
 * @property {string} label
 * @property {"text" | "password" | "check" | "date" | "choice"} [type]
 * @property {{value: string, label: string}[]} [choices] of a choice; `value` is the one at first
 * @property {string} [word] what must be typed, whatever the case
 * @property {string} [value] what stands there at first
 * @property {string} [hint]
 *
 * @typedef {object} Question
 * @property {string} title
 * @property {string | string[]} text one paragraph or several
 * @property {string} confirm what the button says
 * @property {string} [cancel] "" where there is nothing to decide
 * @property {boolean} [danger] the focus starts on the way back
 * @property {Field} [field]
 */

/**
 * @param {Question} question
 * @returns {Promise<boolean | string>} false if it was left; what was typed, where text was asked
 *   for; else true
 */
export function ask({ title, text, confirm, cancel = strings.cancel, danger = false, field }) {
  asked += 1;
  const id = `ask-${asked}`;
  const entry = field && entryFor(id, field);
  const back = h("button", { class: "button quiet", type: "button", hidden: !cancel }, cancel);
  const go = h("button", { class: danger ? "button alarm" : "button", type: "submit" }, confirm);
  const form = h(
    "form",
    { class: "ask" },
    h("h2", { id }, title),
    h("div", { class: "ask-text", id: `${id}-text` }, ...[text].flat().map((p) => h("p", {}, p))),
    entry?.node,
    h("div", { class: "row end" }, back, go),
  );
  const dialog = h(
    "dialog",
    { "aria-labelledby": id, "aria-describedby": `${id}-text`, role: danger && "alertdialog" },
    form,
  );
  return new Promise((resolve) => {
    /** @type {boolean | string} */
    let answer = false;
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      if (entry && !entry.check()) return;
      answer = entry ? entry.answer() : true;
      dialog.close();
    });
    back.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    (entry?.control ?? (danger ? back : go)).focus();
  });
}

/** @param {string} id @param {Field} field */
function entryFor(id, { label, type = "text", word, value = "", hint, choices = [] }) {
  const problem = h("p", { class: "field-error", id: `${id}-problem`, role: "alert" });
  const control =
    type === "choice"
      ? choice(id, choices, value)
      : h("input", {
          id: `${id}-field`,
          type: type === "check" ? "checkbox" : type,
          value: type === "check" ? null : value,
          autocomplete: type === "password" ? "current-password" : "off",
          spellcheck: "false",
          "aria-describedby": `${id}-problem`,
        });
  const labelled = h("label", { for: `${id}-field` }, label);
  const node =
    type === "check"
      ? h("div", { class: "field" }, h("div", { class: "check" }, control, labelled), problem)
      : h(
          "div",
          { class: "field" },
          labelled,
          h("div", { class: "control" }, control),
          hint && h("p", { class: "field-hint" }, hint),
          problem,
        );
  return {
    node,
    control,
    answer: () => (type === "check" ? true : control.value),
    check() {
      const wrong = complaint({ type, word }, control);
      problem.textContent = wrong;
      control.toggleAttribute("aria-invalid", wrong !== "");
      if (wrong) control.focus();
      return wrong === "";
    },
  };
}

/** @param {string} id @param {{value: string, label: string}[]} choices @param {string} chosen */
function choice(id, choices, chosen) {
  const options = choices.map(({ value, label }) =>
    h("option", { value, selected: value === chosen }, label),
  );
  return h("select", { id: `${id}-field`, "aria-describedby": `${id}-problem` }, ...options);
}

/**
 * The missing input, as text; "" if none is missing.
 * @param {Pick<Field, "type" | "word">} field
 * @param {{value: string, checked?: boolean}} control
 */
export function complaint({ type, word }, { value, checked }) {
  if (type === "check") return checked ? "" : strings.tickFirst;
  if (word && value.trim().toLowerCase() !== word.toLowerCase()) return strings.typeWord(word);
  return !word && value.trim() === "" ? strings.typeSomething : "";
}

/** @typedef {(done: number) => void} Progress takes 0 … 1 */

/**
 * Disables a button while its work runs. After a moment the button shows it, and a progress bar
 * appears below once the work reports progress. Who leaves the page meanwhile is asked first.
 * @template T
 * @param {HTMLButtonElement} button
 * @param {Promise<T> | ((progress: Progress) => Promise<T> | T)} work
 * @param {{label?: string}} [about] `label` stands on the button meanwhile
 * @returns {Promise<T>} what the work gives; its error, too
 */
export async function busy(button, work, { label = "" } = {}) {
  const meter = h("progress", { max: 1, "aria-label": label || strings.working });
  const before = [...button.childNodes];
  let late = false;
  let told = false;
  const show = () => {
    if (late && told && !meter.isConnected) button.after(meter);
  };
  const again = hold(button);
  const finished = begin();
  const timer = setTimeout(() => {
    late = true;
    button.setAttribute("aria-busy", "true");
    if (label) button.replaceChildren(label);
    show();
  }, PATIENCE);
  try {
    if (typeof work !== "function") return await work;
    return await work((done) => {
      told = true;
      meter.value = done;
      show();
    });
  } finally {
    clearTimeout(timer);
    meter.remove();
    button.removeAttribute("aria-busy");
    if (late && label) button.replaceChildren(...before);
    finished();
    again();
  }
}

/** Disables a button by `aria-disabled`, because `disabled` would lose the focus. Returns a
 * function that enables it again.
 * @param {HTMLButtonElement} button */
function hold(button) {
  const stop = (/** @type {Event} */ event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  button.setAttribute("aria-disabled", "true");
  button.addEventListener("click", stop, { capture: true });
  return () => {
    button.removeAttribute("aria-disabled");
    button.removeEventListener("click", stop, { capture: true });
  };
}

/**
 * Like `busy`, but shows errors in `place`, or in a dialog where that is no longer on the page: another room
 * is shown by now, or the panel was drawn again.
 * @param {HTMLButtonElement} button
 * @param {Promise<unknown> | ((progress: Progress) => unknown)} work
 * @param {HTMLElement} place @param {{label?: string, done?: string}} [about]
 * @returns {Promise<boolean>} whether it worked
 */
export async function attempt(button, work, place, { label, done } = {}) {
  place.replaceChildren();
  try {
    await busy(button, work, { label });
    if (done) announce(done);
    return true;
  } catch (error) {
    const { message } = error;
    if (place.isConnected)
      place.replaceChildren(h("p", { class: "notice danger", role: "alert" }, message));
    else ask({ title: strings.notDone, text: message, confirm: strings.close, cancel: "" });
    return false;
  }
}

/** The element in which a panel shows errors. */
export const troublePlace = () => h("div", { class: "trouble" });
