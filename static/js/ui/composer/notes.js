/** Notes above the field for messages: what it is for, and why its text cannot be sent. */

import { h, icon } from "../dom.js";
import { safeName } from "../people/names.js";
import { strings } from "../strings.js";
import { preview } from "../text/late-text.js";

/** @typedef {import("./composer.js").Mode} Mode */

export class ComposerNotes {
  #mode = h("div", { class: "composer-mode", hidden: true });
  #words = h("span");
  #asFile = h("button", { class: "link-button", type: "button" }, strings.composer.asFile);
  #problem = h(
    "p",
    { class: "composer-problem", role: "status", hidden: true },
    this.#words,
    " ",
    this.#asFile,
  );

  /** @param {HTMLElement} form the notes stand above it @param {() => void} onFile */
  constructor(form, onFile) {
    form.before(h("div", { class: "composer-notes" }, this.#mode, this.#problem));
    this.#asFile.addEventListener("click", onFile);
  }

  /** @param {Mode | null} mode @param {() => void} onStop */
  showMode(mode, onStop) {
    this.#mode.hidden = mode === null;
    this.#mode.replaceChildren(...(mode ? modeParts(mode, onStop) : []));
  }

  /** Says why a text cannot be sent; "" takes that away.
   * @param {string} text @param {boolean} [file] whether it may be sent as a file */
  say(text, file = false) {
    if (this.#words.textContent !== text) this.#words.textContent = text;
    this.#problem.hidden = text === "";
    this.#asFile.hidden = !file;
  }
}

/** The bar above the field. @param {Mode} mode @param {() => void} onStop @returns {Node[]} */
function modeParts({ kind, line }, onStop) {
  const words = strings.composer;
  const title =
    kind === "edit" ? words.editing : words.answering(safeName(line.author.name) || words.somebody);
  return [
    icon(kind === "edit" ? "edit" : "reply", "small"),
    h("b", {}, title),
    h("span", { class: "composer-mode-text", dir: "auto" }, preview(line.text, line.mentions)),
    h(
      "button",
      {
        class: "icon-button",
        type: "button",
        "aria-label": words.stop,
        title: words.stop,
        onclick: onStop,
      },
      icon("close", "small"),
    ),
  ];
}
