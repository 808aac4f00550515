/** Pictures over the whole window: one after another, nearer and farther, with their captions. */

import { h, icon } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";
import { firstView, moved, zoomed } from "./zoom.js";

/**
 * @typedef {object} Slide
 * @property {string} name
 * @property {string} caption who sent it, and when
 * @property {() => Promise<string>} load its address; rejects with what can be told
 */

const STEP = 1.25; // of a key or a button
const WHEEL = 0.0022; // per pixel that the wheel turns
const PAN = 80; // pixels that an arrow key moves the picture
const LINE = 20; // pixels of a wheel that counts lines

/**
 * Shows pictures until somebody closes them.
 * @param {Slide[]} slides
 * @param {number} at the first one to be shown
 * @param {HTMLElement} opener gets the focus back
 * @returns {void}
 */
export const openLightbox = (slides, at, opener) => new Lightbox(slides, opener).show(at);

class Lightbox {
  #slides;
  #at = 0;
  #stage = h("div", { class: "lightbox-stage" });
  #place = h("span", { class: "lightbox-place" });
  #caption = h("div", { class: "lightbox-caption", "aria-live": "polite" });
  #save = h("a", { class: "icon-button" }, icon("save"));
  #back = button("left", strings.files.previous, () => this.#go(-1));
  #next = button("right", strings.files.next, () => this.#go(1));
  #dialog;
  /** @type {Picture | null} */
  #picture = null;

