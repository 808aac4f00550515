/**
 * A small window beside what opened it: menus and pickers. Light dismiss, Escape, top layer and
 * focus return are the browser's; the position beside the opener is computed here.
 */

import { h } from "./dom.js";

const GAP = 4; // pixels between the opener and the window
const EDGE = 8; // pixels to the window's edge
/** On phones it is a sheet at the bottom, as in popup.css. */
const SHEET = "(max-width: 640px)";

/**
 * @param {HTMLElement} opener @param {string} label @param {Node[]} content
 * @param {{role?: string, onClose?: () => void}} [about]
 * @returns {{close: () => void}}
 */
export function openPopup(opener, label, content, { role = "dialog", onClose } = {}) {
  const popup = h(
    "div",
    { class: "popup", popover: "auto", role, "aria-label": label },
    ...content,
  );
  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  const close = () => popup.hidePopover();
  popup.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") return;
    const inside =
      popup.contains(document.activeElement) || document.activeElement === document.body;
    popup.remove();
    onClose?.();
    if (inside) (opener.isConnected ? opener : back)?.focus();
  });
  popup.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") event.stopPropagation(); // or the panel closes with it
    move(event, popup);
  });
  document.body.append(popup);
  popup.showPopover();
  if (!matchMedia(SHEET).matches) put(popup, opener.getBoundingClientRect());
  /** @type {HTMLElement | null} */
  const first = popup.querySelector("[autofocus], button, input");
  first?.focus();
  return { close };
}

/** Below the opener if there is room, else above; never over the edge.
 * @param {HTMLElement} popup @param {DOMRect} at */
function put(popup, at) {
  const { width, height } = popup.getBoundingClientRect();
  const below = at.bottom + GAP + height <= innerHeight - EDGE;
  const top = below ? at.bottom + GAP : Math.max(EDGE, at.top - GAP - height);
  const left = Math.min(Math.max(EDGE, at.right - width), innerWidth - width - EDGE);
  popup.style.insetBlockStart = `${top}px`;
  popup.style.insetInlineStart = `${left}px`;
}

const STEPS = /** @type {Record<string, number>} */ ({
  ArrowDown: 1,
  ArrowRight: 1,
  ArrowUp: -1,
  ArrowLeft: -1,
});

/** Arrow keys move between buttons; in a grid, up and down move by rows.
 * @param {KeyboardEvent} event @param {HTMLElement} popup */
function move(event, popup) {
  const step = STEPS[event.key];
  const buttons = [...popup.querySelectorAll("button")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  if (!step || (at < 0 && event.key !== "ArrowDown")) return;
  event.preventDefault();
  const vertical = event.key === "ArrowDown" || event.key === "ArrowUp";
  const row = vertical ? perRow(buttons) : 1;
  const next = at < 0 ? 0 : at + step * row;
  buttons[(next + buttons.length) % buttons.length]?.focus();
}

/** @param {HTMLElement[]} buttons */
function perRow(buttons) {
  const top = buttons[0]?.offsetTop;
  const others = buttons.findIndex(({ offsetTop }) => offsetTop !== top);
  return others < 1 ? buttons.length : others;
}

/**
 * @typedef {{icon?: Node, label: string, danger?: boolean, run: () => void}} Choice
 * @param {HTMLElement} opener @param {string} label @param {Choice[]} choices
 * @param {() => void} [onClose]
 */
export function openMenu(opener, label, choices, onClose) {
  const items = choices.map(({ icon, label: text, danger, run }) => {
    const pick = () => {
      popup.close();
      run();
    };
    const kind = danger ? "menu-item danger" : "menu-item";
    return h(
      "button",
      { class: kind, type: "button", role: "menuitem", onclick: pick },
      icon,
      text,
    );
  });
  const popup = openPopup(opener, label, items, { role: "menu", onClose });
  return popup;
}
