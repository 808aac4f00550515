/** Loads more messages where the reader comes near an end of those that are shown. A view that is full
 * asks for none before the reader moves: many visits look at the newest messages and go on. */

/** @typedef {import("./timeline-drawing.js").OlderState} OlderState */

const NEAR = 400; // pixels from an end at which more is fetched

export class EdgeLoader {
  #position;
  #callbacks;
  #view;
  #loading = false;
  /** @type {OlderState} */
  older = "";

  /**
   * @param {{above: number, below: number}} position pixels that are out of view
   * @param {Pick<import("./timeline.js").OwnCallbacks, "onNeedOlder" | "onNeedNewer">} callbacks
   * @param {{about: () => import("./timeline-drawing.js").About, onOlder: (state: OlderState) => void}}
   *   view told how the loading of older messages stands
   */
  constructor(position, callbacks, view) {
    this.#position = position;
    this.#callbacks = callbacks;
    this.#view = view;
  }

  /** Loads what comes next where the reader is near an end of what is shown. */
  loadNear() {
    return this.#loadWithin(NEAR);
  }

  /** Loads what comes next where what is shown does not fill the view, or ends with it. */
  fill() {
    return this.#loadWithin(0);
  }

  /** @param {number} near pixels from an end */
  async #loadWithin(near) {
    if (this.#loading) return;
    const { hasOlder, hasNewer } = this.#view.about();
    let loaded = false;
    if (this.older === "" && hasOlder && this.#position.above <= near)
      loaded = await this.loadOlder(near === 0);
    else if (hasNewer && this.#position.below <= near)
      loaded = await this.#load(this.#callbacks.onNeedNewer);
    if (loaded) requestAnimationFrame(() => this.#loadWithin(near));
  }

  /** @param {boolean} [few] only as many as the view lacks @returns {Promise<boolean>} whether it could */
  async loadOlder(few = false) {
    if (!this.#view.about().hasOlder || this.#loading) return false;
    this.#setOlder("loading");
    const loaded = await this.#load(() => this.#callbacks.onNeedOlder(few));
    this.#setOlder(loaded ? "" : "failed");
    return loaded;
  }

  /** @param {() => Promise<void>} load @returns {Promise<boolean>} whether it could */
  async #load(load) {
    this.#loading = true;
    try {
      await load();
      return true;
    } catch {
      return false;
    } finally {
      this.#loading = false;
    }
  }

  /** @param {OlderState} state */
  #setOlder(state) {
    this.older = state;
    this.#view.onOlder(state);
  }
}
