/** Completion in a text field: a list above the field, by keyboard or pointer. */

import { h, isComposing } from "../dom.js";
import { insertText } from "./text-input.js";

/**
 * @typedef {object} Choice
 * @property {string} text that takes the place of what was begun
 * @property {(Node | string)[]} shown
 *
 * @typedef {object} Begun a word that could be completed
 * @property {number} from where it begins
 * @property {Choice[]} choices
 * @property {boolean} [complete] whether it is whole as it stands: Enter sends
 *
 * @typedef {(text: string, at: number) => Begun | null} Source looks before the cursor
 */

export class Completion {
  #field;
  #sources;
  #list;
  /** @type {Begun | null} */
  #begun = null;
  #selected = 0;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {HTMLElement} parent the list is appended to it
   * @param {string} label of the list
   * @param {Source[]} sources
   */
  constructor(field, parent, label, sources) {
    this.#field = field;
    this.#sources = sources;
    this.#list = h("ul", {
      class: "mention-list",
      id: "mention-list",
      role: "listbox",
      hidden: true,
      "aria-label": label,
    });
    parent.append(this.#list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", "mention-list");
    field.addEventListener("input", this.#update);
    // Before the field's own: Enter chooses here and sends there.
    field.addEventListener("keydown", this.#onKey, { capture: true });
    field.addEventListener("blur", this.#hide);
    if (document.activeElement === field) this.#update(); // this was loaded while somebody types
  }

  get #choices() {
    return this.#begun?.choices ?? [];
  }

  #update = () => {
    const { value, selectionStart, selectionEnd } = this.#field;
    const before = this.#begun?.from;
    this.#begun = null;
    for (const source of selectionStart === selectionEnd ? this.#sources : [])
      this.#begun ??= source(value, selectionStart);
    if (this.#begun?.from !== before) this.#selected = 0;
    this.#selected = Math.min(this.#selected, Math.max(0, this.#choices.length - 1));
    this.#draw();
  };

  #draw() {
    const [field, list] = [this.#field, this.#list];
    list.hidden = this.#choices.length === 0;
    list.replaceChildren(...this.#choices.map((choice, index) => this.#option(choice, index)));
    // A text field has no aria-expanded: that something can be chosen is said aloud.
    if (list.hidden) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", `mention-${this.#selected}`);
      list.children[this.#selected]?.scrollIntoView?.({ block: "nearest" });
    }
  }

  /** @param {Choice} choice @param {number} index */
  #option({ text, shown }, index) {
    const onpointerdown = (/** @type {Event} */ event) => {
      event.preventDefault(); // the field keeps the focus
      this.#insert(text);
    };
    const selected = String(index === this.#selected);
    const about = { id: `mention-${index}`, role: "option", "aria-selected": selected };
    return h("li", { ...about, onpointerdown }, ...shown);
  }

  /** @param {string} text */
  #insert(text) {
    if (this.#begun) insertText(this.#field, text, this.#begun.from, this.#field.selectionStart);
    this.#hide();
  }

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (this.#list.hidden || isComposing(event)) return;
    const { key } = event;
    const many = this.#choices.length;
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.#selected = (this.#selected + (key === "ArrowDown" ? 1 : -1) + many) % many;
      this.#draw();
    } else if (key === "Enter" && this.#begun?.complete && this.#selected === 0) {
      this.#hide();
      return; // the field sends
    } else if (key === "Enter" || key === "Tab") this.#insert(this.#choices[this.#selected].text);
    else if (key === "Escape") this.#hide();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  #hide = () => {
    this.#begun = null;
    this.#list.hidden = true;
    this.#field.removeAttribute("aria-activedescendant");
    this.#selected = 0;
  };

  close() {
    this.#field.removeEventListener("input", this.#update);
    this.#field.removeEventListener("keydown", this.#onKey, { capture: true });
    this.#field.removeEventListener("blur", this.#hide);
    this.#list.remove();
  }
}
