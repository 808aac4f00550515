/**
 * The room list as a drawer, on narrow screens. While it is open it is all there is: the rest of
 * the page is inert, and a tap beside it lands on the scrim, which closes it.
 */

import { isComposing } from "./composing.js";
import { byId, h } from "./dom.js";
import { strings } from "./strings.js";

/** The width from which the list stands beside the page, as in sotto.css. */
const WIDE = "(min-width: 901px)";

/** Makes the button in the room's head open and close the list. */
export function startDrawer() {
  const drawer = new Drawer(byId("sidebar"), byId("open-drawer"));
  matchMedia(WIDE).addEventListener("change", () => drawer.close());
}

class Drawer {
  #sidebar;
  #opener;
  #scrim = h("button", {
    class: "scrim",
    type: "button",
    "aria-label": strings.closeRooms,
    onclick: () => this.close(),
  });
  /** @type {Element[]} what was made inert */
  #covered = [];

  /** @param {HTMLElement} sidebar @param {HTMLElement} opener */
  constructor(sidebar, opener) {
    this.#sidebar = sidebar;
    this.#opener = opener;
    opener.addEventListener("click", () => this.open());
    sidebar.addEventListener("click", (event) => this.#onClick(event));
    document.addEventListener("keydown", (event) => this.#onKey(event));
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
    this.#opener.setAttribute("aria-expanded", "true");
    this.#sidebar.querySelector("a")?.focus();
  }

  close() {
    if (!this.isOpen) return;
    const inside = this.#sidebar.contains(document.activeElement) || this.#onScrim;
    this.#scrim.remove();
    for (const other of this.#covered) other.toggleAttribute("inert", false);
    this.#sidebar.classList.remove("open");
    this.#opener.setAttribute("aria-expanded", "false");
    if (inside) this.#opener.focus();
  }

  get #onScrim() {
    return document.activeElement === this.#scrim || document.activeElement === document.body;
  }

  /** Not what speaks to screen readers, and not what is inert for another reason.
   * @param {Element} other */
  #covers(other) {
    return other !== this.#sidebar && other.role !== "status" && !other.hasAttribute("inert");
  }

  /** A link leads out of it. @param {MouseEvent} event */
  #onClick(event) {
    const link = /** @type {Element} */ (event.target).closest("a");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) this.close();
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
