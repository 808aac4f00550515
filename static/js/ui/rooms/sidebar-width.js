/** The edge of the room list, which makes it wider: dragged, or by arrows. */

import { h } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";

const [LEAST, USUAL, MOST] = [220, 280, 560]; // pixels; the page gives it at most 40 of 100
const STEP = 20;

/** @param {number} width pixels */
const showWidth = (width) => document.body.style.setProperty("--side", `${width}px`);

/** The width after a key, null where the key changes nothing.
 * @param {string} key @param {number} width @param {boolean} fromRight whether the list is at the right */
export function widthAfter(key, width, fromRight) {
  const wider = fromRight ? "ArrowLeft" : "ArrowRight";
  const narrower = fromRight ? "ArrowRight" : "ArrowLeft";
  /** @type {Record<string, number>} */
  const all = { [wider]: width + STEP, [narrower]: width - STEP, Home: LEAST, End: MOST };
  return key in all ? bounded(all[key]) : null;
}

/** @param {number} width */
const bounded = (width) => Math.round(Math.min(MOST, Math.max(LEAST, width)));

/** Adds the edge to the list.
 * @param {HTMLElement} sidebar @param {(width: number) => unknown} onChange keeps the width */
export function startSidebarWidth(sidebar, onChange) {
  const edge = h("div", {
    class: "sidebar-edge",
    role: "slider",
    tabindex: "0",
    "aria-label": strings.sidebarWidth,
    title: strings.sidebarWidthHint,
    "aria-valuemin": String(LEAST),
    "aria-valuemax": String(MOST),
  });
  const now = () => Math.round(sidebar.getBoundingClientRect().width);
  const isAtRight = () => getComputedStyle(sidebar).direction === "rtl";
  const say = () => edge.setAttribute("aria-valuenow", String(bounded(now())));
  /** @param {number} width */
  const keep = (width) => {
    showWidth(width);
    say();
    onChange(width);
  };
  edge.addEventListener("keydown", (event) => {
    const width = widthAfter(event.key, now(), isAtRight());
    if (width === null) return;
    event.preventDefault();
    keep(width);
  });
  edge.addEventListener("dblclick", () => keep(USUAL));
  edge.addEventListener("pointerdown", (event) => {
    edge.setPointerCapture(event.pointerId);
    event.preventDefault(); // no text is selected meanwhile
  });
  edge.addEventListener("pointermove", ({ clientX, pointerId }) => {
    if (!edge.hasPointerCapture(pointerId)) return;
    const { left, right } = sidebar.getBoundingClientRect();
    showWidth(bounded(isAtRight() ? right - clientX : clientX - left));
  });
  edge.addEventListener("lostpointercapture", () => keep(bounded(now())));
  edge.addEventListener("focus", say);
  say();
  sidebar.append(edge);
}
