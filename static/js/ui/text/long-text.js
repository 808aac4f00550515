/** Shows a message of any length: its first page, and a button for the rest. */

import { announce, h } from "../dom.js";
import { textStrings as strings } from "../strings/text.js";
import { isShort } from "./page-limits.js";
import { pages } from "./pages.js";
import { renderText } from "./text.js";

const PAGES_AT_ONCE = 20; // for one press of the button
/** Messages that are shown whole as long as the page is open. @type {Set<string>} */
const opened = new Set();

/**
 * @param {string} key of the message @param {string} text
 * @param {(page: string) => Node[]} [render] one page
 * @returns {Node[]}
 */
export function longText(key, text, render = (page) => renderText(page)) {
  if (isShort(text)) return render(text);
  const rest = pages(text);
  const first = /** @type {string} */ (rest.next().value);
  const button = h(
    "button",
    { class: "link-button show-all", type: "button", "data-act": "show-all" },
    strings.showAll(text.length),
  );
  const more = () => addPages(button, rest, render);
  button.addEventListener("click", async () => {
    opened.add(key);
    const page = await more();
    page?.focus({ preventScroll: true });
    announce(button.isConnected ? strings.moreShown : strings.allShown);
  });
  if (opened.has(key)) more();
  return [...render(first), button];
}

/** Adds pages before the button one at a time with a pause between, so that the browser stays
 * responsive.
 * @param {HTMLElement} button @param {Generator<string>} rest
 * @param {(page: string) => Node[]} render @returns {Promise<HTMLElement | undefined>} the first */
async function addPages(button, rest, render) {
  if (button.getAttribute("aria-disabled")) return undefined;
  button.setAttribute("aria-disabled", "true");
  /** @type {HTMLElement | undefined} */
  let first;
  for (let many = 0; many < PAGES_AT_ONCE; many += 1) {
    await new Promise((resolve) => setTimeout(resolve));
    const { value, done } = rest.next();
    if (done) {
      button.remove();
      return first;
    }
    const page = h("div", { class: "message-page", tabindex: "-1" }, ...render(value));
    button.before(page);
    first ??= page;
  }
  button.removeAttribute("aria-disabled");
  button.textContent = strings.showMore;
  return first;
}
