/**
 * The panel at the right; on phones it covers the page. It holds a stack of pages: Back returns to
 * the page below and finally closes the panel, and so does the browser's Back.
 */

import { h, icon, isComposing } from "./dom.js";
import { pushOver } from "./history.js";
import { PressGuard } from "./press.js";
import { lateStrings as strings } from "./strings/late.js";

/** The width at which the panel covers the page, as in panel.css, and makes it inert. */
const COVERS = "(max-width: 640px)";
const CONTROLS = "a, button, input, select, textarea, summary, [tabindex]";

/** @typedef {string | HTMLElement} PageKey by which `refresh` finds a page
 * @typedef {{id: string, key: PageKey, name: string, nodes: Node[], focus: HTMLElement | null}} Page
 *   `focus` is what had it when the page was covered by another */

/** @param {PageKey} key @param {string} name @param {Node[]} nodes @returns {Page} */
const page = (key, name, nodes) => ({ id: crypto.randomUUID(), key, name, nodes, focus: null });

export class Panel {
  #panel;
  #title;
  #body;
  #closer;
  #backer;
  #presses;
  #covers = matchMedia(COVERS);
  /** @type {HTMLElement | null} */
  #opener = null;
  /** @type {Page[]} */
  #pages = [];
  #leaving = new AbortController();

