/** Builds DOM safely: text stays text, attributes stay attributes, nothing is parsed. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: never) => unknown)>} Attributes
 *   `on…` are listeners; false, null and undefined are left out */

/**
 * Returns an element of the page's template.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [type] its class; HTMLElement by default
 * @returns {T}
 * @throws {Error} if the page has no such element
 */
export function byId(id, type = /** @type {new () => T} */ (HTMLElement)) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return found;
}

/**
 * Makes an element. Text stays text: nothing is parsed as markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(
    .../** @type {(Node | string)[]} */ (children.filter((child) => child || child === "")),
  );
  return element;
}

/** @param {string} tag @param {Record<string, string | number>} attributes
 * @param {...Node} children */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** @param {Element} element @param {Attributes} attributes */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
}

/** An icon of the sprite. @param {string} name @param {string} [extra] a class */
export function icon(name, extra = "") {
  const use = svg("use", { href: `${document.body.dataset.icons}#${name}` });
  return svg("svg", { class: `icon ${extra}`.trim(), "aria-hidden": "true" }, use);
}

const ANNOUNCED = 3000; // ms; a message that is deleted must not stay here

/** Announces a text to screen readers, even if it repeats the previous one. @param {string} text */
export function announce(text) {
  const line = h("span", {}, `${text} `);
  document.getElementById("announcer")?.append(line);
  setTimeout(() => line.remove(), ANNOUNCED);
}

/** Tells whether a key belongs to the input method, which composes a character.
 *
 * In Safari the key that ends a composition comes after it, with the code that means an input
 * method.
 * @param {KeyboardEvent} event */
export const isComposing = (event) => event.isComposing || event.keyCode === INPUT_METHOD;

const INPUT_METHOD = 229;

/**
 * Takes files that are dropped anywhere on the page, which the browser would open in its place.
 * @param {HTMLElement} target is marked while files are dragged
 * @param {(files: File[]) => void} onFiles
 * @param {AbortSignal} signal ends it
 */
export function acceptDrops(target, onFiles, signal) {
  /** @param {string} type @param {(event: DragEvent) => void} listener */
  const on = (type, listener) =>
    document.addEventListener(type, /** @type {EventListener} */ (listener), { signal });
  const mark = (/** @type {boolean} */ over) => target.classList.toggle("dropping", over);
  on("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    mark(true);
  });
  on("dragleave", ({ relatedTarget }) => relatedTarget ?? mark(false));
  on("drop", (event) => {
    mark(false);
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    onFiles([...event.dataTransfer.files]);
  });
}
