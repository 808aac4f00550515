/**
 * A small window beside what opened it: menus and pickers. Light dismiss, Escape, top layer and
 * focus return are the browser's; the position beside the opener is computed here. On phones, and
 * where a finger opened it, it is a modal sheet at the bottom: the finger's lifting does not
 * dismiss it, and a tap beside it presses nothing else.
 */

import { h } from "./dom.js";

const GAP = 4; // pixels between the opener and the window
const EDGE = 8; // pixels to the window's edge
const SHEET = "(max-width: 640px)";
/** Content outside of these is lost to people who go from landmark to landmark. */
const LANDMARK = "main, nav, aside, dialog";

/**
 * @typedef {object} PopupOptions
 * @property {string} [role]
 * @property {boolean} [pressed] a finger that is still down opens it
 * @property {() => void} [onClose]
 */

/**
 * @param {HTMLElement} opener @param {string} label @param {Node[]} content
 * @param {PopupOptions} [options]
 * @returns {{close: () => void}}
 */
export function openPopup(opener, label, content, options = {}) {
  const { role = "dialog", pressed = false, onClose } = options;
  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  const sheet = pressed || matchMedia(SHEET).matches;
  /** @type {HTMLElement} */
  const popup = sheet ? sheetOf(role, label, content) : popoverOf(role, label, content);
  const closed = () => {
    const inside =
      popup.contains(document.activeElement) || document.activeElement === document.body;
    popup.remove();
    onClose?.();
    if (inside) (opener.isConnected ? opener : back)?.focus();
  };
  popup.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") event.stopPropagation(); // or the panel closes with it
    move(event, popup);
  });
  const close = popup instanceof HTMLDialogElement ? showSheet(popup) : showBeside(popup, opener);
  popup.addEventListener(sheet ? "close" : "toggle", (event) => {
    if (sheet || /** @type {ToggleEvent} */ (event).newState === "closed") closed();
  });
  /** @type {HTMLElement | null} */
  const first = popup.querySelector("[autofocus], button, input");
  first?.focus();
  return { close };
}

/** @param {string} role @param {string} label @param {Node[]} content */
const popoverOf = (role, label, content) =>
  h("div", { class: "popup", popover: "auto", role, "aria-label": label }, ...content);

/** @param {string} role @param {string} label @param {Node[]} content */
function sheetOf(role, label, content) {
  const about = { class: "popup sheet", "aria-label": label };
  if (role === "dialog") return h("dialog", about, ...content);
  return h("dialog", about, h("div", { role, "aria-label": label }, ...content));
}

/** @param {HTMLDialogElement} popup @returns {() => void} what closes it */
function showSheet(popup) {
  // The finger that opened it makes a click when it lifts, on whatever lies under it by then. Only
  // what began here counts: a pointer that went down, or a key.
  let begun = false;
  let beside = false;
  const down = (/** @type {PointerEvent} */ event) => {
    begun = true;
    beside = event.target === popup && !isWithin(event, popup);
  };
  const click = (/** @type {MouseEvent} */ event) => {
    if (!begun && event.detail > 0) return event.stopPropagation();
    if (beside && event.target === popup && !isWithin(event, popup)) popup.close();
  };
  popup.addEventListener("pointerdown", down, { capture: true });
  popup.addEventListener("click", click, { capture: true });
  document.body.append(popup);
  popup.showModal();
  return () => popup.close();
}

/** @param {MouseEvent} event @param {HTMLElement} element */
function isWithin({ clientX, clientY }, element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
}

/** @param {HTMLElement} popup @param {HTMLElement} opener @returns {() => void} what closes it */
function showBeside(popup, opener) {
  (opener.closest(LANDMARK) ?? document.body).append(popup);
  popup.showPopover();
  put(popup, opener.getBoundingClientRect());
  return () => popup.hidePopover();
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
  const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
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
 * @param {Pick<PopupOptions, "pressed" | "onClose">} [options]
 */
export function openMenu(opener, label, choices, options = {}) {
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
  const popup = openPopup(opener, label, items, { ...options, role: "menu" });
  return popup;
}
