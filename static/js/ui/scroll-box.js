/** A box whose content may be wider: it scrolls sideways, and shows on which sides it goes on. */

import { h } from "./dom.js";

const NEAR = 1; // px: positions are rounded where the page is zoomed

/** @type {ResizeObserver | undefined} of every box, and of what is in it */
let sizes;

/**
 * A box around content that may be wider than its place. Only while it is, the box is a stop of the
 * Tab key, scrolls by the arrow keys, and is a region with a name for screen readers.
 * @param {HTMLElement} content @param {string} name of the region
 * @param {boolean} [auto] true if its first strong letter gives its direction
 * @returns {HTMLElement}
 */
export function scrollBox(content, name, auto = false) {
  const view = h("div", { class: "scroll-view" }, content);
  const box = h("div", { class: "scroll-box", dir: auto && "auto" }, view);
  view.addEventListener("scroll", () => mark(box, view), { passive: true });
  observe(view, () => {
    mark(box, view);
    setRegion(view, name, box.getAttribute("data-more") !== null);
  });
  return box;
}

/** @type {WeakMap<Element, () => void>} */
const resized = new WeakMap();

/** @param {HTMLElement} view @param {() => void} onSize */
function observe(view, onSize) {
  sizes ??= new ResizeObserver((entries) => {
    for (const { target } of entries) resized.get(target)?.();
  });
  for (const element of [view, view.firstElementChild]) {
    if (!element) continue;
    resized.set(element, onSize);
    sizes.observe(element);
  }
}

/** The sides on which a box goes on, of all that it scrolls.
 * @param {{scrollLeft: number, scrollWidth: number, clientWidth: number}} view scrollLeft is negative
 *   from right to left @returns {"start" | "end" | "both" | null} */
export function moreAt({ scrollLeft, scrollWidth, clientWidth }) {
  const before = Math.abs(scrollLeft);
  const start = before > NEAR;
  const end = scrollWidth - clientWidth - before > NEAR;
  if (start && end) return "both";
  if (start) return "start";
  return end ? "end" : null;
}

/** @param {HTMLElement} box @param {HTMLElement} view */
function mark(box, view) {
  const more = moreAt(view);
  if (more) box.setAttribute("data-more", more);
  else box.removeAttribute("data-more");
}

/** @param {HTMLElement} view @param {string} name @param {boolean} scrolls */
function setRegion(view, name, scrolls) {
  const about = { role: "region", tabindex: "0", "aria-label": name };
  for (const [attribute, value] of Object.entries(about)) {
    if (scrolls) view.setAttribute(attribute, value);
    else view.removeAttribute(attribute);
  }
}
