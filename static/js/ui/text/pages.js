/** Long messages in pages, each small enough to be shown at once. */

import { Fences } from "./markdown-lines.js";
import { pageLength } from "./page-limits.js";

const LONGEST_FENCE = 40; // characters; a longer one does not go on

/**
 * A message in pages, each small enough to be shown at once. A code block that a page ends in
 * continues on the next page.
 * @param {string} text @returns {Generator<string>}
 */
export function* pages(text) {
  let rest = text;
  let fence = "";
  do {
    const length = pageLength(rest);
    const page = rest.slice(0, length);
    yield fence + page;
    fence = openFence(fence + page);
    rest = rest.slice(length);
  } while (rest !== "");
}

/** The line that opens the code block which a page ends in; "" for none. @param {string} page */
function openFence(page) {
  const lines = page.split("\n");
  const fences = new Fences(lines);
  let open = "";
  for (const at of lines.keys()) {
    if (open === "") open = fences.opened(at)?.fence ?? "";
    else if (fences.closes(at, open)) open = "";
  }
  return open && open.length <= LONGEST_FENCE ? `${open}\n` : "";
}
