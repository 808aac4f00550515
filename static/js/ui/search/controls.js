/** Controls of a search: progress with a stop button, the order, help for operators. */

import { h } from "../dom.js";
import { searchStrings as strings } from "../strings/search.js";

/** @typedef {import("./search.js").Order} Order */
/** @typedef {import("./search.js").Found} Found */

/** Shows the progress with a stop button; the style sheet delays it by 300 ms.
 * @param {{onStop: () => void}} callbacks */
export function createProgress({ onStop }) {
  const text = h("span", {});
  const bar = h("progress", { max: 1, "aria-label": strings.search.title });
  const stop = h(
    "button",
    { class: "link-button", type: "button", onclick: onStop },
    strings.search.stop,
  );
  const node = h("div", { class: "search-meter", hidden: true }, text, stop, bar);
  return {
    node,
    /** @param {Found} found */
    update({ state, progress: { searched, total, all } }) {
      node.hidden = state !== "busy";
      text.textContent = strings.search.searching(searched, total, all);
      if (total > 0) bar.value = searched / total;
      else bar.removeAttribute("value");
    },
  };
}

/** @param {string} id @param {() => void} onChange */
export function orderSwitch(id, onChange) {
  const choices = /** @type {Order[]} */ (["newest", "relevance"]).map((value) => {
    const input = h("input", {
      type: "radio",
      name: `${id}-order`,
      id: `${id}-${value}`,
      value,
      checked: value === "newest",
      onchange: onChange,
    });
    const label = h("label", { for: `${id}-${value}` }, strings.search[value]);
    return { input, nodes: [input, label] };
  });
  const node = h(
    "div",
    { class: "search-order", role: "radiogroup", "aria-label": strings.search.order },
    ...choices.flatMap(({ nodes }) => nodes),
  );
  /** @returns {Order} */
  const value = () => (choices[1].input.checked ? "relevance" : "newest");
  return { node, value };
}

/** @param {[string, string][]} operators @param {(operator: string) => void} onUse */
export const helpFor = (operators, onUse) =>
  h(
    "details",
    { class: "search-help", open: true },
    h("summary", {}, strings.search.help),
    h(
      "ul",
      {},
      ...operators.map(([example, text]) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: "search-operator",
              onclick: () => onUse(beginningOf(example)),
            },
            example,
          ),
          h("span", {}, text),
        ),
      ),
    ),
    h("p", { class: "quiet-text" }, strings.search.long),
  );

/** Returns the text that an example puts into the field. @param {string} example */
function beginningOf(example) {
  if (example.includes(":")) return `${example.split(":")[0]}:`;
  return example.includes("OR") ? "OR " : example[0];
}