  /** @param {HTMLElement} panel @param {HTMLElement} title @param {HTMLElement} body
   * @param {HTMLElement} closer */
  constructor(panel, title, body, closer) {
    this.#panel = panel;
    this.#title = title;
    this.#body = body;
    this.#presses = new PressGuard(body);
    this.#closer = closer;
    this.#backer = h(
      "button",
      { class: "icon-button panel-back", type: "button", hidden: true, onclick: () => this.back() },
      icon("back"),
    );
    title.before(this.#backer);
    closer.addEventListener("click", () => this.close());
    const { signal } = this.#leaving;
    addEventListener("popstate", () => this.#follow(), { signal });
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    this.#covers.addEventListener("change", () => this.#guard(), { signal });
  }

  /** Ends it with the view that it belongs to. The history is the router's by then. */
  leave() {
    this.#leaving.abort();
    this.#opener = null; // the focus goes to the next view
    this.#hide();
  }

  isOpen() {
    return !this.#panel.hidden;
  }

  /** Tells whether a page is visible. @param {PageKey} key */
  isShowing(key) {
    return this.isOpen() && this.#top.key === key;
  }

  /** Tells whether a page is in the stack. @param {PageKey} key */
  holds(key) {
    return this.#pages.some((page) => page.key === key);
  }

  /** @param {HTMLElement} from the button that opened it @param {string} name
   * @param {Node[]} content @param {PageKey} [key] by which `refresh` finds it */
  open(from, name, content, key = from) {
    if (this.#leaving.signal.aborted) return;
    if (this.isOpen() && this.#pages.length === 1 && this.#top.key === key) return this.close();
    const next = page(key, name, content);
    if (this.isOpen()) {
      next.id = this.#pages[0].id;
      if (this.#pages.length > 1 && this.#inStep()) history.go(1 - this.#pages.length);
    } else pushOver({ panel: next.id });
    this.#pages = [next];
    this.#opener?.setAttribute("aria-expanded", "false");
    this.#opener = from;
    from.setAttribute("aria-expanded", "true");
    this.#draw();
    this.#panel.hidden = false;
    this.#guard();
    this.#closer.focus();
  }

  /** Pushes a page onto the stack.
   * @param {PageKey} key by which `refresh` finds it
   * @param {string} name @param {Node[]} content */
  push(key, name, content) {
    if (!this.isOpen()) return;
    this.#top.focus = /** @type {HTMLElement} */ (document.activeElement);
    this.#pages = [...this.#pages, page(key, name, content)];
    pushOver({ panel: this.#top.id });
    this.#draw();
    this.#backer.focus();
  }

  /** Renders a page again, if it is in the stack; keeps what was open, typed and focused.
   * @param {PageKey} key @param {() => Node[]} content */
  refresh(key, content) {
    const found = this.isOpen() && this.#pages.find((other) => other.key === key);
    if (!found) return;
    found.nodes = content();
    this.#presses.draw(() => this.#drawAgain(found));
  }

  /** @param {Page} found */
  #drawAgain(found) {
    if (!this.isOpen() || found !== this.#top) return;
    const resume = remember(this.#body);
    const at = this.#body.scrollTop;
    this.#body.replaceChildren(...found.nodes);
    resume();
    this.#body.scrollTop = at;
  }

  /** Moves the focus to an element of the visible page: what a press has changed is drawn after it.
   * @param {string} selector */
  focusOn(selector) {
    this.#presses.afterDrawing(() => {
      const found = this.#body.querySelector(selector);
      /** @type {HTMLElement | null} */ (found)?.focus();
    });
  }

  /** Goes one page back, or closes the panel. */
  back() {
    if (this.#pages.length < 2) this.close();
    else if (this.#inStep()) history.back();
  }

  close() {
    if (!this.isOpen()) return;
    if (this.#inStep()) history.go(-this.#pages.length);
    else this.#hide();
  }

  get #top() {
    return this.#pages[this.#pages.length - 1];
  }

  /** Tells whether the browser's history matches the panel. */
  #inStep() {
    return history.state?.panel === this.#top?.id;
  }

  /** Follows the browser's history: to the page it names, or closes the panel. */
  #follow() {
    if (!this.isOpen()) return;
    const at = this.#pages.findIndex(({ id }) => id === history.state?.panel);
    if (at < 0) return this.#hide();
    if (at === this.#pages.length - 1) return;
    this.#pages = this.#pages.slice(0, at + 1);
    this.#draw();
    (this.#before(this.#top.focus) ?? this.#closer).focus();
  }

  /** The element that had the focus on this page, or the one drawn in its place.
   * @param {HTMLElement | null} focus */
  #before(focus) {
    if (this.#body.contains(focus)) return focus;
    const key = focus?.dataset.key;
    return key ? controls(this.#body).find(({ dataset }) => dataset.key === key) : undefined;
  }

  #draw() {
    const below = this.#pages[this.#pages.length - 2];
    this.#title.textContent = this.#top.name;
    this.#body.replaceChildren(...this.#top.nodes);
    this.#body.scrollTop = 0;
    this.#backer.hidden = !below;
    this.#backer.setAttribute("aria-label", below ? strings.backTo(below.name) : "");
  }

  #hide() {
    if (!this.isOpen()) return;
    this.#panel.hidden = true;
    this.#pages = [];
    this.#guard();
    this.#opener?.setAttribute("aria-expanded", "false");
    this.#opener?.focus();
    this.#opener = null;
  }

  #guard() {
    for (const other of this.#panel.parentElement?.children ?? []) {
      // Live regions must not become inert.
      if (other === this.#panel || other.role === "status") continue;
      other.toggleAttribute("inert", this.isOpen() && this.#covers.matches);
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Escape" || event.defaultPrevented || isComposing(event)) return;
    if (!document.querySelector("dialog[open]")) this.close();
  }
}

/** Saves what is open, typed, scrolled and focused; returns a function that restores it after
 * rendering. Controls with a `data-key` are found by it, the others by their position.
 * @param {HTMLElement} body */
function remember(body) {
  const focused = /** @type {HTMLElement} */ (document.activeElement);
  const at = controls(body).indexOf(focused);
  const key = at < 0 ? undefined : focused.dataset.key;
  const open = new Set(keyed(body, "details", "[open]").map(({ dataset }) => dataset.key));
  const scrolled = new Map(keyed(body, "div").map((div) => [div.dataset.key, div.scrollTop]));
  const typed = new Map(keyed(body, "input").map((input) => [input.dataset.key, input.value]));
  return () => {
    for (const details of keyed(body, "details")) {
      if (open.has(details.dataset.key)) unfold(details);
    }
    for (const input of keyed(body, "input")) retype(input, typed.get(input.dataset.key));
    for (const div of keyed(body, "div")) div.scrollTop = scrolled.get(div.dataset.key) ?? 0;
    if (at < 0) return;
    const same = key && controls(body).find(({ dataset }) => dataset.key === key);
    (same || controls(body)[at])?.focus();
  };
}

/** The browser fires `toggle` later; content that is created on opening is needed now.
 * @param {HTMLDetailsElement} details */
function unfold(details) {
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
}

/** @param {HTMLInputElement} input @param {string | undefined} value */
function retype(input, value) {
  if (value === undefined || value === input.value) return;
  input.value = value;
  input.dispatchEvent(new Event("input"));
}

/**
 * Returns the elements with a `data-key`.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {HTMLElement} body @param {Tag} tag @param {string} [state] more of the selector
 * @returns {HTMLElementTagNameMap[Tag][]}
 */
const keyed = (body, tag, state = "") => [
  .../** @type {NodeListOf<HTMLElementTagNameMap[Tag]>} */ (
    body.querySelectorAll(`${tag}${state}[data-key]`)
  ),
];

/** @param {HTMLElement} body @returns {HTMLElement[]} */
const controls = (body) => [
  .../** @type {NodeListOf<HTMLElement>} */ (body.querySelectorAll(CONTROLS)),
];
