/** Making a poll: a question and two to twenty options, in a dialog. */

import { h } from "./dom.js";
import { strings } from "./strings.js";

const LEAST = 2;
const MOST = 20;
const LONGEST = 200; // characters of an option

/** @typedef {{body: string, options: string[], multi: 0 | 1}} Poll */

/** @returns {Promise<Poll | null>} null if it was left */
export function askForPoll() {
  const words = strings.poll;
  const problem = h("p", { class: "field-error", role: "alert" });
  const question = entry("poll-question", words.question);
  const options = h("div", { class: "stack" });
  const multi = h("input", { type: "checkbox", id: "poll-multi" });
  const addOption = () => {
    const n = options.childElementCount + 1;
    const { node, control } = entry(`poll-option-${n}`, words.option(n), LONGEST);
    options.append(node);
    add.hidden = n >= MOST;
    return control;
  };
  const add = h(
    "button",
    { class: "link-button", type: "button", onclick: () => addOption().focus() },
    words.add,
  );
  const cancel = h("button", { class: "button quiet", type: "button" }, strings.cancel);
  const form = h(
    "form",
    { class: "ask", novalidate: true },
    h("h2", { id: "poll-title" }, words.title),
    question.node,
    options,
    h("p", {}, add),
    h("div", { class: "check" }, multi, h("label", { for: "poll-multi" }, words.multi)),
    problem,
    h(
      "div",
      { class: "row end" },
      cancel,
      h("button", { class: "button", type: "submit" }, words.make),
    ),
  );
  for (let n = 0; n < LEAST; n += 1) addOption();
  const dialog = h("dialog", { "aria-labelledby": "poll-title" }, form);
  /** @returns {Poll | string} */
  const read = () => {
    const body = question.control.value.trim();
    const given = [...options.querySelectorAll("input")].map(({ value }) => value.trim());
    const distinct = [...new Set(given.filter(Boolean))];
    if (!body) return words.needsQuestion;
    if (distinct.length < LEAST) return words.needsOptions;
    return { body, options: distinct, multi: multi.checked ? 1 : 0 };
  };
  return new Promise((resolve) => {
    /** @type {Poll | null} */
    let answer = null;
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const found = read();
      if (typeof found === "string") {
        problem.textContent = found;
        return;
      }
      answer = found;
      dialog.close();
    });
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    question.control.focus();
  });
}

/** @param {string} id @param {string} label @param {number} [longest] */
function entry(id, label, longest = 1000) {
  const control = h("input", { id, type: "text", maxlength: String(longest), autocomplete: "off" });
  const node = h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("div", { class: "control" }, control),
  );
  return { node, control };
}
