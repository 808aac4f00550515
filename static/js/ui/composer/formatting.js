/** Help with marks: a row of buttons above the field while text is selected, and keys. */

import { h, icon, isComposing } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";
import { insertText, markLines, wrapSelection } from "./text-input.js";

/** @typedef {HTMLTextAreaElement} Field */

/** @type {{id: keyof typeof strings.format, key?: string, run: (field: Field) => void}[]} */
const FORMATS = [
  { id: "bold", key: "b", run: (field) => wrapSelection(field, "**") },
  { id: "italic", key: "i", run: (field) => wrapSelection(field, "*") },
  { id: "strike", run: (field) => wrapSelection(field, "~~") },
  { id: "code", key: "e", run: code },
  { id: "link", key: "k", run: link },
  { id: "list", run: (field) => markLines(field, () => "- ") },
  { id: "numbers", run: (field) => markLines(field, (line) => `${line + 1}. `) },
  { id: "quote", run: (field) => markLines(field, () => "> ") },
];

/** @param {Field} field */
function code(field) {
  const inside = field.value.slice(field.selectionStart, field.selectionEnd);
  if (inside.includes("\n")) wrapSelection(field, "```\n", "\n```");
  else wrapSelection(field, "`");
}

/** Selected words become a link whose address is to be typed; a selected address gets words.
 * @param {Field} field */
function link(field) {
  const begin = field.selectionStart;
  const inside = field.value.slice(begin, field.selectionEnd);
  const isAddress = /^https?:\/\/\S+$/i.test(inside.trim());
  insertText(field, isAddress ? `[](${inside.trim()})` : `[${inside}](https://)`);
  const at = isAddress ? begin + 1 : begin + inside.length + 3;
  field.setSelectionRange(at, isAddress ? at : at + "https://".length);
}

export class FormatBar {
  #field;
  #bar;
  #pinned = false;

  /** @param {Field} field @param {HTMLElement} parent */
  constructor(field, parent) {
    this.#field = field;
    this.#bar = h(
      "div",
      { class: "format-bar", role: "toolbar", "aria-label": strings.format.title, hidden: true },
      ...FORMATS.map(({ id, key, run }) => this.#button(id, key, run)),
    );
    parent.append(this.#bar);
    field.addEventListener("keydown", this.#onKey);
    document.addEventListener("selectionchange", this.#update);
    field.addEventListener("select", this.#update);
    this.#bar.addEventListener("focusout", this.#update);
    this.#update(); // this was loaded while something is selected
  }

  /** Shows the bar, whatever is selected, or hides it again. */
  toggle() {
    this.#pinned = !this.#pinned;
    this.#update();
    if (this.#pinned) this.#field.focus();
  }

  close() {
    this.#field.removeEventListener("keydown", this.#onKey);
    document.removeEventListener("selectionchange", this.#update);
    this.#field.removeEventListener("select", this.#update);
    this.#bar.remove();
  }

  /** @param {keyof typeof strings.format} id @param {string | undefined} key
   * @param {(field: Field) => void} run */
  #button(id, key, run) {
    const label = key ? `${strings.format[id]} (Ctrl ${key.toUpperCase()})` : strings.format[id];
    const onclick = () => {
      run(this.#field);
      this.#update();
    };
    // The field keeps the focus and the selection.
    const onpointerdown = (/** @type {Event} */ event) => event.preventDefault();
    const about = { class: "icon-button", type: "button", "aria-label": label, title: label };
    return h("button", { ...about, onclick, onpointerdown }, icon(`format-${id}`, "small"));
  }

  #update = () => {
    const { selectionStart, selectionEnd, disabled } = this.#field;
    const inside = this.#bar.contains(document.activeElement);
    const selected = document.activeElement === this.#field && selectionStart !== selectionEnd;
    this.#bar.hidden = disabled || !(this.#pinned || selected || inside);
  };

  /** Without a selection Ctrl K searches. @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (isComposing(event)) return;
    const held = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const found = held && FORMATS.find(({ key }) => key === event.key.toLowerCase());
    const selected = this.#field.selectionStart !== this.#field.selectionEnd;
    if (!found || (found.id === "link" && !selected)) return;
    event.preventDefault();
    event.stopPropagation();
    found.run(this.#field);
  };
}
