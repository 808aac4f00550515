/** The text that the browser's own model writes of the messages, with its button and its course. */

import { h } from "../dom.js";
import { summaryStrings as strings } from "../strings/summary.js";
import { paragraphs } from "./text.js";

/** @param {import("../../conversation/summaries/browser-summary.js").Writing} writing
 * @param {{onWrite: () => void, onStop: () => void}} on */
export function browserSummary({ state, loaded, done, total, text }, { onWrite, onStop }) {
  const words = strings.summary.browser;
  const under = state === "loading" || state === "writing";
  return h(
    "div",
    { class: "summary-browser" },
    h("h3", {}, words.title),
    state === "done" && h("p", { class: "field-hint" }, words.by),
    state === "done" && h("div", { class: "summary-text" }, ...paragraphs(text)),
    state === "idle" && h("p", { class: "field-hint" }, words.hint),
    h(
      "p",
      { class: "summary-state", role: "status" },
      state === "loading" && words.loading(loaded),
      state === "writing" && strings.summary.part(done, total),
      state === "failed" && words.failed,
    ),
    state !== "done" &&
      h(
        "button",
        {
          class: "button quiet small",
          type: "button",
          "data-key": "browser-summary",
          onclick: under ? onStop : onWrite,
        },
        under ? strings.summary.cancel : words.write,
      ),
  );
}
