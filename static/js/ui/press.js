/**
 * Keeps what is pressed in its place until it is released. A browser makes a click only of a press
 * that ends on the element where it began: one that is drawn anew meanwhile is never clicked.
 */

const ENDS = ["pointerup", "pointercancel", "dragend", "contextmenu", "blur"];

/** Draws the content of an element, but not under a finger or a held mouse button. */
export class PressGuard {
  #presses = 0; // under way; a quick second one begins before the first has ended
  /** @type {(() => void) | null} the last drawing that was asked for during a press */
  #waiting = null;
  /** @type {(() => void) | null} what comes after that drawing */
  #afterwards = null;

  /** @param {HTMLElement} root whose content is drawn */
  constructor(root) {
    root.addEventListener("pointerdown", ({ button }) => {
      if (button === 0) this.#begin();
    });
  }

  /** Draws now, or once the press has ended: of several drawings the last one.
   * @param {() => void} work */
  draw(work) {
    if (this.#presses > 0) this.#waiting = work;
    else work();
  }

  /** Works on what is drawn: now, or once the press has ended and its drawing is done.
   * @param {() => void} work */
  afterDrawing(work) {
    if (this.#presses > 0) this.#afterwards = work;
    else work();
  }

  #begin() {
    this.#presses += 1;
    const ended = new AbortController();
    const end = () => {
      ended.abort();
      setTimeout(() => this.#end()); // after the click, which comes with the release
    };
    for (const type of ENDS) addEventListener(type, end, { signal: ended.signal });
  }

  #end() {
    this.#presses -= 1;
    if (this.#presses > 0) return;
    const [work, then] = [this.#waiting, this.#afterwards];
    this.#waiting = null;
    this.#afterwards = null;
    work?.();
    then?.();
  }
}
