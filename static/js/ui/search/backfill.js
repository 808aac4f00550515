/** Shows the progress of indexing older messages, with start and stop. */

import { h } from "../dom.js";
import { searchStrings as strings } from "../strings/search.js";

/**
 * @typedef {{state: "none" | "busy" | "paused" | "done", done: number, taken: number,
 *   problem: string}} BackfillStatus `done` from 0 to 1; `taken` messages in the end
 */

/** @param {{onStart: () => void, onStop: () => void}} callbacks */
export function createBackfillStatus({ onStart, onStop }) {
  const text = h("p", { role: "status" });
  const problem = h("p", { class: "field-error", role: "alert" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": strings.search.fill });
  const start = h(
    "button",
    { class: "button quiet small", type: "button", onclick: onStart },
    strings.search.fill,
  );
  const stop = h(
    "button",
    { class: "link-button", type: "button", onclick: onStop },
    strings.search.stop,
  );
  const node = h("div", { class: "search-fill", hidden: true }, text, problem, bar, start, stop);
  return {
    node,
    /** @param {BackfillStatus} filling */
    update({ state, done, taken, problem: why }) {
      node.hidden = state === "none" || (state === "done" && taken === 0);
      const said = state === "done" ? strings.search.filled(taken) : strings.search.filling;
      if (text.textContent !== said) text.textContent = said;
      problem.textContent = why;
      bar.value = done;
      bar.hidden = state !== "busy";
      stop.hidden = state !== "busy";
      start.hidden = state !== "paused";
    },
  };
}
