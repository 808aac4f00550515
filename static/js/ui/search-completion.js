/** Choices after an operator that is being typed in a search field: people, or a day. */

import { fold } from "../crypto/tokens.js";
import { h } from "./dom.js";
import { searchStrings as strings } from "./strings-search.js";

const OPEN = /(?:^|\s)(from|before|after):("?)([^"\s]*)$/iu;
const MOST = 6; // people

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

/** People whose names begin with what is typed, before those that hold it elsewhere.
 * @param {string[]} names @param {string} typed */
export function peopleFor(names, typed) {
  const wanted = fold(typed).replace(/^@/, "");
  const folded = [...new Set(names)].map((name) => ({ name, at: fold(name).indexOf(wanted) }));
  return folded
    .filter(({ at }) => at >= 0)
    .sort((a, b) => Number(a.at > 0) - Number(b.at > 0) || a.name.localeCompare(b.name))
    .slice(0, MOST)
    .map(({ name }) => name);
}

/**
 * The choices below a search field.
 * @param {() => string[]} people the names that may follow `from:`
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

/** @param {Open} open @param {() => string[]} people @param {(value: string) => void} onChoose
 * @returns {HTMLElement[]} */
function choicesFor({ operator, value }, people, onChoose) {
  if (operator === "from") {
    const names = peopleFor([...people(), "me"], value);
    if (names.some((name) => fold(name) === fold(value)) && names.length === 1) return [];
    return names.map((name) => {
      const onclick = () => onChoose(name);
      return h("button", { class: "button quiet small", type: "button", onclick }, name);
    });
  }
  const picker = h("input", { type: "date", "aria-label": strings.search.days[operator] });
  picker.addEventListener("change", () => picker.value && onChoose(picker.value));
  return [h("label", { class: "search-day" }, strings.search.days[operator], " ", picker)];
}
