/**
 * The toolbar of messages, loaded when a message is first pointed at, focused or pressed. What a person
 * did until then counts once it is here.
 */

import { loadPart } from "../load-part.js";

/** @typedef {import("../timeline/actions.js").MessageToolbar} MessageToolbar */

const FIRST = /** @type {const} */ (["pointerover", "focusin", "keydown", "pointerdown"]);

/**
 * Loads what a person can do with messages once it is asked for.
 * @param {HTMLElement} list of the messages
 * @param {Pick<import("../timeline/timeline.js").Callbacks, "loadActions" | "onReact">} callbacks
 * @param {(key: string) => import("../timeline/message.js").TimelineItem | undefined} itemOf
 */
export function startToolbar(list, { loadActions, onReact }, itemOf) {
  return new LateToolbar(list, async () => {
    const [{ MessageToolbar }, actionsFor] = await Promise.all([
      import("../timeline/actions.js"),
      loadActions(),
    ]);
    const about = (/** @type {string} */ key) => {
      const line = itemOf(key);
      return line ? { line, actions: actionsFor(line) } : null;
    };
    return new MessageToolbar(list, about, onReact);
  });
}

export class LateToolbar {
  #list;
  #make;
  /** @type {MessageToolbar | null} */
  #toolbar = null;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {Event | null} the last key, else the last thing, that came before it was here */
  #done = null;

  /** @param {HTMLElement} list of the messages
   * @param {() => Promise<MessageToolbar>} make loads it */
  constructor(list, make) {
    this.#list = list;
    this.#make = make;
    for (const type of FIRST) list.addEventListener(type, this.#onFirst);
    list.addEventListener("pointerup", this.#onLifted);
    list.addEventListener("pointercancel", this.#onLifted);
  }

  /** Follows a message that was rendered again.
   * @param {HTMLElement} old @param {HTMLElement} now */
  replaced(old, now) {
    this.#toolbar?.replaced(old, now);
  }

  #onFirst = (/** @type {Event} */ event) => {
    if (this.#done?.type !== "keydown" || event.type === "keydown") this.#done = event;
    this.#loading ??= this.#load(event.type === "keydown" || event.type === "pointerdown").then(
      (toolbar) => {
        this.#loading = null;
        if (toolbar) this.#use(toolbar);
      },
    );
  };

  /** @param {boolean} pressed whether somebody waits for it: only then it is said where it fails */
  #load(pressed) {
    return pressed ? loadPart(this.#make) : this.#make().catch(() => null);
  }

  /** A finger that was lifted meanwhile was no long press. */
  #onLifted = () => {
    if (this.#done?.type === "pointerdown") this.#done = null;
  };

  /** @param {MessageToolbar} toolbar */
  #use(toolbar) {
    this.#toolbar = toolbar;
    for (const type of FIRST) this.#list.removeEventListener(type, this.#onFirst);
    this.#list.removeEventListener("pointerup", this.#onLifted);
    this.#list.removeEventListener("pointercancel", this.#onLifted);
    if (this.#done) toolbar.catchUp(this.#done);
    this.#done = null;
  }
}
