/** Pictures in a message: at the size that they will have, loaded when they come into view. */

import { h, icon } from "../dom.js";
import { loadPart } from "../load-part.js";
import { lateStrings as strings } from "../strings/late.js";
import { mayShow, pixelSize, SHOWN } from "./picture-file.js";

/** @typedef {import("./attachments.js").RoomFile} RoomFile */
/** @typedef {import("./attachments.js").OpenFile} OpenFile */
/** @typedef {import("./lightbox.js").Slide} Slide */

const BY_ITSELF = 8 * 1024 * 1024; // bytes; a larger picture is opened when it is asked for
const WIDEST = 420; // pixels
const TALLEST = 360;
const SMALLEST = 24;
const ROW = 132; // pixels that the pictures of a row are high before they fill it
const [NARROW, BROAD] = [0.4, 3.2]; // width to height; outside of it there is ground beside a picture

/** A picture of more points than a browser should decode, or none that is known here. */
class NotShown extends Error {}

/** Addresses of opened pictures, which the browser keeps until they are revoked. @type {Set<string>} */
const addresses = new Set();

/** Forgets the opened pictures of a conversation that is left. */
export function forgetPictures() {
  for (const address of addresses) URL.revokeObjectURL(address);
  addresses.clear();
}

/** Lightbox slides by picture box. @type {WeakMap<Element, Slide>} */
const slides = new WeakMap();

/**
 * Several pictures in rows, none of them cropped.
 * @param {HTMLElement[]} boxes
 * @returns {HTMLElement}
 */
export const pictureGrid = (boxes) => h("div", { class: "picture-grid" }, ...boxes);

/**
 * @param {RoomFile} file with a width and a height
 * @param {OpenFile} open
 * @param {string} caption who sent it, and when
 * @param {boolean} alone whether it is the message's only picture
 * @param {() => Node} instead what takes its place if it cannot be shown
 * @returns {HTMLElement}
 */
export function pictureBox(file, open, caption, alone, instead) {
  const box = h("button", {
    class: "picture",
    type: "button",
    "data-act": `file:${file.id}`,
    "aria-label": strings.files.show(file.name),
  });
  keepPlace(box, file, alone);
  const whole = once(() => addressOf(file, open));
  const shown = file.thumb && SHOWN.has(file.thumb.type) ? file.thumb : file;
  const small = shown !== file ? once(() => addressOf(shown, open)) : whole;
  const load = async () => {
    try {
      await draw(box, file.name, await small());
    } catch (error) {
      if (error instanceof NotShown) box.replaceWith(instead());
      else box.replaceChildren(icon("warning"), h("span", {}, strings.files.failed));
    }
  };
  slides.set(box, { name: file.name, caption, load: () => told(whole()) });
  box.addEventListener("click", () => enlarge(box, load));
  if (shown.size <= BY_ITSELF) whenSeen(box, load);
  else box.append(icon("image"), h("span", {}, strings.files.size(file.size)));
  return box;
}

/** Nothing moves when the picture comes. Its sender's word on its size keeps the place for it, and
 * is used for nothing else. @param {HTMLElement} box @param {RoomFile} file @param {boolean} alone */
function keepPlace(box, { w = 1, h: height = 1 }, alone) {
  const ratio = Math.min(Math.max(w / height, NARROW), BROAD);
  box.style.aspectRatio = String(ratio);
  if (alone) {
    const width = Math.min(WIDEST, TALLEST * ratio, Math.max(w, height * ratio));
    box.style.inlineSize = `${Math.max(SMALLEST, Math.round(width))}px`;
  } else {
    box.style.flex = `${ratio} 1 ${Math.round(ROW * ratio)}px`;
    box.style.maxInlineSize = `min(100%, ${Math.round(2 * ROW * ratio)}px)`;
  }
}

/** @param {HTMLElement} box @param {() => Promise<void>} load */
async function enlarge(box, load) {
  if (!box.querySelector("img")) load();
  const all = [...(box.closest("ol") ?? box).querySelectorAll(".picture")].filter((other) =>
    slides.has(other),
  );
  const found = all.map((other) => /** @type {Slide} */ (slides.get(other)));
  const part = await loadPart(() => import("./lightbox.js"));
  part?.openLightbox(found, all.indexOf(box), box);
}

/** @param {RoomFile | NonNullable<RoomFile["thumb"]>} file @param {OpenFile} open */
async function addressOf(file, open) {
  const blob = await open(file);
  if (!mayShow(pixelSize(new Uint8Array(await blob.arrayBuffer())))) throw new NotShown();
  const address = URL.createObjectURL(new Blob([blob], { type: file.type }));
  addresses.add(address);
  return address;
}

/** @param {HTMLElement} box @param {string} name @param {string} address */
async function draw(box, name, address) {
  const image = h("img", { alt: name, src: address, decoding: "async" });
  await image.decode();
  box.replaceChildren(image);
}

/** The same promise each time, until it fails. @template T @param {() => Promise<T>} act */
function once(act) {
  /** @type {Promise<T> | undefined} */
  let kept;
  return () => {
    kept ??= act().catch((error) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
}

/** Errors in words for people. @param {Promise<string>} address */
const told = (address) =>
  address.catch((error) => {
    const { notShown, failed } = strings.files;
    throw new Error(error instanceof NotShown ? notShown : failed);
  });

/** @param {HTMLElement} element @param {() => void} act */
function whenSeen(element, act) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      act();
    },
    { rootMargin: "300px" },
  );
  observer.observe(element);
}
