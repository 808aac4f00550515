/** Completing names after an @: a list above the field, by keyboard or pointer. */

import { h } from "./dom.js";
import { strings } from "./strings.js";

const MOST = 6;

/** The beginning of a name that is being typed before the cursor.
 * @param {string} text @param {number} at the cursor @returns {string | null} */
export function begunName(text, at) {
  const found = /(?:^|[\s(])@([a-z0-9_.-]{0,32})$/iu.exec(text.slice(0, at));
  return found ? found[1].toLowerCase() : null;
}

/** Names that fit, those that begin so first. @param {string} begun @param {string[]} names */
export function matchingNames(begun, names) {
  const found = names.filter((name) => name.includes(begun)).sort();
  const first = found.filter((name) => name.startsWith(begun));
  return [...first, ...found.filter((name) => !first.includes(name))].slice(0, MOST);
}

/**
 * @param {HTMLTextAreaElement} field @param {HTMLElement} place the list stands in it
 * @param {() => string[]} names
 */
export function completeMentions(field, place, names) {
  const list = h("ul", {
    class: "mention-list",
    id: "mention-list",
    role: "listbox",
    hidden: true,
  });
  list.setAttribute("aria-label", strings.composer.mentions);
  place.append(list);
  /** @type {string[]} */
  let found = [];
  let at = 0;

  function draw() {
    const begun = begunName(field.value, field.selectionStart);
    found = begun === null ? [] : matchingNames(begun, names());
    at = Math.min(at, Math.max(0, found.length - 1));
    list.hidden = found.length === 0;
    list.replaceChildren(...found.map(option));
    field.toggleAttribute("aria-expanded", !list.hidden);
    field.setAttribute("aria-activedescendant", list.hidden ? "" : `mention-${at}`);
  }

  /** @param {string} name @param {number} index */
  const option = (name, index) =>
    h(
      "li",
      {
        id: `mention-${index}`,
        role: "option",
        "aria-selected": String(index === at),
        onpointerdown: (/** @type {Event} */ event) => {
          event.preventDefault(); // the field keeps the focus
          take(name);
        },
      },
      `@${name}`,
    );

  /** @param {string} name */
  function take(name) {
    const end = field.selectionStart;
    const begun = begunName(field.value, end) ?? "";
    field.setRangeText(`${name} `, end - begun.length, end, "end");
    field.dispatchEvent(new Event("input"));
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (list.hidden || event.isComposing) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      at = (at + (key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
      draw();
    } else if (key === "Enter" || key === "Tab") take(found[at]);
    else if (key === "Escape") hide();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function hide() {
    found = [];
    list.hidden = true;
    at = 0;
  }

  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", "mention-list");
  field.addEventListener("input", draw);
  field.addEventListener("keydown", onKey);
  field.addEventListener("blur", hide);
  return {
    close() {
      field.removeEventListener("input", draw);
      field.removeEventListener("keydown", onKey);
      field.removeEventListener("blur", hide);
    },
  };
}
