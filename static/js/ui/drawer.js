/**
 * The room list as a drawer, on narrow screens. While it is open it is all there is: the rest of
 * the page is inert, and a tap beside it lands on the scrim, which closes it.
 */

import { byId, h, isComposing } from "./dom.js";
import { placeHere, pushOver, step } from "./history.js";
import { WIDE } from "./narrow.js";
import { lateStrings as strings } from "./strings/late.js";

/** Makes the button in a view's head open and close the list.
 * @returns {{open: () => void, hide: () => void}} `hide` is for a view that is left */
export function startDrawer() {
  const drawer = new Drawer(byId("sidebar"));
  matchMedia(WIDE).addEventListener("change", () => drawer.close());
  return drawer;
}

class Drawer {
  #sidebar;
  #scrim = h("button", {
    class: "scrim",
    type: "button",
    "aria-label": strings.closeRooms,
    onclick: () => this.close(),
  });
  /** @type {Element[]} what was made inert */
  #covered = [];
  /** Its entry in the browser's history; 0 for none. */
  #at = 0;
  /** @type {Promise<unknown>} settled once the browser has left that entry */
  #returned = Promise.resolve();

  /** @param {HTMLElement} sidebar */
  constructor(sidebar) {
    this.#sidebar = sidebar;
    document.addEventListener("click", (event) => {
      if (/** @type {Element} */ (event.target).closest("#open-drawer")) this.open();
    });
    addEventListener("popstate", () => {
      if (placeHere() < this.#at) this.hide();
    });
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** The button of the view that is shown, if it has one.
   * @returns {HTMLElement | null} */
  get #opener() {
    return document.querySelector("#open-drawer");
  }

  get isOpen() {
    return this.#scrim.isConnected;
  }

  open() {
    if (this.isOpen) return;
    this.#covered = [...document.body.children].filter((other) => this.#covers(other));
    for (const other of this.#covered) other.toggleAttribute("inert", true);
    this.#sidebar.after(this.#scrim);
    this.#sidebar.classList.add("open");
    this.#opener?.setAttribute("aria-expanded", "true");
    this.#sidebar.querySelector("a")?.focus();
    this.#returned.then(() => this.#enter());
  }

  /** Makes Back close it. */
  #enter() {
    if (!this.isOpen) return;
    pushOver({ drawer: true });
    this.#at = placeHere();
  }

  /** Closes it, and leaves its entry in the browser's history. */
  close() {
    const here = this.#at > 0 && placeHere() === this.#at;
    this.hide();
    if (here) this.#returned = step(-1);
  }

  /** Closes it, and leaves the history as it is. */
  hide() {
    if (!this.isOpen) return;
    this.#at = 0;
    const inside = this.#sidebar.contains(document.activeElement) || this.#onScrim;
    this.#scrim.remove();
    for (const other of this.#covered) other.toggleAttribute("inert", false);
    this.#sidebar.classList.remove("open");
    this.#opener?.setAttribute("aria-expanded", "false");
    if (inside) this.#opener?.focus();
  }

  get #onScrim() {
    return document.activeElement === this.#scrim || document.activeElement === document.body;
  }

  /** Not what speaks to screen readers, and not what is inert for another reason.
   * @param {Element} other */
  #covers(other) {
    return other !== this.#sidebar && other.role !== "status" && !other.hasAttribute("inert");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Escape" || event.defaultPrevented || !this.isOpen) return;
    if (isComposing(event)) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault(); // or a panel closes, too
    this.close();
  }
}
