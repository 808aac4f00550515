/**
 * Long presses by touch. The timer decides, or the browser's own long press where it comes first
 * (`contextmenu`); a finger that moves, a second finger and scrolling call it off.
 */

const LONG = 500; // ms
const MOVED = 10; // pixels: it is a scroll, not a press
/** Long presses on these have a meaning of the browser's own. */
const OWN_MENU = "a[href], input, textarea, select, audio, video";

/**
 * Calls `press` while the finger is still down. The click that may follow is swallowed.
 * @param {HTMLElement} list
 * @param {(target: Element) => boolean} press returns whether it did something
 * @returns {(event: PointerEvent) => void} begins with a finger that is down already
 */
export function onLongPress(list, press) {
  const watch = new PressWatch(press);
  list.addEventListener("pointerdown", (event) => watch.begin(event));
  list.addEventListener("pointermove", (event) => watch.move(event));
  for (const end of ["pointerup", "pointercancel"]) {
    list.addEventListener(end, () => watch.stop());
  }
  list.addEventListener("scroll", () => watch.stop(), { capture: true });
  list.addEventListener("contextmenu", (event) => watch.onMenu(event));
  list.addEventListener("click", (event) => watch.onClick(event), { capture: true });
  return (event) => watch.begin(event);
}

class PressWatch {
  #press;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {{x: number, y: number, target: Element} | null} where a finger is down */
  #from = null;
  #done = false; // this press has been answered

  /** @param {(target: Element) => boolean} press */
  constructor(press) {
    this.#press = press;
  }

  /** @param {PointerEvent} event */
  begin({ target, pointerType, isPrimary, clientX, clientY }) {
    this.stop();
    this.#done = false;
    const element = /** @type {Element} */ (target);
    if (pointerType === "mouse" || !isPrimary || element.closest(OWN_MENU)) return;
    this.#from = { x: clientX, y: clientY, target: element };
    this.#timer = setTimeout(() => this.#fire(), LONG);
  }

  /** @param {PointerEvent} event */
  move({ clientX, clientY }) {
    if (this.#from && Math.hypot(clientX - this.#from.x, clientY - this.#from.y) > MOVED)
      this.stop();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#from = null;
  }

  /** The browser's own menu would cover ours. @param {Event} event */
  onMenu(event) {
    if (!this.#from && !this.#done) return;
    event.preventDefault();
    this.#fire();
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    if (!this.#done || event.detail === 0) return; // of a key
    this.#done = false;
    event.preventDefault();
    event.stopPropagation();
  }

  #fire() {
    const target = this.#from?.target;
    this.stop();
    if (target) this.#done = this.#press(target);
  }
}
