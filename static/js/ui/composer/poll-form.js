/** A dialog that makes a poll: a question and two to twenty options. */

import { h } from "../dom.js";
import { isInvisible } from "../people/names.js";
import { lateStrings as strings } from "../strings/late.js";

const LEAST = 2;
const MOST = 20;
const LONGEST = 200; // characters of an option

/** @typedef {{body: string, options: string[], multi: 0 | 1}} Poll */

/** Asks for a poll. @returns {Promise<Poll | null>} null if the person cancelled */
export const askForPoll = () => new PollForm().show();

class PollForm {
  #problem = h("p", { class: "field-error", role: "alert" });
  #question = entry("poll-question", strings.poll.question);
  #options = h("div", { class: "stack" });
  #multi = h("input", { type: "checkbox", id: "poll-multi" });
  #add = h(
    "button",
    { class: "link-button", type: "button", onclick: () => this.#addOption().focus() },
    strings.poll.add,
  );
  #dialog = h("dialog", { "aria-labelledby": "poll-title" });
  /** @type {Poll | null} */
  #answer = null;

  constructor() {
    const words = strings.poll;
    const close = () => this.#dialog.close();
    const cancel = h(
      "button",
      { class: "button quiet", type: "button", onclick: close },
      strings.cancel,
    );
    const make = h("button", { class: "button", type: "submit" }, words.make);
    const multiLabel = h("label", { for: "poll-multi" }, words.multi);
    const form = h(
      "form",
      { class: "ask", novalidate: true, onsubmit: (event) => this.#onSubmit(event) },
      h("h2", { id: "poll-title" }, words.title),
      this.#question.node,
      this.#options,
      h("p", {}, this.#add),
      h("div", { class: "check" }, this.#multi, multiLabel),
      this.#problem,
      h("div", { class: "row end" }, cancel, make),
    );
    for (let n = 0; n < LEAST; n += 1) this.#addOption();
    this.#dialog.append(form);
  }

  /** @returns {Promise<Poll | null>} settles when the dialog closes */
  show() {
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => {
        this.#dialog.remove();
        resolve(this.#answer);
      });
      document.body.append(this.#dialog);
      this.#dialog.showModal();
      this.#question.control.focus();
    });
  }

  #addOption() {
    const n = this.#options.childElementCount + 1;
    const { node, control } = entry(`poll-option-${n}`, strings.poll.option(n), LONGEST);
    this.#options.append(node);
    this.#add.hidden = n >= MOST;
    return control;
  }

  /** @param {Event} event */
  #onSubmit(event) {
    event.preventDefault();
    const found = this.#read();
    if (typeof found === "string") {
      this.#problem.textContent = found;
      return;
    }
    this.#answer = found;
    this.#dialog.close();
  }

  /** @returns {Poll | string} the poll, or what is missing */
  #read() {
    const body = this.#question.control.value.trim();
    const given = [...this.#options.querySelectorAll("input")].map(({ value }) => value.trim());
    const distinct = [...new Set(given.filter((option) => !isInvisible(option)))];
    if (isInvisible(body)) return strings.poll.needsQuestion;
    if (distinct.length < LEAST) return strings.poll.needsOptions;
    return { body, options: distinct, multi: this.#multi.checked ? 1 : 0 };
  }
}

/** @param {string} id @param {string} label @param {number} [longest] */
function entry(id, label, longest = 1000) {
  const most = String(longest);
  const control = h("input", {
    id,
    type: "text",
    maxlength: most,
    autocomplete: "off",
    dir: "auto",
  });
  const node = h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("div", { class: "control" }, control),
  );
  return { node, control };
}
