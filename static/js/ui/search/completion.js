/** Choices after an operator that is being typed in a search field: people, or a day. */

import { h } from "../dom.js";
import { searchStrings as strings } from "../strings/search.js";

const OPEN = /(?:^|\s)(from|before|after):("?)([^"\s]*)$/iu;

/** @typedef {{operator: "from" | "before" | "after", value: string, start: number}} Open an operator at
 *   the end of a text: what of its value is typed, and where that begins */

/** @param {string} text @returns {Open | null} */
export function openOperator(text) {
  const [, operator, quote, value] = OPEN.exec(text) ?? [];
  if (operator === undefined) return null;
  const name = /** @type {Open["operator"]} */ (operator.toLowerCase());
  return { operator: name, value, start: text.length - value.length - quote.length };
}

/** The text with a value in the place of what was typed. @param {string} text @param {string} value */
export function completed(text, value) {
  const open = openOperator(text);
  if (!open) return text;
  return `${text.slice(0, open.start)}${/\s/u.test(value) ? `"${value}"` : value} `;
}

/**
 * The choices below a search field.
 * @param {(typed: string) => string[]} people the names that may follow `from:` and what is typed
 * @param {(value: string) => void} onChoose
 */
export function createChoices(people, onChoose) {
  const node = h("div", { class: "search-choices", hidden: true });
  let shown = "";
  /** @param {string} text what is in the field */
  const update = (text) => {
    const open = openOperator(text);
    const choices = open ? choicesFor(open, people, onChoose) : [];
    const now = JSON.stringify([open?.operator, choices.map(({ textContent }) => textContent)]);
    if (now === shown) return; // the focus stays in it
    shown = now;
    node.hidden = choices.length === 0;
    node.replaceChildren(...choices);
  };
  return { node, update };
}

/** @param {Open} open @param {(typed: string) => string[]} people @param {(value: string) => void} onChoose
 * @returns {HTMLElement[]} */
function choicesFor({ operator, value }, people, onChoose) {
  if (operator === "from") {
    return people(value).map((name) => {
      const onclick = () => onChoose(name);
      return h("button", { class: "button quiet small", type: "button", onclick }, name);
    });
  }
  const picker = h("input", { type: "date", "aria-label": strings.search.days[operator] });
  picker.addEventListener("change", () => picker.value && onChoose(picker.value));
  return [h("label", { class: "search-day" }, strings.search.days[operator], " ", picker)];
}
