/** A block of code: its language, a button that copies it, and colours once they are loaded. */

import { announce, h, icon } from "../dom.js";
import { textStrings as strings } from "../strings/text.js";

/**
 * @param {string} text @param {string | undefined} label the language, as it was written
 * @param {Node[]} content the text, cheap to lay out
 */
export function codeBlock(text, label, content) {
  const code = h("code", {}, ...content);
  const copy = h(
    "button",
    {
      class: "icon-button code-copy",
      type: "button",
      "aria-label": strings.copyCode,
      title: strings.copyCode,
      onclick: async () => {
        await navigator.clipboard.writeText(text);
        announce(strings.copied);
      },
    },
    icon("copy", "small"),
  );
  const name = label && h("span", { class: "code-label" }, label);
  if (label) addColours(code, text, label);
  return h("div", { class: "code-block" }, name, copy, h("pre", { dir: "ltr" }, code));
}

/** @type {(() => Promise<() => Worker>) | undefined} */
let loadWorker;
/** @type {import("./highlight.js").RangeFinder | undefined} */
let finder;

/** Sets the worker that finds colours; it starts with the first code that names its language.
 * @param {() => Promise<() => Worker>} load loads what starts it */
export function colourWith(load) {
  loadWorker = load;
}

/** Colours code; without them it stays as it is. @param {HTMLElement} code @param {string} text
 * @param {string} label */
async function addColours(code, text, label) {
  if (!loadWorker) return;
  const loading = Promise.all([import("./highlight.js"), loadWorker()]);
  const [part, makeWorker] = await loading.catch(() => []);
  if (!makeWorker || !part?.languageOf(label)) return;
  finder ??= new part.RangeFinder(makeWorker);
  await part.colour(code, text, label, finder);
}