  /** @param {Slide[]} slides @param {HTMLElement} opener */
  constructor(slides, opener) {
    this.#slides = slides;
    this.#dialog = h(
      "dialog",
      { class: "lightbox", "aria-label": strings.files.pictures, tabindex: "-1" },
      h(
        "div",
        { class: "lightbox-bar" },
        this.#caption,
        this.#place,
        button("minus", strings.files.farther, () => this.#picture?.zoom(1 / STEP)),
        button("plus", strings.files.nearer, () => this.#picture?.zoom(STEP)),
        this.#save,
        button("close", strings.close, () => this.#dialog.close()),
      ),
      this.#stage,
      slides.length > 1 && h("div", { class: "lightbox-sides" }, this.#back, this.#next),
    );
    this.#dialog.addEventListener("keydown", (event) => this.#onKey(event));
    const resize = () => this.#picture?.fit();
    addEventListener("resize", resize);
    this.#dialog.addEventListener("close", () => {
      removeEventListener("resize", resize);
      this.#dialog.remove();
      opener.focus();
    });
    acceptPointers(this.#stage, () => this.#picture);
  }

  /** @param {number} at */
  show(at) {
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#dialog.focus(); // keys work, and no button looks chosen
    this.#go(at);
  }

  /** @param {number} by */
  async #go(by) {
    const at = this.#at + by;
    const slide = this.#slides[at];
    if (!slide) return;
    this.#at = at;
    this.#picture = null;
    this.#describe(slide);
    this.#stage.replaceChildren(note(strings.files.loading, "status"));
    try {
      const address = await slide.load();
      const image = h("img", { alt: slide.name, src: address, draggable: "false" });
      await image.decode();
      if (this.#at === at) this.#hang(image, address);
    } catch (error) {
      if (this.#at === at) this.#stage.replaceChildren(note(error.message, "alert"));
    }
  }

  /** @param {HTMLImageElement} image @param {string} address */
  #hang(image, address) {
    this.#save.setAttribute("href", address);
    this.#stage.replaceChildren(image);
    this.#picture = new Picture(image, this.#stage);
    this.#picture.fit();
  }

  /** @param {Slide} slide */
  #describe({ name, caption }) {
    this.#caption.replaceChildren(h("b", {}, name), h("span", { class: "lightbox-by" }, caption));
    const many = this.#slides.length;
    this.#place.textContent = many > 1 ? strings.files.place(this.#at + 1, many) : "";
    this.#save.removeAttribute("href");
    this.#save.setAttribute("download", name);
    this.#save.setAttribute("aria-label", strings.files.save(name));
    for (const [end, side] of [
      [0, this.#back],
      [many - 1, this.#next],
    ]) {
      // Not `disabled`: that would lose the focus.
      /** @type {HTMLElement} */ (side).setAttribute("aria-disabled", String(this.#at === end));
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = this.#acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** @type {Record<string, () => void>} */
  #acts = {
    ArrowLeft: () => this.#go(-1),
    ArrowRight: () => this.#go(1),
    ArrowUp: () => this.#picture?.move(0, PAN),
    ArrowDown: () => this.#picture?.move(0, -PAN),
    PageUp: () => this.#picture?.move(0, this.#stage.clientHeight),
    PageDown: () => this.#picture?.move(0, -this.#stage.clientHeight),
    Home: () => this.#go(-this.#at),
    End: () => this.#go(this.#slides.length - 1 - this.#at),
    "+": () => this.#picture?.zoom(STEP),
    "=": () => this.#picture?.zoom(STEP),
    "-": () => this.#picture?.zoom(1 / STEP),
    0: () => this.#picture?.fit(),
  };
}

/** A picture on its stage. */
class Picture {
  #image;
  #stage;
  /** @type {import("./zoom.js").View} */
  #view = { scale: 1, x: 0, y: 0 };

  /** @param {HTMLImageElement} image decoded @param {HTMLElement} stage */
  constructor(image, stage) {
    this.#image = image;
    this.#stage = stage;
  }

  get #size() {
    return { w: this.#image.naturalWidth, h: this.#image.naturalHeight };
  }

  get #room() {
    return { w: this.#stage.clientWidth, h: this.#stage.clientHeight };
  }

  fit() {
    this.#draw(firstView(this.#size, this.#room));
  }

  /** @param {number} x @param {number} y */
  move(x, y) {
    this.#draw(moved(this.#view, x, y, this.#size, this.#room));
  }

  /** @param {number} factor @param {{clientX: number, clientY: number}} [at] by default the middle */
  zoom(factor, at) {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    const point = at
      ? { x: at.clientX - left - width / 2, y: at.clientY - top - height / 2 }
      : { x: 0, y: 0 };
    this.#draw(zoomed(this.#view, factor, point, this.#size, this.#room));
  }

  /** @param {import("./zoom.js").View} view */
  #draw(view) {
    this.#view = view;
    const { w, h: height } = this.#size;
    this.#image.style.inlineSize = `${w}px`;
    this.#image.style.blockSize = `${height}px`;
    this.#image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  }
}

/** A finger or the mouse moves the picture, two fingers and the wheel zoom.
 * @param {HTMLElement} stage @param {() => Picture | null} current */
function acceptPointers(stage, current) {
  /** @type {Map<number, PointerEvent>} */
  const down = new Map();
  stage.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, event);
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const other = [...down.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    if (other) current()?.zoom(apart(event, other) / apart(before, other), between(event, other));
    else current()?.move(event.clientX - before.clientX, event.clientY - before.clientY);
    down.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    stage.addEventListener(end, (event) =>
      down.delete(/** @type {PointerEvent} */ (event).pointerId),
    );
  }
  stage.addEventListener("dblclick", (event) => current()?.zoom(2, event));
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault(); // or the browser zooms the page
      const turned = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
      const pinch = event.ctrlKey ? 4 : 1; // a touchpad's pinch comes in small steps
      current()?.zoom(Math.exp(-turned * WHEEL * pinch), event);
    },
    { passive: false },
  );
}

/** @typedef {{clientX: number, clientY: number}} Place */

/** @param {Place} a @param {Place} b */
const apart = (a, b) => Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY));

/** @param {Place} a @param {Place} b @returns {Place} */
const between = (a, b) => ({
  clientX: (a.clientX + b.clientX) / 2,
  clientY: (a.clientY + b.clientY) / 2,
});

/** @param {string} text @param {string} role */
const note = (text, role) => h("p", { class: "lightbox-note", role }, text);

/** @param {string} picture @param {string} label @param {() => void} press */
const button = (picture, label, press) =>
  h(
    "button",
    {
      class: "icon-button",
      type: "button",
      "aria-label": label,
      title: label,
      onclick: press,
    },
    icon(picture),
  );
