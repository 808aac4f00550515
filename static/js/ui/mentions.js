/** Completion of names after an @: a list above the field, by keyboard or pointer. */

import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { strings } from "./strings.js";

const MOST = 6;

/** @typedef {{uid: string, name: string}} Mentionable */

/** Returns the beginning of a name that is being typed before the cursor, or null.
 * @param {string} text @param {number} at the cursor @returns {string | null} */
export function begunName(text, at) {
  const found = /(?:^|[\s(])@([a-z0-9_.-]{0,32})$/iu.exec(text.slice(0, at));
  return found ? found[1].toLowerCase() : null;
}

/** Returns the names that contain `begun`, those that start with it first. @param {string} begun @param {string[]} names */
export function matchingNames(begun, names) {
  const found = names.filter((name) => name.includes(begun)).sort();
  const first = found.filter((name) => name.startsWith(begun));
  return [...first, ...found.filter((name) => !first.includes(name))].slice(0, MOST);
}

/** Completes names in a text field: a listbox beside the field. */
export class MentionCompletion {
  #field;
  #people;
  #list = h("ul", {
    class: "mention-list",
    id: "mention-list",
    role: "listbox",
    hidden: true,
    "aria-label": strings.composer.mentions,
  });
  /** @type {Mentionable[]} */
  #found = [];
  #selected = 0;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {HTMLElement} parent the list is appended to it
   * @param {() => Mentionable[]} people who can be mentioned
   */
  constructor(field, parent, people) {
    this.#field = field;
    this.#people = people;
    parent.append(this.#list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", "mention-list");
    field.addEventListener("input", this.#update);
    field.addEventListener("keydown", this.#onKey);
    field.addEventListener("blur", this.#hide);
  }

  #update = () => {
    const begun = begunName(this.#field.value, this.#field.selectionStart);
    this.#found = begun === null ? [] : this.#matching(begun);
    this.#selected = Math.min(this.#selected, Math.max(0, this.#found.length - 1));
    this.#draw();
  };

  /** @param {string} begun */
  #matching(begun) {
    const uids = new Map(this.#people().map(({ uid, name }) => [name, uid]));
    return matchingNames(begun, [...uids.keys()]).map((name) => ({
      uid: /** @type {string} */ (uids.get(name)),
      name,
    }));
  }

  #draw() {
    const [field, list] = [this.#field, this.#list];
    list.hidden = this.#found.length === 0;
    list.replaceChildren(...this.#found.map((person, index) => this.#option(person, index)));
    // A text field has no aria-expanded: that something can be chosen is said aloud.
    if (list.hidden) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", `mention-${this.#selected}`);
  }

  /** @param {Mentionable} person @param {number} index */
  #option({ uid, name }, index) {
    const onpointerdown = (/** @type {Event} */ event) => {
      event.preventDefault(); // the field keeps the focus
      this.#insert(name);
    };
    const selected = String(index === this.#selected);
    const about = { id: `mention-${index}`, role: "option", "aria-selected": selected };
    return h("li", { ...about, onpointerdown }, avatar(uid, "small"), `@${name}`);
  }

  /** @param {string} name */
  #insert(name) {
    const field = this.#field;
    const end = field.selectionStart;
    const begun = begunName(field.value, end) ?? "";
    field.setRangeText(`${name} `, end - begun.length, end, "end");
    field.dispatchEvent(new Event("input"));
  }

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (this.#list.hidden || event.isComposing) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      const step = key === "ArrowDown" ? 1 : -1;
      this.#selected = (this.#selected + step + this.#found.length) % this.#found.length;
      this.#draw();
    } else if (key === "Enter" || key === "Tab") this.#insert(this.#found[this.#selected].name);
    else if (key === "Escape") this.#hide();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  #hide = () => {
    this.#found = [];
    this.#list.hidden = true;
    this.#field.removeAttribute("aria-activedescendant");
    this.#selected = 0;
  };

  close() {
    this.#field.removeEventListener("input", this.#update);
    this.#field.removeEventListener("keydown", this.#onKey);
    this.#field.removeEventListener("blur", this.#hide);
  }
}
